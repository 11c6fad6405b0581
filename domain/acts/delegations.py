"""委托办理: an officer who is away gives their office to a colleague, for some days, and may take it back."""

from datetime import timedelta

from pydantic import Field

from domain.actors import RESERVED
from domain.acts.base import Reasoned, act
from domain.cases.register import Agency, Delegation, DelegationRevoked, OfficeDelegated
from domain.files import Files
from domain.moments import Day, local_day

Account = Field(pattern=r"^[\w@/-]{1,80}$")


class Delegate(Reasoned):
    """To which colleague, from which day to which, and why. The role is the one that the actor acts in."""

    to: str = Account
    since: Day = Field(alias="from")
    until: Day
    of: str | None = Field(default=None, pattern=r"^[\w@/-]{1,80}$")
    """The account of an officer who cannot do it themselves; only the operator may name one."""
    role: str | None = Field(default=None, pattern=r"^[a-z][a-z-]{0,39}$")
    agency: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,40}$")


@act("delegate", Delegate)
def delegate(files: Files, form: Delegate, _: None) -> None:
    """The whole office or nothing, to an officer of the same agency, and never passed on (许可法 24(3) by analogy)."""
    actor, today = files.actor, local_day(files.now)
    for_another = form.of is not None
    role, place = (form.role or "", form.agency or "") if for_another else (actor.role, actor.agency)
    principal = form.of or actor.person
    agency = files.find(f"agency/{place}", Agency)
    if actor.on_behalf_of:
        files.refuse("not-authorised", "受委托的岗位不得再委托", "what was delegated is not passed on")
    elif for_another and actor.role != "ops":
        files.refuse(
            "not-authorised", "只能委托本人的岗位", "only one's own office may be delegated", field="of"
        )
    elif agency is None or role in RESERVED or not agency.holds(role, principal):
        who = f"{role}@{place}"
        files.refuse("invalid", f"{principal}未任{who}", f"{principal} does not hold {who}", field="of")
    elif form.to == principal or not any(agency.holds(held, form.to) for held in agency.offices):
        zh, en = "受委托人应为本单位另一名在岗人员", "the delegate is another officer of the same agency"
        files.refuse("invalid", zh, en, field="to")
    most = files.rules.int("delegation.max_calendar_days")
    if not form.since <= form.until or form.until < today:
        files.refuse(
            "invalid",
            "终止日应不早于起始日和今天",
            "the last day is before the first, or over",
            field="until",
        )
    elif form.until - form.since >= timedelta(days=most):
        files.refuse(
            "invalid", f"一次委托不超过{most}日", f"one delegation is at most {most} days", field="until"
        )
    files.check()
    assert agency is not None
    given = Delegation(
        role=role,
        principal=principal,
        delegate=form.to,
        since=form.since,
        until=form.until,
        reason=form.reason,
    )
    number = f"{role}-{len(agency.delegations) + 1}"
    files.append(agency, OfficeDelegated(number=number, delegation=given))
    files.opened = agency.id


class Revoke(Reasoned):
    """Which delegation of the agency, by its number."""

    agency: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")
    number: str = Field(max_length=60)


@act("revoke-delegation", Revoke)
def revoke_delegation(files: Files, form: Revoke, _: None) -> None:
    """By whoever gave it, or by the operator; it ends at once."""
    actor = files.actor
    agency = files.find(f"agency/{form.agency}", Agency)
    given = agency.delegations.get(form.number) if agency else None
    own = given and (actor.role, actor.agency, actor.person) == (given.role, form.agency, given.principal)
    if agency is None or given is None:
        files.refuse(
            "invalid", f"没有这项委托：{form.number}", f"no such delegation: {form.number}", field="number"
        )
    elif actor.on_behalf_of or not (own or actor.role == "ops"):
        files.refuse("not-authorised", "由委托人撤回", "whoever gave it takes it back")
    elif given.revoked or given.until < local_day(files.now):
        files.refuse("wrong-stage", "该委托已终止", "it is over already", field="number")
    files.check()
    assert agency is not None
    assert given is not None
    files.append(agency, DelegationRevoked(number=form.number, reason=form.reason))
