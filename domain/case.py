"""What every case has: a stage, deadlines, whom it waits for, what it claims, and how it is shown."""

from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel

from domain.clocks import Date, Deadline, explain
from domain.events import Event, Moment
from domain.moments import stamp
from domain.policy import CARDS


class Waiting(NamedTuple):
    """One move that is somebody's: their role, their agency, what for, and by when."""

    role: str
    agency: str
    for_: str
    due: datetime | None = None
    clock: str | None = None
    """The deadline it is due by, when it is one of the case's own."""

    @property
    def who(self) -> str:
        """The office, or the expert, as the published language writes it."""
        return self.role if ":" in self.role else f"{self.role}@{self.agency}"


class Card(BaseModel, frozen=True):
    """A card that fell: 预警 before the end of a period, 黄牌 or 红牌 after it, on the matter as it stood then."""

    card: str
    clock: str
    date: Date
    """The last day of the period that it speaks of: a period that was extended has other cards."""
    at: datetime
    for_: list[str]
    to: list[str]
    """Who was told: offices."""
    withdrawn: str | None = None
    """Why it was wrong."""

    def about(self) -> dict[str, Any]:
        """The published view of a card."""
        return {
            "card": self.card, "clock": self.clock, "date": self.date.isoformat(), "at": stamp(self.at),
            "for": self.for_, "to": self.to, "withdrawn": self.withdrawn,
        }  # fmt: skip


class Case(BaseModel):
    """The folded state of one stream. `apply` is the fold: the same events give the same state."""

    kind: ClassVar[str] = ""
    final_stages: ClassVar[frozenset[str]] = frozenset()
    passing_stages: ClassVar[frozenset[str]] = frozenset()
    """Stages that the case's own process leaves without anybody's act."""
    resting_stages: ClassVar[frozenset[str]] = frozenset()
    """Stages in which nothing can happen by itself: the process ends there, and what steers it next starts it again."""
    waits_for_papers: ClassVar[bool] = False
    """Whether its process waits until its official documents are written."""
    id: str
    stage: str = ""
    pack: str = ""
    seq: int = 0
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    deadlines: dict[str, Deadline] = {}
    documents: dict[str, str] = {}
    """`event/paper` to content hash of the official documents written for this case."""
    round: str | None = None
    cards: dict[str, Card] = {}
    """Every card that fell, by `clock/card/last day`."""
    assigned: dict[str, str] = {}
    """Office to the one officer of it to whom this case was given (改派)."""

    def apply(self, event: Event, moment: Moment) -> None:
        """Fold one event."""
        event.fold(self, moment)
        self.seq = moment.seq
        self.opened_at = self.opened_at or moment.at
        if event.moves:
            self.changed_at = moment.at

    @property
    def final(self) -> bool:
        """Whether nothing will happen by itself any more; its process ends."""
        return self.stage in self.final_stages

    def waiting(self) -> list[Waiting]:
        """Whose move it is."""
        return []

    def claims(self) -> set[str]:
        """Keys that only one case may hold at a time; the ledger's own constraint keeps them."""
        return set()

    def about(self) -> dict[str, Any]:
        """What this kind of case shows beside what all show."""
        return {}

    def stalled(self) -> Deadline | None:
        """A deadline that cannot end because a year's schedule is missing."""
        return next((d for d in self.deadlines.values() if d.stalled), None)

    def due(self, name: str) -> datetime | None:
        """The end of a running deadline of this name."""
        found = self.deadlines.get(name)
        return found.ends_at if found and not found.paused else None

    def lapsing(self) -> list[Deadline]:
        """Running periods at whose end something happens by itself."""
        return [d for d in self.deadlines.values() if d.lapses and not d.stalled and not d.paused]

    def settled_by_silence(self) -> set[str]:
        """The ends of those, by which nobody is late."""
        return {stamp(d.ends_at) for d in self.lapsing()}

    def move(self, role: str, agency: str, for_: str, clock: str) -> Waiting:
        """A move that is due by one of the case's own deadlines."""
        return Waiting(role=role, agency=agency, for_=for_, due=self.due(clock), clock=clock)

    def falling(self) -> list[tuple[datetime, Deadline, str]]:
        """Cards still to fall, with when: of clocks that run, cannot move, and by which somebody is awaited."""
        watched = [
            d for d in self.deadlines.values() if d.cards and not (d.paused or d.stalled or d.provisional)
        ]
        if not watched or self.final:
            return []
        awaited = {w.clock for w in self.waiting()}
        return [
            (at, d, card)
            for d in watched
            if d.name in awaited
            for card, at in d.cards.items()
            if f"{d.name}/{card}/{d.date}" not in self.cards and not (d.lapses and at >= d.ends_at)
        ]

    def standing_card(self, clock: str | None) -> str | None:
        """The gravest card that stands against a running deadline."""
        deadline = self.deadlines.get(clock or "")
        stands = {
            c.card
            for c in self.cards.values()
            if deadline and not c.withdrawn and (c.clock, c.date) == (clock, deadline.date)
        }
        return next((card for card in reversed(CARDS) if card in stands), None)

    def view(self) -> dict[str, Any]:
        """The published JSON view (rehearsals/FORMAT.md), without the list of events."""
        waiting = self.waiting()
        if not self.final and self.stalled():
            waiting = [Waiting(role="catalog-officer", agency="dept", for_="publish-calendar"), *waiting]
        return {
            "id": self.id,
            "kind": self.kind,
            "stage": self.stage,
            "waiting": [
                {
                    "role": w.role,
                    "agency": w.agency,
                    "for": w.for_,
                    "due": w.due and stamp(w.due),
                    **self._marks(w),
                }
                for w in waiting
            ],
            "deadlines": {name: show_deadline(d) for name, d in sorted(self.deadlines.items())},
            "pack": self.pack or None,
            "version": self.seq,
            "documents": self.documents,
            **({"cards": self._cards()} if self.cards else {}),
            **self.about(),
        }

    def _cards(self) -> dict[str, Any]:
        fallen = sorted(self.cards.items(), key=lambda card: card[1].at)
        return {id_: card.about() for id_, card in fallen}

    def _marks(self, move: Waiting) -> dict[str, str]:
        """The card that stands against a move, and the officer to whom it was given."""
        marks = {"card": self.standing_card(move.clock), "officer": self.assigned.get(move.who)}
        return {name: mark for name, mark in marks.items() if mark}


