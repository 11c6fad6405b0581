"""The registers: colleges with their history, experts with their employers, agencies with their officers, routing rules."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from domain.case import Case, Waiting
from domain.cases.work_group import WorkGroup
from domain.events import Event, Moment
from domain.secrets import Secret


class CollegeRecord(BaseModel):
    """What the register says of a college from a day on."""

    since: date
    name: str
    kind: str
    affiliation: str
    city: str
    uscc: str | None = None
    mail: str | None = None


class College(Case):
    """A school in the register; `at` answers for a day, because names, kinds and owners change."""

    kind = "college"
    records: list[CollegeRecord] = []
    work_group: WorkGroup | None = None

    def at(self, day: date) -> CollegeRecord:
        """The record in effect on a day; before the first one, the first."""
        held = [r for r in self.records if r.since <= day]
        return held[-1] if held else self.records[0]

    def about(self) -> dict[str, Any]:
        return {
            "records": [r.model_dump(mode="json", exclude_none=True) for r in self.records],
            **({"work_group": self.work_group.about()} if self.work_group else {}),
        }


class CollegeRegistered(Event):
    """A school entered the register."""

    record: CollegeRecord

    def fold(self, case: College, moment: Moment) -> None:
        case.records = [self.record]
        case.stage = "registered"


class RegisterAmended(Event):
    """Some particulars of a college change from a day on (CA-03: affiliation must carry its effective date)."""

    since: date
    changes: dict[str, str]

    def fold(self, case: College, moment: Moment) -> None:
        # A change that takes effect before one already registered carries on into the later records, which keep
        # what they themselves changed.
        before = case.at(self.since)
        amended = before.model_copy(update={**self.changes, "since": self.since})
        earlier = [r for r in case.records if r.since < self.since]
        later: list[CollegeRecord] = []
        for record in [r for r in case.records if r.since > self.since]:
            carried = {k: v for k, v in self.changes.items() if getattr(record, k) == getattr(before, k)}
            later.append(record.model_copy(update=carried))
        case.records = [*earlier, amended, *later]


class WorkGroupFiled(Event):
    """The college told who leads the pilot there, with which teachers and managers (000 五(一)); a later word replaces it."""

    group: WorkGroup

    def fold(self, case: College, moment: Moment) -> None:
        case.work_group = self.group


class Employment(BaseModel):
    """An employer of an expert: a college id or an enterprise's name, and until when (None: still)."""

    org: str
    until: date | None = None


class Expert(Case):
    """A member of the expert pool (RF-09). The id is the person's account; the name is sealed."""

    kind = "expert"
    name: Secret | None = None
    likeness: list[str] = []
    """Keyed digests of who the expert is, to recognise the same person among an applicant's mentors."""
    side: str = ""
    employers: list[Employment] = []

    def about(self) -> dict[str, Any]:
        return {"side": self.side, "employers": [e.model_dump(mode="json") for e in self.employers]}


class ExpertRegistered(Event):
    """An expert entered the pool, from the colleges' side or the industry's."""

    name: Secret
    likeness: list[str]
    side: str
    employers: list[Employment]

    def fold(self, case: Expert, moment: Moment) -> None:
        case.name, case.likeness, case.side = self.name, self.likeness, self.side
        case.employers, case.stage = list(self.employers), "registered"


class TieRecorded(Event):
    """An employment of an expert became known later; it counts for every panel from now on."""

    employment: Employment

    def fold(self, case: Expert, moment: Moment) -> None:
        case.employers.append(self.employment)


LOG_DISPUTED = "log-disputed"
"""What an agency's operators have before them once its witness refused a checkpoint."""
LOG_KEEPER = "dept"
"""Whose operators keep the log."""


class Delegation(BaseModel, frozen=True):
    """An office that its officer gave to a colleague for some days (委托办理)."""

    role: str
    principal: str
    delegate: str
    since: date
    until: date
    """The last day; it ends at 24:00."""
    reason: str
    revoked: bool = False

    def covers(self, day: date) -> bool:
        """Whether it holds on a day."""
        return not self.revoked and self.since <= day <= self.until


