"""The register of suspensions: which college or programme is held, from when until when. Every act looks here first."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from domain.case import Case
from domain.events import Event, Moment
from domain.moments import stamp

SUSPENSIONS = "suspensions"


class Suspension(BaseModel):
    """One decided measure."""

    violation: str
    college: str
    lines: list[tuple[str, str]] | None
    """Major and entry of the programmes it reaches; None: the whole college."""
    begins: datetime
    ends: datetime
    in_force: bool = False
    procedure: str = ""
    """What is suspended: the procedure of the violation, by its pack's name; empty in records of one procedure only."""
    programmes: list[str] = []
    """What it holds since it began."""

    def reaches(self, college: str, major: str, entry: str) -> bool:
        """Whether a line of this college is held while the measure is in force."""
        return self.college == college and (self.lines is None or (major, entry) in self.lines)

    def concerns(self, procedure: str) -> bool:
        """Whether the measure is about this procedure: stopping the pilot stops nothing else (000 五(三): 停止试点)."""
        return self.procedure in ("", procedure)

    def due(self, now: datetime) -> bool:
        """Whether its beginning or its end has come and is not on record."""
        return (self.ends if self.in_force else self.begins) <= now


class Suspensions(Case):
    """All measures that are decided and not over (they are public: 000 五(三), 处罚法 48)."""

    kind = "suspensions"
    held: dict[str, Suspension] = {}

    def turning(self, now: datetime) -> list[str]:
        """Violations whose measure begins or ends by now."""
        return [s.violation for s in self.held.values() if s.due(now)]

    def over(self, procedure: str, college: str, major: str, entry: str) -> list[str]:
        """Violations whose measure holds this line of this procedure now."""
        return [s.violation for s in self._now(procedure) if s.reaches(college, major, entry)]

    def in_force(self, college: str) -> list[Suspension]:
        """The measures that hold this college, or lines of it, now."""
        return [s for s in self.held.values() if s.in_force and s.college == college]

    def whole(self, procedure: str, college: str) -> list[str]:
        """Violations whose measure holds the whole college now."""
        return [s.violation for s in self._now(procedure) if s.college == college and s.lines is None]

    def _now(self, procedure: str) -> list[Suspension]:
        return [s for s in self.held.values() if s.in_force and s.concerns(procedure)]

    def about(self) -> dict[str, Any]:
        return {
            "held": [
                {
                    **s.model_dump(mode="json", exclude={"begins", "ends"}),
                    "begins": stamp(s.begins),
                    "ends": stamp(s.ends),
                }
                for s in self.held.values()
            ]
        }


class SuspensionsKept(Event):
    """The register was opened with the environment."""

    def fold(self, case: Suspensions, moment: Moment) -> None:
        case.stage = "kept"


class SuspensionEntered(Event):
    """A decided measure was entered, moved to another end, or found in force."""

    suspension: Suspension

    def fold(self, case: Suspensions, moment: Moment) -> None:
        case.held = {**case.held, self.suspension.violation: self.suspension}


class SuspensionStruck(Event):
    """A measure is over."""

    violation: str

    def fold(self, case: Suspensions, moment: Moment) -> None:
        case.held = {v: s for v, s in case.held.items() if v != self.violation}
