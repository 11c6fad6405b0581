"""What can happen to a filing before its lines go their own ways: drafted, submitted, routed, accepted, supplemented."""

from datetime import datetime
from typing import Any

from domain.cases.filing import Filing, Line, Mentor, Partner, set_deadline
from domain.clocks import Deadline
from domain.events import Event, Moment


class DraftSaved(Event):
    """The college keeps a draft; it is nobody else's business until it is submitted."""

    college: str
    round: str
    draft: dict[str, Any]

    def fold(self, case: Filing, moment: Moment) -> None:
        case.college, case.round, case.draft, case.stage = self.college, self.round, dict(self.draft), "draft"


class FilingSubmitted(Event):
    """The college filed. Eligibility, routing, catalog and pack are those of this moment (FORMAT.md, Programmes)."""

    college: str
    round: str
    catalog: int
    pack: str
    route: str | None
    route_basis: str
    lines: list[Line]
    partners: list[Partner]
    mentors: list[Mentor]
    materials: list[str]
    completeness: Deadline | None

    def fold(self, case: Filing, moment: Moment) -> None:
        case.college, case.round, case.catalog, case.pack = self.college, self.round, self.catalog, self.pack
        case.route, case.route_basis = self.route, self.route_basis
        case.lines = {line.id: line.model_copy(update={"changed_at": moment.at}) for line in self.lines}
        case.partners, case.mentors, case.materials = (
            list(self.partners),
            list(self.mentors),
            list(self.materials),
        )
        case.draft, case.received_at = {}, moment.at
        case.stage = "submitted" if self.route else "unrouted"
        set_deadline(case, self.completeness)
        case.did("submit-filing", *moment.accounts)


class FilingRouted(Event):
    """The department said where a filing goes that the text does not route (X11)."""

    to: str
    reason: str
    completeness: Deadline

    def fold(self, case: Filing, moment: Moment) -> None:
        case.route, case.route_basis, case.stage = self.to, self.reason, "submitted"
        case.received_at = moment.at
        set_deadline(case, self.completeness)
        case.did("route", *moment.accounts)


class FilingAccepted(Event):
    """The receiving unit accepted, or is deemed to have: silence until the end counts from receipt (许可法 32)."""

    deemed: bool
    decision: Deadline

    def fold(self, case: Filing, moment: Moment) -> None:
        case.stage, case.deemed = "accepted", self.deemed
        case.deadlines.pop("completeness", None)
        set_deadline(case, self.decision)
        if not self.deemed:
            case.did("accept", *moment.accounts)


class FilingDeclined(Event):
    """The receiving unit did not accept; every line closes."""

    reason: str

    def fold(self, case: Filing, moment: Moment) -> None:
        case.stage = "declined"
        close_lines(case, moment.at, self.reason)
        case.did("decline", *moment.accounts)


class SupplementAsked(Event):
    """All that is missing was asked for, once (许可法 32(4): 一次告知需要补正的全部内容)."""

    items: list[str]
    supplement: Deadline

    def fold(self, case: Filing, moment: Moment) -> None:
        case.stage, case.asked = "supplementing", list(self.items)
        case.deadlines.pop("completeness", None)
        set_deadline(case, self.supplement)
        case.did("ask-supplement", *moment.accounts)


class SupplementSupplied(Event):
    """The college supplied; the completeness period begins anew."""

    items: list[str]
    materials: list[str]
    completeness: Deadline

    def fold(self, case: Filing, moment: Moment) -> None:
        case.stage, case.supplied, case.received_at = "submitted", True, moment.at
        case.materials = [*case.materials, *self.materials]
        case.deadlines.pop("supplement", None)
        set_deadline(case, self.completeness)


class DecisionExtended(Event):
    """The service promise has more days, for a reason that the applicant is told (许可法 42(1))."""

    decision: Deadline
    reason: str

    def fold(self, case: Filing, moment: Moment) -> None:
        case.deadlines["decision"], case.extended = self.decision, True


class FilingAbandoned(Event):
    """The supplement did not come in time: the filing counts as given up."""

    def fold(self, case: Filing, moment: Moment) -> None:
        case.stage = "abandoned"
        close_lines(case, moment.at, None)


class FilingWithdrawn(Event):
    """The college withdrew lines (or a whole draft) before consent (CA-13)."""

    lines: list[str]
    reason: str
    decision: Deadline | None = None

    def fold(self, case: Filing, moment: Moment) -> None:
        for line in (case.lines[i] for i in self.lines):
            line.state, line.changed_at, line.reasons, line.held_by = "withdrawn", moment.at, self.reason, []
        set_deadline(case, self.decision)
        if case.stage == "draft":
            case.stage = "withdrawn"
        case.settle_stage()


def close_lines(case: Filing, at: datetime, reason: str | None) -> None:
    """The whole filing ends: its live lines close and its clocks stop."""
    for line in case.live():
        line.state, line.changed_at, line.reasons, line.held_by = "closed", at, reason, []
    case.deadlines = {}
