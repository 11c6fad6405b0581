"""Legal clocks: the published table, and what must hold for every period by every calendar (domain.md §5.3, §5.5)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import Calendar
from domain.clocks import Period, academic_years, begin, explain, recompute
from domain.moments import CHINA, close_of, first_moment, instant, local_day

from .calendars import between, calendar, calendars, instants, periods, published, schedule

FIVE = Period(
    amount=5, unit="working-day", count_first=True, shift=False, closing="24:00", rule="notice.working_days"
)
FIVE_AFTER = FIVE.model_copy(update={"count_first": False})


def end(period: Period, start: str, by: Calendar) -> date:
    return begin("d", period, instant(f"{start} 10:00"), by, lapses=False).date


@pytest.mark.parametrize(
    ("start", "counted", "not_counted"),
    [
        ("2025-01-24", "2025-02-06", "2025-02-07"),
        ("2025-09-26", "2025-10-09", "2025-10-10"),
        ("2025-12-29", "2026-01-05", "2026-01-06"),
        ("2026-02-11", "2026-02-24", "2026-02-25"),
        ("2026-04-03", "2026-04-10", "2026-04-13"),
        ("2026-04-29", "2026-05-08", "2026-05-09"),
        ("2026-09-18", "2026-09-23", "2026-09-24"),
    ],
)
def test_the_published_table(start: str, counted: str, not_counted: str) -> None:
    assert end(FIVE, start, published()) == date.fromisoformat(counted)
    assert end(FIVE_AFTER, start, published()) == date.fromisoformat(not_counted)


def test_a_schedule_that_is_changed_during_the_holiday() -> None:
    # 2020-01-27: the Spring Festival was prolonged to 02-02 while it lasted.
    first = schedule(
        ["2020-01-24", "2020-01-27", "2020-01-28", "2020-01-29", "2020-01-30"], ["2020-01-19", "2020-02-01"]
    )
    changed = schedule([*first.holidays, "2020-01-31"], ["2020-01-19"])
    before, after = calendar({2020: first}, "cn/1"), calendar({2020: changed}, "cn/2")
    running = begin("notice", FIVE, instant("2020-01-21 09:00"), before, lapses=True)
    assert running.date == date(2020, 2, 1)
    assert running.date.weekday() == 5
    moved = recompute(running, after, at=instant("2020-01-27 00:00"))
    assert (moved.date, moved.calendar) == (date(2020, 2, 4), "cn/2")
    assert end(FIVE, "2020-01-21", published()) == date(2020, 2, 4)


@given(periods("working-day"), instants, calendars())
def test_as_many_working_days_are_counted_as_the_period_has(
    period: Period, start: datetime, by: Calendar
) -> None:
    found = begin("d", period, start, by, lapses=True)
    first = local_day(start) + timedelta(days=0 if period.count_first else 1)
    assert sum(by.is_working(day) for day in between(first, found.date)) == period.amount


@given(periods("working-day"), instants, calendars())
def test_working_days_end_on_a_working_day(period: Period, start: datetime, by: Calendar) -> None:
    assert by.is_working(begin("d", period, start, by, lapses=True).date)


@given(periods("calendar-day"), instants, calendars())
def test_calendar_days_are_counted_plainly_and_shift_only_where_the_rule_says(
    period: Period, start: datetime, by: Calendar
) -> None:
    found = begin("d", period, start, by, lapses=True)
    plain = local_day(start) + timedelta(days=period.amount - period.count_first)
    if not period.shift:
        assert found.date == plain
        assert not found.provisional
    else:
        assert found.date >= plain
        assert by.is_working(found.date)
        assert not any(by.is_working(day) for day in between(plain, found.date)[:-1])


@given(periods("working-day", "calendar-day"), instants, calendars())
def test_counting_the_first_day_or_not_differs_by_one_counted_day(
    period: Period, start: datetime, by: Calendar
) -> None:
    period = period.model_copy(update={"shift": False})
    counted = begin("d", period.model_copy(update={"count_first": True}), start, by, lapses=True).date
    after = begin("d", period.model_copy(update={"count_first": False}), start, by, lapses=True).date
    if period.unit == "calendar-day":
        assert after == counted + timedelta(days=1)
    elif by.is_working(local_day(start)):
        assert [d for d in between(counted, after)[1:] if by.is_working(d)] == [after]
    else:
        assert after == counted


@given(periods("working-day", "calendar-day"), instants, calendars())
def test_an_end_is_provisional_exactly_when_an_unpublished_year_was_asked(
    period: Period, start: datetime, by: Calendar
) -> None:
    found = begin("d", period, start, by, lapses=True)
    first = local_day(start) + timedelta(days=0 if period.count_first else 1)
    if period.unit == "calendar-day":
        first = local_day(start) + timedelta(days=period.amount - period.count_first)
    asked = {day.year for day in between(first, found.date)}
    if period.unit == "calendar-day" and not period.shift:
        asked = set()
    assert found.provisional is any(not by.published(year) for year in asked)


@given(periods("working-day", "calendar-day"), instants, calendars())
def test_a_period_ends_at_its_closing_hour_in_china(period: Period, start: datetime, by: Calendar) -> None:
    found = begin("d", period, start, by, lapses=True)
    assert found.ends_at == close_of(found.date, period.closing)
    if period.closing == "24:00":
        assert found.ends_at == first_moment(found.date + timedelta(days=1))
    else:
        assert found.ends_at.astimezone(CHINA).date() == found.date
        assert found.ends_at.astimezone(CHINA).strftime("%H:%M") == period.closing


@given(periods("working-day", "calendar-day"), instants, calendars())
def test_where_the_machine_stands_makes_no_difference(period: Period, start: datetime, by: Calendar) -> None:
    here = begin("d", period, start.astimezone(CHINA), by, lapses=True)
    there = begin("d", period, start.astimezone(UTC), by, lapses=True)
    assert (here.date, here.ends_at) == (there.date, there.ends_at)


@given(periods("working-day", "calendar-day", "academic-year"), instants, calendars())
def test_every_deadline_explains_itself(period: Period, start: datetime, by: Calendar) -> None:
    found = begin("d", period, start, by, lapses=True)
    for words in explain(found):
        assert str(period.amount) in words
        assert found.date.isoformat() in words
        assert period.closing in words
        assert by.version in words
        assert local_day(start).isoformat() in words
    assert ("暂定" in explain(found)[0]) is found.provisional
    assert ("provisional" in explain(found)[1]) is found.provisional


@pytest.mark.parametrize(
    ("start", "finish", "years"),
    [("2024-09-01", "2030-06-30", 6), ("2024-09-01", "2025-06-30", 1), ("2024-09-01", "2025-09-01", 2),
     ("2025-02-20", "2025-08-31", 1), ("2025-02-20", "2025-09-01", 2), ("2024-02-29", "2028-02-29", 5)],
)  # fmt: skip
def test_academic_years_are_not_a_difference_of_dates(start: str, finish: str, years: int) -> None:
    assert academic_years(date.fromisoformat(start), date.fromisoformat(finish), "09-01") == years


@given(st.integers(1, 8), st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(["09-01", "03-01"]))
def test_a_period_of_academic_years_touches_as_many(amount: int, start: date, opens: str) -> None:
    period = Period(
        amount=amount,
        unit="academic-year",
        count_first=True,
        shift=False,
        closing="24:00",
        rule="r",
        year_starts=opens,
    )
    found = begin("d", period, first_moment(start), published(), lapses=False)
    assert academic_years(start, found.date, opens) == amount
    assert academic_years(start, found.date + timedelta(days=1), opens) == amount + 1
