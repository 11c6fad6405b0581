"""A round: the yearly call with its catalog and filing window (CA-01; 000 二(二): 专业目录清单在每年申报通知中予以公布)."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.clocks import Deadline
from domain.events import Event, Moment
from domain.moments import stamp


class Major(BaseModel, frozen=True):
    """An entry of the catalog; `was` is its code in the year before."""

    code: str
    name: str
    was: str | None = None


def call_claim(beside: str, year: int | str = "") -> str:
    """The key that one year's call of a procedure holds; without a year, what all its calls' keys begin with.

    `beside`: the name of a procedure's pack, empty for the environment's own.
    """
    return f"round:{beside}/{year}" if beside else f"round/{year}"


class Round(Case):
    """One year's call of one procedure. Filings are found by their round, so that ten thousand of them do not crowd one stream."""

    kind = "round"
    final_stages = frozenset({"completed"})
    beside: str = ""
    """The procedure it belongs to, by its pack's name, when that is not the environment's own."""
    year: int = 0
    document_no: str = ""
    opens: datetime | None = None
    closes: datetime | None = None
    majors: list[Major] = []
    categories: list[str] = []
    """What it ranks separately, where its procedure ranks at all."""
    budgets: dict[str, int] = {}
    """Yuan of the year by category, where less (or more) was set than the quota needs."""
    selections: dict[str, str] = {}
    """The ranking of each category, once it was made."""

    def catalog(self) -> dict[str, Major]:
        """The catalog by code."""
        return {m.code: m for m in self.majors}

    def renamed(self, code: str) -> Major | None:
        """The entry that bore this code the year before."""
        return next((m for m in self.majors if m.was == code), None)

    def claims(self) -> set[str]:
        return {f"document/{self.document_no}", call_claim(self.beside, self.year)}

    def waiting(self) -> list[Waiting]:
        if self.stage != "closed":
            return []
        left = [category for category in self.categories if category not in self.selections]
        return [Waiting(role="organiser", agency="tro", for_="rank") for _ in left[:1]]

    def about(self) -> dict[str, Any]:
        return {
            **({"procedure": self.beside} if self.beside else {}),
            "year": self.year,
            "document_no": self.document_no,
            "window": {
                "opens": self.opens and stamp(self.opens),
                "closes": self.closes and stamp(self.closes),
            },
            "catalog": [m.model_dump(exclude_none=True) for m in self.majors],
            **({"budgets": self.budgets, "selections": self.selections} if self.categories else {}),
        }


def newest(calls: dict[str, str]) -> str | None:
    """The round of the latest year, among the claims `round/YEAR` and their holders."""
    return calls[max(calls)] if calls else None


class CallIssued(Event):
    """The yearly call was issued and its catalog published."""

    year: int
    document_no: str
    opens: datetime
    closes: datetime
    majors: list[Major]
    pack: str
    window: list[Deadline]
    beside: str = ""
    categories: list[str] = []

    def fold(self, case: Round, moment: Moment) -> None:
        case.beside, case.categories = self.beside, list(self.categories)
        case.year, case.document_no, case.pack = self.year, self.document_no, self.pack
        case.opens, case.closes, case.majors = self.opens, self.closes, list(self.majors)
        case.deadlines = {d.name: d for d in self.window}
        case.stage = "open" if self.opens <= moment.at else "called"


class WindowOpened(Event):
    """The filing window opened."""

    def fold(self, case: Round, moment: Moment) -> None:
        case.stage = "open"
        case.deadlines.pop("opens", None)


class WindowClosed(Event):
    """The filing window closed; what was submitted goes on."""

    def fold(self, case: Round, moment: Moment) -> None:
        case.stage = "closed"
        case.deadlines.pop("closes", None)


class BudgetSet(Event):
    """What the year has for a category."""

    category: str
    amount: int
    basis: str

    def fold(self, case: Round, moment: Moment) -> None:
        case.budgets = {**case.budgets, self.category: self.amount}


class CategoryRanked(Event):
    """The ranking of a category was opened."""

    category: str
    selection: str

    def fold(self, case: Round, moment: Moment) -> None:
        case.selections = {**case.selections, self.category: self.selection}


class RoundCompleted(Event):
    """Every filing of the round is final."""

    def fold(self, case: Round, moment: Moment) -> None:
        case.stage = "completed"
