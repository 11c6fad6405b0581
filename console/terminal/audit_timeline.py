"""`huiqian audit timeline`: what happened to a case, as text, JSON, or a document for a court file."""

import json
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from audit.collect import read_dossier
from audit.dossier import Dossier
from audit.timeline import Entry
from audit.timeline import timeline as told_in_order
from console import words
from console.terminal.answers import finish
from console.terminal.audit_court_file import extract
from console.terminal.audit_sound import unchained
from console.terminal.audit_words import STYLES, WHAT, named, settled
from console.terminal.desk import Desk, open_desk
from console.terminal.given import actor, command
from console.terminal.screen import (
    DONE,
    REFUSED,
    STANDING_BADGES,
    USAGE,
    Trouble,
    clean,
    emit,
    heading,
    narrow,
    note,
    pairs,
    show,
    table,
)
from domain.moments import instant, spoken
from gateway.personal import Opener, may_open


def timeline(
    case: str, paper: Path | None, personal: bool, by: str | None, reason: str | None, as_json: bool
) -> int:
    """Everything on record about a case, in legal order; `personal` opens what is sealed, which goes on record first."""
    desk = open_desk()
    if paper and (paper.suffix.lower() != ".docx" or not paper.parent.is_dir()):
        raise Trouble(
            USAGE,
            f"{paper}：须为已有文件夹中的 .docx 文件",
            f"{paper}: must be a .docx in a folder that exists",
        )
    id_ = desk.find(case)
    if personal and (refused := reading(desk, id_, "timeline", by, reason, as_json)):
        return refused
    with desk.engine.connect().execution_options(reading=True) as connection:
        dossier = read_dossier(connection, id_)
        opener = Opener(desk.gateway, connection) if personal else None
        entries = told_in_order(dossier, opener)
    code = unchained(dossier) or _lost(opener)
    if paper:
        paper.write_bytes(extract(dossier, entries, desk.names, _says(desk), desk.gateway.clock.now()))
    if as_json:
        emit(_as_json(dossier, entries))
        return code
    if paper:
        show(
            Text.assemble(
                ("✓ ", "bold green"), ("已写出 Written ", "bold"), str(paper), f"  {len(entries)} 项 entries"
            )
        )
        return code
    _show(desk, dossier, entries)
    return code


def _lost(opener: Opener | None) -> int:
    """Says whose data should open and does not; the exit code."""
    for person in sorted(opener.lost) if opener else ():
        note(f"{person} 的信息打不开，账册上没有删除它的行为；见 huiqian audit verify",
             f"data of {person} does not open, and no act erased it: see huiqian audit verify", "red")  # fmt: skip
    return REFUSED if opener and opener.lost else DONE


def reading(desk: Desk, case: str, what: str, by: str | None, reason: str | None, as_json: bool) -> int:
    """Put it on record that personal data is opened; the exit code when it was refused, which was printed then."""
    if not by or not reason:
        raise Trouble(
            USAGE,
            "查阅个人信息须写明 --by 和 --reason",
            "who reads personal data says who, and why: --by and --reason",
        )
    given = {"what": what, "reason": reason}
    answer = may_open(desk.gateway, command(None, "open-personal", actor(by), case, given))
    if answer["outcome"] == "accepted":
        return DONE
    return finish(desk, answer, as_json=as_json, again=["huiqian", "audit", what, case])


def _as_json(dossier: Dossier, entries: list[Entry]) -> dict[str, object]:
    return {
        "case": dossier.case, "kind": dossier.kind, "related": dossier.related,
        "entries": [entry.model_dump(exclude_defaults=True) for entry in entries],
    }  # fmt: skip


def _show(desk: Desk, dossier: Dossier, entries: list[Entry]) -> None:
    says = _says(desk)
    kind = words.KINDS.get(dossier.kind, dossier.kind)
    show(
        Text.assemble(
            (f"{kind} {dossier.kind.capitalize()}", "bold cyan"),
            "  ",
            (dossier.case, "bold"),
            f"  {len(entries)} 项 entries",
        )
    )
    small = narrow()
    made = table(("时间 At", "fixed"), "事项 What", *([] if small else ["经办 By", "依据 Clause"]))
    for raw in entries:
        entry = Entry.model_validate(clean(raw.model_dump()))
        who: list[RenderableType] = (
            [] if small else [f"{settled(entry, desk.names)}\n{entry.actor}", _clause(entry)]
        )
        made.add_row(spoken(instant(entry.at)) if entry.at else "—", _what(entry, says, dossier.case), *who)
    show(made)
    if dossier.related:
        near = pairs((f"{words.KINDS.get(kind, kind)} {kind}", id_) for id_, kind in dossier.related.items())
        show(heading("关联案件", "Related cases"), near)


def _says(desk: Desk) -> dict[str, str]:
    return {act: authority.says.zh for act, authority in desk.pack.acts.items()}


def _what(entry: Entry, says: dict[str, str], case: str) -> RenderableType:
    zh, en = WHAT[entry.what]
    head = Text.assemble(
        (f"{zh} {en} ", STYLES[entry.what]), (named(entry, says), "bold" if entry.what != "letter" else "")
    )
    if entry.case != case:
        head.append(f"  {entry.case}", style="dim")
    lines: list[RenderableType] = [head]
    for reason in entry.reasons[:10]:
        lines.append(Text(f"  {entry.code}: {reason['zh']} / {reason['en']}", style="red"))
    for name, value in entry.given.items():
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        lines.append(
            Text(f"  {words.FIELDS.get(name, name)} {name}: {said[:160]}{'…' if len(said) > 160 else ''}")
        )
    if entry.events and entry.what != "lapse":
        facts = "，".join(
            f"{words.EVENTS.get(f['type'], f['type'])} {f['id'].rpartition('-')[2]}" for f in entry.events
        )
        lines.append(Text(f"  {facts}", style="dim"))
    for fact in entry.events:
        files = [d for d in [fact.get("document")] if d] + fact.get("attachments", [])
        lines += [Text(f"  {file['name']}  {file['sha256']}", style="blue") for file in files]
    for d in entry.deadlines:
        lines.append(
            Text(f"  {words.deadline(d['name'])} {d['words']['zh']}\n  {d['words']['en']}", style="dim")
        )
    if entry.what == "lapse" and entry.recorded_at:
        lines.append(Text(f"  {spoken(instant(entry.recorded_at))} 入账 · recorded then", style="dim"))
    if entry.letter and entry.letter["problem"]:
        lines.append(Text(f"  {entry.letter['problem']}", style="red"))
    return Group(*lines)


def _clause(entry: Entry) -> Text:
    badge = STANDING_BADGES.get(entry.standing)
    return Text.assemble((entry.clause, "italic"), " ", badge or "")
