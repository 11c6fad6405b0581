"""The working calendar against the published one (domain.md §5.5)."""

from datetime import date

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import Calendar, revision_of, version_name

from .calendars import FIXED, between, calendar, calendars, published, schedule


def days_of(year: int) -> list[date]:
    return between(date(year, 1, 1), date(year, 12, 31))


@pytest.mark.parametrize("year", range(2022, 2027))
def test_every_published_day_is_as_published(year: int) -> None:
    wrong = [day for day in days_of(year) if published().is_working(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


@pytest.mark.parametrize(("year", "days"), [(2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(year: int, days: int) -> None:
    assert sum(published().is_working(day) for day in days_of(year)) == days


@pytest.mark.parametrize(
    "worked",
    ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
     "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
     "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12"],
)  # fmt: skip
def test_weekend_days_that_are_worked(worked: str) -> None:
    day = date.fromisoformat(worked)
    assert day.weekday() >= 5
    assert published().is_working(day)


def test_the_weekend_days_worked_are_no_others() -> None:
    worked = [
        d for y in (2024, 2025, 2026) for d in days_of(y) if d.weekday() >= 5 and published().is_working(d)
    ]
    assert len(worked) == 6 + 5 + 8


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
     ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07")],
)  # fmt: skip
def test_breaks_of_2026(first: str, last: str) -> None:
    off = between(date.fromisoformat(first), date.fromisoformat(last))
    assert not any(published().is_working(day) for day in off)


def test_2027_is_not_known_and_nothing_pretends_that_it_is() -> None:
    assert not published().published(2027)
    assert published().published(2026)


@given(st.sampled_from(days_of(2029)))
def test_a_year_without_a_schedule_knows_weekends_and_fixed_dates(day: date) -> None:
    off = day.weekday() >= 5 or day.strftime("%m-%d") in FIXED
    assert published().is_working(day) is not off


def test_a_neighbours_schedule_reaches_over_new_year() -> None:
    # 2023's schedule held 2022-12-31, a Saturday off; and a year may work the last weekend for the next one.
    only_2023 = calendar({2023: schedule(["2022-12-30"], ["2022-12-31"])})
    assert not only_2023.is_working(date(2022, 12, 30))
    assert only_2023.is_working(date(2022, 12, 31))
    both = calendar({2022: schedule(), 2023: schedule(["2022-12-30"], ["2022-12-31"])})
    assert not both.is_working(date(2022, 12, 30))
    assert both.is_working(date(2022, 12, 31))


@given(calendars(), st.sampled_from(days_of(2025)))
def test_a_published_day_is_off_or_worked_as_its_own_year_says(calendar_: Calendar, day: date) -> None:
    own = calendar_.years.get(2025)
    if own and day in own.workdays:
        assert calendar_.is_working(day)
    elif own and day in own.holidays:
        assert not calendar_.is_working(day)


@given(st.integers(0, 10**6))
def test_a_version_is_named_by_its_revision(revision: int) -> None:
    assert revision_of(version_name(revision)) == revision
