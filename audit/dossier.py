"""The dossier of a case 卷宗: everything on record about it, taken from the tables as it stands there, unread and unjudged.

The timeline, replay, re-deciding and bundles all work on a dossier, so that a bundle that is opened where there is no
database is examined by the same code as the ledger itself.
"""

from dataclasses import dataclass, field
from typing import Any

from records.rows import standing

Row = dict[str, Any]


@dataclass
class Dossier:
    """Rows by what they are. `events` holds the case's own stream and those of OWN and SHARED cases."""

    case: str
    kind: str
    events: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    acts: list[Row] = field(default_factory=list[Row])
    """Every act about the case, done or refused, in the order in which they were recorded."""
    dispatches: list[Row] = field(default_factory=list[Row])
    """The book of dispatches of its letters: each when it fell due, and each outcome."""
    related: dict[str, str] = field(default_factory=dict[str, str])
    """Other cases that are named, with their kinds; those in `events` among them."""
    packs: dict[str, str] = field(default_factory=dict[str, str])
    """Content hash to body of every pack that an event was decided by."""
    attachments: list[Row] = field(default_factory=list[Row])

    @property
    def letters(self) -> list[Row]:
        """How each letter stands, in the order of what it tells."""
        return sorted(
            standing(self.dispatches).values(), key=lambda row: (row["stream"], row["seq"], row["id"])
        )

    @property
    def own(self) -> list[Row]:
        """The events of the case itself."""
        return self.events[self.case]
