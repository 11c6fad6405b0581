"""A person whose data was erased: that it was, when, by whom and on which basis; never who it was (个保法 47)."""

from datetime import datetime
from typing import Any

from domain.case import Case
from domain.events import Event, Moment
from domain.moments import stamp


class Person(Case):
    """Stands under the person's pseudonym. It is opened when data is erased first, and holds nothing personal itself."""

    kind = "person"
    erased_at: datetime | None = None
    basis: str = ""
    cases: list[str] = []
    """The cases that held data of this person."""

    def about(self) -> dict[str, Any]:
        return {
            "erased_at": self.erased_at and stamp(self.erased_at),
            "basis": self.basis,
            "cases": self.cases,
        }


def person_stream(person: str) -> str:
    """The stream of a pseudonym."""
    return f"person/{person}"


class PersonErased(Event):
    """The key of this person was destroyed in the same transaction: what it sealed can never be read again."""

    person: str
    basis: str
    cases: list[str]

    def fold(self, case: Person, moment: Moment) -> None:
        case.erased_at, case.basis, case.cases = moment.at, self.basis, list(self.cases)
        case.stage = "erased"
