"""A student of a cohort: mentors, practice, stages, and how the study ended (000 三(二)(三), 四, 五(二); SR-01…SR-09)."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.secrets import Secret

Side = Literal["enterprise", "college"]
SIDES: tuple[Side, ...] = ("enterprise", "college")
Level = Literal["intermediate", "senior"]
"""Levels below technician that a student can have completed: 中级工, 高级工."""
PracticeKind = Literal["course", "internship"]
"""企业生产实践课程 and 岗位实习: two counters, since the first does not count into the second (000 三(二))."""


class Tutor(BaseModel):
    """A mentor of one student (000 三(三)); who it is stays sealed under the mentor's own key."""

    who: Secret
    employer: str
    level: str | None = None


class Practice(BaseModel):
    """Hours of one kind in one period; both days belong to it. `school_year` is the year in which it began."""

    kind: PracticeKind
    since: date
    until: date
    hours: int
    school_year: int
    enterprise: str


class Assessed(BaseModel):
    """How one stage was assessed last; the marks stay sealed under the student's key."""

    passed: bool
    on: date
    times: int
    indicators: list[str]
    """Names of the enterprise's indicators (000 四(二): 各阶段考核评价均应纳入企业评价指标)."""
    marks: Secret


class Leave(BaseModel):
    """Days on which the student did not study: from `since` on, up to the day before `until` (None: still away)."""

    since: date
    until: date | None = None


class Student(Case):
    """One person's study in one cohort. The person is a pseudonym everywhere but in sealed text."""

    kind = "student"
    final_stages = frozenset({"graduated", "diverted", "left"})
    cohort: str = ""
    college: str = ""
    no: int = 0
    """The number within the cohort, by which people name the student."""
    who: Secret | None = None
    entry: str = ""
    qualified_on: date | None = None
    mentors: dict[str, Tutor] = {}
    leaves: list[Leave] = []
    practice: list[Practice] = []
    assessments: dict[str, Assessed] = {}
    levels: list[str] = []
    """Levels completed so far."""
    defended: bool | None = None
    graduated_on: date | None = None
    diverted_to: str | None = None
    why_left: str | None = None
    certificates: dict[str, str] = {}
    """`graduation` and `skill` to the keyed digest of the certificate's number; the numbers themselves are sealed."""
    surveyed: list[int] = []
    """Months after graduation at which an answer is on record."""

    @property
    def person(self) -> str:
        """The pseudonym of who studies."""
        return self.who.person if self.who else ""

    def behind(self) -> bool:
        """Whether the last assessment of some stage, or the defence, was failed."""
        return self.defended is False or any(not a.passed for a in self.assessments.values())

    def hours(self, year: int, kind: str) -> int:
        """Hours of one kind in a school year."""
        return sum(p.hours for p in self.practice if (p.school_year, p.kind) == (year, kind))

    def claims(self) -> set[str]:
        held = {number_claim(self.cohort, self.no), member_claim(self.cohort, self.person)}
        held |= {certificate_claim(key) for key in self.certificates.values()}
        if self.final:
            return held
        studies = self.stage == "studying"
        guides = self.mentors.values() if studies else ()
        guided = {f"{mentor_claims(tutor.who.person)}{self.id}" for tutor in guides}
        return {*held, person_claim(self.person), *guided}

    def waiting(self) -> list[Waiting]:
        if self.stage == "on-leave":
            return [Waiting(role="filer", agency=self.college, for_="resume-study", due=self.due("leave"))]
        return [
            Waiting(role="filer", agency=self.college, for_="assign-mentors", due=self.due(f"mentor/{side}"))
            for side in SIDES
            if f"mentor/{side}" in self.deadlines
        ]

    def about(self) -> dict[str, Any]:
        shown = {"cohort", "college", "no", "entry", "qualified_on", "levels", "defended", "graduated_on",
                 "diverted_to", "why_left", "surveyed", "leaves"}  # fmt: skip
        years = sorted({p.school_year for p in self.practice})
        return {
            "status": self.stage,
            **self.model_dump(mode="json", include=shown),
            "mentors": {side: {"employer": t.employer, "level": t.level} for side, t in self.mentors.items()},
            "practice": {
                str(y): {"course": self.hours(y, "course"), "internship": self.hours(y, "internship")}
                for y in years
            },
            "assessments": {
                stage: a.model_dump(mode="json", exclude={"marks"}) for stage, a in self.assessments.items()
            },
            "certificates": sorted(self.certificates),
        }


def number_claim(cohort: str, no: int) -> str:
    """One number in a cohort is one student's."""
    return f"student-no/{cohort}/{no}"


def member_claim(cohort: str, person: str) -> str:
    """One person is one student of a cohort, also after leaving it."""
    return f"student-in/{cohort}/{person}"


def person_claim(person: str) -> str:
    """One person studies in one cohort at a time, of whichever college (domain.md §8.6: same ID in two schools)."""
    return f"student/{person}"


def mentor_claims(person: str) -> str:
    """What the keys of all students begin with whom one mentor guides now; the rest of a key is the student's case."""
    return f"mentor/{person}/"


def certificate_claim(key: str) -> str:
    """One certificate's number is one student's."""
    return f"certificate/{key}"
