"""Facts of a remedy: somebody was reminded, letters are tried again, a process begins anew. They change no decision."""

from typing import ClassVar

from domain.case import Case
from domain.clocks import Deadline
from domain.events import Event, Moment


class Nudged(Event):
    """催办: whoever the case waits for was reminded. `again`: until when they are not reminded of the same again."""

    moves: ClassVar[bool] = False
    for_: str
    to: list[str]
    """Offices and experts."""
    again: Deadline

    def fold(self, case: Case, moment: Moment) -> None:
        case.deadlines[self.again.name] = self.again


class OfficerAssigned(Event):
    """改派: of an office, one officer handles this case from now on, and nobody else of it."""

    moves: ClassVar[bool] = False
    office: str
    person: str
    to: list[str]
    reason: str

    def fold(self, case: Case, moment: Moment) -> None:
        case.assigned = {**case.assigned, self.office: self.person}


class PostRetried(Event):
    """Letters of this case that were given up, or had failed and waited, are due again at once."""

    moves: ClassVar[bool] = False
    letters: int

    def fold(self, case: Case, moment: Moment) -> None:
        """Nothing of the case changes."""


class ProcessRestarted(Event):
    """The case's process was ended and began anew from the ledger, at the step where the case stands."""

    moves: ClassVar[bool] = False
    summons: ClassVar[bool] = True
    reason: str

    def fold(self, case: Case, moment: Moment) -> None:
        """Nothing of the case changes."""
