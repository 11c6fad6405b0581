"""What an act asks for, told from its form: for `huiqian acts`, and for reading `--set` as the field's own type."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from console import student_words, words
from domain import decide as _decide  # noqa: F401  # pyright: ignore[reportUnusedImport] - it fills ACTS
from domain.acts.base import ACTS, Act

VALUES: dict[str, Any] = {
    "document_no": "粤人社函〔2026〕88号", "received": "2026-04-14 09:00", "from": "2026-09-01", "date": "2026-03-20",
    "year": 2026, "line": "1", "items": ["校企合作协议"], "chair": "zhao", "marks": {"overall": 86},
    "experts": ["zhao", "qian", "sun", "zhou", "zheng"], "results": {"1": "passed"}, "lines": ["filing-…/1"],
    "places": ["实训中心"], "visitors": ["甲", "乙"], "city": "4419", "id": "dg", "college": "dg", "agency": "tro",
    "role": "clerk", "person": "clerk@tro", "to": "gz", "expert": "li", "out": "li", "in": "feng", "org": "szjs",
    "holidays": ["2026-10-01"], "name": "示例技师学院",
}  # fmt: skip
_LINE = {"id": "1", "major": "DEMO-0209", "entry": "senior-high", "years": 4, "plan": 40}
EXAMPLES: dict[str, dict[str, Any]] = {
    "issue-call": {
        "year": 2026, "document_no": "粤人社函〔2026〕50号",
        "window": {"opens": "2026-03-02 09:00", "closes": "2026-03-31 17:30"},
        "majors": [{"code": "DEMO-0209", "name": "工业机器人应用与维护"}],
    },
    "adopt-pack": {"pack": "0" * 64, "settings": {"notice.working_days": 7}},
    "save-draft": {"round": "round-…", "lines": [_LINE]},
    "submit-filing": {"round": "round-…", "lines": [_LINE]},
    "amend-register": {"college": "dg", "changes": {"name": "新名称"}, "from": "2026-09-01"},
    "object": {
        "line": "filing-…/1", "via": "email", "received": "2026-04-14 09:00",
        "who": {"kind": "person", "name": "…", "id_no": "…", "phone": "…"}, "statement": "…",
    },
    "file-enrolment": {"programme": "filing-…/1", "year": 2026, "plan": 40, "fees": [{"item": "学费", "amount": 7000}]},
    "record-fees": {"programme": "filing-…/1", "year": 2026, "fees": [{"item": "学费", "amount": 7000}]},
    "record-admissions": {
        "programme": "filing-…/1", "year": 2026,
        "letters": [{"at": "2026-08-20 10:00", "entry": "senior-high", "count": 38}],
    },
    "renew-agreement": {"programme": "filing-…/1", "uscc": "91440300MADEM00700", "until": "2034-08-31"},
    "file-work-group": {"college": "dg", "leader": "…", "post": "校长", "teachers": ["…"], "managers": ["…"]},
    "relinquish": {"programme": "filing-…/1", "reason": "…", "cohorts": "由原班教师教至毕业"},
    "report-violation": {"subject": "dg", "offence": "unauthorised-fees", "statement": "…"},
    "open-violation": {"officers": ["inspector@dept", "inspector/2@dept"]},
    "record-evidence": {"finding": "…", "officers": ["inspector@dept", "inspector/2@dept"]},
    "notify-measure": {"measure": "suspend", "scope": "college", "reasons": "…"},
    "decide-sanction": {
        "measure": "suspend", "scope": "college", "from": "2026-09-01", "until": "2027-09-01", "review_on": "2027-03-01",
        "reasons": "…",
    },
    "announce-hearing": {"at": "2026-04-21 09:30", "place": "省厅第三会议室", "chair": "inspector/3@dept"},
    "hold-hearing": {"date": "2026-04-21", "chair": "inspector/3@dept", "record": "…"},
    "nudge": {"for": "accept"},
    "reassign": {"office": "clerk@tro", "to": "clerk/2@tro", "reason": "请假"},
    "delegate": {"to": "clerk/2@tro", "from": "2026-04-01", "until": "2026-04-10", "reason": "出差"},
    "revoke-delegation": {"agency": "tro", "number": "clerk-1", "reason": "提前返岗"},
    "withdraw-card": {"card": "decision/yellow/2026-04-08", "reason": "…"},
    "rank": {"category": "key"},
    "announce-draw": {"source": "中国福利彩票双色球第2026xxx期开奖号码", "at": "2026-05-12 21:15"},
    "draw": {"value": "05 11 17 20 28 33 + 09"},
    "set-budget": {"category": "key", "amount": 73500000, "basis": "粤财社〔2026〕…号"},
    "correct": {
        "document_no": "粤人社函〔2026〕96号", "corrects": "粤人社函〔2026〕88号",
        "changes": [{"line": "filing-…/1", "field": "plan", "to": 45}],
    },
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a form, nested ones with their path."""

    path: str
    kind: str
    required: bool
    choices: list[str]
    limits: str
    personal: bool = False

    @property
    def zh(self) -> str:
        """Its name in Chinese."""
        return words.FIELDS.get(self.path.rpartition(".")[2].removesuffix("[]"), "")


