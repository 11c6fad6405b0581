"""What is made public of the department's word: announcement, programmes, corrections (CA-12; 000 五(四): 正式对外公布)."""

from typing import Any

from pydantic import Field

from domain.acts.agreements import agreements_of
from domain.acts.base import Form, Nothing, act
from domain.acts.calls import normal_document_no
from domain.acts.catalogs import newest_call
from domain.acts.clocks import first_enrolment_year
from domain.acts.corrections import checked_changes, refuse_unchanged
from domain.acts.decisions import Lines, Refs
from domain.acts.notices import by_filing, named_lines
from domain.cases.announcement import (
    Announcement,
    AnnouncementIssued,
    AnnouncementPublished,
    CorrectionIssued,
)
from domain.cases.filing import Filing, Line
from domain.cases.line_facts import LineCorrected, LinesAnnounced
from domain.cases.programme import Programme, programme_claim
from domain.cases.programme_facts import (
    ProgrammeAnnouncedAgain,
    ProgrammeCorrected,
    ProgrammeOpened,
)
from domain.clocks import begin
from domain.files import Files
from domain.identifiers import document_no
from domain.ids import derived
from domain.settle import settle
from domain.vocabulary import LINE_STATES


class Announce(Refs):
    """The list and its number."""

    document_no: str


@act("announce", Announce)
def announce(files: Files, form: Announce, _: None) -> None:
    """Only consented lines are announced; each opens (or renews) the programme of its college, major and entry."""
    number = normal_document_no(files, form.document_no)
    lines = named_lines(files, form.lines)
    for _filing, line, ref in lines:
        if line.state != "consented":
            files.refuse(
                "wrong-stage",
                f"{ref}未经省厅同意（{LINE_STATES.get(line.state)}）",
                f"{ref} has no consent ({line.state})",
                line=ref,
            )
    files.check()
    announcement = files.open(Announcement(id=derived("announcement", files.command.id)))
    pack, round_id = lines[0][0].pack, lines[0][0].round
    issued = AnnouncementIssued(
        pack=pack, round=round_id, document_no=number, lines=[ref for *_, ref in lines]
    )
    files.append(announcement, issued)
    opens = files.rules.text("announcement.opens") == "programme"
    opened = _open_programmes(files, lines, number) if opens else {}
    for filing, own in by_filing(lines):
        rest = [
            line.consented_at
            for line in filing.in_state("consented")
            if line.id not in own and line.consented_at
        ]
        period = files.rules_of(filing).period("publication.working_days")
        later = begin("publication", period, min(rest), files.calendar, lapses=False) if rest else None
        became = {line: opened[ref] for line in own if (ref := f"{filing.id}/{line}") in opened}
        done = LinesAnnounced(
            lines=own, announcement=announcement.id, document_no=number, publication=later, programmes=became
        )
        files.append(filing, done)
    files.opened = next(iter(opened.values())) if len(opened) == 1 else announcement.id


def _open_programmes(files: Files, lines: Lines, number: str) -> dict[str, str]:
    """Line to its programme: opened now, or announced again."""
    codes = {ref: _code_today(files, filing, line.major) for filing, line, ref in lines}
    claims = {ref: programme_claim(filing.college, codes[ref], line.entry) for filing, line, ref in lines}
    held = files.world.holders(claims.values())
    files.fetch(held.values())
    settle(files, [case for id_ in held.values() if (case := files.find(id_, Programme))])
    opened: dict[str, str] = {}
    for filing, line, ref in lines:
        facts: dict[str, Any] = {
            "line": ref, "years": line.years, "plan": line.plan, "catalog": filing.catalog or 0, "document_no": number,
        }  # fmt: skip
        facts["agreements"], facts["reminders"] = agreements_of(files, filing)
        known = files.find(held.get(claims[ref]), Programme)
        if known:
            files.append(known, ProgrammeAnnouncedAgain(**facts))
            opened[ref] = known.id
            continue
        programme = files.open(Programme(id=derived("programme", claims[ref], files.command.id)))
        fresh = ProgrammeOpened(
            pack=filing.pack,
            round=filing.round,
            college=filing.college,
            major=codes[ref],
            entry=line.entry,
            clock=first_enrolment_year(files, files.rules_of(filing)),
            **facts,
        )
        files.append(programme, fresh)
        held[claims[ref]] = programme.id  # lines of two rounds may come together in one document
        opened[ref] = programme.id
    return opened


