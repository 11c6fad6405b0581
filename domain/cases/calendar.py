"""The stream on which the yearly holiday schedules are published (国务院办公厅 each autumn, amended when need be)."""

from datetime import date
from typing import Any

from domain.calendars import Calendar, YearSchedule, revision_of, version_name
from domain.case import Case, Waiting
from domain.events import Event, Moment

CALENDAR = "calendar/cn"


class PublishedCalendar(Case):
    """Every schedule ever published, in order; the newest of each year counts."""

    kind = "calendar"
    passing_stages = frozenset({"rolling-out"})
    resting_stages = frozenset({"current"})
    years: dict[int, YearSchedule] = {}
    revision: int = 0
    changes: dict[int, int] = {}
    rolled_out: int = 0

    def calendar(self, fixed_holidays: list[str]) -> Calendar:
        """Today's version, named by its revision."""
        return Calendar(
            version=version_name(self.revision), years=self.years, fixed_holidays=frozenset(fixed_holidays)
        )

    def changed_since(self, version: str) -> set[int]:
        """Years whose schedule was published after this version."""
        since = revision_of(version)
        return {year for revision, year in self.changes.items() if revision > since}

    def waiting(self) -> list[Waiting]:
        return []

    def about(self) -> dict[str, Any]:
        return {"years": sorted(self.years), "revision": self.revision, "rolled_out": self.rolled_out}


class CalendarPublished(Event):
    """A year's schedule was published, replacing what was known of that year from then on."""

    year: int
    holidays: list[date]
    workdays: list[date]
    source: str

    def fold(self, case: PublishedCalendar, moment: Moment) -> None:
        case.years = {
            **case.years,
            self.year: YearSchedule(
                holidays=frozenset(self.holidays),
                workdays=frozenset(self.workdays),
                published_at=moment.at,
                source=self.source,
            ),
        }
        case.revision += 1
        case.changes[case.revision] = self.year
        case.stage = "rolling-out"


class CalendarRolledOut(Event):
    """Every running deadline that the newest schedule touches has been recomputed, up to this revision."""

    revision: int

    def fold(self, case: PublishedCalendar, moment: Moment) -> None:
        case.rolled_out = max(case.rolled_out, self.revision)
        case.stage = "current" if case.rolled_out >= case.revision else "rolling-out"
