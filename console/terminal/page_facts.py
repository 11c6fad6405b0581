"""The parts of a case's page that differ by kind: lines, catalogs, marks, outcomes; whatever else a view holds."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from console.terminal import words
from console.terminal.desk import Desk
from console.terminal.screen import heading, narrow, pairs, table
from console.workbook_template import ENTRIES
from domain.moments import instant, spoken

LINE_STYLES = {
    "passed": "green", "noticed": "green", "consented": "green", "announced": "bold green", "failed": "bold red",
    "refused": "bold red", "conditional": "yellow", "held": "yellow", "frozen": "cyan", "withdrawn": "dim",
    "closed": "dim", "voided": "yellow", "returned": "yellow",
}  # fmt: skip
ENTRY_NAMES = dict(ENTRIES)
MOST_ROWS = 50


def line_table(desk: Desk, view: dict[str, Any]) -> RenderableType:
    """The lines of a filing."""
    small = narrow()
    names = _majors(desk, view.get("round"))
    made = table(
        "#", "专业 Major", "生源 Entry", ("学制 Yrs", "right"), ("计划 Plan", "right"), "状态 State",
        *([] if small else ["说明 Note"]),
    )  # fmt: skip
    for id_, line in view["lines"].items():
        state = _state(line["state"])
        remark = _remark(line)
        major = Text(line["major"])
        if line["major"] in names:
            major.append(f"\n{names[line['major']]}", style="dim")
        entry = Text.assemble(
            ENTRY_NAMES.get(str(line["entry"]), str(line["entry"])), "\n", (line["entry"], "dim")
        )
        years = str(line["years"])
        if line["segments"]:
            years += "\n" + "+".join(f"{s:g}" for s in line["segments"])
        if small and remark.plain:
            state = Text.assemble(state, "\n", remark)
        made.add_row(id_, major, entry, years, str(line["plan"]), state, *([] if small else [remark]))
    return made


def about(desk: Desk, rest: dict[str, Any]) -> list[RenderableType]:
    """Everything else that a case's view holds: short values as pairs, lists and tables below."""
    short: list[tuple[str, RenderableType | None]] = []
    parts: list[RenderableType] = []
    sides = rest.pop("sides", None)
    if sides:
        rest["panel"] = [
            f"{expert}（{'院校 college' if side == 'college' else '行业 industry'}）"
            for expert, side in sides.items()
        ]
    outcomes = rest.pop("outcomes", None)
    for key, value in rest.items():
        if value is None or value in ([], {}, ""):
            continue
        label = f"{words.VIEW_FIELDS.get(key, key)} {key}"
        if key == "lines":
            parts += [heading("专业线", "Lines"), _refs(desk, value, outcomes or {})]
        elif key == "catalog":
            parts += [heading("专业目录", "Catalog"), _catalog(value)]
        elif key == "scores":
            parts += [heading("评分", "Scores"), _scores(value)]
        elif key == "partners":
            parts += [heading("合作企业", "Partners"), _records(value)]
        elif key in ("records", "visits", "changes", "rules", "employers") and isinstance(value, list):
            parts += [heading(words.VIEW_FIELDS.get(key, ""), key.capitalize()), _records(value)]
        else:
            short.append((label, _plain(value)))
    return [*([Text(""), pairs(short)] if short else []), *parts]


def _state(state: str) -> Text:
    return Text.assemble(
        (words.LINE_STATES.get(state, state), LINE_STYLES.get(state, "")), "\n", (state, "dim")
    )


def _remark(line: dict[str, Any]) -> Text:
    said = [
        line.get("reasons") or "",
        f"异议 {'、'.join(line['held_by'])}" if line.get("held_by") else "",
        words.both({"exploratory": "探索类"}, line["track"]) if line.get("track") == "exploratory" else "",
        f"{line['notice']}" if line.get("notice") else "",
    ]
    return Text("\n".join(part for part in said if part))


def _majors(desk: Desk, round_: str | None) -> dict[str, str]:
    from gateway.views import NoSuchCase
    from gateway.views import show as view_of

    try:
        return {m["code"]: m["name"] for m in view_of(desk.engine, round_)["catalog"]} if round_ else {}
    except NoSuchCase:
        return {}


def _refs(desk: Desk, refs: list[str], outcomes: dict[str, str]) -> RenderableType:
    """Lines by reference, with their college, and what became of them where the case says so."""
    from gateway.views import NoSuchCase
    from gateway.views import show as view_of

    made = table(
        "专业线 Line", "院校 College", "专业 Major", "状态 State", *(["答复 Outcome"] if outcomes else [])
    )
    seen: dict[str, dict[str, Any]] = {}
    for ref in refs[:MOST_ROWS]:
        filing, _, line = ref.rpartition("/")
        if filing not in seen:
            try:
                seen[filing] = view_of(desk.engine, filing)
            except NoSuchCase:
                seen[filing] = {"college": "", "lines": {}}
        found = seen[filing]["lines"].get(line, {})
        college = seen[filing]["college"]
        answer = (
            [words.both({**words.LINE_STATES}, outcomes[ref]) if ref in outcomes else "—"] if outcomes else []
        )
        made.add_row(
            ref,
            desk.names.get(college, college),
            found.get("major", ""),
            _state(found.get("state", "")),
            *answer,
        )
    if len(refs) > MOST_ROWS:
        made.caption = f"共 {len(refs)} 条，只列前 {MOST_ROWS} 条 · the first {MOST_ROWS} of {len(refs)}"
    return made


def _catalog(majors: list[dict[str, Any]]) -> RenderableType:
    made = table("代码 Code", "名称 Name", "上年代码 Was")
    for major in majors[:MOST_ROWS]:
        made.add_row(major["code"], major["name"], major.get("was", ""))
    if len(majors) > MOST_ROWS:
        made.caption = f"共 {len(majors)} 个 in all"
    return made


def _scores(scores: dict[str, dict[str, Any]]) -> RenderableType:
    made = table("专业线 Line", "专家 Expert", ("总分 Total", "right"), "各项 Marks")
    for line, by_expert in scores.items():
        for expert, score in by_expert.items():
            marks = "  ".join(f"{name} {mark:g}" for name, mark in score["marks"].items())
            made.add_row(line, expert, f"{score['total']:g}", marks)
    return made


def _records(rows: list[dict[str, Any]]) -> RenderableType:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    made = table(*(f"{words.VIEW_FIELDS.get(c, '')} {c}".strip() for c in columns))
    for row in rows[:MOST_ROWS]:
        made.add_row(*(_plain(row.get(c)) for c in columns))
    return made


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, list):
        items: list[Any] = value
        shown = "、".join(_plain(item) for item in items[:MOST_ROWS])
        return shown + (f" … 共 {len(items)} 项 in all" if len(items) > MOST_ROWS else "")
    if isinstance(value, dict):
        return "；".join(
            f"{words.VIEW_FIELDS.get(str(k), '')} {k}: {_plain(v)}".strip() for k, v in value.items()
        )
    if value is None:
        return ""
    text = str(value)
    if len(text) == 27 and text.endswith("Z") and text[4] == "-":
        return spoken(instant(text))
    return text
