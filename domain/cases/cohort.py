"""A cohort: the students a programme takes in one year, taught to the end whatever becomes of the programme."""

from typing import Any

from domain.case import Case
from domain.events import Event, Moment


class Cohort(Case):
    """Students of one programme who began in one year."""

    kind = "cohort"
    final_stages = frozenset({"graduated"})
    programme: str = ""
    college: str = ""
    year: int = 0
    students: int = 0

    def about(self) -> dict[str, Any]:
        shown = self.model_dump(mode="json", include={"programme", "college", "year", "students"})
        return {"status": self.stage, **shown}


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


class CohortGraduated(Event):
    """The cohort is over: everybody graduated, was diverted or left."""

    def fold(self, case: Cohort, moment: Moment) -> None:
        case.stage = "graduated"