@cache
def schema(act: str) -> dict[str, Any]:
    """The JSON schema of an act's form."""
    return ACTS[act].form.model_json_schema() if act in ACTS else {}


def fields(act: Act) -> list[Field]:
    """The fields of an act, those of its parts below each."""
    whole = schema(act.name)
    found = _fields(whole, whole, "")
    return [
        Field(f.path, f.kind, f.required, f.choices, f.limits, f.path.partition(".")[0].removesuffix("[]") in act.form.personal)
        for f in found
    ]  # fmt: skip


def kinds_at(act: str, path: str) -> set[str]:
    """Which JSON types the field at `lines.0.plan` takes; empty when the form does not say."""
    whole = schema(act)
    nodes = [whole]
    for step in path.split("."):
        nodes = [
            after for node in nodes for choice in alternatives(node, whole) for after in _into(choice, step)
        ]
    return {str(choice["type"]) for node in nodes for choice in alternatives(node, whole) if "type" in choice}


def example(act: Act) -> dict[str, Any]:
    """A `with` that shows the shape: the required fields, filled in."""
    whole = schema(act.name)
    return EXAMPLES.get(act.name) or student_words.EXAMPLES.get(act.name) or _example(whole, whole)


def _fields(node: dict[str, Any], whole: dict[str, Any], before: str) -> list[Field]:
    rows: list[Field] = []
    for name, raw in node.get("properties", {}).items():
        path = before + name
        choices = [c for c in alternatives(raw, whole) if c.get("type") != "null"]
        rows.append(
            Field(
                path,
                _kind(choices, whole),
                name in node.get("required", []),
                _words(choices),
                _limits(choices),
            )
        )
        for choice in choices:
            inner = choice.get("items", {}) if choice.get("type") == "array" else choice
            for part in alternatives(inner, whole):
                if "properties" in part:
                    rows += _fields(part, whole, f"{path}{'[]' if choice.get('type') == 'array' else ''}.")
    return rows


def alternatives(node: dict[str, Any], whole: dict[str, Any]) -> list[dict[str, Any]]:
    """A node with its reference followed and its alternatives side by side."""
    if "$ref" in node:
        return alternatives(whole["$defs"][node["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in node:
        return [choice for part in node["anyOf"] for choice in alternatives(part, whole)]
    return [node]


def _into(node: dict[str, Any], step: str) -> list[dict[str, Any]]:
    if step.isdigit() and "items" in node:
        return [node["items"]]
    if step in node.get("properties", {}):
        return [node["properties"][step]]
    extra = node.get("additionalProperties")
    return [extra] if isinstance(extra, dict) else []


def _kind(choices: list[dict[str, Any]], whole: dict[str, Any]) -> str:
    named = {
        "string": "文字 text", "integer": "整数 whole number", "number": "数 number", "boolean": "是否 true/false",
        "object": "对应表 mapping",
    }  # fmt: skip
    kinds: list[str] = []
    for choice in choices:
        if choice.get("type") == "array":
            inner = [c for c in alternatives(choice.get("items", {}), whole) if c.get("type") != "null"]
            kinds.append(f"列表 list: {_kind(inner, whole)}" if inner and inner != [{}] else "列表 list")
        elif choice.get("format") in ("date", "date-time"):
            kinds.append("日期 day" if choice["format"] == "date" else "时间 time")
        elif "properties" in choice:
            kinds.append("下列各项 the parts below")
        elif "enum" in choice or "const" in choice:
            kinds.append("词 word")
        else:
            kinds.append(named.get(choice.get("type", ""), "任意 anything"))
    if {"整数 whole number", "数 number"} <= set(kinds):
        kinds.remove("整数 whole number")
    return " | ".join(dict.fromkeys(kinds))


def _words(choices: list[dict[str, Any]]) -> list[str]:
    return [str(w) for c in choices for w in (c.get("enum") or ([c["const"]] if "const" in c else []))]


def _limits(choices: list[dict[str, Any]]) -> str:
    signs = {
        "minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "minLength": "字数≥",
        "maxLength": "字数≤", "minItems": "项数≥", "maxItems": "项数≤", "pattern": "形如 ",
    }  # fmt: skip
    found = [f"{sign}{choice[name]}" for choice in choices for name, sign in signs.items() if name in choice]
    return " ".join(dict.fromkeys(x for x in found if x != "字数≥1" and len(x) <= 24))


def _example(node: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """Required fields only; a choice takes its first word."""
    made: dict[str, Any] = {}
    for name in node.get("required", []):
        choice = alternatives(node["properties"][name], whole)[0]
        inner = alternatives(choice.get("items", {}), whole)[0] if choice.get("type") == "array" else choice
        if "properties" in inner:
            part = _example(inner, whole)
            made[name] = [part] if choice.get("type") == "array" else part
        elif "enum" in choice:
            made[name] = choice["enum"][0]
        else:
            made[name] = VALUES.get(name, 1 if choice.get("type") in ("integer", "number") else "…")
    return made
