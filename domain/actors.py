"""Who acts: a person in a role at an agency. Written `clerk@tro`, `clerk@tro#wang`, `expert:li`, `public`.

`clerk@tro#li for clerk@tro#wang` is li, acting in the office of wang, who delegated it.
"""

import re
from functools import lru_cache

from pydantic import BaseModel

_OFFICE = re.compile(
    r"(?P<role>[a-z][a-z-]{0,39})(/(?P<nth>[1-9]\d?))?@(?P<agency>[A-Za-z0-9][A-Za-z0-9_-]{0,39})(#(?P<person>[\w-]{1,64}))?"
)

SYSTEM = "process"
"""The role of timers and processes."""

RESERVED = frozenset({"expert", "public", SYSTEM})
"""Roles that are written their own way, and are nobody's office."""

ROLES = frozenset({
    "catalog-officer", "approver", "publisher", "inspector", "sanctions-approver", "clerk", "organiser",
    "notice-officer", "filer", "ops", "auditor", "supervisor",
})  # fmt: skip
"""Roles that people hold at an agency (rehearsals/FORMAT.md)."""


class Actor(BaseModel, frozen=True):
    """A role, the agency it is held at, and the account of the person (a pseudonymous id, not a name)."""

    role: str
    agency: str
    person: str
    on_behalf_of: str | None = None
    """The account of the officer who delegated this office, when it is held so."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """Everybody who stands behind the act: the person, and whoever they act for."""
        return (self.person, self.on_behalf_of) if self.on_behalf_of else (self.person,)

    def __str__(self) -> str:
        if self.on_behalf_of:
            own = self.model_copy(update={"on_behalf_of": None})
            return f"{own} for {own.model_copy(update={'person': self.on_behalf_of})}"
        if self.role == "expert":
            return f"expert:{self.person}"
        if self.role == "public":
            return "public"
        office = f"{self.role}@{self.agency}"
        if self.person == office:
            return office
        if re.fullmatch(re.escape(self.role) + r"/\d+@" + re.escape(self.agency), self.person):
            return self.person
        return f"{office}#{self.person}"


@lru_cache(maxsize=10_000)
def parse_actor(text: str) -> Actor:
    """Read an actor as the published language writes it. Raises ValueError with what was expected.

    Without `#person` the account is the office itself: same role and agency, same person; `inspector/2@dept` is
    another one. An expert's account is the expert's id.
    """
    own, delegated, principal = text.partition(" for ")
    if delegated:
        delegate, officer = parse_actor(own), parse_actor(principal)
        if delegate.role in RESERVED or (delegate.role, delegate.agency) != (officer.role, officer.agency):
            raise ValueError(
                f"“{text}”：受委托人以委托人的岗位办理 / a delegate acts in the very office of the other"
            )
        return delegate.model_copy(update={"on_behalf_of": officer.person})
    if text == "public":
        return Actor(role="public", agency="public", person="public")
    if text.startswith("expert:") and re.fullmatch(r"[\w-]{1,64}", text[7:]):
        return Actor(role="expert", agency="experts", person=text[7:])
    if text.startswith(SYSTEM + "@"):
        return Actor(role=SYSTEM, agency=text[len(SYSTEM) + 1 :], person=text)
    match = _OFFICE.fullmatch(text)
    if not match or match["role"] in RESERVED:
        raise ValueError(
            f"“{text}”不是 角色@机构[#人员]、expert:编号 或 public / not role@agency[#person], expert:ID or public"
        )
    role, agency = match["role"], match["agency"]
    nth = f"/{match['nth']}" if match["nth"] else ""
    return Actor(role=role, agency=agency, person=match["person"] or f"{role}{nth}@{agency}")
