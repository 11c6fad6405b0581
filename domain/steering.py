"""What steers a case's process: where the case stands, whose move it is first, and what falls by itself, and when.

A fact that changes none of this (a score of several, a document that was written) is no news for the process: it reads it
with the next news.
"""

from datetime import datetime
from typing import NamedTuple

from domain.case import Case

CARD = "card"
"""Begins the name of a due that is a card, whatever the deadline."""


class Falls(NamedTuple):
    """What falls by itself: the end of a deadline that lapses (by its name), or a card (`card/decision/yellow`)."""

    at: datetime
    name: str
    revision: int
    """Of the calendar that the end was reckoned by."""


class Steering(NamedTuple):
    """All that a process goes by."""

    stage: str
    final: bool
    round: str | None
    agency: str
    waiting_for: str
    by_when: datetime | None
    falls: tuple[Falls, ...]
    written: frozenset[str]
    """The documents on the record, where the process waits for them."""


def steering(case: Case) -> Steering:
    """What the process of a case goes by, as the case stands."""
    first = next(iter(case.waiting()), None)
    ends = [] if case.final else [Falls(d.ends_at, d.name, d.revision) for d in case.lapsing()]
    cards = [Falls(at, f"{CARD}/{d.name}/{card}", d.revision) for at, d, card in case.falling()]
    return Steering(
        stage=case.stage,
        final=case.final,
        round=case.round,
        agency=first.agency if first else "",
        waiting_for=first.for_ if first else "",
        by_when=first.due if first else None,
        falls=tuple(sorted(ends + cards)),
        written=frozenset(case.documents) if case.waits_for_papers else frozenset(),
    )
