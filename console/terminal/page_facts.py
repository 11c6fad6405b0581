"""The parts of a case's page that differ by kind: lines, catalogs, marks, outcomes; whatever else a view holds."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text
from sqlalchemy import select

from console import words
from console.desk import Desk
from console.terminal.ranking_page import category, yuan
from console.terminal.screen import heading, narrow, pairs, stacked, table
from domain.moments import instant, spoken
from gateway.views import NoSuchCase
from gateway.views import show as view_of
from records.schema import attachments

LINE_STYLES = {
    "passed": "green", "noticed": "green", "consented": "green", "announced": "bold green", "failed": "bold red",
    "refused": "bold red", "conditional": "yellow", "held": "yellow", "frozen": "cyan", "withdrawn": "dim",
    "closed": "dim", "eligible": "cyan", "reserve": "yellow", "unselected": "dim", "unplaced": "yellow", "voided": "yellow", "returned": "yellow",
}  # fmt: skip
MOST_ROWS = 50


def line_table(desk: Desk, view: dict[str, Any]) -> RenderableType:
    """The lines of a filing."""
    if any("category" in line for line in view["lines"].values()):
        return _funded_lines(desk, view)
    from console.workbook_template import ENTRIES  # the spreadsheet library is loaded for it: only here

    names, entries = _majors(desk, view.get("round")), dict(ENTRIES)
    made = table(
        "#", "专业\nMajor", "生源\nEntry", ("学制\nYears", "right"), ("计划\nPlan", "right"), "状态\nState"
    )
    made.columns[1].min_width = 9
    made.columns[2].min_width = max((len(line["entry"]) for line in view["lines"].values()), default=0)
    for id_, line in view["lines"].items():
        major = Text.assemble(line["major"], "\n", (names.get(line["major"], ""), "dim"))
        entry = Text.assemble(entries.get(str(line["entry"]), ""), "\n", (str(line["entry"]), "dim"))
        years = Text(str(line["years"]))
        if line["segments"]:
            years.append("\n" + "+".join(f"{s:g}" for s in line["segments"]), style="dim")
        made.add_row(id_, major, entry, years, str(line["plan"]), _state(line["state"], _remarks(line)))
    return made


def _funded_lines(desk: Desk, view: dict[str, Any]) -> RenderableType:
    """The lines of an application to a funded selection."""
    names, pack = _majors(desk, view.get("round")), desk.pinned(view)
    made = table(
        "#",
        "专业\nMajor",
        "类别\nCategory",
        ("得分\nScore", "right"),
        ("名次\nPlace", "right"),
        ("资金\nGrant", "right"),
        "状态\nState",
    )
    for id_, line in view["lines"].items():
        major = Text.assemble(line["major"], "\n", (names.get(line["major"], ""), "dim"))
        named = category(pack, line["category"])
        made.add_row(
            id_, major, stacked(named["zh"], named["en"]), line["score"] or "", str(line["place"] or ""),
            yuan(line["grant"]), _state(line["state"], _remarks(line)),
        )  # fmt: skip
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
        if value is None or value in ([], {}, "") or (key == "deemed" and value is False):
            continue
        label = f"{words.VIEW_FIELDS.get(key, key)} {key}"
        if key == "lines":
            parts += [heading("专业线", "Lines"), _refs(desk, value, outcomes or {})]
        elif key == "catalog":
            parts += [heading("专业目录", "Catalog"), _catalog(value)]
        elif key == "scores":
            parts += [heading("评分", "Scores"), _scores(value)]
        elif key == "materials":
            parts += [heading("申报材料", "Materials"), _materials(desk, value)]
        elif key == "partners":
            parts += [heading("合作企业", "Partners"), _records(value)]
        elif key in ("records", "visits", "changes", "rules", "employers") and isinstance(value, list):
            parts += [heading(words.VIEW_FIELDS.get(key, ""), key.capitalize()), _records(value)]
        else:
            short.append((label, _plain(value)))
    return [*([Text(""), pairs(short)] if short else []), *parts]


def _state(state: str, remarks: list[str] | None = None) -> Text:
    gap = "\n" if narrow() else " "
    shown = Text.assemble((words.LINE_STATES.get(state, ""), LINE_STYLES.get(state, "")), gap, (state, "dim"))
    for remark in remarks or []:
        shown.append(f"\n{remark}", style="dim")
    return shown


def _remarks(line: dict[str, Any]) -> list[str]:
    said = [
        line.get("reasons") or "",
        f"异议 {'、'.join(line['held_by'])}" if line.get("held_by") else "",
        "探索类 exploratory" if line.get("track") == "exploratory" else "",
        str(line.get("notice") or ""),
    ]
    return [part for part in said if part]


def _majors(desk: Desk, round_: str | None) -> dict[str, str]:
    try:
        return {m["code"]: m["name"] for m in view_of(desk.engine, round_)["catalog"]} if round_ else {}
    except NoSuchCase:
        return {}


def _refs(desk: Desk, refs: list[str], outcomes: dict[str, str]) -> RenderableType:
    """Lines by reference, with their college, and what became of them where the case says so."""
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


def _materials(desk: Desk, digests: list[str]) -> RenderableType:
    query = select(attachments).where(attachments.c.sha256.in_(digests))
    with desk.engine.connect().execution_options(reading=True) as connection:
        known = {row.sha256: row for row in connection.execute(query)}
    made = table("文件 File", ("字节 Bytes", "right"), "内容摘要 SHA-256")
    for digest in digests[:MOST_ROWS]:
        row = known.get(digest)
        made.add_row(
            row.name if row else "", f"{row.size:,}" if row else "", digest[:16] if narrow() else digest
        )
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
    made = table(*(f"{words.VIEW_FIELDS.get(c, '')}\n{c}".strip() for c in columns))
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
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if len(text) == 27 and text.endswith("Z") and text[4] == "-":
        return spoken(instant(text))
    return text
