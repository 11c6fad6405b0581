"""An evaluation: the panel, its marks, its visits, its conclusions (000 五(四): 受理单位组织…专家组成评估论证组)."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.events import Event, Moment
from domain.secrets import Secret


class Score(BaseModel, frozen=True):
    """One expert's marks for one line."""

    marks: dict[str, float]
    total: float
    opinion: str | None = None


class Visit(BaseModel):
    """A site visit (实地考查): when, by how many, where, and what was found."""

    date: date
    visitors: list[Secret]
    places: list[str]
    finding: str


class Evaluation(Case):
    """The work of one panel on one filing."""

    kind = "evaluation"
    resting_stages = frozenset({"concluded"})
    filing: str = ""
    receiving_unit: str = ""
    formed_at: datetime | None = None
    panel: dict[str, str] = {}
    """Expert to side (college or industry)."""
    chair: str = ""
    removed: list[str] = []
    """Experts who had to stand aside and are not replaced yet."""
    barred: list[str] = []
    declared: list[str] = []
    """Members who have said on the record that they have no tie beyond those disclosed."""
    pending: list[str] = []
    """Lines to be scored and concluded."""
    scores: dict[str, dict[str, Score]] = {}
    visits: list[Visit] = []

    def missing(self, line: str) -> list[str]:
        """Members who have not scored a line."""
        return [expert for expert in self.panel if expert not in self.scores.get(line, {})]

    def settle_stage(self) -> None:
        """The stage that follows from what is still to do."""
        self.stage = "concluded" if not self.pending else "forming" if self.removed else "scoring"

    def waiting(self) -> list[Waiting]:
        if self.stage == "forming":
            return [Waiting(role="organiser", agency=self.receiving_unit, for_="replace-expert")]
        if self.stage != "scoring":
            return []
        late = sorted({expert for line in self.pending for expert in self.missing(line)})
        if late:
            return [Waiting(role=f"expert:{expert}", agency="experts", for_="score") for expert in late]
        return [Waiting(role=f"expert:{self.chair}", agency="experts", for_="conclude")]

    def about(self) -> dict[str, Any]:
        return {
            "filing": self.filing,
            "panel": sorted(self.panel),
            "sides": self.panel,
            "chair": self.chair,
            "to_replace": self.removed,
            "declared": self.declared,
            "pending": self.pending,
            "scores": {line: {e: s.model_dump() for e, s in by.items()} for line, by in self.scores.items()},
            "visits": [
                {
                    "date": v.date.isoformat(),
                    "visitors": len(v.visitors),
                    "places": v.places,
                    "finding": v.finding,
                }
                for v in self.visits
            ],
        }


class PanelFormed(Event):
    """A panel of both sides was formed for the lines of a filing."""

    filing: str
    receiving_unit: str
    pack: str
    round: str
    panel: dict[str, str]
    chair: str
    lines: list[str]

    def fold(self, case: Evaluation, moment: Moment) -> None:
        case.filing, case.receiving_unit, case.pack, case.round = (
            self.filing,
            self.receiving_unit,
            self.pack,
            self.round,
        )
        case.panel, case.chair, case.pending = dict(self.panel), self.chair, list(self.lines)
        case.formed_at, case.stage = moment.at, "scoring"


class TieDisclosed(Event):
    """A tie of an expert became known; when it bars, the expert and the expert's marks are out."""

    expert: str
    org: str
    until: date | None
    bars: bool
    reopened: list[str]

    def fold(self, case: Evaluation, moment: Moment) -> None:
        if not self.bars:
            return
        case.panel.pop(self.expert, None)
        case.declared = [e for e in case.declared if e != self.expert]
        case.removed.append(self.expert)
        case.barred.append(self.expert)
        for by_expert in case.scores.values():
            by_expert.pop(self.expert, None)
        case.pending = [*case.pending, *(line for line in self.reopened if line not in case.pending)]
        case.settle_stage()


class NoTieDeclared(Event):
    """A member said, before judging, to have no tie to the applicant and its partners beyond those disclosed."""

    expert: str

    def fold(self, case: Evaluation, moment: Moment) -> None:
        case.declared.append(self.expert)


class ExpertReplaced(Event):
    """Another expert takes a place on the panel."""

    out: str
    in_: str
    side: str
    chair: str

    def fold(self, case: Evaluation, moment: Moment) -> None:
        case.panel.pop(self.out, None)
        case.removed = [e for e in case.removed if e != self.out]
        for line in case.pending:
            case.scores.get(line, {}).pop(self.out, None)
        case.panel[self.in_], case.chair = self.side, self.chair
        case.settle_stage()


class LinesScored(Event):
    """One expert gave marks."""

    expert: str
    scores: dict[str, Score]

    def fold(self, case: Evaluation, moment: Moment) -> None:
        for line, score in self.scores.items():
            case.scores.setdefault(line, {})[self.expert] = score


class SiteVisited(Event):
    """The panel went to see."""

    visit: Visit

    def fold(self, case: Evaluation, moment: Moment) -> None:
        case.visits.append(self.visit)


class PanelConcluded(Event):
    """The chair signed results; from now on nobody changes those marks."""

    results: dict[str, str]
    averages: dict[str, str]
    """Average of the valid marks of each line, two decimals, half up, as text."""

    def fold(self, case: Evaluation, moment: Moment) -> None:
        again = [line for line, result in self.results.items() if result == "conditional"]
        case.pending = [line for line in case.pending if line not in self.results or line in again]
        for line in again:  # all members score it anew (FORMAT.md, Panels)
            case.scores.pop(line, None)
        case.settle_stage()


class EvaluationReopened(Event):
    """The department returned lines; all members score them anew."""

    lines: list[str]

    def fold(self, case: Evaluation, moment: Moment) -> None:
        case.pending = [*case.pending, *(line for line in self.lines if line not in case.pending)]
        for line in self.lines:
            case.scores.pop(line, None)
        case.settle_stage()


class LinesDropped(Event):
    """Lines left the evaluation: their college withdrew them."""

    lines: list[str]

    def fold(self, case: Evaluation, moment: Moment) -> None:
        case.pending = [line for line in case.pending if line not in self.lines]
        case.settle_stage()
