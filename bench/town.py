"""Who acts in the benchmarks, and what they do: colleges that file, and offices that take the filings on."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import chinese_calendar
from sqlalchemy import Engine, func, select

from domain.actors import parse_actor
from domain.files import Command
from domain.moments import CHINA, instant, spoken
from gateway.answers import Answer
from gateway.clock import ClockFace, Environment, LegalClock, system_time
from gateway.founding import found, published_schedules
from gateway.gateway import Gateway
from policies import load_pack
from records.schema import acts, events

OPENING = instant("2026-03-04 09:00")
"""Legal time at which every town begins: its call is issued then."""
OFFICES = (
    "catalog-officer@dept", "approver@dept", "publisher@dept", "clerk@tro", "organiser@tro", "notice-officer@tro",
)  # fmt: skip
EXPERTS = {"zhao": "industry", "qian": "industry", "sun": "industry", "li": "college", "zhou": "college"}
ACTS_A_CASE = 4 + len(EXPERTS)


class Refused(AssertionError):
    """An act of a benchmark was refused: then it measures nothing."""


class Town:
    """A gateway on a founded database, with a legal clock."""

    def __init__(self, engine: Engine, environment: Environment, clock: LegalClock | None = None) -> None:
        self.engine, self.environment = engine, environment
        self.gateway = Gateway(engine, clock or LegalClock(environment.clock))
        self.round = ""

    def do(self, command: Command) -> Answer:
        """An act that must be accepted."""
        answer = self.gateway.act(command)
        if answer["outcome"] != "accepted":
            raise Refused(f"{command.act} by {command.by}: {answer['code']}: {answer['reasons']}")
        return answer


def settle_town(
    engine: Engine,
    name: str,
    *,
    colleges: int,
    majors: int,
    rate: str = "1",
    frozen: bool = False,
    days: int = 90,
    ago: timedelta = timedelta(),
) -> Town:
    """Found an environment with offices, colleges, experts and a call open for some days.

    `rate`: legal time for real time. `frozen`: the clock stands still. `ago`: how long ago legal time began.
    """
    now = system_time() - ago
    face = ClockFace(real=now, legal=OPENING, rate=rate)
    environment = found(
        engine, id_=name, pack=load_pack("guangdong/pilot"), settings={}, face=face,
        schedules=published_schedules(range(2024, 2028)),
    )  # fmt: skip
    later = now + timedelta(hours=1)
    town = Town(engine, environment, LegalClock(face, lambda: later) if frozen else None)
    for n, (by, act, case, given) in enumerate(_settling(colleges)):
        town.do(command(f"settle-{n}", by, act, case, **given))
    town.round = str(town.do(_call(town.gateway.clock.now(), majors, days))["case"])
    return town


def _settling(colleges: int) -> Iterator[tuple[str, str, str | None, dict[str, Any]]]:
    for office in OFFICES:
        role, _, agency = office.partition("@")
        yield "ops@dept", "appoint", None, {"agency": agency, "role": role, "person": office}
    for n in range(colleges):
        id_ = college(n)
        about = {"id": id_, "name": f"示范技师学院{n}", "kind": "technician-college", "city": "4419"}
        yield (
            "approver@dept",
            "register-college",
            None,
            {**about, "affiliation": "municipal", "mail": f"{id_}@edu.example"},
        )
        yield "ops@dept", "appoint", None, {"agency": id_, "role": "filer", "person": f"filer@{id_}"}
    for id_, side in EXPERTS.items():
        employers = [{"org": "某单位", "until": "2015-06-30"}]
        yield (
            "organiser@tro",
            "register-expert",
            None,
            {"id": id_, "name": id_, "side": side, "employers": employers},
        )


def _call(now: datetime, majors: int, days: int) -> Command:
    closes = spoken(now + timedelta(days=days))
    listed = [{"code": major(n), "name": f"示范专业{n}"} for n in range(majors)]
    return command(
        "call", "catalog-officer@dept", "issue-call", year=2026, document_no="粤人社函〔2026〕50号",
        window={"opens": spoken(now), "closes": closes}, majors=listed,
    )  # fmt: skip


def college(n: int) -> str:
    """Id of the n-th college."""
    return f"k{n}"


def major(n: int) -> str:
    """Code of the n-th major of the catalog."""
    return f"DEMO-{1000 + n}"


def command(id_: str, by: str, act: str, case: str | None = None, **with_: Any) -> Command:
    """A wish to act."""
    return Command(id=id_, act=act, by=parse_actor(by), case=case, with_=with_)


def submission(tag: str, of: str, round_: str, majors: Sequence[str]) -> Command:
    """A college files lines, one a major."""
    lines = [
        {"id": str(n), "major": code, "entry": "senior-high", "years": 4, "plan": 40}
        for n, code in enumerate(majors, 1)
    ]
    return command(f"{tag}/submit", f"filer@{of}", "submit-filing", round=round_, lines=lines)


def evaluation(tag: str, filing: str, lines: int) -> list[Command]:
    """What follows a submission, up to the panel's conclusion: every line passes."""
    ids = [str(n) for n in range(1, lines + 1)]
    experts = list(EXPERTS)
    scores = [
        command(
            f"{tag}/score-{expert}", f"expert:{expert}", "score", filing, line=ids, marks={"overall": 80 + n}
        )
        for n, expert in enumerate(experts)
    ]
    return [
        command(f"{tag}/accept", "clerk@tro", "accept", filing),
        command(f"{tag}/panel", "organiser@tro", "form-panel", filing, experts=experts, chair=experts[0]),
        *scores,
        command(
            f"{tag}/conclude",
            f"expert:{experts[0]}",
            "conclude",
            filing,
            results=dict.fromkeys(ids, "passed"),
        ),
    ]


def refs(filing: str, lines: int) -> list[str]:
    """References of the lines of a filing."""
    return [f"{filing}/{n}" for n in range(1, lines + 1)]


async def working_day(town: Town) -> None:
    """Wait for the morning of a legal working day before another: only then may a notice begin, also one that takes long."""
    while True:
        now = town.gateway.clock.now().astimezone(CHINA)
        days = now.date(), now.date() + timedelta(days=1)
        if all(map(chinese_calendar.is_workday, days)) and now.hour < 12:
            return
        await asyncio.sleep(0.02)


def acts_done(engine: Engine) -> int:
    """How many acts are on the record, people's and processes'."""
    with engine.connect().execution_options(reading=True) as connection:
        return connection.execute(select(func.count()).select_from(acts)).scalar_one()


def act_bytes(engine: Engine) -> int:
    """How many bytes an act puts into the ledger on average: its rows of events and of acts, as text."""
    with engine.connect().execution_options(reading=True) as connection:
        count = connection.execute(select(func.count()).select_from(acts)).scalar_one()
        total = 0
        for table in (events, acts):
            columns = [c for c in table.columns if c.name != "position"]
            written = sum(func.coalesce(func.length(c), 0) if _is_text(c) else 4 for c in columns)
            total += connection.execute(select(func.sum(written))).scalar_one()
    return int(total / count)


def _is_text(column: Any) -> bool:
    return column.type.python_type is str
