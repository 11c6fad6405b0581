"""What can happen to a programme: opened, corrected, enrolment by year, cohorts, sunset, suspension (000 二(二), 五(三))."""

from typing import Any

from domain.cases.filing import set_deadline
from domain.cases.programme import Agreement, Enrolment, Programme
from domain.clocks import Deadline
from domain.events import Event, Moment


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
    clock: Deadline | None = None
    """The first year in which it is expected to enrol."""
    agreements: dict[str, Agreement] = {}
    reminders: list[Deadline] = []
    """When the college is reminded of each agreement's end."""

    def fold(self, case: Programme, moment: Moment) -> None:
        set_deadline(case, self.clock)
        _agree(case, self.agreements, self.reminders)
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
    agreements: dict[str, Agreement] = {}
    reminders: list[Deadline] = []

    def fold(self, case: Programme, moment: Moment) -> None:
        _agree(case, self.agreements, self.reminders)
        case.line, case.years, case.plan, case.catalog = self.line, self.years, self.plan, self.catalog
        case.announced_in = [*case.announced_in, self.document_no]


def _agree(case: Programme, agreements: dict[str, Agreement], clocks: list[Deadline]) -> None:
    case.agreements = {**case.agreements, **agreements}
    case.ending = [uscc for uscc in case.ending if uscc not in agreements]
    for clock in clocks:
        set_deadline(case, clock)


class AgreementEnding(Event):
    """The end of an agreement is near: whoever keeps the programme up is reminded (RF-04)."""

    uscc: str
    name: str
    end: Deadline

    def fold(self, case: Programme, moment: Moment) -> None:
        case.ending = [*case.ending, self.uscc]
        set_deadline(case, self.end)


class AgreementExpired(Event):
    """An agreement ended and was not renewed; a lead is opened for it."""

    uscc: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.ending = [uscc for uscc in case.ending if uscc != self.uscc]
        case.deadlines.pop(f"agreement/{self.uscc}", None)


class AgreementRenewed(Event):
    """The agreement with a partner holds longer."""

    uscc: str
    agreement: Agreement
    reminder: Deadline

    def fold(self, case: Programme, moment: Moment) -> None:
        _agree(case, {self.uscc: self.agreement}, [self.reminder])


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
    following: Deadline | None = None
    """The next year, which counts whether or not anything is filed for it."""

    def fold(self, case: Programme, moment: Moment) -> None:
        if self.unexplained:
            case.unexplained_stops = [*case.unexplained_stops, self.year]
        case.last_year_over = max(case.last_year_over, self.year)
        case.deadlines.pop(f"enrolment/{self.year}", None)
        set_deadline(case, self.following)


class AdmissionsRecorded(Event):
    """Admission letters as the college put them on record: facts, lawful or not."""

    year: int
    letters: list[dict[str, Any]]
    count: int

    def fold(self, case: Programme, moment: Moment) -> None:
        case.admitted[self.year] = case.admitted.get(self.year, 0) + self.count


class FeesRecorded(Event):
    """What a year's entrants were charged, as somebody put it on record: facts, lawful or not."""

    year: int
    fees: list[dict[str, Any]]

    def fold(self, case: Programme, moment: Moment) -> None:
        case.charged = {**case.charged, self.year: [*case.charged.get(self.year, []), *self.fees]}


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
    goes_on: list[str] = []
    """Deadlines that run on: agreements, while cohorts are taught (their mentors come from the partners: 000 三(三))."""

    def fold(self, case: Programme, moment: Moment) -> None:
        case.stage, case.given_up_at = "sunset", moment.at
        case.deadlines = {name: case.deadlines[name] for name in self.goes_on}


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
        case.given_up_at = case.given_up_at or moment.at


class ProgrammeSuspended(Event):
    """A measure holds the programme: no enrolment; its running cohorts go on (000 五(三): 停止试点)."""

    violation: str

    def fold(self, case: Programme, moment: Moment) -> None:
        if not case.suspended_by:
            case.held = [*case.held, (moment.at, None)]
        case.suspended_by = [*case.suspended_by, self.violation]
        case.held_since = case.held_since or moment.at.year
        if case.stage == "active":
            case.stage = "suspended"


class SuspensionEnded(Event):
    """The measure is over; with the last one the programme is active again."""

    violation: str

    def fold(self, case: Programme, moment: Moment) -> None:
        case.suspended_by = [v for v in case.suspended_by if v != self.violation]
        if not case.suspended_by and case.held_since is not None:
            case.held_years = [*case.held_years, *range(case.held_since, moment.at.year + 1)]
            case.held_since = None
            case.held = [*case.held[:-1], (case.held[-1][0], moment.at)]
        if case.stage == "suspended" and not case.suspended_by:
            case.stage = "active"
