"""What can happen to single lines of a filing from the panel on: concluded, noticed, held, consented, announced."""

from typing import Any, Literal

from domain.cases.filing import Filing, set_deadline
from domain.clocks import Deadline
from domain.events import Event, Moment


def move(case: Filing, lines: list[str], state: str, moment: Moment) -> None:
    """Put lines into a state, note when, and let the filing's stage follow."""
    for line in (case.lines[i] for i in lines):
        line.state, line.changed_at = state, moment.at
        if state not in ("held", "frozen"):
            line.held_by = []
    case.settle_stage()


class EvaluationBegan(Event):
    """A panel was formed; the applicant is told in writing, so the decision clock stops (许可法 45)."""

    evaluation: str
    decision: Deadline | None

    def fold(self, case: Filing, moment: Moment) -> None:
        case.stage, case.evaluation = "evaluating", self.evaluation
        set_deadline(case, self.decision)


class LinesConcluded(Event):
    """The chair signed the panel's result for these lines."""

    results: dict[str, Literal["passed", "failed", "conditional"]]
    reasons: dict[str, str]
    decision: Deadline | None
    ranks: bool = False
    """Whether passing only makes a line eligible: the procedure ranks those that passed."""

    def fold(self, case: Filing, moment: Moment) -> None:
        for line_id, passed in self.results.items():
            line = case.lines[line_id]
            result = "eligible" if self.ranks and passed == "passed" else passed
            line.state, line.changed_at, line.reasons = result, moment.at, self.reasons.get(line_id)
        set_deadline(case, self.decision)
        case.settle_stage()


class ResultsVoided(Event):
    """An expert had to stand aside after the fact: what the panel found no longer counts (CA-05)."""

    lines: list[str]
    decision: Deadline | None
    held_by: dict[str, list[str]] | None = None
    """Objections still being verified, by line: what they say of it does not fall with the panel's result.

    None: this version's predecessors did not say, and let a broken notice be remembered beyond the new one.
    """

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.notice, line.approval, line.held_by, line.reasons = None, None, [], None
        case.stage = "evaluating"
        set_deadline(case, self.decision)
        for line in (case.lines[i] for i in self.lines if case.lines[i].state == "frozen"):
            line.frozen_from, line.renotice = "filed", False  # it is judged anew once the measure is over
        move(case, [i for i in self.lines if case.lines[i].state != "frozen"], "filed", moment)
        for line_id in self.lines if self.held_by is not None else ():
            case.lines[line_id].renotice = False  # a new notice comes in any case
        for line_id, objections in (self.held_by or {}).items():
            case.lines[line_id].held_by = list(objections)


class LinesPublished(Event):
    """These lines stand in a public notice now."""

    notice: str
    lines: list[str]

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.notice, line.approval = self.notice, None
        move(case, self.lines, "in-notice", moment)


class LineHeld(Event):
    """An admitted objection holds this line, and only this line."""

    line: str
    objection: str

    def fold(self, case: Filing, moment: Moment) -> None:
        line = case.lines[self.line]
        line.held_by.append(self.objection)
        line.approval = None
        move(case, [self.line], "held", moment)


class LineReleased(Event):
    """An objection was dismissed; when it was the last one, the line goes back to where the notice stands."""

    line: str
    objection: str
    back_to: Literal["in-notice", "noticed", "held", "passed"] | None
    """None: the panel judges it anew meanwhile, and it stays where it is."""

    def fold(self, case: Filing, moment: Moment) -> None:
        line = case.lines[self.line]
        line.held_by = [o for o in line.held_by if o != self.objection]
        if self.back_to is None:
            line.changed_at = moment.at
            return
        if self.back_to == "passed":
            line.notice, line.renotice = None, False
        move(case, [self.line], self.back_to, moment)