def show_deadline(d: Deadline) -> dict[str, Any]:
    """A deadline as views show it, with its computation in words."""
    zh, en = explain(d)
    return {
        "date": d.date.isoformat(),
        "ends_at": stamp(d.ends_at),
        "provisional": d.provisional,
        "calendar": d.calendar,
        "paused": d.paused,
        "stalled": d.stalled,
        "basis": d.period.rule,
        "words": {"zh": zh, "en": en},
    }


class DeadlineStalled(Event):
    """A provisional end has passed: the period does not end until the year's schedule is published."""

    deadline: str

    def fold(self, case: Case, moment: Moment) -> None:
        running = case.deadlines[self.deadline]
        case.deadlines[self.deadline] = running.model_copy(update={"stalled": True})


class DeadlineRecomputed(Event):
    """A newer calendar version moved (or confirmed) a running deadline."""

    deadline: Deadline

    def fold(self, case: Case, moment: Moment) -> None:
        case.deadlines[self.deadline.name] = self.deadline


class ClockStopped(Event):
    """Something outside the case stops one of its clocks (a suspension)."""

    clock: Deadline

    def fold(self, case: Case, moment: Moment) -> None:
        case.deadlines[self.clock.name] = self.clock


class ClockResumed(Event):
    """What had stopped the clock is over; the rest of the period runs."""

    clock: Deadline

    def fold(self, case: Case, moment: Moment) -> None:
        case.deadlines[self.clock.name] = self.clock


class DocumentIssued(Event):
    """An official document of this case was written and stored under its content hash."""

    paper: str
    sha256: str
    name: str
    for_event: str

    def fold(self, case: Case, moment: Moment) -> None:
        case.documents[self.for_event + "/" + self.paper] = self.sha256
