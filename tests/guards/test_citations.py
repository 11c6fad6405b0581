"""Law is data with a source: no rule without a citation, and no number of the law in Python."""

import ast
import shutil
from pathlib import Path

import pytest

from domain.acts.base import ACTS
from domain.decide import MODULES
from domain.events import REGISTRY
from domain.refusals import CODES
from policies import BadPack, load_pack, pack_names
from policies.loader import HOME

ROOT = Path(__file__).resolve().parents[2]
PACK = load_pack("guangdong/pilot")
RULES = [(name, key) for name in pack_names() for key in load_pack(name).rules]
TECHNICAL: dict[str, set[int]] = {
    "domain/identifiers.py": set(range(100)),  # check-digit weights of national standards
    "domain/moments.py": {
        8,
        10,
        12,
        26,
        1900,
        2999,
    },  # UTC+8, lengths of written dates, months, what counts as a date
    "domain/clocks.py": {12, 40_000},  # months; how far a count of days may run
    "domain/calendars.py": {5, 1024},  # Monday to Friday; a cache
    "domain/acts/calls.py": {5, 12, 14, 31, 2000, 2999},  # weekdays, days of a year, shape of forms
    "domain/policy_values.py": {2, 3, 5, 24, 60},  # shape of a time of day
    "domain/chain.py": {64},  # digits of a SHA-256
    "domain/files.py": {2, 4, 10, 15, 20, 32},  # size and depth of a command
    "domain/ids.py": {10},
    "domain/policy.py": {1000, 1_000_000},  # as good as no limit, for packs older than the rule
}
"""Numbers that are not the law's, each with its reason. Field(...) bounds are the shape of a form, not a rule."""


def test_the_acts_are_registered() -> None:
    assert {module.__name__.rpartition(".")[2] for module in MODULES} >= {"submission", "panel", "timers"}


@pytest.mark.parametrize(("pack", "key"), RULES)
def test_every_rule_is_cited_and_says_how_sure_it_is(pack: str, key: str) -> None:
    instruments, rule = load_pack(pack).instruments, load_pack(pack).rules[key]
    assert rule.source.instrument in instruments
    assert rule.source.clause
    assert rule.says.zh
    assert rule.says.en
    if rule.standing == "text":
        drafted = {"in-force", "draft"} if load_pack(pack).draft else {"in-force"}
        assert instruments[rule.source.instrument].status in drafted


def test_every_act_of_people_has_its_offices_and_every_code_its_words() -> None:
    packs = [load_pack(name) for name in pack_names()]
    assert {act for pack in packs for act in pack.acts} == {n for n, act in ACTS.items() if not act.internal}
    assert {code for pack in packs for code in pack.refusals} == set(CODES)
    assert {letter.on for pack in packs for letter in pack.letters} <= set(REGISTRY)


FILES = [p for p in sorted((ROOT / "domain").rglob("*.py")) if p.name != "attachments.py"]
"""All of the domain but the technical limits of archives and documents."""


def _numbers(path: Path) -> list[tuple[int, float]]:
    tree = ast.parse(path.read_text())
    shape = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("Field", "lru_cache")
        for inner in ast.walk(node)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and node.value not in (0, 1, -1)
        and id(node) not in shape
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_number_of_the_law_stands_in_python(path: Path) -> None:
    allowed = TECHNICAL.get(str(path.relative_to(ROOT)), set())
    slicing = {2, 3, 7, 10}  # places in ids and texts
    odd = [
        (line, n)
        for line, n in _numbers(path)
        if n not in allowed and n not in slicing and n != 50 and n != 500
    ]
    assert odd == [], (
        f"{path.name}: a number that is no rule of a pack; if it is technical, say so in TECHNICAL"
    )


BROKEN = [
    ("rules.yaml", "value: 20}]", "value: twenty}]", "decision.working_days"),
    ("rules.yaml", 'value: "09-01"', 'value: "13-01"', "practice.year_starts"),
    ("rules.yaml", "value: [6, 12]", "value: [6, 0]", "survey.months"),
    ("rules.yaml", "value: [技师, ", "value: ['', ", "mentor.enterprise_levels"),
    ("rules.yaml", "standing: text", "standing: rumour", "standing"),
    ("rules.yaml", "- key: notice.cut_off", "- key: notice.working_days", "notice.working_days"),
    ("rules.yaml", "instrument: tendering-law", "instrument: hearsay", "instrument"),
    ("rules.yaml", "settable: false", "setable: false", "setable"),
    ("authority.yaml", "acts:\n", "acts: [\n", "-"),
    ("pack.yaml", "name: guangdong/pilot", "nam: guangdong/pilot", "nam"),
    ("rules.yaml", "since: 2022-01-01", "since: 2022-13-01", "values.0.since"),
    (
        "rules.yaml",
        "- key: eligibility.jurisdiction",
        "- key: eligibility.jurisdicton",
        "eligibility.jurisdicton",
    ),
    (
        "rules.yaml",
        "初中毕业生不少于$value学年",
        "初中毕业生不少于$valu学年",
        "study_years.junior-middle.says.zh",
    ),
    (
        "rules.yaml",
        'cities: ["4401"], to: gz}',
        'cities: ["4401"], to: gzz}',
        "routing.by_affiliation.values",
    ),
    ("rules.yaml", "value: [technician-college]", "value: [technician-colege]", "eligibility.kinds.values"),
    ("authority.yaml", "role: catalog-officer", "role: catalogue-officer", "issue-call.by.0.role"),
    ("authority.yaml", "at: dept", "at: depot", "issue-call.by.0.at"),
    ("authority.yaml", "act: issue-call", "act: isue-call", "isue-call"),
    ("authority.yaml", "acts: [accept, score]", "acts: [acept, score]", "duties"),
    ("letters.yaml", "on: FilingAccepted", "on: FilingAcepted", "on"),
    ("letters.yaml", "filer@applicant", "filer@aplicant", "to.0"),
    ("refusals.yaml", "code: recused", "code: recussed", "recussed"),
]


@pytest.mark.parametrize(("file", "old", "new", "field"), BROKEN)
def test_a_wrong_pack_is_refused_by_file_line_and_field(
    tmp_path: Path, file: str, old: str, new: str, field: str
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(HOME / "guangdong" / "pilot", folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(BadPack) as wrong:
        load_pack(str(folder))
    problem = wrong.value.problems[0]
    assert file in problem.file
    assert problem.line > 0
    assert field in problem.field
