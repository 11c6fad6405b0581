"""The ranking of one category of a round: places, money, ties and lots, the reserve list (SF-01; 001 专栏4-2)."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.cases.filing import set_deadline
from domain.clocks import Deadline
from domain.events import Event, Moment
from domain.moments import stamp
from domain.ranking import Ranked, Standing


class Draw(BaseModel, frozen=True):
    """A draw of lots: which public number decides, from when on it is known, and what it was."""

    source: str
    at: datetime
    value: str | None = None


class Selection(Case):
    """Who stands where, and who has a place. What becomes of a line with a place, its filing says."""

    kind = "selection"
    resting_stages = frozenset({"closed"})
    category: str = ""
    quota: int = 0
    grant: int = 0
    """Yuan for each place."""
    budget: int | None = None
    """Yuan that the year has for the category; None: as much as the quota needs."""
    places: int = 0
    chain: list[str] = []
    ranking: list[Ranked] = []
    left: dict[str, str] = {}
    """Lines that gave up their place or their turn, and what became of them."""
    draw: Draw | None = None
    reserve_over: bool = False
    deeds: dict[str, list[str]] = {}
    """Acts done here and by which accounts, for the separation of duties."""

    def standing(self, *standings: str) -> list[Ranked]:
        """Entries that stand so and have not left, in order."""
        return [r for r in self.ranking if r.standing in standings and r.ref not in self.left]

    def standing_of(self, ref: str) -> Standing | None:
        """Where a line stands that has not left."""
        return next((r.standing for r in self.ranking if r.ref == ref and ref not in self.left), None)

    @property
    def taken(self) -> int:
        """Places that somebody has."""
        return len(self.standing("selected"))

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return max(self.places - self.taken, 0)

    def waiting(self) -> list[Waiting]:
        def organiser(act: str, due: datetime | None = None) -> list[Waiting]:
            return [Waiting(role="organiser", agency="tro", for_=act, due=due)]

        if self.stage == "drawing":
            return organiser("draw", self.draw.at) if self.draw else organiser("announce-draw")
        return organiser("substitute") if self.free and self.standing("reserve") else []

    def about(self) -> dict[str, Any]:
        return {
            "round": self.round,
            "category": self.category,
            "quota": self.quota,
            "budget": self.budget,
            "grant": self.grant,
            "places": self.places,
            "taken": self.taken,
            "free": self.free,
            "committed": self.taken * self.grant,
            "chain": self.chain,
            "draw": self.draw and {**self.draw.model_dump(exclude={"at"}), "at": stamp(self.draw.at)},
            "ranking": [
                {"line": r.ref, **r.model_dump(exclude={"ref"}), "left": self.left.get(r.ref)} for r in self.ranking
            ],
        }  # fmt: skip

    def enter(self, entries: list[Ranked], reserve: Deadline | None) -> None:
        """Put entries in the place of their former ones, and let the stage follow."""
        new = {entry.ref: entry for entry in entries}
        kept = [entry for entry in self.ranking if entry.ref not in new]
        self.left = {ref: why for ref, why in self.left.items() if ref not in new}
        # The order of places; entries of one place keep the order in which they came.
        self.ranking = sorted([*kept, *entries], key=lambda entry: entry.place)
        set_deadline(self, reserve)
        over = self.reserve_over
        self.stage = "drawing" if self.standing("drawing") else "closed" if over else "ranked"


class RankingMade(Event):
    """The lines that passed were ranked by the published chain; ties that matter wait for the lot."""

    pack: str
    round: str
    category: str
    quota: int
    grant: int
    budget: int | None
    places: int
    chain: list[str]
    ranking: list[Ranked]
    reserve: Deadline | None

    def fold(self, case: Selection, moment: Moment) -> None:
        case.pack, case.round, case.category = self.pack, self.round, self.category
        case.quota, case.grant, case.chain = self.quota, self.grant, list(self.chain)
        case.budget, case.places = self.budget, self.places
        case.enter(self.ranking, self.reserve)


class DrawAnnounced(Event):
    """It was made known which public number will decide, before anybody can know it."""

    source: str
    at: datetime
    draw: Deadline

    def fold(self, case: Selection, moment: Moment) -> None:
        case.draw = Draw(source=self.source, at=self.at)
        set_deadline(case, self.draw)
        case.deeds = {**case.deeds, "announce-draw": list(moment.accounts)}


class DrawHeld(Event):
    """The number is out; with it everybody's lot has its key, and the order is settled."""

    value: str
    ranking: list[Ranked]
    reserve: Deadline | None

    def fold(self, case: Selection, moment: Moment) -> None:
        assert case.draw is not None
        case.draw = case.draw.model_copy(update={"value": self.value})
        case.deadlines.pop("draw", None)
        case.enter(self.ranking, self.reserve)


class PlacesFilled(Event):
    """Places that had fallen free went to the next on the list."""

    ranking: list[Ranked]

    def fold(self, case: Selection, moment: Moment) -> None:
        if any(entry.standing == "drawing" for entry in self.ranking):
            case.draw = None
        case.enter(self.ranking, None)


class PlacesChanged(Event):
    """The year's money became another: more places, or fewer, and then the last ones go back to the reserve list."""

    budget: int
    places: int
    ranking: list[Ranked]

    def fold(self, case: Selection, moment: Moment) -> None:
        case.budget, case.places = self.budget, self.places
        if any(entry.standing == "drawing" for entry in self.ranking):
            case.draw = None
        case.enter(self.ranking, None)


class LinesLeft(Event):
    """Lines gave up their place or their turn: withdrawn, refused, failed, or judged anew."""

    left: dict[str, str]

    def fold(self, case: Selection, moment: Moment) -> None:
        case.left = {**case.left, **self.left}


class ReserveLapsed(Event):
    """The reserve list is over; whoever still stood on it was not selected."""

    ranking: list[Ranked]

    def fold(self, case: Selection, moment: Moment) -> None:
        case.deadlines.pop("reserve", None)
        case.reserve_over = True
        case.enter(self.ranking, None)
