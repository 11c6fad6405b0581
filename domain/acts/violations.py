"""The inquiry into a violation: lead, two officers, evidence, notified measure, defence, hearing (CA-17; 处罚法 42–64)."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.actors import parse_actor
from domain.acts.base import Form, act
from domain.acts.clocks import start
from domain.acts.programmes import programme_of
from domain.cases.measure import Measure
from domain.cases.register import Agency, College
from domain.cases.violation import (
    DefenceStated,
    EvidenceRecorded,
    MeasureNotified,
    Offence,
    Violation,
    ViolationClosed,
    ViolationOpened,
    ViolationReported,
)
from domain.files import Files
from domain.ids import derived
from domain.vocabulary import MEASURES, STAGES

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Reasons = Annotated[str, Field(min_length=1, max_length=4000)]
Officers = Annotated[list[str], Field(min_length=1, max_length=20)]


class ReportViolation(Form):
    """Who did what, as somebody says."""

    personal = {"statement": None}
    subject: str
    offence: Offence
    statement: Text


class OpenViolation(Form):
    """Who looks into it."""

    officers: Officers


class CloseViolation(Form):
    """Why nothing comes of it."""

    reasons: Reasons


class RecordEvidence(Form):
    """What was found, and by whom."""

    finding: Reasons
    officers: Officers


class MeasureForm(Form):
    """A measure and what it reaches."""

    measure: Literal["none", "warn", "suspend"]
    scope: Literal["college", "programme"] | None = None
    programmes: list[str] = Field(default=[], max_length=1000)
    reasons: Reasons


class Statement(Form):
    """What the college says."""

    personal = {"statement": None}
    statement: Text


@act("report-violation", ReportViolation)
def report_violation(files: Files, form: ReportViolation, _: None) -> None:
    """Anybody may; it opens a lead and nothing else."""
    if files.find(f"college/{form.subject}", College) is None:
        files.refuse(
            "invalid", f"名册中没有院校{form.subject}", f"no such college: {form.subject}", field="subject"
        )
    files.check()
    case = files.open(Violation(id=derived("violation", files.command.id), pack=files.pack.hash))
    reported = ViolationReported(
        pack=files.pack.hash, subject=form.subject, programme=None, offence=form.offence,
        statement=files.seal(form.statement), found=None,
    )  # fmt: skip
    files.append(case, reported)
    files.opened = case.id


def must_be(files: Files, case: Violation, *stages: str) -> None:
    """Note `wrong-stage` when the case is elsewhere."""
    if case.stage not in stages:
        files.refuse("wrong-stage", f"案件处于“{STAGES.get(case.stage)}”阶段", f"the case is {case.stage}")


def _two_officers(files: Files, named: list[str]) -> list[str]:
    """Accounts of at least two different inspectors in office at the actor's agency (处罚法 42: 执法人员不得少于两人)."""
    people: list[str] = []
    for position, name in enumerate(named):
        field = f"officers.{position}"
        try:
            who = parse_actor(name)
        except ValueError as error:
            files.refuse("invalid", *str(error).split(" / "), field=field)
            continue
        agency = files.find(f"agency/{who.agency}", Agency)
        ours = who.role == "inspector" and who.agency == files.actor.agency
        if not ours or agency is None or not agency.holds(who.role, who.person):
            zh, en = f"{name}不是本单位在任检查人员", f"{name} is no inspector in office here"
            files.refuse("invalid", zh, en, field=field)
        people.append(who.person)
    least = files.rules.int("violation.min_officers")
    if len(set(people)) < max(least, len(named)):
        zh, en = f"须有不少于{least}名不同的检查人员", f"at least {least} different officers are needed"
        files.refuse("invalid", zh, en, field="officers")
    return people


@act("open-violation", OpenViolation, Violation)
def open_violation(files: Files, form: OpenViolation, case: Violation) -> None:
    """The case is filed; ninety calendar days to decide begin (处罚法 60)."""
    people = _two_officers(files, form.officers)
    must_be(files, case, "lead")
    files.check()
    decision = start(files, case, "sanction-decision", "sanction.decision_calendar_days")
    files.append(case, ViolationOpened(officers=people, decision=decision))


