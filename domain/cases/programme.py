"""A programme: the pilot right of an announced line, for years: enrolment, suspension, sunset (000 二(二), 五(三); X12)."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.moments import stamp


class Enrolment(BaseModel):
    """One year's enrolment filing (000 五(三): 先报备再招生; RF-05)."""

    year: int
    plan: int
    fees: list[Any] = []
    state: Literal["filed", "accepted", "refused"] = "filed"
    filed_at: datetime
    accepted_at: datetime | None = None
    reasons: str | None = None
    students: int = 0
    """Places taken by cohorts opened in this year."""

    def filed_fees(self) -> dict[str, float | None]:
        """What the filing says may be charged: item to yuan, None where it names no amount."""
        found: dict[str, float | None] = {}
        for fee in self.fees:
            if not isinstance(fee, dict):
                found[str(fee)] = None
                continue
            told: dict[str, Any] = dict(fee)
            pairs = [(told["item"], told.get("amount"))] if "item" in told else list(told.items())
            found |= {str(item): float(n) if isinstance(n, int | float) else None for item, n in pairs}
        return found

    def about(self) -> dict[str, Any]:
        """The published view of a year."""
        return {
            **self.model_dump(mode="json", exclude={"filed_at", "accepted_at"}),
            "filed_at": stamp(self.filed_at),
            "accepted_at": self.accepted_at and stamp(self.accepted_at),
        }


class Agreement(BaseModel):
    """With a partner enterprise (000 三(一); RF-04), and the last day on which it holds (China)."""

    name: str
    until: date


class Programme(Case):
    """The pilot right of one line: college × major × entry."""

    kind = "programme"
    final_stages = frozenset({"relinquished", "ended"})
    college: str = ""
    line: str = ""
    """The line that was announced last."""
    major: str = ""
    entry: str = ""
    years: float = 0
    plan: int = 0
    catalog: int = 0
    announced_in: list[str] = []
    enrolments: dict[int, Enrolment] = {}
    admitted: dict[int, int] = {}
    """Admission letters put on record, by year."""
    charged: dict[int, list[dict[str, Any]]] = {}
    """Fees put on record as charged, by year: {item, amount in yuan}."""
    explained: dict[int, str] = {}
    """Years without enrolment and why, as the college says."""
    unexplained_stops: list[int] = []
    last_year_over: int = 0
    """The last year of enrolment that is over; 0 before the first is."""
    cohorts: list[str] = []
    running: list[str] = []
    """Cohorts that are still taught."""
    agreements: dict[str, Agreement] = {}
    """By the partner's credit code."""
    ending: list[str] = []
    """Partners of whose agreement's end the college was reminded."""
    suspended_by: list[str] = []
    """Violations whose measure holds it."""
    held_since: int | None = None
    held_years: list[int] = []
    """Years in which a measure held it for some time: stopping then had its reason."""
    held: list[tuple[datetime, datetime | None]] = []
    """From when until when measures held it."""
    given_up_at: datetime | None = None
    """When its catalog dropped it or its college gave it up."""

    def shut(self, at: datetime) -> bool:
        """Whether nobody might be enrolled at this instant, whatever was filed for the year."""
        held = any(begun <= at and (ended is None or at < ended) for begun, ended in self.held)
        return held or (self.given_up_at is not None and self.given_up_at <= at)

    @property
    def open_year(self) -> int | None:
        """The latest year whose enrolment was accepted and is not over."""
        return max(
            (
                year
                for year, e in self.enrolments.items()
                if e.state == "accepted" and f"enrolment/{year}" in self.deadlines
            ),
            default=None,
        )

    @property
    def unfiled_year(self) -> int | None:
        """The running year for which nothing is filed that could be accepted, nor a reason given."""
        running = (int(name.rpartition("/")[2]) for name in self.deadlines if name.startswith("enrolment/"))
        lacking = (
            year
            for year in sorted(running)
            if year not in self.explained
            and (year not in self.enrolments or self.enrolments[year].state == "refused")
        )
        return next(lacking, None)

    @property
    def taught_out(self) -> bool:
        """Whether it enrols no more while cohorts are still taught: their mentors' agreements go on to matter."""
        return self.stage == "sunset" and bool(self.running)

    @property
    def enrolment(self) -> Literal["open", "blocked"]:
        """Whether the college may enrol now: an accepted filing for the year, nothing in the way."""
        return "open" if self.stage == "active" and self.open_year else "blocked"

    def claims(self) -> set[str]:
        # A programme that its catalog or its college gave up is not revived: a later approval opens another one.
        live = self.stage in ("active", "suspended")
        return {programme_claim(self.college, self.major, self.entry)} if live else set()

    def waiting(self) -> list[Waiting]:
        moves = [
            Waiting(
                role="filer", agency=self.college, for_="renew-agreement", due=self.due(f"agreement/{uscc}")
            )
            for uscc in self.ending
            if f"agreement/{uscc}" in self.deadlines
        ]
        if self.stage != "active":
            return moves
        if any(e.state == "filed" and e.year > self.last_year_over for e in self.enrolments.values()):
            moves.append(Waiting(role="approver", agency="dept", for_="accept-enrolment"))
        if year := self.unfiled_year:
            due = self.due(f"enrolment/{year}")
            moves.append(Waiting(role="filer", agency=self.college, for_="file-enrolment", due=due))
        return moves

    def about(self) -> dict[str, Any]:
        names = {
            "college",
            "line",
            "major",
            "entry",
            "years",
            "plan",
            "catalog",
            "announced_in",
            "cohorts",
            "suspended_by",
            "unexplained_stops",
        }
        return {
            "status": self.stage,
            "enrolment": self.enrolment,
            **self.model_dump(mode="json", include=names),
            "enrolments": {str(year): e.about() for year, e in sorted(self.enrolments.items())},
            "agreements": {uscc: a.model_dump(mode="json") for uscc, a in sorted(self.agreements.items())},
            **(
                {"charged": {str(y): fees for y, fees in sorted(self.charged.items())}}
                if self.charged
                else {}
            ),
        }


def programme_claim(college: str, major: str, entry: str) -> str:
    """One college, one major, one kind of entrants: one programme."""
    return f"programme/{college}/{major}/{entry}"
