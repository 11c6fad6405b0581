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


class Round(Case):
    """One year's call. Filings are found by their round, so that ten thousand of them do not crowd one stream."""

    kind = "round"
    final_stages = frozenset({"completed"})
    year: int = 0
    document_no: str = ""
    opens: datetime | None = None
    closes: datetime | None = None
    majors: list[Major] = []

    def catalog(self) -> dict[str, Major]:
        """The catalog by code."""
        return {m.code: m for m in self.majors}

    def renamed(self, code: str) -> Major | None:
        """The entry that bore this code the year before."""
        return next((m for m in self.majors if m.was == code), None)

    def claims(self) -> set[str]:
        return {f"document/{self.document_no}", f"round/{self.year}"}

    def waiting(self) -> list[Waiting]:
        return []

    def about(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "document_no": self.document_no,
            "window": {
                "opens": self.opens and stamp(self.opens),
                "closes": self.closes and stamp(self.closes),
            },
            "catalog": [m.model_dump(exclude_none=True) for m in self.majors],
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

    def fold(self, case: Round, moment: Moment) -> None:
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


class RoundCompleted(Event):
    """Every filing of the round is final."""

    def fold(self, case: Round, moment: Moment) -> None:
        case.stage = "completed"