@act("close-violation", CloseViolation, Violation)
def close_violation(files: Files, form: CloseViolation, case: Violation) -> None:
    """A lead or case of which nothing comes, or a decision with which all is done: a suspension closes with its end."""
    over = ["decided"] if case.decided and case.decided.measure != "suspend" else []
    must_be(files, case, "lead", "filed", "notified", "hearing", *over)
    files.check()
    files.append(case, ViolationClosed(reasons=form.reasons))


@act("record-evidence", RecordEvidence, Violation)
def record_evidence(files: Files, form: RecordEvidence, case: Violation) -> None:
    """Collected by two officers of the case."""
    people = _two_officers(files, form.officers)
    must_be(files, case, "filed", "notified", "hearing")
    if strangers := [person for person in people if case.officers and person not in case.officers]:
        zh, en = f"不是本案经办人员：{strangers[0]}", f"not an officer of this case: {strangers[0]}"
        files.refuse("invalid", zh, en, field="officers")
    files.check()
    files.append(case, EvidenceRecorded(finding=form.finding, officers=people))


def measure_of(files: Files, form: MeasureForm, case: Violation, **dates: date | None) -> Measure:
    """The measure as a fact; its scope must say what it reaches, and reach only what the college has."""
    given: dict[str, Any] = {"measure": form.measure, "reasons": form.reasons, **dates}
    if form.measure != "suspend":
        return Measure(**given)
    if form.scope is None:
        files.refuse("invalid", "停止试点须写明范围", "say what is suspended", field="scope")
    if form.scope == "programme" and not form.programmes:
        files.refuse("invalid", "请列明被停止的专业", "name the programmes", field="programmes")
    if form.scope == "college" and form.programmes:
        files.refuse(
            "invalid", "停止全校时不列专业", "a whole college is named without programmes", field="programmes"
        )
    reached: list[str] = []
    for position, ref in enumerate(form.programmes):
        programme = programme_of(files, ref, f"programmes.{position}")
        if programme and programme.college != case.subject:
            zh, en = f"{ref}不是{case.subject}的专业", f"{ref} is another college's"
            files.refuse("invalid", zh, en, field=f"programmes.{position}")
        elif programme:
            reached.append(programme.id)
    return Measure(**given, scope=form.scope, programmes=sorted(set(reached)))


@act("notify-measure", MeasureForm, Violation)
def notify_measure(files: Files, form: MeasureForm, case: Violation) -> None:
    """拟处罚告知: which measure, what for; defence and hearing are open from here (处罚法 44)."""
    measure = measure_of(files, form, case)
    must_be(files, case, "filed", "notified")
    if case.stage == "filed" and not case.evidence:
        files.refuse("wrong-stage", "尚无证据", "no evidence is on record")
    if case.notified and case.defended and measure.heavier_than(case.notified):
        _refuse_heavier(files, case.notified)
    files.check()
    request = start(files, case, "hearing-request", "hearing.request_working_days", lapses=True)
    files.append(case, MeasureNotified(measure=measure, request=request))


def _refuse_heavier(files: Files, notified: Measure) -> None:
    zh = f"不得因申辩而加重（已告知“{MEASURES[notified.measure]}”）"
    files.refuse("heavier-after-defence", zh, f"heavier than what was notified ({notified.measure})")


@act("state-defence", Statement, Violation)
def state_defence(files: Files, form: Statement, case: Violation) -> None:
    """The college states its case; it may not fare worse for it (处罚法 45)."""
    must_be(files, case, "notified", "hearing")
    files.check()
    files.append(case, DefenceStated(statement=files.seal(form.statement)))


def keep_apart(files: Files, case: Violation, *people: str) -> None:
    """Who investigated may neither hold, chair nor decide."""
    if any(person in case.officers for person in people):
        files.refuse(
            "self-review", "本案经办人员不得主持听证或作出决定", "an officer of this case may not do this"
        )
