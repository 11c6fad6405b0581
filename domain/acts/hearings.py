"""The hearing in a violation case: asked for, announced with its time and place, held (CA-17; 处罚法 63–64)."""

from typing import Annotated

from pydantic import Field

from domain.actors import parse_actor
from domain.acts.base import Form, act
from domain.acts.clocks import start
from domain.acts.violations import Statement, Text, keep_apart, must_be
from domain.cases.violation import HearingAnnounced, HearingHeld, HearingRequested, Violation
from domain.clocks import appoint
from domain.files import Files
from domain.moments import Day, Instant, local_day


class AnnounceHearing(Form):
    """When and where it will be held, and who will be in the chair."""

    at: Instant
    place: Annotated[str, Field(min_length=1, max_length=200)]
    chair: str


class HoldHearing(Form):
    """When it was held, who was in the chair, and its record."""

    personal = {"record": None}
    date: Day
    chair: str
    record: Text


@act("request-hearing", Statement, Violation)
def request_hearing(files: Files, form: Statement, case: Violation) -> None:
    """Within five working days of the notice (处罚法 64(1)); the hearing is seven working days away at least."""
    must_be(files, case, "notified")
    if case.requested:
        files.refuse("wrong-stage", "已申请听证", "a hearing was asked for already")
    elif "hearing-request" not in case.deadlines:
        files.refuse("wrong-stage", "申请听证的期限已届满", "the time to ask for a hearing is over")
    files.check()
    earliest = start(files, case, "hearing", "hearing.notice_working_days")
    files.append(case, HearingRequested(statement=files.seal(form.statement), earliest=earliest))


@act("announce-hearing", AnnounceHearing, Violation)
def announce_hearing(files: Files, form: AnnounceHearing, case: Violation) -> None:
    """When and where, told seven working days ahead of it (处罚法 64(2)); another time is announced anew, with its own days."""
    must_be(files, case, "notified", "hearing")
    keep_apart(files, case, _person(form.chair))
    if case.heard:
        files.refuse("wrong-stage", "听证已举行", "the hearing was held")
    earliest = start(files, case, "hearing", "hearing.notice_working_days")
    if local_day(form.at) < earliest.date:
        zh, en = (
            f"须提前通知，听证不得早于{earliest.date}",
            f"told of now, it may not be before {earliest.date}",
        )
        files.refuse("invalid", zh, en, field="at")
    elif earliest.provisional:
        zh, en = "听证最早日须待放假安排公布", "the earliest day of the hearing needs a schedule"
        files.refuse("calendar-missing", zh, en)
    files.check()
    day = appoint("hearing", form.at, "hearing.notice_working_days", files.calendar)
    day = day.model_copy(update={"lapses": False})
    files.append(case, HearingAnnounced(at=form.at, place=form.place, chair=_person(form.chair), day=day))


def _person(name: str) -> str:
    """The account behind `inspector/3@dept`; a bare account names itself."""
    try:
        return parse_actor(name).person
    except ValueError:
        return name


@act("hold-hearing", HoldHearing, Violation)
def hold_hearing(files: Files, form: HoldHearing, case: Violation) -> None:
    """Held and chaired by people who did not investigate (处罚法 64(4))."""
    must_be(files, case, "notified", "hearing")
    chair = _person(form.chair)
    keep_apart(files, case, *files.actor.accounts, chair)
    if case.heard:
        files.refuse("wrong-stage", "听证已举行", "the hearing was held")
    earliest = case.deadlines.get("hearing")
    if earliest and form.date < earliest.date:
        zh, en = f"听证不得早于{earliest.date}", f"the hearing may not be before {earliest.date}"
        files.refuse("invalid", zh, en, field="date")
    elif earliest and case.hearing_at and form.date != earliest.date:
        zh = f"听证定于{earliest.date}；改期的，请先重新通知"
        files.refuse(
            "invalid", zh, f"it was announced for {earliest.date}: announce the other day first", field="date"
        )
    elif earliest and earliest.provisional:
        zh, en = "听证最早日须待放假安排公布", "the earliest day of the hearing needs a schedule"
        files.refuse("calendar-missing", zh, en)
    if case.told_on and form.date < case.told_on:
        files.refuse(
            "invalid", "听证早于告知", "the hearing is before the measure was notified", field="date"
        )
    if form.date > local_day(files.now):
        files.refuse("invalid", "听证日期晚于今天", "the hearing is in the future", field="date")
    files.check()
    files.append(case, HearingHeld(date=form.date, chair=chair, record=files.seal(form.record)))