def _code_today(files: Files, filing: Filing, major: str) -> str:
    """The code under which the catalog in force has a major of the filing's own, older catalog."""
    call = newest_call(files)
    renamed = call.renamed(major) if call and call.year > (filing.catalog or 0) else None
    return renamed.code if renamed else major


class ChangeForm(Form):
    """One particular of one announced line."""

    line: str
    field: str
    to: str | int | float


class Correct(Form):
    """A second document that sets an announced list right."""

    document_no: str
    corrects: str
    changes: list[ChangeForm] = Field(min_length=1, max_length=500)


@act("correct", Correct)
def correct(files: Files, form: Correct, _: None) -> None:
    """更正公告: the first text stays as it is; both stand in the register (CA-12: never overwrite)."""
    number = normal_document_no(files, form.document_no)
    corrected = f"document/{document_no(form.corrects) or form.corrects}"
    holder = files.world.holders([corrected]).get(corrected)
    earlier = files.find(holder, Announcement)
    if earlier is None:
        files.refuse(
            "invalid",
            f"没有这份公告：{form.corrects}",
            f"no such announcement: {form.corrects}",
            field="corrects",
        )
    lines = {
        ref: (filing, line)
        for filing, line, ref in named_lines(files, list(dict.fromkeys(c.line for c in form.changes)))
    }
    wanted: dict[str, dict[str, Any]] = {}
    for change in form.changes:
        named = wanted.setdefault(change.line, {})
        if change.field in named:
            files.refuse(
                "invalid",
                f"{change.line}的{change.field}在同一份更正公告中更正了两次",
                f"{change.field} of {change.line} is corrected twice in one document",
                field="changes",
                line=change.line,
            )
        named[change.field] = change.to
    changes: dict[str, dict[str, Any]] = {}
    for ref, (filing, line) in lines.items():
        if line.state != "announced" or (earlier and ref not in earlier.lines):
            files.refuse(
                "invalid",
                f"{ref}不在该公告中",
                f"{ref} is not in that announcement",
                field="changes",
                line=ref,
            )
        changes[ref] = checked_changes(files, filing, line, wanted[ref], "changes")
        refuse_unchanged(files, line, wanted[ref], ref, "changes")
        _check_programme(files, filing, line, changes[ref], ref)
    files.check()
    assert earlier is not None
    correction = files.open(Announcement(id=derived("announcement", files.command.id)))
    told = [
        {"line": c.line, "field": c.field, "from": getattr(lines[c.line][1], c.field), "to": c.to}
        for c in form.changes
    ]
    files.append(
        correction,
        CorrectionIssued(
            pack=earlier.pack,
            round=earlier.round,
            document_no=number,
            corrects=earlier.document_no,
            corrected_case=earlier.id,
            changes=told,
        ),
    )
    for ref, (filing, line) in lines.items():
        programme = files.find(line.programme, Programme)
        files.append(filing, LineCorrected(line=line.id, changes=changes[ref], by=correction.id, again=False))
        if programme:
            particulars = {k: v for k, v in changes[ref].items() if k != "segments"}
            files.append(programme, ProgrammeCorrected(changes=particulars, document_no=number))
    files.opened = correction.id


def _check_programme(files: Files, filing: Filing, line: Line, changes: dict[str, Any], ref: str) -> None:
    """A correction may not turn one programme into another that exists already."""
    changed = line.model_copy(update=changes)
    claim = programme_claim(filing.college, changed.major, changed.entry)
    own = programme_claim(filing.college, line.major, line.entry)
    other = files.world.holders([claim]).get(claim)
    if claim != own and other:
        files.refuse(
            "duplicate-line",
            f"该试点项目已存在：{other}",
            f"this programme exists: {other}",
            line=ref,
            other=other,
        )


@act("record-publication", Nothing, Announcement, internal=True)
def record_publication(files: Files, _: Nothing, case: Announcement) -> None:
    """The announcement's process reports that the document is out."""
    if case.stage == "open":
        files.append(case, AnnouncementPublished())
