"""The working calendar: published yearly schedules, and what may be said of a year that has none (domain.md §5.5)."""

from datetime import date, datetime
from functools import lru_cache

from pydantic import BaseModel, field_serializer


class YearSchedule(BaseModel, frozen=True):
    """One year's published arrangement: weekdays off, weekend days worked, and since when it was known."""

    holidays: frozenset[date]
    workdays: frozenset[date]
    published_at: datetime
    source: str

    @field_serializer("holidays", "workdays")
    def _in_order(self, days: frozenset[date]) -> list[date]:
        """A set has no order, and a snapshot must be the same text on every machine."""
        return sorted(days)


class Calendar(BaseModel, frozen=True):
    """A version of the calendar: every question about a day is asked of one version, which a deadline then names."""

    version: str
    years: dict[int, YearSchedule]
    fixed_holidays: frozenset[str]
    """Statutory days off (`MM-DD`) that hold in any year (全国年节及纪念日放假办法); from the policy pack."""

    def published(self, year: int) -> bool:
        """Whether this year's schedule is known, so that a period may end in it."""
        return year in self.years

    def is_working(self, day: date) -> bool:
        """Whether people work on this day, as far as is known; see `published` for how far that is."""
        known = self.years.get(day.year)
        if known is None:
            # A neighbour's schedule may reach over New Year (2023's holds 2022-12-31), so ask it before guessing.
            for year in (day.year - 1, day.year + 1):
                if (near := self.years.get(year)) and day in near.workdays | near.holidays:
                    return day in near.workdays
            return day.weekday() < 5 and day.strftime("%m-%d") not in self.fixed_holidays
        for year in (day.year, day.year - 1, day.year + 1):
            if schedule := self.years.get(year):
                if day in schedule.workdays:
                    return True
                if day in schedule.holidays:
                    return False
        return day.weekday() < 5


def version_name(revision: int) -> str:
    """How deadlines and views name a calendar version."""
    return f"cn/{revision}"


@lru_cache(maxsize=1024)
def revision_of(version: str) -> int:
    """The revision inside a version name."""
    return int(version.removeprefix("cn/"))
