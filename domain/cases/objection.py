"""An objection to a line on notice (CA-10). The objector's identity is sealed; the verdict is not."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.clocks import Deadline
from domain.events import Event, Moment
from domain.moments import stamp
from domain.secrets import Secret


class Objector(BaseModel):
    """Who objects: a person (real name, number, phone), a unit (with its seal) or nobody known."""

    kind: Literal["person", "unit", "anonymous"]
    particulars: Secret | None = None
    sealed: bool = False


class Objection(Case):
    """One objection to one line."""

    kind = "objection"
    final_stages = frozenset({"upheld", "dismissed", "not-admitted"})
    line: str = ""
    notice: str = ""
    via: str = ""
    received: datetime | None = None
    who: Objector | None = None
    statement: Secret | None = None
    materials: list[str] = []
    """Files that came with it, by content hash."""
    admissible: bool | None = None
    why_not: str | None = None
    outcome: str | None = None
    finding: str | None = None

    def waiting(self) -> list[Waiting]:
        if self.stage != "verifying":
            return []
        return [self.move("notice-officer", "tro", "decide-objection", "objection")]

    def about(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "notice": self.notice,
            "via": self.via,
            "received": self.received and stamp(self.received),
            "objector": self.who.kind if self.who else None,
            "admissible": self.admissible,
            "why_not": self.why_not,
            "materials": self.materials,
            "outcome": self.outcome,
            "finding": self.finding,
        }


class ObjectionRegistered(Event):
    """An objection came in."""

    pack: str
    round: str | None
    line: str
    notice: str
    via: str
    sent: datetime | None
    received: datetime
    who: Objector
    statement: Secret
    materials: list[str] = []

    def fold(self, case: Objection, moment: Moment) -> None:
        case.pack, case.round, case.line, case.notice = self.pack, self.round, self.line, self.notice
        case.via, case.received, case.who, case.statement = self.via, self.received, self.who, self.statement
        case.stage, case.materials = "registered", self.materials


class ObjectionAdmitted(Event):
    """It was in time and signed as the rule asks; it is verified now, and its line waits."""

    objection: Deadline

    def fold(self, case: Objection, moment: Moment) -> None:
        case.stage, case.admissible = "verifying", True
        case.deadlines["objection"] = self.objection


class ObjectionNotAdmitted(Event):
    """Out of time, anonymous, or without what identifies the objector: kept as a lead, holds nothing."""

    why: str

    def fold(self, case: Objection, moment: Moment) -> None:
        case.stage, case.admissible, case.why_not = "not-admitted", False, self.why


class ObjectionDecided(Event):
    """The teaching-research office verified the objection."""

    outcome: Literal["upheld", "dismissed"]
    finding: str
    correction: dict[str, Any] | None

    def fold(self, case: Objection, moment: Moment) -> None:
        case.stage = case.outcome = self.outcome
        case.finding, case.deadlines = self.finding, {}
