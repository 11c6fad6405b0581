"""Public notice and objections (CA-09, CA-10; 000 五(四): 评估结果统一由省教研室公示)."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.acts.acceptance import leave_approvals, leave_panel, open_approval
from domain.acts.admissibility import check_materials
from domain.acts.base import Form, act
from domain.acts.clocks import start
from domain.acts.corrections import checked_changes, refuse_unchanged
from domain.acts.objection_forms import Object
from domain.acts.places import unplaced
from domain.cases.filing import Filing, Line
from domain.cases.line_facts import LineCorrected, LineHeld, LineReleased, LinesPublished, LinesRefused
from domain.cases.notice import LateApprovalOpened, Notice, NoticePublished
from domain.cases.objection import (
    Objection,
    ObjectionAdmitted,
    ObjectionDecided,
    ObjectionNotAdmitted,
    ObjectionRegistered,
    Objector,
)
from domain.cases.round import Round, call_claim
from domain.files import Files
from domain.identifiers import is_citizen_no
from domain.ids import derived
from domain.moments import local_day
from domain.vocabulary import LINE_STATES, STAGES

INSTANT = timedelta(microseconds=1)  # 24:00 is the next midnight: the last day is the one before it


class PublishNotice(Form):
    """Which lines; all that are ready when none is named: of a round, else of the environment's own procedure."""

    lines: Annotated[list[str], Field(max_length=10_000)] | Literal["all"] = "all"
    round: str | None = None


def named_lines(files: Files, refs: list[str]) -> list[tuple[Filing, Line, str]]:
    """The lines an act names, with their filings; unknown ones and too many are noted."""
    most = files.rules.int("batch.max_lines")
    if not refs:
        files.refuse("invalid", "没有专业线", "no line is named", field="lines")
    if len(refs) > most:
        files.refuse("invalid", f"一次最多{most}条专业线", f"at most {most} lines at once", field="lines")
        files.check()
    found: list[tuple[Filing, Line, str]] = []
    for filing_id, line_id in files.refs(refs):
        filing = files.find(filing_id, Filing)
        ref = f"{filing_id}/{line_id}"
        if filing is None or line_id not in filing.lines:
            files.refuse("invalid", f"没有这条专业线：{ref}", f"no such line: {ref}", field="lines", line=ref)
        else:
            found.append((filing, filing.lines[line_id], ref))
    for filing, _, ref in found:
        if files.procedure_of(filing) != files.pack.name:
            zh, en = f"{ref}属于另一程序，请分别办理", f"{ref} belongs to another procedure"
            files.refuse("invalid", zh, en, field="lines", line=ref)
    return found


def by_filing(lines: list[tuple[Filing, Line, str]]) -> list[tuple[Filing, list[str]]]:
    """Line ids of each filing, filings in id order."""
    grouped: dict[str, tuple[Filing, list[str]]] = {}
    for filing, line, _ in sorted(lines, key=lambda entry: entry[0].id):
        grouped.setdefault(filing.id, (filing, []))[1].append(line.id)
    return list(grouped.values())


@act("publish-notice", PublishNotice)
def publish_notice(files: Files, form: PublishNotice, _: None) -> None:
    """Puts passed lines on notice; the first day counts, so it must be a working day (CA-09)."""
    if form.round is not None and files.find(form.round, Round) is None:
        files.refuse(
            "invalid", f"没有这一轮申报：{form.round}", f"no such round: {form.round}", field="round"
        )
    rounds = [form.round] if form.round else files.world.claimed(call_claim(files.beside)).values()
    most = files.rules.int("batch.max_lines")
    ready = files.world.lines_in(rounds, "passed", most) if form.lines == "all" else form.lines
    lines = named_lines(files, ready)
    if form.lines == "all":  # what an objection still holds is not ready
        lines = [found for found in lines if not found[1].held_by] or named_lines(files, [])
    for filing, line, ref in lines:
        if form.round not in (None, filing.round):
            files.refuse(
                "invalid", f"{ref}不属于{form.round}", f"{ref} is not of that round", field="round", line=ref
            )
        if line.state == "passed" and line.held_by:
            files.refuse("objection-open", f"{ref}有异议未处理", f"an objection to {ref} is open", line=ref)
        if not unplaced(files, line, ref) and line.state != "passed":
            files.refuse(
                "wrong-stage",
                f"{ref}不是“通过”状态（{LINE_STATES.get(line.state)}）",
                f"{ref} has not passed ({line.state})",
                line=ref,
            )
    today = local_day(files.now)
    if files.calendar.published(today.year) and not files.calendar.is_working(today):
        files.refuse(
            "invalid", f"{today}不是工作日，公示不得自休息日开始", f"{today} is a day off", field="at"
        )
    files.check()
    notice = files.open(Notice(id=derived("notice", files.command.id), pack=files.pack.hash))
    period = start(files, notice, "notice", files.rules_of(notice).length_of("notice"), lapses=True)
    published = NoticePublished(
        pack=files.pack.hash, round=lines[0][0].round, lines=[ref for *_, ref in lines], notice=period
    )
    files.append(notice, published)
    for filing, own in by_filing(lines):
        files.append(filing, LinesPublished(notice=notice.id, lines=own))
    files.opened = notice.id


