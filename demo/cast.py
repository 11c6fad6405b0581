"""Who takes part in the demo round, when each step is meant to happen, and how every line must end.

Nothing here is told to the engine beyond what a person would type. Names of real colleges only get neutral outcomes:
the failed line, the refusal, the objection, the request for a supplement and the silence all befall invented ones.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from demo.make_workbooks import FILINGS, MAJORS
from domain.moments import instant

HERE = Path(__file__).parent
YEAR = 2026
BEGINS = instant("2026-01-01 12:00")
"""Legal time when the environment is founded: the servers are up before the first working day."""
CALL = "粤人社函〔2026〕8号"
OPENS, CLOSES = "2026-01-06 09:00", "2026-01-21 18:00"
LIST, SECOND_LIST, CORRECTION = "粤人社函〔2026〕66号", "粤人社函〔2026〕71号", "粤人社函〔2026〕75号"
NOTICE_AT, NOTICE_ENDS = "2026-02-11 08:30", "2026-02-24"
"""Five working days, the first counted: 11, 12, 13, the worked Saturday 14, and 24 after the Spring Festival."""

INVENTED = {"jia", "bing"}
SILENT = "jia"
"""Its receiving unit says nothing: accepted when the period ends."""
SUPPLEMENTED, ASKED, SUPPLIED = "bing", "2026-01-13 16:00", "2026-01-19 15:00"
ROUTED, ROUTED_TO, ROUTED_AT = "by", "gz", "2026-01-09 16:30"
VISITED, VISITED_AT = "jia", "2026-01-28 10:00"
RECUSED, RECUSED_AT, BARRED = "szjs", "2026-01-14 09:30", "li"
OBJECTED, REFUSED, CORRECTED = ("bing", "2"), ("bing", "1"), ("jia", "1", "plan", 45)
OUTCOMES = {("jia", "3"): "failed", ("bing", "1"): "refused"}
"""Every line not named here is announced."""
EXPECTED_REFUSALS = {"recused": 1, "notice-open": 1}

OFFICES = (
    "approver@dept", "catalog-officer@dept", "publisher@dept", "notice-officer@tro",
    "clerk@tro", "clerk@gz", "clerk@sz", "organiser@tro", "organiser@gz", "organiser@sz",
)  # fmt: skip
_PATTERN = (2, -1, 0, 3, -2)
_FAILING = 73


@dataclass(frozen=True)
class Dates:
    """When a college's filing is submitted, accepted, given a panel, scored and concluded."""

    filed: str
    accepted: str | None
    panel: str
    scored: str
    concluded: str


def _dates(filed: str, accepted: str | None, panel: str, scored: str, concluded: str) -> Dates:
    def of(day: str) -> str:
        return f"{YEAR}-{day}"

    return Dates(of(filed), accepted and of(accepted), of(panel), of(scored), of(concluded))


DATES = {
    "szjs": _dates("01-07 10:00", "01-09 11:00", "01-14 14:00", "01-20 10:30", "01-30 09:00"),
    "jia": _dates("01-07 15:00", None, "01-16 09:30", "01-29 10:30", "02-05 09:00"),
    "gm": _dates("01-08 10:00", "01-12 11:00", "01-15 09:30", "01-21 15:30", "01-30 14:00"),
    "by": _dates("01-08 15:00", "01-14 11:00", "01-19 09:30", "01-22 15:30", "02-02 14:00"),
    "dg": _dates("01-09 10:00", "01-13 11:00", "01-16 14:00", "01-22 10:30", "02-02 09:00"),
    "bing": _dates("01-09 15:00", "01-21 11:00", "01-23 09:30", "01-29 15:30", "02-05 11:00"),
    "jx": _dates("01-12 10:00", "01-14 16:00", "01-19 14:00", "01-23 10:30", "02-03 09:00"),
    "gzjd": _dates("01-12 15:00", "01-15 11:00", "01-20 09:30", "01-23 15:30", "02-03 11:00"),
    "szpc": _dates("01-13 10:00", "01-15 16:00", "01-20 14:00", "01-26 10:30", "02-03 14:00"),
    "zh": _dates("01-13 15:00", "01-16 11:00", "01-21 09:30", "01-26 15:30", "02-03 16:00"),
    "gdqg": _dates("01-14 10:00", "01-16 16:00", "01-21 14:00", "01-27 10:30", "02-04 09:00"),
    "gzqg": _dates("01-14 15:00", "01-19 11:00", "01-22 09:30", "01-27 15:30", "02-04 11:00"),
    "gzjs": _dates("01-15 10:00", "01-19 16:00", "01-22 14:00", "01-28 15:30", "02-04 14:00"),
    "yd": _dates("01-15 15:00", "01-20 11:00", "01-23 14:00", "01-30 10:30", "02-04 16:00"),
    "st": _dates("01-16 10:00", "01-20 16:00", "01-26 09:30", "01-30 15:30", "02-05 14:00"),
    "zs": _dates("01-16 15:00", "01-21 16:00", "01-26 14:00", "02-02 10:30", "02-05 16:00"),
    "gdjs": _dates("01-19 10:00", "01-22 11:00", "01-27 09:30", "02-02 15:30", "02-06 09:00"),
}


@dataclass(frozen=True)
class Register:
    """The colleges and experts of colleges.yaml, as `register-college` and `register-expert` take them."""

    colleges: dict[str, dict[str, Any]]
    experts: dict[str, dict[str, Any]]

    def name(self, college: str) -> str:
        """A college's name."""
        return str(self.colleges[college]["name"])


def read_register() -> Register:
    """Read colleges.yaml."""
    found: Any = YAML(typ="safe").load(HERE / "colleges.yaml")
    experts: list[dict[str, Any]] = [
        {
            **row,
            "employers": [{k: str(v) for k, v in employer.items()} for employer in row["employers"]],
        }
        for row in found["experts"]
    ]
    return Register({c["id"]: dict(c) for c in found["colleges"]}, {e["id"]: e for e in experts})


def panel(register: Register, college: str) -> list[str]:
    """Three experts of industry and two of colleges, in turn; who has any tie to college or partners stays out."""
    turn = list(FILINGS).index(college)
    near = {college, *FILINGS[college][0]}
    chosen: list[str] = []
    for side, seats in (("college", 2), ("industry", 3)):
        free = [
            id_
            for id_, expert in register.experts.items()
            if expert["side"] == side and not near & {e["org"] for e in expert["employers"]}
        ]
        chosen += [free[(turn * seats + n) % len(free)] for n in range(seats)]
    return chosen


def lines(college: str) -> list[str]:
    """The ids of a college's lines, as its workbook numbers them."""
    return [str(n) for n in range(1, len(FILINGS[college][1]) + 1)]


def major(college: str, line: str) -> str:
    """The name of a line's major."""
    return dict(MAJORS)[f"DEMO-{FILINGS[college][1][int(line) - 1][0]}"]


def mark(college: str, line: str, seat: int) -> int:
    """What the expert in this seat gives a line, out of a hundred."""
    if OUTCOMES.get((college, line)) == "failed":
        return _FAILING + _PATTERN[seat]
    base = 83 + (list(FILINGS).index(college) * 7 + int(line) * 4) % 11
    return base + _PATTERN[(seat + int(line)) % len(_PATTERN)]


def outcome(college: str, line: str) -> str:
    """The state in which a line must end."""
    return OUTCOMES.get((college, line), "announced")


def majors() -> list[dict[str, str]]:
    """The catalog of the call."""
    return [{"code": code, "name": name} for code, name in MAJORS]