class LineCorrected(Event):
    """A particular of the line was wrong: set right after an objection (noticed again) or by a second document."""

    line: str
    changes: dict[str, Any]
    by: str
    """The objection or the announcement of correction."""
    again: bool
    """Whether the line must stand in a new notice."""
    held_by: list[str] | None = None
    """Other objections that still hold the line afterwards (None: this version's predecessors did not say)."""

    @property
    def upheld(self) -> bool:
        """Whether an objection brought it about, before anything was announced: the college learns of it by letter."""
        return self.by.startswith("objection-")

    def fold(self, case: Filing, moment: Moment) -> None:
        line = case.lines[self.line]
        for field, value in self.changes.items():
            setattr(line, field, value)
        line.changed_at = moment.at
        if self.held_by is not None:
            line.held_by, line.renotice = list(self.held_by), self.again and bool(self.held_by)
        if self.again and not line.renotice:
            line.held_by, line.notice, line.approval = [], None, None
            move(case, [self.line], "passed", moment)


class LinesNoticed(Event):
    """The notice ended with nothing against these lines."""

    notice: str
    lines: list[str]

    def fold(self, case: Filing, moment: Moment) -> None:
        move(case, self.lines, "noticed", moment)


class SentForApproval(Event):
    """These lines lie before the department."""

    approval: str
    lines: list[str]

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.approval, line.changed_at = self.approval, moment.at


class LinesConsented(Event):
    """The department consented (000 五(四): 经省厅同意后正式对外公布)."""

    lines: list[str]
    publication: Deadline | None

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.consented_at = moment.at
        set_deadline(case, self.publication)
        move(case, self.lines, "consented", moment)
        _stop_decision_clock(case)


class LinesRefused(Event):
    """The department, or an upheld objection, refused these lines, with reasons; review may be asked for."""

    lines: list[str]
    reasons: str
    reconsideration: Deadline
    decision: Deadline | None = None
    """The decision period of the other lines, running again when the panel had only this left to judge."""

    def fold(self, case: Filing, moment: Moment) -> None:
        set_deadline(case, self.decision)
        for line_id in self.lines:
            case.lines[line_id].reasons = self.reasons
            name = f"reconsideration/{line_id}"
            case.deadlines[name] = self.reconsideration.model_copy(update={"name": name})
        move(case, self.lines, "refused", moment)
        _stop_decision_clock(case)


class LinesReturned(Event):
    """The department sent these lines back to be evaluated anew."""

    lines: list[str]
    reasons: str
    decision: Deadline | None

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.reasons, line.notice, line.approval = self.reasons, None, None
        set_deadline(case, self.decision)
        move(case, self.lines, "conditional", moment)


class LinesAnnounced(Event):
    """The lines were announced; the pilot right exists from here (CA-12)."""

    lines: list[str]
    announcement: str
    document_no: str
    publication: Deadline | None
    """The clock of lines still to be announced, when there are any."""
    programmes: dict[str, str] = {}
    """Line to the programme it became."""

    def fold(self, case: Filing, moment: Moment) -> None:
        for line_id, programme in self.programmes.items():
            case.lines[line_id].programme = programme
        case.deadlines.pop("publication", None)
        set_deadline(case, self.publication)
        move(case, self.lines, "announced", moment)


class LinesFrozen(Event):
    """A suspension holds these lines at the step they are at; a notice ends for them alone (FORMAT.md, Sanctions)."""

    violation: str
    lines: list[str]
    begun_anew: list[str]
    """Lines whose notice or objection was not over: they need a new notice."""

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.frozen_by = [*line.frozen_by, self.violation]
            line.frozen_from = line.frozen_from or line.state
            line.renotice = line.renotice or line.id in self.begun_anew
            line.approval = None
        move(case, self.lines, "frozen", moment)


class LinesThawed(Event):
    """The measure is over: what no other measure holds returns to the step before, from a notice to `passed`."""

    violation: str
    lines: list[str]

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.frozen_by = [v for v in line.frozen_by if v != self.violation]
            if line.frozen_by or line.frozen_from is None:
                continue
            state, line.frozen_from = line.frozen_from, None
            if state == "in-notice":
                state, line.notice, line.renotice = "passed", None, False
            move(case, [line.id], state, moment)


def _stop_decision_clock(case: Filing) -> None:
    if all(line.final or line.state == "consented" for line in case.lines.values()):
        case.deadlines.pop("decision", None)