@act("object", Object)
def object_(files: Files, form: Object, _: None) -> None:
    """Registered always; admitted when in time and signed as the rule asks, and then only that line is held."""
    found = named_lines(files, [form.line])
    if form.received > files.now:
        files.refuse("invalid", "收到时间晚于现在", "received in the future", field="received")
    if form.sent and local_day(form.sent) > local_day(form.received):
        files.refuse("invalid", "寄出时间晚于收到时间", "sent after it was received", field="sent")
    if form.who.id_no and not is_citizen_no(form.who.id_no):
        files.refuse("invalid", "身份证号码校验不符", "the citizen number fails its check", field="who.id_no")
    check_materials(files, form.materials)
    for _filing, line, ref in found:
        if line.notice is None:
            files.refuse("wrong-stage", f"{ref}不在公示中", f"{ref} is in no notice", line=ref)
    files.check()
    filing, line, ref = found[0]
    notice = files.need(line.notice or "", Notice)
    who = form.who.model_dump(exclude={"kind", "sealed"}, exclude_none=True)
    objection = files.open(Objection(id=derived("objection", files.command.id), pack=notice.pack))
    registered = ObjectionRegistered(
        pack=notice.pack,
        round=filing.round,
        line=ref,
        notice=notice.id,
        via=form.via,
        sent=form.sent,
        received=form.received,
        who=Objector(
            kind=form.who.kind, particulars=files.seal(who) if who else None, sealed=form.who.sealed
        ),
        statement=files.seal(form.statement, of=who or form.statement),
        materials=form.materials,
    )
    files.append(objection, registered)
    why_not = _why_not(files, form, notice, line)
    if why_not:
        files.append(objection, ObjectionNotAdmitted(why=why_not))
    else:
        clock = start(files, objection, "objection", "objection.working_days", at=form.received)
        files.append(objection, ObjectionAdmitted(objection=clock))
        leave_approvals(files, filing, [line.id], "held")
        files.append(filing, LineHeld(line=line.id, objection=objection.id))
    files.opened = objection.id


def _why_not(files: Files, form: Object, notice: Notice, line: Line) -> str | None:
    who = form.who
    if who.kind == "anonymous":
        return "匿名 / anonymous"
    if who.kind == "person" and not (who.name and who.id_no and who.phone):
        return "未署真实姓名、身份证号或联系电话 / a person gives name, number and phone"
    if who.kind == "unit" and not who.sealed:
        return "单位未盖公章 / a unit gives its seal"
    if not _in_time(form, notice):
        return "不在公示期内 / out of time"
    if line.state not in ("in-notice", "held", "noticed"):
        return "该专业线已作出决定 / the line is decided"
    return None


def _in_time(form: Object, notice: Notice) -> bool:
    """民诉法 85: what is posted in time is in time; everything else counts when it arrives."""
    if notice.published_at is None or notice.term is None:
        return False
    # No period ends on a provisional date; and one whose schedule came too late ended when that was published.
    end = None if notice.stalled() else notice.term.ends_at
    if form.via == "post":
        sent = local_day(form.sent or form.received)
        return local_day(notice.published_at) <= sent and (end is None or sent <= local_day(end - INSTANT))
    since = notice.published_at.replace(second=0, microsecond=0)  # people write down the minute
    return since <= form.received and (end is None or form.received < end)


class DecideObjection(Form):
    """What verification found."""

    outcome: Literal["upheld", "dismissed"]
    finding: str = Field(min_length=1, max_length=4000)
    correction: dict[str, Any] | None = None


@act("decide-objection", DecideObjection, Objection)
def decide_objection(files: Files, form: DecideObjection, case: Objection) -> None:
    """Dismissed: the line goes back to where the notice stands. Upheld: refused, or corrected for a new notice."""
    if case.stage != "verifying":
        files.refuse(
            "wrong-stage", f"异议处于“{STAGES.get(case.stage)}”阶段", f"the objection is {case.stage}"
        )
    filing_id, _, line_id = case.line.rpartition("/")
    filing = files.need(filing_id, Filing)
    line = filing.lines[line_id]
    changes = form.correction or {}
    if form.correction is not None:
        if form.outcome != "upheld" or not changes:
            files.refuse(
                "invalid", "只有异议成立才能更正", "only an upheld objection corrects", field="correction"
            )
        changes = checked_changes(files, filing, line, changes)
        refuse_unchanged(files, line, form.correction, line.id, "correction")
    files.check()
    files.append(
        case, ObjectionDecided(outcome=form.outcome, finding=form.finding, correction=changes or None)
    )
    if case.id not in line.held_by or line.final:
        return  # the line was withdrawn, refused or failed meanwhile
    others = [objection for objection in line.held_by if objection != case.id]
    if form.outcome == "upheld" and changes:
        again = line.state == "held"  # else the panel judges it anew, and a notice comes in any case
        corrected = LineCorrected(line=line_id, changes=changes, by=case.id, again=again, held_by=others)
        files.append(filing, corrected)
    elif form.outcome == "upheld":
        decision = leave_panel(files, filing, [line_id])
        period = reconsideration(files, filing)
        refused = LinesRefused(
            lines=[line_id], reasons=form.finding, reconsideration=period, decision=decision
        )
        files.append(filing, refused)
    else:
        _release(files, filing, line, case, others)


def _release(files: Files, filing: Filing, line: Line, case: Objection, others: list[str]) -> None:
    notice = files.need(case.notice, Notice)
    over = notice.stage == "closed"
    back_to: Literal["held", "noticed", "in-notice", "passed"] | None = (
        "held" if others else "passed" if line.renotice else "noticed" if over else "in-notice"
    )
    if line.state != "held":  # its result was voided: it is with the panel, or has passed anew
        back_to = None
    files.append(filing, LineReleased(line=line.id, objection=case.id, back_to=back_to))
    if back_to == "noticed":
        approval = open_approval(files, notice, [case.line], files.now, notice.approvals + 1)
        files.append(notice, LateApprovalOpened(line=case.line, approval=approval.id))


def reconsideration(files: Files, filing: Filing) -> Any:
    """行政复议法 20: sixty days from the refusal, so the party can be told until when."""
    return start(files, filing, "reconsideration", "reconsideration.calendar_days")
