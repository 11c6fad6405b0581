"""The department's word and what is made public of it (CA-11, CA-12; 000 五(四): 并经省厅同意后正式对外公布)."""

from typing import Any

from pydantic import Field

from domain.acts.base import Form, Nothing, act
from domain.acts.calls import normal_document_no
from domain.acts.clocks import start, stop_decision
from domain.acts.notices import by_filing, checked_changes, named_lines, reconsideration
from domain.acts.places import unplaced
from domain.cases.announcement import (
    Announcement,
    AnnouncementIssued,
    AnnouncementPublished,
    CorrectionIssued,
)
from domain.cases.approval import Approval, ApprovalAnswered
from domain.cases.evaluation import Evaluation, EvaluationReopened
from domain.cases.filing import Filing, Line
from domain.cases.line_facts import LineCorrected, LinesAnnounced, LinesConsented, LinesRefused, LinesReturned
from domain.cases.notice import Notice
from domain.cases.programme import Programme, programme_claim
from domain.cases.programme_facts import (
    ProgrammeAnnouncedAgain,
    ProgrammeCorrected,
    ProgrammeOpened,
)
from domain.cases.round import Round, call_claim, newest
from domain.clocks import begin
from domain.files import Files
from domain.identifiers import document_no
from domain.ids import derived
from domain.settle import settle
from domain.vocabulary import LINE_STATES

Lines = list[tuple[Filing, Line, str]]


class Refs(Form):
    """Lines by reference."""

    lines: list[str] = Field(min_length=1, max_length=10_000)


class ReasonedRefs(Refs):
    """Lines and why."""

    reasons: str = Field(min_length=1, max_length=4000)


def _before_the_department(files: Files, refs: list[str]) -> Lines:
    lines = named_lines(files, refs)
    files.fetch(line.notice for _, line, _ in lines if line.notice)
    files.fetch(line.approval for _, line, _ in lines if line.approval)
    for _filing, line, ref in lines:
        notice = files.find(line.notice, Notice)
        if unplaced(files, line, ref):
            continue
        if line.state == "in-notice" and notice and notice.stalled():
            zh, en = f"{ref}的公示期止日须待放假安排公布", f"when the notice of {ref} ends needs a schedule"
            files.refuse("calendar-missing", zh, en, line=ref)
        elif line.state == "in-notice":
            files.refuse("notice-open", f"{ref}公示尚未期满", f"the notice of {ref} is not over", line=ref)
        elif line.state == "held":
            files.refuse("objection-open", f"{ref}有异议未处理", f"an objection to {ref} is open", line=ref)
        elif line.state != "noticed":
            files.refuse(
                "wrong-stage",
                f"{ref}处于“{LINE_STATES.get(line.state)}”状态",
                f"{ref} is {line.state}",
                line=ref,
            )
    files.check()
    return lines


def _answer(files: Files, lines: Lines, outcome: str) -> None:
    answers: dict[str, dict[str, str]] = {}
    for _filing, line, ref in lines:
        answers.setdefault(line.approval or "", {})[ref] = outcome
    for approval_id, outcomes in sorted(answers.items()):
        files.append(files.need(approval_id, Approval), ApprovalAnswered(outcomes=outcomes))


@act("consent", Refs)
def consent(files: Files, form: Refs, _: None) -> None:
    """Consent comes after the notice and may still be refused; publication is due from here (信息公开条例 26)."""
    lines = _before_the_department(files, form.lines)
    _answer(files, lines, "consented")
    for filing, own in by_filing(lines):
        running = filing.deadlines.get("publication")
        publication = None if running else start(files, filing, "publication", "publication.working_days")
        files.append(filing, LinesConsented(lines=own, publication=publication))
    files.opened = lines[0][1].approval


@act("refuse", ReasonedRefs)
def refuse(files: Files, form: ReasonedRefs, _: None) -> None:
    """A refusal says why, and until when reconsideration may be asked for."""
    lines = _before_the_department(files, form.lines)
    _answer(files, lines, "refused")
    for filing, own in by_filing(lines):
        refused = LinesRefused(
            lines=own, reasons=form.reasons, reconsideration=reconsideration(files, filing)
        )
        files.append(filing, refused)
    files.opened = lines[0][1].approval


@act("return", ReasonedRefs)
def return_(files: Files, form: ReasonedRefs, _: None) -> None:
    """Back to the panel: all members score these lines anew, and a new notice follows."""
    lines = _before_the_department(files, form.lines)
    _answer(files, lines, "returned")
    for filing, own in by_filing(lines):
        files.append(files.need(filing.evaluation or "", Evaluation), EvaluationReopened(lines=own))
        decision = stop_decision(files, filing, "重新评估论证")
        files.append(filing, LinesReturned(lines=own, reasons=form.reasons, decision=decision))
    files.opened = lines[0][1].approval


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
            **facts,
        )
        files.append(programme, fresh)
        held[claims[ref]] = programme.id  # lines of two rounds may come together in one document
        opened[ref] = programme.id
    return opened


def _code_today(files: Files, filing: Filing, major: str) -> str:
    """The code under which the catalog in force has a major of the filing's own, older catalog."""
    call = files.find(newest(files.world.claimed(call_claim(files.beside))), Round)
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
        wanted.setdefault(change.line, {})[change.field] = change.to
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
