"""A violation case: lead, inquiry by two officers, measure notified, hearing, decision, suspension (000 五(三); CA-17)."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.cases.filing import set_deadline
from domain.cases.measure import Measure
from domain.clocks import Deadline
from domain.events import Event, Moment
from domain.moments import local_day, stamp
from domain.secrets import Secret

Offence = Literal[
    "out-of-scope-enrolment", "unexplained-stop", "unauthorised-fees", "enrolled-before-filing", "other"
]


class Evidence(BaseModel):
    """What two officers found (处罚法 42: at least two)."""

    finding: str
    officers: list[str]


class Violation(Case):
    """One college's violation, from the first lead to the end of the measure."""

    kind = "violation"
    final_stages = frozenset({"closed"})
    subject: str = ""
    programme: str | None = None
    offence: str = ""
    statement: Secret | None = None
    found: str | None = None
    """What a data rule found, when no person reported it."""
    officers: list[str] = []
    evidence: list[Evidence] = []
    notified: Measure | None = None
    decided: Measure | None = None
    defended: bool = False
    told_on: date | None = None
    """The day (China) on which the college was last told of a measure."""
    requested: bool = False
    heard: bool = False
    hearing_at: datetime | None = None
    hearing_place: str | None = None
    in_force: bool = False
    outcome: str | None = None
    published_at: datetime | None = None
    """When its decision was made public; a decision that imposes nothing never is (处罚法 48)."""
    withdrawn_at: datetime | None = None
    """When what was published was withdrawn: the decision was set aside (处罚法 48(2))."""
    withdrawn_why: str | None = None

    @property
    def hearing_open(self) -> bool:
        """A hearing was asked for and is not held."""
        return self.requested and not self.heard

    def waiting(self) -> list[Waiting]:
        match self.stage:
            case "lead":
                return [Waiting(role="inspector", agency="dept", for_="open-violation")]
            case "filed":
                move = "notify-measure" if self.evidence else "record-evidence"
                return [self.move("inspector", "dept", move, "sanction-decision")]
            case "notified" | "hearing" if self.hearing_open and self._unsure("hearing"):
                return [Waiting(role="catalog-officer", agency="dept", for_="publish-calendar")]
            case "notified" | "hearing" if self.hearing_open:
                moves = ["hold-hearing"] if self.hearing_at else ["announce-hearing", "hold-hearing"]
                return [self.move("inspector", "dept", move, "sanction-decision") for move in moves]
            case "notified" | "hearing" if (
                "hearing-request" in self.deadlines
            ):  # until then nothing may be decided
                move = "request-hearing" if self.defended else "state-defence"
                return [] if self.stalled() else [self.move("filer", self.subject, move, "hearing-request")]
            case "notified" | "hearing":
                return [self.move("sanctions-approver", "dept", "decide-sanction", "sanction-decision")]
            case "decided" if "review" in self.deadlines:
                return [self.move("sanctions-approver", "dept", "review-suspension", "review")]
            case _:
                return []

    def _unsure(self, name: str) -> bool:
        """Whether this period's end is provisional: a year's schedule is not published."""
        return name in self.deadlines and self.deadlines[name].provisional

    def about(self) -> dict[str, Any]:
        last = self.decided or self.notified
        return {
            "subject": self.subject,
            "programme": self.programme,
            "offence": self.offence,
            "found": self.found,
            "officers": self.officers,
            "finding": self.evidence[-1].finding if self.evidence else None,
            "measure": last.measure if last else None,
            "scope": last.scope if last else None,
            "programmes": last.programmes if last else [],
            "from": last.from_.isoformat() if last and last.from_ else None,
            "until": last.until.isoformat() if last and last.until else None,
            "review_on": last.review_on.isoformat() if last and last.review_on else None,
            "reasons": last.reasons if last else None,
            "heard": self.heard,
            "hearing_at": self.hearing_at and stamp(self.hearing_at),
            "hearing_place": self.hearing_place,
            "in_force": self.in_force,
            "outcome": self.outcome,
            "published_at": self.published_at and stamp(self.published_at),
            "withdrawn_at": self.withdrawn_at and stamp(self.withdrawn_at),
            "withdrawn_why": self.withdrawn_why,
        }


class ViolationReported(Event):
    """Somebody reported a violation, or a data rule noticed one: a lead, never a sanction (domain.md §8.6)."""

    pack: str
    subject: str
    programme: str | None
    offence: Offence
    statement: Secret | None
    found: str | None

    def fold(self, case: Violation, moment: Moment) -> None:
        case.pack, case.subject, case.programme = self.pack, self.subject, self.programme
        case.offence, case.statement, case.found, case.stage = (
            self.offence,
            self.statement,
            self.found,
            "lead",
        )


