"""Keeping the registers: colleges, experts, agencies and their officers (RF-01, RF-09)."""

import re
from datetime import date
from typing import Literal

from pydantic import Field

from domain import vocabulary
from domain.actors import ROLES
from domain.acts.base import Form, act
from domain.cases.register import (
    Agency,
    AgencyFounded,
    College,
    CollegeRecord,
    CollegeRegistered,
    Employment,
    Expert,
    ExpertRegistered,
    OfficerAppointed,
    OfficerDismissed,
    RegisterAmended,
)
from domain.files import Files
from domain.identifiers import is_citizen_no, is_uscc
from domain.moments import Day, local_day
from domain.vocabulary import in_chinese

Kind = Literal["technician-college", "senior-technical-school", "technical-school"]
Affiliation = Literal["provincial", "municipal", "district", "private", "enterprise"]
Id = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
City = Field(pattern=r"^\d{4}$")
ELSEWHERE = re.compile(r"hn|city-\d{4}")
"""Agencies that the published language names although they are not set up here (FORMAT.md, Agencies, roles, people)."""
Mail = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)


class RegisterCollege(Form):
    """A school enters the register."""

    id: str = Id
    name: str = Field(min_length=2, max_length=80)
    kind: Kind
    city: str = City
    affiliation: Affiliation
    uscc: str | None = None
    mail: str | None = Mail


@act("register-college", RegisterCollege)
def register_college(files: Files, form: RegisterCollege, _: None) -> None:
    """The id becomes the college's agency id, so it may not be another agency's."""
    known = files.find(f"college/{form.id}", College) or files.find(f"agency/{form.id}", Agency)
    if known or ELSEWHERE.fullmatch(form.id):
        files.refuse("invalid", f"编号已被使用：{form.id}", f"the id is taken: {form.id}", field="id")
    if form.uscc is not None and not is_uscc(form.uscc):
        files.refuse(
            "invalid", "统一社会信用代码校验不符", "the social credit code fails its check", field="uscc"
        )
    files.check()
    record = CollegeRecord(
        since=date.min,
        name=form.name,
        kind=form.kind,
        affiliation=form.affiliation,
        city=form.city,
        uscc=form.uscc,
        mail=form.mail,
    )
    college = files.open(College(id=f"college/{form.id}"))
    files.append(college, CollegeRegistered(record=record))
    files.append(files.open(Agency(id=f"agency/{form.id}")), AgencyFounded(mail=form.mail))
    files.opened = college.id


class Changes(Form):
    """What may change of a college."""

    name: str | None = Field(default=None, min_length=2, max_length=80)
    kind: Kind | None = None
    affiliation: Affiliation | None = None
    city: str | None = Field(default=None, pattern=r"^\d{4}$")


class AmendRegister(Form):
    """Particulars change from a day on."""

    college: str
    changes: Changes
    from_: Day = Field(alias="from")


@act("amend-register", AmendRegister)
def amend_register(files: Files, form: AmendRegister, _: None) -> None:
    """Acts already decided stay as they are; later ones read the register as of their own day."""
    college = files.find(f"college/{form.college}", College)
    changes = form.changes.model_dump(exclude_none=True)
    if college is None:
        files.refuse(
            "invalid", f"名册中没有：{form.college}", f"not in the register: {form.college}", field="college"
        )
    if not changes:
        files.refuse("invalid", "没有要变更的事项", "nothing to change", field="changes")
    files.check()
    assert college is not None
    files.append(college, RegisterAmended(since=form.from_, changes=changes))
    files.opened = college.id


class EmployerForm(Form):
    """One employer of an expert."""

    org: str = Field(min_length=1, max_length=80)
    until: Day | None = None


class RegisterExpert(Form):
    """An expert enters the pool."""

    personal = {"name": None, "id_no": "name"}
    id: str = Field(pattern=r"^[\w-]{1,40}$")
    name: str = Field(min_length=1, max_length=40)
    id_no: str | None = None
    side: Literal["college", "industry"]
    employers: list[EmployerForm] = Field(min_length=1, max_length=50)


