"""Clocks that stop, and calendars that change under them (domain.md §5.5; FORMAT.md, Clocks)."""

from datetime import date, datetime, timedelta

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from domain.calendars import Calendar
from domain.clocks import Deadline, Period, begin, explain, pause, recompute, resume, spans
from domain.moments import instant, local_day

from .calendars import between, calendar, calendars, instants, periods, published, schedule, schedules

TWENTY = Period(
    amount=20,
    unit="working-day",
    count_first=False,
    shift=False,
    closing="24:00",
    rule="decision.working_days",
)
days = st.integers(0, 30).map(lambda n: timedelta(days=n, hours=1))


def counted(deadline: Deadline, by: Calendar) -> list[date]:
    """The days that the period counts, up to its end."""
    first = local_day(deadline.start) + timedelta(days=0 if deadline.period.count_first else 1)
    return [
        day for day in between(first, deadline.date)
        if (deadline.period.unit == "calendar-day" or by.is_working(day))
        and not any(stop.covers(day) for stop in deadline.pauses)
    ]  # fmt: skip


def test_a_service_promise_stops_for_a_supplement_and_for_the_experts() -> None:
    running = begin("decision", TWENTY, instant("2026-03-09 09:00"), published(), lapses=False)
    assert running.date == date(2026, 4, 7)
    stopped = pause(running, instant("2026-03-16 09:00"), "专家评估论证")
    assert stopped.paused
    again = resume(stopped, instant("2026-03-27 16:00"), published())
    assert not again.paused
    # 03-17 to 03-27 are nine working days; Qingming was behind the first end and lies before the second.
    assert again.date == date(2026, 4, 20)
    assert "专家评估论证" in explain(again)[0]


def test_a_clock_that_stops_at_midnight_keeps_the_day_that_begins_then() -> None:
    five = TWENTY.model_copy(update={"amount": 5})
    running = begin("completeness", five, instant("2026-03-23 09:00"), published(), lapses=True)
    stopped = pause(running, instant("2026-03-30 00:00"), "停止试点")
    assert running.date == date(2026, 3, 30), "its last day has not begun"
    assert resume(stopped, instant("2026-06-01 09:00"), published()).date == date(2026, 6, 2)
    assert resume(stopped, instant("2026-06-02 00:00"), published()).date == date(2026, 6, 2)


@given(periods("working-day", "calendar-day"), instants, calendars(), days, days)
def test_a_pause_shifts_the_end_by_the_counted_days_it_covers(
    period: Period, start: datetime, by: Calendar, after: timedelta, long: timedelta
) -> None:
    period = period.model_copy(update={"shift": False})
    running = begin("d", period, start, by, lapses=True)
    assume(local_day(start + after) < running.date)  # stopped on its last day, all days are counted
    again = resume(pause(running, start + after, "test"), start + after + long, by)
    assert len(counted(again, by)) == period.amount
    stop = again.pauses[0]
    assert stop.until is not None
    missed = [
        d for d in between(stop.since, stop.until)[1:] if period.unit == "calendar-day" or by.is_working(d)
    ]
    first = local_day(start) + timedelta(days=0 if period.count_first else 1)
    longer = period.model_copy(update={"amount": period.amount + len([d for d in missed if d >= first])})
    assert again.date == begin("d", longer, start, by, lapses=True).date


@given(periods("working-day", "calendar-day"), instants, calendars(), days)
def test_stopping_and_going_on_at_once_changes_nothing(
    period: Period, start: datetime, by: Calendar, after: timedelta
) -> None:
    running = begin("d", period, start, by, lapses=True)
    assume(start + after < running.ends_at)
    stopped = pause(running, start + after, "test")
    assert pause(stopped, start + after + timedelta(days=3), "again") == stopped
    again = resume(stopped, start + after, by)
    assert (again.date, again.ends_at) == (running.date, running.ends_at)
    assert resume(again, start + after, by) == again


@given(
    periods("working-day", "calendar-day"), instants, calendars(), calendars("cn/2"), st.integers(-200, 200)
)
def test_a_newer_calendar_never_shortens_what_was_promised(
    period: Period, start: datetime, old: Calendar, new: Calendar, when: int
) -> None:
    promised = begin("d", period, start, old, lapses=True)
    at = start + timedelta(days=when)
    moved = recompute(promised, new, at=at)
    assert moved.date >= promised.date
    assert moved.ends_at >= max(promised.ends_at, at)
    fresh = begin("d", period, start, new, lapses=True)
    assert moved.date == max(promised.date, fresh.date)
    assert moved.calendar == new.version
    back = recompute(moved, old, at=at)
    assert back.date >= moved.date
    assert recompute(moved, new, at=at).date == moved.date


@given(periods("working-day"), instants, calendars())
def test_a_period_ends_only_on_a_day_that_is_known(period: Period, start: datetime, by: Calendar) -> None:
    # What is not provisional ends in a published year; a promise kept into an unpublished one is provisional.
    found = begin("d", period, start, by, lapses=True)
    assert found.provisional or by.published(found.date.year)
    bare = calendar({}, "cn/2")
    assert recompute(found, bare, at=start).provisional


@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(periods("working-day", "calendar-day"), instants, calendars(), calendars("cn/2"), days)
def test_a_calendar_that_changes_while_the_clock_stands_still(
    period: Period, start: datetime, old: Calendar, new: Calendar, after: timedelta
) -> None:
    running = begin("d", period, start, old, lapses=False)
    assume(start + after < running.ends_at)
    stopped = pause(running, start + after, "专家评估论证")
    once = recompute(stopped, new, at=start + after)
    twice = recompute(once, new, at=start + after)
    fresh = begin("d", period, start, new, lapses=False)
    # However often schedules are published meanwhile, the end is one that the rule can give.
    assert twice.date <= max(running.date, fresh.date) + timedelta(days=60)
    again = resume(twice, start + after, new)
    assert again.date == max(running.date, fresh.date)


@given(instants, calendars(), st.integers(2022, 2029), st.data())
def test_a_schedule_that_a_deadline_does_not_span_cannot_move_it(
    start: datetime, by: Calendar, year: int, data: st.DataObject
) -> None:
    running = begin("d", TWENTY, start, by, lapses=True)
    assume(not spans(running, {year}))
    changed = calendar({**by.years, year: data.draw(schedules(year))}, "cn/2")
    moved = recompute(running, changed, at=start)
    assert (moved.date, moved.provisional) == (running.date, running.provisional)


def test_a_year_published_late_moves_a_provisional_end_and_ends_nothing_in_the_past() -> None:
    five = Period(
        amount=5,
        unit="working-day",
        count_first=True,
        shift=False,
        closing="24:00",
        rule="notice.working_days",
    )
    notice = begin("notice", five, instant("2026-12-28 09:00"), published(), lapses=True)
    assert (notice.date, notice.provisional) == (date(2027, 1, 4), True)
    known = calendar({**published().years, 2027: schedule(["2027-01-01", "2027-01-04"])}, "cn/2")
    moved = recompute(notice, known, at=instant("2027-01-05 10:00"))
    assert (moved.date, moved.provisional) == (date(2027, 1, 5), False)
    late = recompute(notice, known, at=instant("2027-02-01 10:00"))
    assert late.ends_at == instant("2027-02-01 10:00")
