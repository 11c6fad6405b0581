"""A programme: the pilot right of an announced line, for years: enrolment, suspension, sunset (000 二(二), 五(三); X12)."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.clocks import Deadline
from domain.events import Event, Moment
from domain.moments import stamp


class Enrolment(BaseModel):
    """One year's enrolment filing (000 五(三): 先报备再招生; RF-05)."""

    year: int
    plan: int
    fees: list[Any] = []
    state: Literal["filed", "accepted", "refused"] = "filed"
    filed_at: datetime
    accepted_at: datetime | None = None
    reasons: str | None = None
    students: int = 0
    """Places taken by cohorts opened in this year."""

    def about(self) -> dict[str, Any]:
        """The published view of a year."""
        return {
            **self.model_dump(mode="json", exclude={"filed_at", "accepted_at"}),
            "filed_at": stamp(self.filed_at),
            "accepted_at": self.accepted_at and stamp(self.accepted_at),
        }


class Programme(Case):
    """The pilot right of one line: college × major × entry."""

    kind = "programme"
    final_stages = frozenset({"relinquished", "ended"})
    college: str = ""
    line: str = ""
    """The line that was announced last."""
    major: str = ""
    entry: str = ""
    years: float = 0
    plan: int = 0
    catalog: int = 0
    announced_in: list[str] = []
    enrolments: dict[int, Enrolment] = {}
    admitted: dict[int, int] = {}
    """Admission letters put on record, by year."""
    explained: dict[int, str] = {}
    """Years without enrolment and why, as the college says."""
    unexplained_stops: list[int] = []
    cohorts: list[str] = []
    running: list[str] = []
    """Cohorts that are still taught."""
    suspended_by: list[str] = []
    """Violations whose measure holds it."""

    @property
    def open_year(self) -> int | None:
        """The latest year whose enrolment was accepted and is not over."""
        return max(
            (
                year
                for year, e in self.enrolments.items()
                if e.state == "accepted" and f"enrolment/{year}" in self.deadlines
            ),
            default=None,
        )

    @property
    def enrolment(self) -> Literal["open", "blocked"]:
        """Whether the college may enrol now: an accepted filing for the year, nothing in the way."""
        return "open" if self.stage == "active" and self.open_year else "blocked"

    def claims(self) -> set[str]:
        # A programme that its catalog or its college gave up is not revived: a later approval opens another one.
        live = self.stage in ("active", "suspended")
        return {programme_claim(self.college, self.major, self.entry)} if live else set()

    def waiting(self) -> list[Waiting]:
        filed = [e for e in self.enrolments.values() if e.state == "filed"]
        return (
            [Waiting(role="approver", agency="dept", for_="accept-enrolment")]
            if filed and not self.suspended_by
            else []
        )

    def about(self) -> dict[str, Any]:
        names = {
            "college",
            "line",
            "major",
            "entry",
            "years",
            "plan",
            "catalog",
            "announced_in",
            "cohorts",
            "suspended_by",
            "unexplained_stops",
        }
        return {
            "status": self.stage,
            "enrolment": self.enrolment,
            **self.model_dump(mode="json", include=names),
            "enrolments": {str(year): e.about() for year, e in sorted(self.enrolments.items())},
        }


def programme_claim(college: str, major: str, entry: str) -> str:
    """One college, one major, one kind of entrants: one programme."""
    return f"programme/{college}/{major}/{entry}"


class ProgrammeOpened(Event):
    """An announced line became a programme; enrolment stays blocked until it is filed (000 五(三): 先报备再招生)."""

    pack: str
    round: str | None
    college: str
    line: str
    major: str
    entry: str
    years: float
    plan: int
    catalog: int
    document_no: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.pack, case.round, case.college = self.pack, self.round, self.college
        case.line, case.major = self.line, self.major
        case.entry, case.years, case.plan, case.catalog = self.entry, self.years, self.plan, self.catalog
        case.announced_in, case.stage = [self.document_no], "active"


class ProgrammeAnnouncedAgain(Event):
    """A later round announced the same college, major and entry: the newer particulars hold from here."""

    line: str
    years: float
    plan: int
    catalog: int
    document_no: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.line, case.years, case.plan, case.catalog = self.line, self.years, self.plan, self.catalog
        case.announced_in = [*case.announced_in, self.document_no]


