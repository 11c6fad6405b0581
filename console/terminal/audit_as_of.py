"""`huiqian audit as-of`: a case as it was known at an instant, and as it truly was."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from rich.text import Text

from audit.as_of import AsOf, as_of
from audit.collect import read_dossier
from console import words
from console.terminal.answers import told
from console.terminal.audit_sound import unchained
from console.terminal.desk import Desk, open_desk
from console.terminal.screen import REFUSED, USAGE, Trouble, clean, emit, heading, pairs, show, table
from domain.events import UnknownEvent
from domain.moments import day, first_moment, instant, spoken, spoken_end, stamp


def show_as_of(case: str, when: str, as_json: bool) -> int:
    """The case, its docket and its college's register by both clocks."""
    desk = open_desk()
    at = moment(when)
    id_ = desk.find(case)
    with desk.engine.connect().execution_options(reading=True) as connection:
        dossier = read_dossier(connection, id_)
        code = unchained(dossier)
        try:
            found = as_of(connection, id_, [stream for stream in dossier.events if stream != id_], at)
        except (UnknownEvent, ValidationError) as unknown:
            what = str(unknown) if isinstance(unknown, UnknownEvent) else unknown.title
            zh = f"账册里有本版不认识的事实（{what}）：出自更新的版本，或被改动；见 huiqian audit verify"
            en = f"the record holds a fact that this release does not know ({what}): of a newer release, or changed; see audit verify"
            raise Trouble(REFUSED, zh, en) from None
    if as_json:
        emit(
            {
                "case": id_, "at": stamp(at), "known": found.known, "true": found.true, "differences": found.differences,
                "docket": found.docket, "register": found.register, "came_to_light": found.came_to_light,
                "corrected": found.corrected,
            }
        )  # fmt: skip
    else:
        _show(desk, id_, at, found)
    return code


def moment(text: str) -> datetime:
    """An instant, or the end of a day in China. Raises Trouble."""
    try:
        if len(text.strip()) == 10:  # a whole day: what was so when it ended
            return first_moment(day(text) + timedelta(days=1)) - timedelta(microseconds=1)
        return instant(text)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise Trouble(USAGE, f"DATE：{zh}", f"DATE: {en}") from None


def _show(desk: Desk, case: str, at: datetime, found: AsOf) -> None:
    when = spoken_end(at + timedelta(microseconds=1)) if at.microsecond == 999_999 else spoken(at)
    show(Text.assemble((case, "bold"), "  ", (when, "bold cyan"), " 北京时间 China time"))
    known, true = clean(found.known), clean(found.true)
    show(heading("彼时所知", "As known then"), _state(known))
    made = table(("期限 Due", "fixed"), "等谁 Whom", "办什么 For", "案件 Case")
    for row in clean(found.docket):
        due = words.ends(row["due"]) if row["due"] else "未定 open"
        made.add_row(due, told(row["role"], row["agency"], desk.names), row["for_"], row["case_id"])
    show(heading("彼时待办", "Docket then"), made if found.docket else Text("无 nothing", style="dim"))
    show(heading("彼时实情", "As true then"))
    if not found.differences and not found.came_to_light:
        show(Text("与所知一致 the same as was known", style="green"))
    else:
        show(_state(true), *_differences(found))
    if found.corrected:
        show(heading("此后更正", "Corrected later"))
        for row in clean(found.corrected):
            changed = "，".join(_change(change) for change in _changes(row))
            line = f"{row.get('line', '')} " if row.get("line") else ""
            show(Text(f"  {spoken(instant(row['legal_at']))}  {row['by']}  {line}{changed}  [{row['id']}]"))
    if found.register:
        show(heading("彼时登记册", "Register then"))
        for row in clean(found.register):
            later = "  此后有更正 corrected later" if row.get("corrected_later") else ""
            status = words.both(words.STAGES, str(row["status"]))
            show(Text(f"  {row['id']}  {row.get('major', '')} {row.get('entry', '')}  {status}{later}"))


def _state(view: dict[str, Any] | None) -> Any:
    if view is None:
        return Text("尚无此案 the case had not begun", style="yellow")
    lines: Any = view.get("lines")
    return pairs([
        ("阶段 Stage", words.both(words.STAGES, view["stage"])),
        ("专业线 Lines", "，".join(f"{id_} {words.both(words.LINE_STATES, line['state'])}" for id_, line in lines.items() if line["state"]) if isinstance(lines, dict) else None),
        ("期限 Deadlines", "，".join(f"{words.deadline(name)} {words.ends(d['ends_at'])}" for name, d in view["deadlines"].items())),
        ("版本 Version", str(view["version"])),
    ])  # fmt: skip


def _differences(found: AsOf) -> list[Any]:
    made = table("项目 Field", "所知 Known", "实情 True")
    for row in clean(found.differences):
        made.add_row(
            row["field"],
            str(row["known"] if row["known"] is not None else "—"),
            str(row["true"] if row["true"] is not None else "—"),
        )
    late = [
        Text(f"  {row['id']} {words.event(row['type'])}：{spoken(instant(row['legal_at']))} 发生，{spoken(instant(row['recorded_at']))} 才入账 recorded only then")
        for row in clean(found.came_to_light)
    ]  # fmt: skip
    return [made, *late]


def _changes(row: dict[str, Any]) -> list[dict[str, Any]]:
    changes: Any = row["changes"]
    return changes if isinstance(changes, list) else [{"field": k, "to": v} for k, v in changes.items()]


def _change(change: dict[str, Any]) -> str:
    what = change.get("field") or change.get("line") or ""
    return f"{change.get('line', '')} {what} → {change.get('to', change.get('value', change))}".strip()
