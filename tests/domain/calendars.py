"""Calendars for the tests: the published one, and arbitrary ones."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from hypothesis import strategies as st

from domain.calendars import Calendar, YearSchedule
from domain.clocks import Period, Unit
from gateway.founding import published_schedules

FIXED = frozenset({"01-01", "05-01", "05-02", "10-01", "10-02", "10-03"})
KNOWN = datetime(2000, 1, 1, tzinfo=UTC)


def schedule(holidays: Iterable[date | str] = (), workdays: Iterable[date | str] = ()) -> YearSchedule:
    """A year's schedule, days as dates or as text."""

    def days(given: Iterable[date | str]) -> frozenset[date]:
        return frozenset(day if isinstance(day, date) else date.fromisoformat(day) for day in given)

    return YearSchedule(holidays=days(holidays), workdays=days(workdays), published_at=KNOWN, source="test")


def calendar(years: dict[int, YearSchedule], version: str = "cn/1") -> Calendar:
    """A calendar that knows these years."""
    return Calendar(version=version, years=years, fixed_holidays=FIXED)


@lru_cache(maxsize=1)
def published() -> Calendar:
    """2019 to 2026 as the State Council published them."""
    years = {s.year: schedule(s.holidays, s.workdays) for s in published_schedules(range(2019, 2028))}
    return calendar(years)


def between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@st.composite
def schedules(draw: st.DrawFn, year: int) -> YearSchedule:
    """Any schedule: some weekdays off, some weekend days worked, often several together."""
    days = between(date(year, 1, 1), date(year, 12, 31))
    starts = draw(st.lists(st.sampled_from(days), max_size=6))
    off = {day + timedelta(days=n) for day in starts for n in range(draw(st.integers(1, 9)))}
    worked = set(draw(st.lists(st.sampled_from([d for d in days if d.weekday() >= 5]), max_size=5))) - off
    return schedule({d for d in off if d.weekday() < 5}, worked)


@st.composite
def calendars(draw: st.DrawFn, version: str = "cn/1") -> Calendar:
    """Any calendar around 2025, some years unpublished."""
    years = draw(st.sets(st.sampled_from([2024, 2025, 2026, 2027]), min_size=1))
    return calendar({year: draw(schedules(year)) for year in sorted(years)}, version)


instants = st.datetimes(datetime.fromisoformat("2024-06-01"), datetime.fromisoformat("2026-06-30")).map(
    lambda d: d.replace(tzinfo=UTC)
)


def periods(*units: Unit) -> st.SearchStrategy[Period]:
    """Any period counted in one of these units."""
    return st.builds(
        Period, amount=st.integers(1, 40), unit=st.sampled_from(units), count_first=st.booleans(),
        shift=st.booleans(), closing=st.sampled_from(["24:00", "17:30", "00:00"]), rule=st.just("test.days"),
    )  # fmt: skip
