"""What can happen to a student: registered, mentored, practised, assessed, certified, surveyed, away, gone (SR-01…SR-09)."""

from datetime import date
from typing import Literal

from domain.cases.student import Assessed, Leave, Level, Practice, Side, Student, Tutor
from domain.clocks import Deadline
from domain.events import Event, Moment
from domain.secrets import Secret


class StudentRegistered(Event):
    """A student was taken into a cohort, with the qualification that lets in (SR-01, SR-02)."""

    pack: str
    cohort: str
    college: str
    no: int
    who: Secret
    entry: str
    qualified_on: date

    def fold(self, case: Student, moment: Moment) -> None:
        case.pack, case.cohort, case.college, case.no = self.pack, self.cohort, self.college, self.no
        case.who, case.entry, case.qualified_on = self.who, self.entry, self.qualified_on
        case.stage = "studying"


class MentorAssigned(Event):
    """The student has a mentor on this side; the replacement clock, if one ran, is over (SR-03)."""

    side: Side
    mentor: Tutor

    def fold(self, case: Student, moment: Moment) -> None:
        case.mentors = {**case.mentors, self.side: self.mentor}
        case.deadlines.pop(f"mentor/{self.side}", None)


class MentorLeft(Event):
    """The mentor on this side left; another one is due by the clock's end."""

    side: Side
    why: Literal["moved", "retired", "unfit", "other"]
    clock: Deadline

    def fold(self, case: Student, moment: Moment) -> None:
        case.mentors = {side: t for side, t in case.mentors.items() if side != self.side}
        case.deadlines[self.clock.name] = self.clock


class PracticeRecorded(Event):
    """Hours worked in an enterprise, counted once, as course or as internship (SR-04)."""

    practice: Practice

    def fold(self, case: Student, moment: Moment) -> None:
        case.practice = [*case.practice, self.practice]


class StageAssessed(Event):
    """One stage was assessed by several people, with the enterprise's indicators (SR-05)."""

    name: str
    passed: bool
    on: date
    indicators: list[str]
    marks: Secret
    assessors: int
    completes: Level | None = None

    def fold(self, case: Student, moment: Moment) -> None:
        before = case.assessments.get(self.name)
        assessed = Assessed(
            passed=self.passed, on=self.on, times=(before.times if before else 0) + 1, indicators=self.indicators,
            marks=self.marks,
        )  # fmt: skip
        case.assessments = {**case.assessments, self.name: assessed}
        if self.completes and self.completes not in case.levels:
            case.levels = [*case.levels, self.completes]


class DefenceHeld(Event):
    """The student defended the graduation work (SR-07)."""

    on: date
    passed: bool
    members: int

    def fold(self, case: Student, moment: Moment) -> None:
        case.defended = self.passed


class StudentDiverted(Event):
    """The stages were not reached: the student leaves at a level already completed (000 五(二); SR-06)."""

    to: Level
    reason: Secret

    def fold(self, case: Student, moment: Moment) -> None:
        case.stage, case.diverted_to, case.deadlines = "diverted", self.to, {}


class StudentGraduated(Event):
    """All stages reached, study complete: 学制技师毕业证书 (000 五(二); SR-07)."""

    on: date
    certificate: Secret
    key: str

    def fold(self, case: Student, moment: Moment) -> None:
        case.stage, case.graduated_on, case.deadlines = "graduated", self.on, {}
        case.certificates = {**case.certificates, "graduation": self.key}


class LevelCertified(Event):
    """The skill level of technician was certified alongside (000 四(四); SR-08)."""

    issued: date
    level3_on: date
    certificate: Secret
    key: str

    def fold(self, case: Student, moment: Moment) -> None:
        case.certificates = {**case.certificates, "skill": self.key}


class GraduateSurveyed(Event):
    """What became of a graduate so many months later; the answer stays sealed, its counts go to the cohort (SR-09)."""

    months: int
    answer: Secret

    def fold(self, case: Student, moment: Moment) -> None:
        case.surveyed = [*case.surveyed, self.months]


class StudentLeft(Event):
    """The student went to another school or gave up (SR-02)."""

    why: Literal["transfer", "drop-out"]
    reason: Secret

    def fold(self, case: Student, moment: Moment) -> None:
        case.stage, case.why_left, case.deadlines = "left", self.why, {}


class StudyInterrupted(Event):
    """休学: the student does not study until another day, and the clocks of the study stand still (SR-02)."""

    on: date
    back: Deadline
    clocks: list[Deadline]
    reason: Secret

    def fold(self, case: Student, moment: Moment) -> None:
        case.stage, case.leaves = "on-leave", [*case.leaves, Leave(since=self.on)]
        case.deadlines |= {clock.name: clock for clock in [*self.clocks, self.back]}


class StudyResumed(Event):
    """复学: from this day on the student studies again (SR-02)."""

    on: date
    clocks: list[Deadline]

    def fold(self, case: Student, moment: Moment) -> None:
        case.stage = "studying"
        case.leaves = [*case.leaves[:-1], Leave(since=case.leaves[-1].since, until=self.on)]
        case.deadlines.pop("leave", None)
        case.deadlines |= {clock.name: clock for clock in self.clocks}
