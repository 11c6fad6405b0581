"""Facts of supervision: a card fell, was withdrawn, or counts anew. They change no decision, and make no page stale."""

from datetime import date
from typing import ClassVar

from domain.case import Card, Case
from domain.clocks import Deadline
from domain.events import Event, Moment

Date = date  # CardShown has a field named `date`


class CardShown(Event):
    """预警、黄牌、红牌: a period is about to end, or is over, and somebody is still awaited under it."""

    moves: ClassVar[bool] = False
    card: str
    clock: str
    date: Date
    """The last day of the period."""
    for_: list[str]
    """What is awaited."""
    to: list[str]
    """Who is told: whoever is awaited, their superior, the supervising unit."""
    rule: str
    """Key of the policy rule by which it falls; the clause and its standing are found there."""

    @property
    def id(self) -> str:
        """How the card is known within its case."""
        return f"{self.clock}/{self.card}/{self.date}"

    @property
    def warning(self) -> bool:
        """Whether it is 预警; letters ask."""
        return self.card == "warning"

    @property
    def yellow(self) -> bool:
        """Whether it is 黄牌."""
        return self.card == "yellow"

    @property
    def red(self) -> bool:
        """Whether it is 红牌."""
        return self.card == "red"

    def fold(self, case: Case, moment: Moment) -> None:
        case.cards = {**case.cards, self.id: Card(
            card=self.card, clock=self.clock, date=self.date, at=moment.at, for_=self.for_, to=self.to,
        )}  # fmt: skip


class CardWithdrawn(Event):
    """A card was wrong: it stands no longer, with the reason, and stays on the record."""

    moves: ClassVar[bool] = False
    id: str
    card: str
    to: list[str]
    """Who had been told of it."""
    reason: str

    def fold(self, case: Case, moment: Moment) -> None:
        withdrawn = case.cards[self.id].model_copy(update={"withdrawn": self.reason})
        case.cards = {**case.cards, self.id: withdrawn}


class CardsPutOff(Event):
    """A matter that was late already reached somebody else: their cards count from that day."""

    moves: ClassVar[bool] = False
    deadline: Deadline

    def fold(self, case: Case, moment: Moment) -> None:
        case.deadlines[self.deadline.name] = self.deadline
