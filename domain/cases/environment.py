"""Which rules are in force in this environment: the packs that were adopted, one after another."""

from typing import Any

from domain.case import Case
from domain.events import Event, Moment

POLICY = "policy/current"


class PolicyInForce(Case):
    """The pack that new cases pin."""

    kind = "policy"
    name: str = ""
    settings: dict[str, Any] = {}

    def about(self) -> dict[str, Any]:
        return {"name": self.name, "settings": self.settings}


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
