"""A programme: the pilot right of an announced line, opened here; its later years are processes of their own."""

from typing import Any

from domain.case import Case
from domain.events import Event, Moment


class Programme(Case):
    """The pilot right of one line: college × major × entry. Its later years are processes of their own."""

    kind = "programme"
    final_stages = frozenset({"relinquished", "ended"})
    college: str = ""
    line: str = ""
    major: str = ""
    entry: str = ""
    years: float = 0
    plan: int = 0
    catalog: int = 0
    enrolment: str = "blocked"
    announced_in: list[str] = []

    def claims(self) -> set[str]:
        return {programme_claim(self.college, self.major, self.entry)}

    def about(self) -> dict[str, Any]:
        shown = self.model_dump(
            mode="json",
            include={
                "college",
                "line",
                "major",
                "entry",
                "years",
                "plan",
                "catalog",
                "enrolment",
                "announced_in",
            },
        )
        return {"status": self.stage, **shown}


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