class Agency(Case):
    """An agency and who holds which office there."""

    kind = "agency"
    mail: str | None = None
    offices: dict[str, list[str]] = {}
    """Role to the accounts that hold it."""
    delegations: dict[str, Delegation] = {}
    """Every delegation there was, by number."""
    likeness: dict[str, str] = {}
    """Account to the keyed digest of who holds it, where the appointment said: one person is known under two accounts."""
    disputes: int = 0
    """How many checkpoints of the transparency log it has refused as a witness; the events name them."""

    def waiting(self) -> list[Waiting]:
        """A log that contradicted itself is never mended: those who keep it and those who watch it have it before them."""
        if not self.disputes:
            return []
        watching = [self.id.removeprefix("agency/"), LOG_KEEPER]
        return [Waiting(role="ops", agency=agency, for_=LOG_DISPUTED) for agency in dict.fromkeys(watching)]

    def holds(self, role: str, person: str) -> bool:
        """Whether this account holds this role here."""
        return person in self.offices.get(role, [])

    def named(self) -> set[str]:
        """Every account that holds an office here, or that ever was given one for a time."""
        held = {person for people in self.offices.values() for person in people}
        return held | {given.delegate for given in self.delegations.values()}

    def delegations_to(self, role: str, delegate: str, principal: str) -> list[tuple[str, Delegation]]:
        """What one account ever gave another of a role, the newest first, with its number."""
        given = [
            (number, d)
            for number, d in self.delegations.items()
            if (d.role, d.delegate, d.principal) == (role, delegate, principal)
        ]
        return given[::-1]

    def about(self) -> dict[str, Any]:
        given = {number: d.model_dump(mode="json") for number, d in self.delegations.items()}
        return {
            "offices": self.offices,
            **({"delegations": given} if given else {}),
            **({"disputes": self.disputes} if self.disputes else {}),
        }


class AgencyFounded(Event):
    """An agency was set up in this environment."""

    mail: str | None = None

    def fold(self, case: Agency, moment: Moment) -> None:
        case.mail, case.stage = self.mail, "founded"


class OfficerAppointed(Event):
    """An account holds a role at this agency from now on."""

    role: str
    person: str
    likeness: str | None = None
    """A keyed digest of who holds the account, where that was given: the auditor knows the same person in another post."""

    def fold(self, case: Agency, moment: Moment) -> None:
        if self.likeness:
            case.likeness[self.person] = self.likeness
        held = case.offices.setdefault(self.role, [])
        if self.person not in held:
            held.append(self.person)


class OfficerDismissed(Event):
    """An account no longer holds a role at this agency."""

    role: str
    person: str

    def fold(self, case: Agency, moment: Moment) -> None:
        case.offices[self.role] = [p for p in case.offices.get(self.role, []) if p != self.person]


class OfficeDelegated(Event):
    """An officer of this agency gave their office to a colleague, from one day to another."""

    number: str
    delegation: Delegation

    def fold(self, case: Agency, moment: Moment) -> None:
        case.delegations = {**case.delegations, self.number: self.delegation}


class DelegationRevoked(Event):
    """A delegation ended before its last day; what was done under it stays valid."""

    number: str
    reason: str

    def fold(self, case: Agency, moment: Moment) -> None:
        ended = case.delegations[self.number].model_copy(update={"revoked": True})
        case.delegations = {**case.delegations, self.number: ended}


class CheckpointDisputed(Event):
    """As a witness this agency refused a checkpoint that contradicts one it had cosigned; both as signed notes."""

    held: str
    offered: str
    why: str

    def fold(self, case: Agency, moment: Moment) -> None:
        case.disputes += 1


ROUTING = "routing/rules"


class RoutingRule(BaseModel):
    """A human rule for what the text does not route: which owner in which city files where, and why."""

    affiliation: str
    city: str
    to: str
    reason: str


class Routing(Case):
    """Rules made by the department for filings that 五(四) leaves open (X11)."""

    kind = "routing"
    made: list[RoutingRule] = []

    def rule_for(self, affiliation: str, city: str) -> RoutingRule | None:
        """The newest rule for this owner and city."""
        return next((r for r in reversed(self.made) if (r.affiliation, r.city) == (affiliation, city)), None)

    def about(self) -> dict[str, Any]:
        return {"rules": [r.model_dump() for r in self.made]}


class RoutingRuleMade(Event):
    """A routing decision was made a rule for later filings of the same kind."""

    rule: RoutingRule

    def fold(self, case: Routing, moment: Moment) -> None:
        case.made.append(self.rule)
        case.stage = "in-force"
