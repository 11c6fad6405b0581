"""Packs that differ from the shipped one in one value, one office or one duty; and the stories that must notice."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

from domain.policy import Pack
from policies import load_pack

PACK = "guangdong/pilot"
SELECTION = "guangdong/key-majors"
"""It extends the first: what it takes over unchanged is that one's to be seen."""
ADDED: dict[str, list[Any]] = {
    "eligibility.kinds": ["senior-technical-school", "technical-school"],
    "eligibility.exploratory_entries": ["junior-middle", "senior-high", "secondary-technical", "secondary-vocational",
                                        "senior-technical", "higher-vocational", "junior-college"],
    "routing.receiving_units": ["dept"],
    "calendar.fixed_holidays": ["01-02", "05-03", "10-04"],
    "mentor.enterprise_levels": ["高级工"],
    "work_group.leader_posts": ["副校长"],
    "assessment.stages": ["trial"],
    "survey.months": [3],
    "line.fields": ["category", "plan"],
    "ranking.tie_chain": ["实训条件"],
    "cards.clocks": ["hearing"],
}  # fmt: skip
"""What might be put on a list by mistake."""
OTHER: dict[str, list[Any]] = {
    "eligibility.jurisdiction": ["4", "45"],
    "panel.min_industry_share": ["1/4", "2/5"],
    "practice.year_starts": ["08-31", "09-02"],
    "registration.cut_offs": [["04-20"], ["04-20", "10-19"], ["04-20", "10-21"], ["10-20"]],
    "enrolment.yearly": ["01-05"],
    "leave.lost_share": ["1/3", "2/3"],
    "enrolment.expected_if_announced_by": ["08-30", "09-01"],
    "announcement.opens": ["programme", "grant"],
    "cards.superior": ["ops"],
    "cards.supervising_unit": ["auditor@dept"],
    "selection.categories": [{"key": {}}, {"feature": {}}, {"key": {}, "feature": {}, "other": {}}],
}
"""Values that have no next smaller or larger one."""
ORDERED = {"ranking.tie_chain"}
"""Lists whose order is a rule too."""
OUTSIDE_OF_STORIES = {
    "attachment.max_bytes", "attachment.types", "log.cosignatures", "window", "suspension.days", "retention.readings_years",
}  # fmt: skip
"""Rules that no step of a story can meet: where files are taken in (tests/outside/test_attachments.py), where checkpoints
are published (tests/log/test_rule.py), who read what, which the record keeps for ever (tests/audit/test_personal.py); and
those that say which document names a day: deadlines cite them, nothing is computed from them."""


@cache
def _shipped(name: str = PACK) -> dict[str, Any]:
    return load_pack(name).model_dump(mode="json")


def rule_keys() -> list[tuple[str, str]]:
    """Every rule of the first pack, and those of the other whose values are its own; each with its pack."""
    first, other = _shipped()["rules"], _shipped(SELECTION)["rules"]
    own = [key for key, rule in other.items() if key not in first or rule["values"] != first[key]["values"]]
    return [*((PACK, key) for key in first), *((SELECTION, key) for key in own)]


def changed_rules(name: str, key: str) -> Iterator[tuple[str, Pack]]:
    """The pack with one value of this rule changed, every way that matters; each with what was changed."""
    for position, dated in enumerate(_shipped(name)["rules"][key]["values"]):
        for value in _others(key, dated["value"]):
            pack = copy.deepcopy(_shipped(name))
            pack["rules"][key]["values"][position]["value"] = value
            yield f"{key} ({dated['since']}) = {value!r}", Pack.model_validate(pack)


def acts() -> list[tuple[str, str]]:
    """Every act that somebody has the power to do, with the pack that says so."""
    first, other = _shipped()["acts"], _shipped(SELECTION)["acts"]
    return [*((PACK, act) for act in first), *((SELECTION, act) for act in other if act not in first)]


def changed_offices(name: str, act: str) -> Iterator[tuple[str, Pack]]:
    """The pack with one office of this act struck out, and with it at any agency instead of its own."""
    for position, office in enumerate(_shipped(name)["acts"][act]["by"]):
        pack = copy.deepcopy(_shipped(name))
        del pack["acts"][act]["by"][position]
        yield f"{act}: no {office['role']}@{office['at']}", Pack.model_validate(pack)
        if office["at"] != "anywhere":
            pack = copy.deepcopy(_shipped(name))
            pack["acts"][act]["by"][position]["at"] = "anywhere"
            yield f"{act}: {office['role']} anywhere", Pack.model_validate(pack)


def without_duties() -> Iterator[tuple[str, Pack]]:
    """A pack with one pair of acts that the same person may do after all."""
    first = _shipped()["duties"]
    own = [(PACK, n) for n in range(len(first))]
    own += [
        (SELECTION, n)
        for n, duty in enumerate(_shipped(SELECTION)["duties"])
        if duty["acts"] not in [d["acts"] for d in first]
    ]
    for name, position in own:
        duty = _shipped(name)["duties"][position]
        pack = copy.deepcopy(_shipped(name))
        del pack["duties"][position]
        yield " + ".join(duty["acts"]), Pack.model_validate(pack)


def _others(key: str, value: Any) -> Iterator[Any]:
    if key in OTHER:
        yield from (other for other in OTHER[key] if other != value)
    elif isinstance(value, dict):
        yield from _other_marks(value)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield from [value - 1] if value else []
    elif isinstance(value, list):
        rows: list[Any] = value
        yield from _other_tables(rows) if isinstance(rows[0], dict) else _other_lists(key, rows)
    elif isinstance(value, str) and value[2:3] == ":":
        yield from ["23:59", "17:30"]
    else:
        raise AssertionError(f"say in OTHER how {key} may change from {value!r}")


def _other_lists(key: str, value: list[Any]) -> Iterator[list[Any]]:
    for n in range(len(value)):
        yield value[:n] + value[n + 1 :]
    for n in range(1, len(value) if key in ORDERED else 0):
        yield [*value[: n - 1], value[n], value[n - 1], *value[n + 1 :]]
    for more in ADDED[key]:
        if more not in value:
            yield [*value, more]


def _other_marks(value: dict[str, int]) -> Iterator[dict[str, int]]:
    """Criteria: each worth one more or less, called otherwise, left out; and one more of them."""
    for name, most in value.items():
        rest = {other: mark for other, mark in value.items() if other != name}
        yield from [{**rest, name: most + 1}, {**rest, name: most - 1}, {**rest, "另一项": most}]
        yield from [rest] if rest else []
    yield {**value, "另一项": 10}


def _other_tables(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Routing: each row without one of its owners or cities, sent elsewhere, or covering what the text leaves open."""
    for n, row in enumerate(rows):
        changes: list[dict[str, Any]] = [{"to": to} for to in {"tro", "gz", "sz"} - {row["to"]}]
        for part in ("affiliation", "cities"):
            changes += [{part: [v for v in row[part] if v != gone]} for gone in row[part]]
        open_ones = [o for o in ("district", "private", "enterprise") if o not in row["affiliation"]]
        changes += [
            {"affiliation": [*row["affiliation"], owner]} for owner in open_ones if len(row["cities"]) == 1
        ]
        changes += [{"cities": [*row["cities"], city]} for city in ("4401", "4403") if len(row["cities"]) > 1]
        for change in changes:
            yield [*rows[:n], {**row, **change}, *rows[n + 1 :]]
