"""A cohort: the students a programme takes in one year, taught to the end whatever becomes of the programme.

It counts its students and never names one: each has a case of its own (domain/cases/student.py).
"""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.events import Event, Moment


class PracticePlan(BaseModel):
    """What one school year holds of practice: hours of course and of internship for each student (000 三(二))."""

    course_hours: int
    internship_hours: int
    content: str

    def hours(self, kind: str) -> int:
        """Planned hours of one kind."""
        return self.course_hours if kind == "course" else self.internship_hours


class Tally(BaseModel):
    """Answers of the graduates of one day to one survey. `pay` is the sum in yuan a month over `paid` answers."""

    answers: int = 0
    employed: int = 0
    matched: int = 0
    stable: int = 0
    pay: int = 0
    paid: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in Tally.model_fields})

    def about(self, graduates: int) -> dict[str, Any]:
        """Rates over everybody who graduated that day, answered or not, so that no choice of whom to ask moves them."""
        return {
            "answers": self.answers,
            "employed_rate": f"{self.employed / graduates:.1%}",
            "matched_rate": f"{self.matched / graduates:.1%}",
            "stable_rate": f"{self.stable / graduates:.1%}",
            "mean_pay": round(self.pay / self.paid) if self.paid else None,
        }


class Cohort(Case):
    """Students of one programme who began in one year."""

    kind = "cohort"
    final_stages = frozenset({"graduated"})
    programme: str = ""
    college: str = ""
    year: int = 0
    students: int = 0
    """Places: never more students than this."""
    registered: int = 0
    """Students taken in so far; the numbers in the cohort run from 1 to this."""
    out: dict[str, int] = {}
    """How many graduated, were diverted, left."""
    mentored: dict[str, int] = {}
    """Students still studying who have a mentor, by side."""
    plans: dict[int, PracticePlan] = {}
    """Practice by school year (the year in which it begins)."""
    graduates: dict[str, int] = {}
    """Graduates by the day of graduation. A day's number is fixed when the day is over: it is what rates divide by."""
    surveys: dict[str, dict[int, Tally]] = {}
    """By day of graduation and months since."""

    on_leave: int = 0
    """Students on the roll who do not study now (休学)."""

    @property
    def on_roll(self) -> int:
        """Students who are neither out nor through."""
        return self.registered - sum(self.out.values())

    @property
    def studying(self) -> int:
        """Students who study now: what mentors are counted against."""
        return self.on_roll - self.on_leave

    def waiting(self) -> list[Waiting]:
        lacking = any(self.mentored.get(side, 0) < self.studying for side in ("enterprise", "college"))
        return [Waiting(role="filer", agency=self.college, for_="assign-mentors")] if lacking else []

    def about(self) -> dict[str, Any]:
        shown = self.model_dump(
            mode="json", include={"programme", "college", "year", "students", "registered", "mentored"}
        )
        return {
            "status": self.stage,
            **shown,
            "studying": self.studying,
            "on_leave": self.on_leave,
            **{how: self.out.get(how, 0) for how in ("graduated", "diverted", "left")},
            "practice_plan": {str(year): plan.model_dump() for year, plan in sorted(self.plans.items())},
            "employment": {
                day: {
                    "graduates": count,
                    **{str(m): t.about(count) for m, t in sorted(self.surveys.get(day, {}).items())},
                }
                for day, count in sorted(self.graduates.items())
            },
        }


class CohortOpened(Event):
    """A cohort began, within the plan that was accepted for its year."""

    pack: str
    programme: str
    college: str
    year: int
    students: int

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.pack, case.programme, case.college = self.pack, self.programme, self.college
        case.year, case.students, case.stage = self.year, self.students, "running"


class CohortTaughtOut(Event):
    """Its programme takes nobody in any more; the cohort goes on to its end (CA-15: cohorts taught out)."""

    why: str

    def fold(self, case: Cohort, moment: Moment) -> None:
        if case.stage == "running":
            case.stage = "teaching-out"


class StudentsRegistered(Event):
    """So many students were taken in; each opened a case of its own."""

    count: int

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.registered += self.count


class MentorsCounted(Event):
    """So many students more (or, below zero, fewer) have a mentor on this side (000 三(三): 每名学生)."""

    side: Literal["enterprise", "college"]
    change: int

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.mentored = {**case.mentored, self.side: case.mentored.get(self.side, 0) + self.change}


class PracticePlanned(Event):
    """What a school year holds of practice; a later plan of the same year replaces it (SR-04)."""

    school_year: int
    plan: PracticePlan

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.plans = {**case.plans, self.school_year: self.plan}


class StudentsOut(Event):
    """So many students graduated, were diverted or left on this day."""

    how: Literal["graduated", "diverted", "left"]
    on: date
    count: int
    mentored: dict[str, int]
    """How many of them had a mentor, by side."""

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.out = {**case.out, self.how: case.out.get(self.how, 0) + self.count}
        case.mentored = {side: n - self.mentored.get(side, 0) for side, n in case.mentored.items()}
        if self.how == "graduated":
            day = self.on.isoformat()
            case.graduates = {**case.graduates, day: case.graduates.get(day, 0) + self.count}


class LeaveCounted(Event):
    """So many students more (or, below zero, fewer) are on leave; their mentors count while they study."""

    change: int
    mentored: dict[str, int]
    """Mentors that no longer count (or count again, below zero), by side."""

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.on_leave += self.change
        case.mentored = {side: n - self.mentored.get(side, 0) for side, n in case.mentored.items()}


class SurveyCounted(Event):
    """Answers of graduates of one day, so many months later (000 四(五); SR-09)."""

    graduated_on: date
    months: int
    tally: Tally

    def fold(self, case: Cohort, moment: Moment) -> None:
        day = self.graduated_on.isoformat()
        told = dict(case.surveys.get(day, {}))
        told[self.months] = told.get(self.months, Tally()).plus(self.tally)
        case.surveys = {**case.surveys, day: told}


class CohortGraduated(Event):
    """The cohort is over: everybody graduated, was diverted or left."""

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.stage = "graduated"