class ProgrammeCorrected(Event):
    """A correction changed the announced particulars."""

    changes: dict[str, Any]
    document_no: str

    def fold(self, case: Programme, moment: Moment) -> None:
        for field, value in self.changes.items():
            setattr(case, field, value)
        case.announced_in = [*case.announced_in, self.document_no]


class EnrolmentFiled(Event):
    """The college filed a year's enrolment: plan and fees (RF-05)."""

    year: int
    plan: int
    fees: list[Any]

    def fold(self, case: Programme, moment: Moment) -> None:
        filed = Enrolment(year=self.year, plan=self.plan, fees=list(self.fees), filed_at=moment.at)
        case.enrolments[self.year] = filed


class EnrolmentAccepted(Event):
    """The department took note: from here until the end of that year the college may enrol."""

    year: int
    until: Deadline

    def fold(self, case: Programme, moment: Moment) -> None:
        enrolment = case.enrolments[self.year]
        enrolment.state, enrolment.accepted_at = "accepted", moment.at
        case.deadlines[self.until.name] = self.until


class EnrolmentRefused(Event):
    """The department refused a year's enrolment; the college may file it again."""

    year: int
    reasons: str

    def fold(self, case: Programme, moment: Moment) -> None:
        enrolment = case.enrolments[self.year]
        enrolment.state, enrolment.reasons = "refused", self.reasons


class EnrolmentYearEnded(Event):
    """The year is over: enrolling again needs a new filing."""

    year: int
    unexplained: bool
    """Nobody was enrolled and no reason is on record (000 五(三): 无故停止招生); a lead is opened for it."""

    def fold(self, case: Programme, moment: Moment) -> None:
        if self.unexplained:
            case.unexplained_stops = [*case.unexplained_stops, self.year]
        case.deadlines.pop(f"enrolment/{self.year}", None)


class AdmissionsRecorded(Event):
    """Admission letters as the college put them on record: facts, lawful or not."""

    year: int
    letters: list[dict[str, Any]]
    count: int

    def fold(self, case: Programme, moment: Moment) -> None:
        case.admitted[self.year] = case.admitted.get(self.year, 0) + self.count


class NoEnrolmentExplained(Event):
    """The college says why it does not enrol in a year (000 五(三): 无故停止招生 is stopping without a reason)."""

    year: int
    reason: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.explained[self.year] = self.reason


class CohortJoined(Event):
    """A cohort of this programme was opened."""

    cohort: str
    year: int
    students: int

    def fold(self, case: Programme, moment: Moment) -> None:
        case.cohorts, case.running = [*case.cohorts, self.cohort], [*case.running, self.cohort]
        case.enrolments[self.year].students += self.students


class CohortLeft(Event):
    """A cohort is over; a programme that enrols no more ends with its last one."""

    cohort: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.running = [c for c in case.running if c != self.cohort]
        if case.stage == "sunset" and not case.running:
            case.stage, case.deadlines = "ended", {}


class ProgrammeSunset(Event):
    """A newer catalog has no such major: no more enrolment, cohorts are taught out (000 二(二); CA-15)."""

    catalog: int

    def fold(self, case: Programme, moment: Moment) -> None:
        case.stage, case.deadlines = "sunset", {}


class ProgrammeRenamed(Event):
    """A newer catalog carries the major under another code."""

    major: str
    catalog: int

    def fold(self, case: Programme, moment: Moment) -> None:
        case.major, case.catalog = self.major, self.catalog


class ProgrammeRelinquished(Event):
    """The college gave the programme up and said what becomes of its cohorts."""

    reason: str
    cohorts: Any

    def fold(self, case: Programme, moment: Moment) -> None:
        case.stage, case.deadlines = "relinquished", {}


class ProgrammeSuspended(Event):
    """A measure holds the programme: no enrolment; its running cohorts go on (000 五(三): 停止试点)."""

    violation: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.suspended_by = [*case.suspended_by, self.violation]
        if case.stage == "active":
            case.stage = "suspended"


class SuspensionEnded(Event):
    """The measure is over; with the last one the programme is active again."""

    violation: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.suspended_by = [v for v in case.suspended_by if v != self.violation]
        if case.stage == "suspended" and not case.suspended_by:
            case.stage = "active"
