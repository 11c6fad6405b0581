"""A filing of one college with its lines (college × major × entry), from draft to the last line's end (000 五(四))."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.clocks import Deadline
from domain.secrets import Secret

Track = Literal["regular", "exploratory"]

FINAL_LINE = frozenset({"announced", "refused", "failed", "withdrawn", "closed", "unselected"})
RELEASED_LINE = FINAL_LINE - {"announced"}
"""States in which the same college, major and entry may be filed again in the round."""
DRAFT_STAGES = frozenset({"", "draft"})


class Line(BaseModel):
    """One line: a major for one kind of entrants, or for one category of a funded selection (`line.fields` says)."""

    id: str
    major: str
    entry: str = ""
    years: float = 0
    plan: int = 0
    category: str = ""
    selection: str | None = None
    """The ranking it stands in."""
    place: int | None = None
    score: str | None = None
    grant: int | None = None
    """Yuan it is to have, once it has a place."""
    segments: list[float] = []
    track: Track = "regular"
    state: str = "filed"
    reasons: str | None = None
    held_by: list[str] = []
    notice: str | None = None
    approval: str | None = None
    consented_at: datetime | None = None
    programme: str | None = None
    """The programme it became, once announced."""
    frozen_by: list[str] = []
    """Violations whose measure holds it; `frozen_from` is the state to go back to."""
    frozen_from: str | None = None
    renotice: bool = False
    """Its notice was broken off by a measure: it needs a new one."""
    changed_at: datetime | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more is decided about this line."""
        return self.state in FINAL_LINE

    def about(self) -> dict[str, Any]:
        """The published view of a line."""
        hidden = _PILOT_FIELDS if self.category else _SELECTION_FIELDS
        shown = self.model_dump(mode="json", exclude={"changed_at", "consented_at", *hidden})
        if self.state in RELEASED_LINE and "grant" in shown:
            shown["grant"] = None
        if "years" in shown:
            shown["years"] = int(self.years) if self.years == int(self.years) else self.years
        return shown


_PILOT_FIELDS = {"entry", "years", "plan", "segments", "track", "programme"}
_SELECTION_FIELDS = {"category", "selection", "place", "score", "grant"}


class Partner(BaseModel):
    """A partner enterprise with its technician posts and agreement (000 三(一))."""

    uscc: str
    name: str
    posts: int
    agreement_until: date


class Mentor(BaseModel):
    """A mentor named in the filing (000 三(三)); who it is stays sealed, the likeness recognises a person again."""

    who: Secret
    likeness: list[str]
    employer: str
    side: Literal["enterprise", "college"]


class Filing(Case):
    """One college's filing to a round."""

    kind = "filing"
    final_stages = frozenset({"completed", "declined", "abandoned", "withdrawn"})
    college: str = ""
    route: str | None = None
    route_basis: str | None = None
    catalog: int | None = None
    lines: dict[str, Line] = {}
    draft: dict[str, Any] = {}
    partners: list[Partner] = []
    mentors: list[Mentor] = []
    materials: list[str] = []
    asked: list[str] = []
    """Items of the one request for supplements."""
    supplied: bool = False
    received_at: datetime | None = None
    deemed: bool = False
    extended: bool = False
    """Whether the service promise was extended, which may be done once."""
    evaluation: str | None = None
    deeds: dict[str, list[str]] = {}
    """Acts done on this filing and by which accounts, for the separation of duties."""

    def did(self, act: str, *people: str) -> None:
        """Remember who did what, in person or through a delegate."""
        held = self.deeds.setdefault(act, [])
        held += [person for person in people if person not in held]

    def live(self) -> list[Line]:
        """Lines that are not final."""
        return [line for line in self.lines.values() if not line.final]

    def in_state(self, *states: str) -> list[Line]:
        """Lines in any of these states."""
        return [line for line in self.lines.values() if line.state in states]

    @property
    def frozen(self) -> bool:
        """Whether everything that is left of it is held by a measure."""
        return bool(self.live()) and all(line.state == "frozen" for line in self.live())

    def settle_stage(self) -> None:
        """The stage that follows from the lines, once the filing is past its acceptance."""
        if self.lines and not self.live():
            withdrawn = all(line.state == "withdrawn" for line in self.lines.values())
            self.stage = "withdrawn" if withdrawn else "completed"
            self.deadlines = {n: d for n, d in self.deadlines.items() if n.startswith("reconsideration/")}
        elif self.stage in ("evaluating", "concluded"):
            at = {line.frozen_from or line.state for line in self.live()}
            self.stage = "evaluating" if at & {"filed", "conditional"} else "concluded"

    def claims(self) -> set[str]:
        if self.stage in DRAFT_STAGES:
            return set()
        return {self.line_claim(line) for line in self.lines.values() if line.state not in RELEASED_LINE}

    def line_claim(self, line: Line) -> str:
        """The key under which no second live line may be filed (CA-02: two lines for the same major+entry)."""
        return line_claim(self.round or "", self.college, line.major, line.entry)

    def waiting(self) -> list[Waiting]:
        route = self.route or ""
        if self.frozen:
            return []
        match self.stage:
            case "draft":
                return [Waiting(role="filer", agency=self.college, for_="submit-filing")]
            case "unrouted":
                return [self.move("approver", "dept", "route", "completeness")]
            case "submitted":
                return [self.move("clerk", route, "accept", "completeness")]
            case "supplementing":
                return [self.move("filer", self.college, "supply", "supplement")]
            case "accepted":
                return [self.move("organiser", route, "form-panel", "decision")]
            case _:
                return self._waiting_for_lines(route)

    def _waiting_for_lines(self, route: str) -> list[Waiting]:
        moves = (
            (("filed", "conditional"), "organiser", route, "evaluate", ""),
            (("passed",), "notice-officer", "tro", "publish-notice", "decision"),
            (("held",), "notice-officer", "tro", "decide-objection", ""),
            (("noticed",), "approver", "dept", "consent", "decision"),
            (("consented",), "publisher", "dept", "announce", "publication"),
        )
        waiting = [
            self.move(role, agency, act, clock)
            for states, role, agency, act, clock in moves
            if not self.final and self.in_state(*states)
        ]
        # Lines that wait for their first ranking are the round's business; those judged anew ask for theirs themselves.
        if any(line.selection for line in self.in_state("eligible")):
            waiting.append(Waiting(role="organiser", agency="tro", for_="substitute"))
        return waiting

    def about(self) -> dict[str, Any]:
        return {
            "round": self.round,
            "college": self.college,
            "route": self.route,
            "route_basis": self.route_basis,
            "catalog": self.catalog,
            "evaluation": self.evaluation,
            "asked": self.asked,
            "deemed": self.deemed,
            "partners": [p.model_dump(mode="json") for p in self.partners],
            "materials": self.materials,
            "draft": self.draft or None,
            "lines": {line.id: line.about() for line in self.lines.values()} or self._drafted(),
        }

    def _drafted(self) -> dict[str, Any]:
        """A draft's lines as far as the college has them; they stand in no state yet."""
        rows: list[dict[str, Any]] = self.draft.get("lines", []) if self.stage == "draft" else []
        return {row["id"]: {**row, "state": None} for row in rows}


def line_claim(round_id: str, college: str, major: str, entry: str) -> str:
    """One college, one major, one kind of entrants: one live line a round."""
    return f"line/{round_id}/{college}/{major}/{entry}"


def set_deadline(filing: Case, deadline: Deadline | None) -> None:
    """Start a deadline on a case, when there is one to start."""
    if deadline:
        filing.deadlines[deadline.name] = deadline
