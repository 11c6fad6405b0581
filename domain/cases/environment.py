"""Which rules are in force in this environment: one pack for each procedure, the newest version that was adopted.

The first procedure is the environment's own: its pack says who keeps the registers and the calendar. Further ones stand
beside it; a round names its procedure and pins its pack, and everything that belongs to the round follows that.
"""

from typing import Any

from domain.case import Case
from domain.events import Event, Moment

POLICY = "policy/current"


class PolicyInForce(Case):
    """The pack that new cases pin."""

    kind = "policy"
    name: str = ""
    settings: dict[str, Any] = {}
    beside: dict[str, str] = {}
    """Further procedures: the name of each pack, and the version in force."""

    def version_of(self, name: str) -> str | None:
        """The pack version in force for a procedure, by its pack's name; None where it is not adopted here."""
        return self.pack if name == self.name else self.beside.get(name)

    def about(self) -> dict[str, Any]:
        return {"name": self.name, "settings": self.settings, "beside": self.beside}


class PackAdopted(Event):
    """A pack version, with the settings of this environment, is in force for cases opened from now on."""

    name: str
    pack: str
    settings: dict[str, Any]

    def fold(self, case: PolicyInForce, moment: Moment) -> None:
        case.name, case.pack, case.settings, case.stage = (
            self.name,
            self.pack,
            dict(self.settings),
            "in-force",
        )


class ProcedureAdopted(Event):
    """Another procedure runs in this environment from now on, or a newer version of its pack is in force."""

    name: str
    pack: str
    settings: dict[str, Any]

    def fold(self, case: PolicyInForce, moment: Moment) -> None:
        case.beside = {**case.beside, self.name: self.pack}
