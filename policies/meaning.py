"""What the names in a pack mean to the product. A misspelt one would bind nobody: no officer, no refusal, no deadline."""

from collections.abc import Collection, Iterator
from string import Template
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from domain import decide as _decide  # noqa: F401  # pyright: ignore[reportUnusedImport] - it fills ACTS and REGISTRY
from domain.actors import RESERVED, ROLES
from domain.acts.admissibility import LINE_FIELDS
from domain.acts.base import ACTS, in_words
from domain.acts.filing_forms import Entry
from domain.acts.register import Affiliation, Kind
from domain.events import REGISTRY, Event
from domain.policy import EARLIER, Letter, Office, Pack
from domain.refusals import CODES

OFFICES = {*ROLES, *RESERVED, "anyone"}
PLACES = {"receiving-unit", "applicant", "own-college", "panel", "chair", "awaited", "anywhere"}
ADDRESSEES = {"applicant", "applicants", "subject", "event", "receiving-unit"}
OPEN_KEYS = ("study_years.", "selection.")
"""Rules of which a procedure may have its own: kinds of entrants, categories."""
Misnamed = tuple[str, str, str, str]
"""Section, entry, field, and why."""


def misnamed(pack: Pack) -> Iterator[Misnamed]:
    """Every name in a pack that the product does not know."""
    known = {act.name for act in ACTS.values() if not act.internal}
    for name, authority in pack.acts.items():
        if name not in known:
            yield "acts", name, "act", f"没有这种行为：{name} / no such act"
        for position, office in enumerate(authority.by):
            for field, why in _office(pack, office):
                yield "acts", name, f"by.{position}.{field}", why
    for duty in pack.duties:
        for act in duty.acts:
            if act not in pack.acts:
                yield "duties", "+".join(duty.acts), "acts", f"没有这种行为：{act} / no such act"
    for code in pack.refusals:
        if code not in CODES:
            yield "refusals", code, "code", f"没有这种拒绝代码：{code} / no such refusal code"
    for letter in pack.letters:
        for field, why in _letter(pack, letter):
            yield "letters", letter.id, field, why
    for rule in pack.rules.values():
        for position, dated in enumerate(rule.values):
            for why in _value(pack, rule.key, dated.value):
                yield "rules", rule.key, f"values.{position}.value", why
        for language in ("zh", "en"):
            for placeholder in set(Template(getattr(rule.says, language)).get_identifiers()) - {"value"}:
                why = f"没有这个占位符：${placeholder}，应为$value / no such placeholder"
                yield "rules", rule.key, f"says.{language}", why


def misread(pack: Pack, known: Collection[str]) -> Iterator[Misnamed]:
    """Rules that nothing reads. `known`: the keys of the product's own packs; each changes the outcome of some story."""
    for key in pack.rules:
        if key not in known and not key.startswith(OPEN_KEYS):
            yield "rules", key, "key", f"产品不读取此项：{key} / nothing reads this rule"


def lacking(pack: Pack, wanted: Collection[str]) -> Iterator[Misnamed]:
    """Rules that a pack which extends no other lacks."""
    for key in sorted(set(wanted) - pack.rules.keys() - EARLIER.keys()):
        if not key.startswith(OPEN_KEYS):
            zh = f"缺少规则：{key}；不适用的，请承继（extends）一规则包并用 without 去掉"
            yield "rules", key, "key", f"{zh} / the rule is missing; extend a pack and leave it out there"


class _Row(BaseModel, extra="forbid"):
    """A row of the routing: affiliations and places (GB/T 2260, or how its codes begin), and which unit receives."""

    affiliation: Annotated[list[Affiliation], Field(min_length=1)]
    cities: Annotated[list[Annotated[str, Field(pattern=r"^\d{2,4}$")]], Field(min_length=1)]
    to: str


SHAPES: dict[str, Any] = {
    "eligibility.kinds": Annotated[list[Kind], Field(min_length=1)],
    "eligibility.jurisdiction": Annotated[str, Field(pattern=r"^\d{2,4}$")],
    "eligibility.exploratory_entries": list[Entry],
    "line.fields": list[Literal[LINE_FIELDS]],
    "routing.receiving_units": Annotated[list[str], Field(min_length=1)],
    "routing.by_affiliation": list[_Row],
}
"""Rules whose values are words of the published language."""


def _value(pack: Pack, key: str, value: Any) -> Iterator[str]:
    if key.startswith("study_years.") and key.removeprefix("study_years.") not in get_args(Entry):
        yield f"没有这种生源：{key.removeprefix('study_years.')} / no such entry"
    if key not in SHAPES:
        return
    try:
        found: Any = TypeAdapter(SHAPES[key]).validate_python(value, strict=True)
    except ValidationError as error:
        for problem in error.errors():
            zh, en = in_words(problem)
            where = ".".join(str(part) for part in problem["loc"])
            yield f"{where}：{zh} / {where}: {en}" if where else f"{zh} / {en}"
        return
    units = found if key == "routing.receiving_units" else []
    units = [row.to for row in found] if key == "routing.by_affiliation" else units
    for unit in units:
        if unit not in pack.agencies:
            yield f"没有这个机构：{unit} / no such agency"


def _has(fact: type[Event], name: str) -> bool:
    return name in fact.model_fields or isinstance(getattr(fact, name, None), property)


def _office(pack: Pack, office: Office) -> Iterator[tuple[str, str]]:
    if office.role not in OFFICES:
        yield "role", f"没有这种岗位：{office.role} / no such role"
    if office.at not in PLACES and office.at not in pack.agencies:
        yield "at", f"没有这个机构或位置：{office.at} / no such agency or place"


def _letter(pack: Pack, letter: Letter) -> Iterator[tuple[str, str]]:
    if letter.on not in REGISTRY:
        yield "on", f"没有这种事实：{letter.on} / no such fact"
    elif letter.when and not _has(REGISTRY[letter.on], letter.when.removeprefix("not ")):
        yield "when", f"{letter.on}没有这一项：{letter.when} / the fact has no such field"
    if letter.sender != "receiving-unit" and letter.sender not in pack.agencies:
        yield "sender", f"没有这个机构：{letter.sender} / no such agency"
    for position, office in enumerate(letter.to):
        role, _, place = office.partition("@")
        sound = role in ROLES and (place in ADDRESSEES or place in pack.agencies)
        if not sound and office not in ("objector", "awaited@event", "both@delegated"):
            yield f"to.{position}", f"没有这个收件岗位：{office} / no such office"
    if letter.document and letter.document not in pack.papers:
        yield "document", f"没有这种公文：{letter.document} / no such paper"
