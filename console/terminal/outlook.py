"""`huiqian register`, `huiqian call preview` and `huiqian policy preview`: what stood on a day, and what would change."""

from typing import Any

from rich.text import Text

from console import words
from console.clean import clean
from console.desk import Desk
from console.terminal.answers import finish
from console.terminal.desk import open_desk
from console.terminal.given import actor, body, command
from console.terminal.law import load
from console.terminal.screen import DONE, USAGE, Trouble, emit, heading, show, stacked, table
from domain.moments import day as read_day
from domain.moments import local_day, spoken
from gateway.previews import preview_call
from gateway.programmes import register_on
from gateway.rule_changes import preview_policy


def register(on: str | None, as_json: bool) -> int:
    """The programmes as they stood at the end of a day."""
    desk = open_desk()
    today = local_day(desk.gateway.clock.now())
    try:
        day = read_day(on) if on else today
        rows = register_on(desk.engine, day, today)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise Trouble(USAGE, f"--on：{zh}", f"--on: {en or 'not a day'}") from None
    if as_json:
        emit({"on": day.isoformat(), "programmes": rows})
        return DONE
    show(Text.assemble((f"试点专业登记册 Register of programmes  {day}", "bold"), f"  {len(rows)} 项 in all"))
    if not rows:
        show(Text("\n当日没有试点专业 · none on that day", style="green"))
        return DONE
    made = table(
        "院校 College",
        "专业 Major",
        ("学制 计划\nYears Plan", "right"),
        "状态 Status",
        "公布文号 Announced in",
    )
    for row in clean(rows):
        status = Text.assemble(
            words.both(words.STAGES, row["status"]), "\n", (f"招生 enrolment {row['enrolment']}", "dim")
        )
        numbers = "\n".join(row["announced_in"])
        for later in row["corrected_later"]:
            changed = "，".join(f"{k} → {v}" for k, v in later["changes"].items())
            numbers += f"\n此后更正 corrected later: {later['document_no']} {changed}"
        made.add_row(
            stacked(row["college_name"], row["college"]), stacked(row["major"], row["entry"]),
            f"{row['years']:g}\n{row['plan']}", status, numbers,
        )  # fmt: skip
    show(made)
    return DONE


def call(by: str, with_: str, as_json: bool) -> int:
    """What issuing this call would do; nothing is recorded."""
    desk = open_desk()
    found = preview_call(
        desk.gateway, command(None, "issue-call", actor(by), None, body(with_, [], "issue-call"), None)
    )
    if found.refused:
        return finish(desk, {"outcome": "refused", **found.refused}, as_json=as_json, again=[])
    if as_json:
        emit(found.about())
        return DONE
    show(Text("只作预览，未发布 A preview; nothing was issued", style="bold yellow"))
    _rows(
        "转为收尾的项目",
        "Programmes that become sunset",
        desk,
        found.sunset,
        ("programme", "college", "major", "students", "cohorts"),
    )
    _rows(
        "改用新代码的项目",
        "Programmes under a new code",
        desk,
        found.renamed,
        ("programme", "college", "major", "to"),
    )
    _rows("新列入目录的专业", "Majors that the catalog adds", desk, found.added, ("major", "name"))
    _rows("受影响的草稿", "Drafts concerned", desk, found.drafts, ("draft", "college", "major", "to"))
    return DONE


def policy(pack: str, as_json: bool) -> int:
    """What stands otherwise under another pack; nothing is touched."""
    desk, other = open_desk(), load(pack)
    rows = preview_policy(desk.gateway, other)
    if as_json:
        emit(
            {
                "pack": other.name,
                "hash": other.hash,
                "draft": other.draft,
                "at": spoken(desk.gateway.clock.now()),
                "differences": rows,
            }
        )
        return DONE
    show(Text("只作预览，未改动任何案件 A preview; no case was touched", style="bold yellow"))
    if other.draft:
        show(Text("草案，不得施行 a draft, which may not be put in force", style="yellow"))
    for row in rows:
        if row["deadline"]:
            row["what"]["zh"] = words.deadline(row["deadline"])
        for name in ("what", "now", "then"):
            zh, en = row[name]["zh"], row[name]["en"]
            row[name] = zh if zh == en else f"{zh} {en}"
    _rows(
        "结果不同的案件",
        "Cases that would stand otherwise",
        desk,
        rows,
        ("case", "what", "rule", "now", "then"),
    )
    return DONE


def _rows(zh: str, en: str, desk: Desk, rows: list[dict[str, Any]], fields: tuple[str, ...]) -> None:
    show(heading(zh, en))
    if not rows:
        show(Text("无 none", style="green"))
        return
    made = table(*(f"{words.VIEW_FIELDS.get(f, words.KINDS.get(f, ''))} {f}".strip() for f in fields))
    for row in clean(rows):
        made.add_row(
            *(desk.names.get(str(row[f]), str(row[f])) if f == "college" else _said(row[f]) for f in fields)
        )
    show(made)


def _said(value: Any) -> str:
    """A value in a table: several below each other, none as nothing."""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")