class ViolationOpened(Event):
    """The case is opened with its officers; ninety days to decide begin (处罚法 60)."""

    officers: list[str]
    decision: Deadline

    def fold(self, case: Violation, moment: Moment) -> None:
        case.officers, case.stage = list(self.officers), "filed"
        set_deadline(case, self.decision)


class ViolationClosed(Event):
    """Nothing came of it, or its decision leaves nothing to do."""

    reasons: str

    def fold(self, case: Violation, moment: Moment) -> None:
        case.stage, case.outcome, case.deadlines = "closed", self.reasons, {}


class EvidenceRecorded(Event):
    """Two officers put on record what they found."""

    finding: str
    officers: list[str]

    def fold(self, case: Violation, moment: Moment) -> None:
        case.evidence = [*case.evidence, Evidence(finding=self.finding, officers=list(self.officers))]


class MeasureNotified(Event):
    """The college was told which measure is intended and why; five days to ask for a hearing (处罚法 44, 63, 64)."""

    measure: Measure
    request: Deadline

    def fold(self, case: Violation, moment: Moment) -> None:
        case.notified, case.stage = self.measure, "notified"
        case.told_on = local_day(self.request.start)
        set_deadline(case, self.request)


class DefenceStated(Event):
    """The college was heard in writing (处罚法 45)."""

    statement: Secret

    def fold(self, case: Violation, moment: Moment) -> None:
        case.defended = True


class HearingTimeEnded(Event):
    """The days in which a hearing may be asked for are over (处罚法 64(1)); what was not asked for by then is not."""

    def fold(self, case: Violation, moment: Moment) -> None:
        case.deadlines.pop("hearing-request", None)


class HearingRequested(Event):
    """The college asked for a hearing; it is told of it seven days ahead (处罚法 64)."""

    statement: Secret
    earliest: Deadline

    def fold(self, case: Violation, moment: Moment) -> None:
        case.requested, case.stage = True, "hearing"
        set_deadline(case, self.earliest)


class HearingAnnounced(Event):
    """The college was told when and where the hearing is held (处罚法 64(2)); a later word replaces an earlier one."""

    at: datetime
    place: str
    chair: str
    day: Deadline

    def fold(self, case: Violation, moment: Moment) -> None:
        case.hearing_at, case.hearing_place = self.at, self.place
        set_deadline(case, self.day)


class HearingHeld(Event):
    """The hearing was held by somebody who did not investigate (处罚法 64(4))."""

    date: date
    chair: str
    record: Secret

    def fold(self, case: Violation, moment: Moment) -> None:
        case.heard, case.stage = True, "hearing"
        case.deadlines.pop("hearing", None)


class SanctionDecided(Event):
    """The department decided. A suspension begins and ends by itself on its days."""

    measure: Measure
    clocks: list[Deadline]

    def fold(self, case: Violation, moment: Moment) -> None:
        case.decided, case.stage = self.measure, "decided"
        case.deadlines = {clock.name: clock for clock in self.clocks}
        if self.measure.measure != "none":
            case.published_at = moment.at


class DecisionStood(Event):
    """The time to ask for reconsideration is over (复议法 20): of a decision that nothing has to be done about, the case is closed."""

    def fold(self, case: Violation, moment: Moment) -> None:
        case.stage, case.outcome, case.deadlines = "closed", "stood", {}


class SuspensionBegan(Event):
    """From 00:00 of its first day the measure is in force."""

    def fold(self, case: Violation, moment: Moment) -> None:
        case.in_force = True
        case.deadlines.pop("suspension-begins", None)


class SuspensionReviewed(Event):
    """Somebody looked whether the measure is still needed, and when to look again."""

    finding: str
    next: Deadline | None

    def fold(self, case: Violation, moment: Moment) -> None:
        case.deadlines.pop("review", None)
        set_deadline(case, self.next)


class LiftingSet(Event):
    """The measure will end earlier than decided."""

    reasons: str
    ends: Deadline

    def fold(self, case: Violation, moment: Moment) -> None:
        set_deadline(case, self.ends)


class MeasureEnded(Event):
    """The measure is over: run out, lifted, or overturned (then what was published of it is withdrawn)."""

    why: Literal["expired", "lifted", "overturned"]
    reasons: str | None
    late: bool = False
    """The measure itself was over before: only its decision fell now."""

    def fold(self, case: Violation, moment: Moment) -> None:
        case.in_force, case.stage, case.outcome, case.deadlines = False, "closed", self.why, {}
        if self.why == "overturned" and case.published_at:
            case.withdrawn_at, case.withdrawn_why = moment.at, self.reasons