@act("register-expert", RegisterExpert)
def register_expert(files: Files, form: RegisterExpert, _: None) -> None:
    """The employer history decides recusal later, so an expert without one is not taken (RF-09: missing history)."""
    if files.find(f"expert/{form.id}", Expert):
        files.refuse("invalid", f"专家已在库：{form.id}", f"already in the pool: {form.id}", field="id")
    if form.id_no is not None and not is_citizen_no(form.id_no):
        files.refuse("invalid", "身份证号码校验不符", "the citizen number fails its check", field="id_no")
    files.check()
    likeness = likeness_of(files, form.name, form.id_no, [e.org for e in form.employers])
    event = ExpertRegistered(
        name=files.seal(form.name),
        likeness=likeness,
        side=form.side,
        employers=[Employment(org=e.org, until=e.until) for e in form.employers],
    )
    expert = files.open(Expert(id=f"expert/{form.id}"))
    files.append(expert, event)
    files.opened = expert.id


def likeness_of(files: Files, name: str, id_no: str | None, orgs: list[str]) -> list[str]:
    """Keyed digests by which the same person is known again: by number, and by name at an employer."""
    marks = [files.sealer.pseudonym("name", name, org) for org in orgs]
    return [*marks, files.sealer.pseudonym("id", id_no)] if id_no else marks


class FoundAgency(Form):
    """An agency joins this environment."""

    id: str = Id
    mail: str | None = Mail


@act("found-agency", FoundAgency)
def found_agency(files: Files, form: FoundAgency, _: None) -> None:
    """A college's id is never another agency's id (FORMAT.md)."""
    if files.find(f"agency/{form.id}", Agency):
        files.refuse("invalid", f"机构已存在：{form.id}", f"the agency exists: {form.id}", field="id")
    files.check()
    agency = files.open(Agency(id=f"agency/{form.id}"))
    files.append(agency, AgencyFounded(mail=form.mail))
    files.opened = agency.id


class Dismiss(Form):
    """An account loses a role at an agency."""

    agency: str
    role: str = Field(pattern=r"^[a-z][a-z-]{0,39}$")
    person: str = Field(pattern=r"^[\w@/-]{1,80}$")


class Appoint(Dismiss):
    """An account gets a role at an agency. `who` says which person it is, so that the same one is known in other posts."""

    personal = {"who": None}
    who: dict[Literal["id_no"], str] | None = None


def _office(files: Files, form: Dismiss) -> Agency:
    agency = files.find(f"agency/{form.agency}", Agency)
    if agency is None:
        files.refuse(
            "invalid", f"没有这个机构：{form.agency}", f"no such agency: {form.agency}", field="agency"
        )
    if form.role not in ROLES:
        known = ", ".join(sorted(ROLES))
        files.refuse(
            "invalid",
            f"没有这个岗位：{form.role}（有：{in_chinese(vocabulary.ROLES, sorted(ROLES))}）",
            f"no such role; there are: {known}",
            field="role",
        )
    files.check()
    assert agency is not None
    return agency


@act("appoint", Appoint)
def appoint(files: Files, form: Appoint, _: None) -> None:
    """Who may act is itself on the record."""
    agency, number = _office(files, form), (form.who or {}).get("id_no")
    if form.who is not None and (number is None or not is_citizen_no(number)):
        files.refuse("invalid", "身份证号码校验不符", "the citizen number fails its check", field="who.id_no")
    files.check()
    likeness = files.sealer.pseudonym("id", number) if number else None
    files.append(agency, OfficerAppointed(role=form.role, person=form.person, likeness=likeness))


@act("dismiss", Dismiss)
def dismiss(files: Files, form: Dismiss, _: None) -> None:
    """What the account did before stays valid."""
    agency = _office(files, form)
    if not agency.holds(form.role, form.person):
        files.refuse("invalid", "该人员不任此职", "the account does not hold this role", field="person")
    files.check()
    files.append(agency, OfficerDismissed(role=form.role, person=form.person))


def record_today(files: Files, college: College) -> CollegeRecord:
    """What the register says of a college on the day of the act."""
    return college.at(local_day(files.now))


def is_code(text: str) -> bool:
    """Whether a text may be the code of a major."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{1,31}", text) is not None
