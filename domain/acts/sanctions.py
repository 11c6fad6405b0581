"""What is decided on a violation, and how a suspension is reviewed, lifted and overturned (CA-17; 处罚法 57–60; X12)."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from domain.acts.base import Form, act
from domain.acts.clocks import start
from domain.acts.violations import MeasureForm, Reasons, keep_apart, measure_of, must_be
from domain.cases.measure import Measure
from domain.cases.programme import Programme
from domain.cases.suspensions import SUSPENSIONS, Suspension, SuspensionEntered, Suspensions
from domain.cases.violation import (
    LiftingSet,
    SanctionDecided,
    SuspensionReviewed,
    Violation,
)
from domain.clocks import Deadline, appoint, appoint_day
from domain.files import Files
from domain.measures import begin_measure, end_measure, reach
from domain.moments import Day, first_moment, local_day, years_after
from domain.settle import settle
from domain.vocabulary import DAYS, MEASURES, STAGES


class DecideSanction(MeasureForm):
    """The measure; a suspension with its days."""

    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    review_on: Day | None = None


class LiftSuspension(Form):
    """From which day, and why."""

    from_: Annotated[Day, Field(alias="from")]
    reasons: Reasons


class ReviewSuspension(Form):
    """What the review found, and when to look again."""

    finding: Reasons
    review_on: Day | None = None


class OverturnSanction(Form):
    """Who overturned it and why (复议、诉讼)."""

    reasons: Reasons


@act("decide-sanction", DecideSanction, Violation)
def decide_sanction(files: Files, form: DecideSanction, case: Violation) -> None:
    """Not before the hearing may no longer be asked for, nor while one is unheld; no heavier than notified."""
    measure = measure_of(files, form, case, from_=form.from_, until=form.until, review_on=form.review_on)
    keep_apart(files, case, *files.actor.accounts)
    if form.measure == "suspend":
        _check_days(files, form)
    elif form.from_ or form.until or form.review_on:
        files.refuse("invalid", "只有停止试点有起止日期", "only a suspension has days", field="from")
    must_be(files, case, "notified", "hearing")
    asked_until = case.deadlines.get("hearing-request")
    if asked_until and asked_until.stalled:
        zh, en = (
            "听证申请期的届满须待放假安排公布",
            "when the time to ask for a hearing ends needs a schedule",
        )
        files.refuse("calendar-missing", zh, en)
    elif asked_until:
        zh, en = f"听证申请期至{asked_until.date}", f"a hearing may be asked for until {asked_until.date}"
        files.refuse("hearing-pending", zh, en)
    elif case.hearing_open:
        files.refuse("hearing-pending", "已申请的听证尚未举行", "the hearing asked for is not held")
    if case.notified and measure.heavier_than(case.notified):
        zh = f"重于已告知的“{MEASURES[case.notified.measure]}”"
        files.refuse(
            "heavier-after-defence", zh, f"heavier than the {case.notified.measure} that was notified"
        )
    files.check()
    at_once = measure.from_ == local_day(files.now)
    if at_once:  # what ended there before is settled first
        settle(files, reach(files, case.subject))
    files.append(case, SanctionDecided(measure=measure, clocks=_clocks(files, case, measure)))
    if measure.measure == "suspend":
        _enter(files, case, measure)
        if at_once:
            begin_measure(files, case, files.now)


def _check_days(files: Files, form: DecideSanction) -> None:
    """No open-ended suspension, none without a day to look at it again (教育法 76: one to three years)."""
    missing = [
        name
        for name, day in (("from", form.from_), ("until", form.until), ("review_on", form.review_on))
        if day is None
    ]
    for field in missing:
        files.refuse("invalid", f"缺少{DAYS[field]}", f"{field} is missing", field=field)
    if form.from_ is None or form.until is None or form.review_on is None:
        return
    if form.from_ < local_day(files.now):
        files.refuse("invalid", "起始日期早于今天", "it may not begin in the past", field="from")
    rules = files.rules
    least, most = rules.int("suspension.min_years"), rules.int("suspension.max_years")
    if not years_after(form.from_, least) <= form.until <= years_after(form.from_, most):
        zh, en = f"停止期须为{least}至{most}年", f"a suspension lasts {least} to {most} years"
        files.refuse("invalid", zh, en, field="until")
    if not form.from_ <= form.review_on <= form.until:
        files.refuse(
            "invalid", "复查日期须在停止期内", "the review lies within the suspension", field="review_on"
        )


def _clocks(files: Files, case: Violation, measure: Measure) -> list[Deadline]:
    """Until when the college may have it reconsidered (what is no suspension is over then), and the days of a suspension."""
    lasts = measure.measure == "suspend"
    remedy = start(files, case, "reconsideration", "reconsideration.calendar_days", lapses=not lasts)
    if measure.from_ is None or measure.until is None or measure.review_on is None:
        return [remedy]
    calendar, rule = files.calendar, "suspension.days"
    return [
        remedy,
        appoint("suspension-begins", first_moment(measure.from_), rule, calendar),
        appoint("suspension-ends", first_moment(measure.until), rule, calendar),
        appoint_day("review", measure.review_on, rule, calendar),
    ]


def _enter(files: Files, case: Violation, measure: Measure) -> None:
    lines: list[tuple[str, str]] | None = None
    if measure.scope == "programme":
        programmes = [files.need(id_, Programme) for id_ in measure.programmes]
        lines = sorted((p.major, p.entry) for p in programmes)
    entry = Suspension(
        procedure=files.procedure_of(case),
        violation=case.id, college=case.subject, lines=lines, begins=case.deadlines["suspension-begins"].ends_at,
        ends=case.deadlines["suspension-ends"].ends_at,
    )  # fmt: skip
    files.append(files.need(SUSPENSIONS, Suspensions), SuspensionEntered(suspension=entry))


def _must_be_suspended(files: Files, case: Violation) -> None:
    if case.stage != "decided" or "suspension-ends" not in case.deadlines:
        files.refuse(
            "wrong-stage",
            f"没有生效的停止试点决定（{STAGES.get(case.stage)}）",
            f"no suspension runs ({case.stage})",
        )


@act("lift-suspension", LiftSuspension, Violation)
def lift_suspension(files: Files, form: LiftSuspension, case: Violation) -> None:
    """Ends early: today at once, later at 00:00 of that day."""
    _must_be_suspended(files, case)
    today = local_day(files.now)
    if form.from_ < today:
        files.refuse("invalid", "恢复日期早于今天", "it may not be lifted in the past", field="from")
    ends = case.deadlines.get("suspension-ends")
    if ends and form.from_ > ends.date:
        files.refuse("invalid", f"停止期{ends.date}即届满", f"it ends on {ends.date} anyway", field="from")
    files.check()
    end = appoint("suspension-ends", first_moment(form.from_), "suspension.days", files.calendar)
    if form.from_ == today:  # what ended there before is settled first
        settle(files, reach(files, case.subject))
    files.append(case, LiftingSet(reasons=form.reasons, ends=end))
    register = files.need(SUSPENSIONS, Suspensions)
    if form.from_ == today:
        end_measure(files, case, files.now, "lifted", form.reasons)
    else:
        moved = register.held[case.id].model_copy(update={"ends": end.ends_at})
        files.append(register, SuspensionEntered(suspension=moved))


@act("review-suspension", ReviewSuspension, Violation)
def review_suspension(files: Files, form: ReviewSuspension, case: Violation) -> None:
    """The day to look at it again came; it goes on, until the next such day: the one named, else the last one before the end."""
    _must_be_suspended(files, case)
    ends = case.deadlines.get("suspension-ends")
    if form.review_on and (form.review_on <= local_day(files.now) or (ends and form.review_on > ends.date)):
        zh, en = "下次复查须在今后、停止期内", "the next review lies ahead, within the suspension"
        files.refuse("invalid", zh, en, field="review_on")
    files.check()
    assert ends is not None
    named = (form.review_on, "suspension.days") if form.review_on else _last_review(files, case, ends.date)
    next_ = appoint_day("review", *named, files.calendar) if named else None
    files.append(case, SuspensionReviewed(finding=form.finding, next=next_))


def _last_review(files: Files, case: Violation, ends: date) -> tuple[date, str] | None:
    """X12: a measure is looked at so many days before its end, whatever was said before; None once that day is past."""
    rules, rule = files.rules_of(case), "suspension.last_review_calendar_days"
    day = ends - timedelta(days=rules.int(rule))
    return (day, rule) if rules.int(rule) and day > local_day(files.now) else None


@act("overturn-sanction", OverturnSanction, Violation)
def overturn_sanction(files: Files, form: OverturnSanction, case: Violation) -> None:
    """Reconsideration or a court set it aside: it ends at once, and what was published of it is withdrawn (处罚法 48).

    That may come when the measure is long over, run out or lifted: then only the decision falls, and nothing thaws twice.
    """
    if case.decided is None or case.outcome == "overturned":
        must_be(files, case, "decided")
    files.check()
    if not case.final:
        settle(files, reach(files, case.subject))
    end_measure(files, case, files.now, "overturned", form.reasons)
