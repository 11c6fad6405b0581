"""The first page of a docket with its count, among 10,000 cases and among 1,000,000; and what rebuilding them takes."""

import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from sqlalchemy import func, select

from bench.ground import Ground, ground, vacuum
from bench.report import Result, percentile, say
from bench.town import college, command, evaluation, major, settle_town, submission
from domain.chain import GENESIS, canonical, digest
from gateway.docket import desk
from records.rebuild import rebuild
from records.schema import docket, events, streams
from records.statements import Row, load

FEW, MANY = 10_000, 1_000_000
PATTERNS = 20
"""Real filings at different stages, which all others copy under ids, colleges and digests of their own."""
LOOKS = 400
PART = 20_000
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "maintenance_work_mem": "512MB"}


@dataclass(frozen=True)
class Pattern:
    """The streams of one real filing: what to write anew in each copy, and their events."""

    college: str
    ids: tuple[str, ...]
    rows: tuple[Row, ...]


def measure(quick: bool) -> Result:
    """On PostgreSQL: the rows go into the ledger, the read models come from `records rebuild`."""
    result = Result("docket")
    result.limit = "the count, which reads at most 1,001 index entries and then says `1000+`"
    few, many = (200, 2_000) if quick else (FEW, MANY)
    with ground("postgresql", SETTINGS) as here:
        copies = copies_of_patterns(here)
        fill(here, copies, few)
        rebuild(here.engine)
        small = _looks(here)
        fill(here, copies, many - _count(here, streams))
        begun = time.perf_counter()
        done = rebuild(here.engine)
        took = time.perf_counter() - begun
        large = _looks(here)
        result.report(f"`records rebuild` of {done.streams:,} cases, {done.events:,} events", took, "s")
        result.report("cases rebuilt", done.streams / took, "/s")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        result.report("its peak memory", memory, "MB")
        result.report("docket rows", _count(here, docket), "")
    for name, times in large.items():
        before = percentile(small[name], 0.95)
        now = percentile(times, 0.95)
        result.at_most(f"first page of {name}, with its count, p95", 1000 * now, 50, "ms")
        result.at_most(f"first page of {name}, times that among {few:,} cases", now / before, 1.5)
        result.data[name] = {"few_ms": 1000 * before, "many_ms": 1000 * now}
    return result


def copies_of_patterns(here: Ground, majors: int = 2, colleges: int | None = None) -> Iterator[list[Row]]:
    """Endless cases as ledger rows, after some real filings, each for the first two majors of the call.

    Each is of a college of its own; with `colleges`, of one of so many, that file again for other majors.
    """
    return _copies(_patterns(here, majors, colleges or 0), colleges)


def _patterns(here: Ground, majors: int, colleges: int) -> list[Pattern]:
    """File for real and stop at different stages; the colleges that copies are of are in the register too."""
    town = settle_town(here.engine, "bench", colleges=PATTERNS, majors=majors, frozen=True)
    for n in range(colleges):
        id_ = f"copy{n}"
        town.do(command(id_, "approver@dept", "register-college", id=id_, name=f"示范技师学院甲{n}", kind="technician-college",
                        city="4419", affiliation="municipal", mail=f"{id_}@edu.example"))  # fmt: skip
    found: list[Pattern] = []
    for n in range(PATTERNS):
        filing = str(town.do(submission(f"p{n}", college(n), town.round, [major(0), major(1)]))["case"])
        opened = [filing]
        for wish in evaluation(f"p{n}", filing, 2)[: n % 4]:
            case = str(town.do(wish)["case"])
            opened += [case] if case not in opened else []
        found.append(Pattern(college(n), tuple(opened), _events_of(here, opened)))
    return found


def _events_of(here: Ground, ids: list[str]) -> tuple[Row, ...]:
    query = select(events).where(events.c.stream.in_(ids)).order_by(events.c.stream, events.c.seq)
    with here.engine.connect().execution_options(reading=True) as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return tuple(
        {k: v for k, v in row.items() if k not in ("position", "digest", "previous")} for row in rows
    )


def _copies(patterns: list[Pattern], colleges: int | None) -> Iterator[list[Row]]:
    """Endless cases, each the ledger rows of a filing nobody else has, chained as the gateway chains them."""
    for n in count():
        pattern = patterns[n % len(patterns)]
        new = {old: f"{old.partition('-')[0]}-{n:010x}" for old in pattern.ids}
        again, of = divmod(n, colleges) if colleges else (0, n)
        new[pattern.college] = f"copy{of}"
        new |= {major(k): f"{major(k)}-{again}" for k in range(2) if again}
        rows: list[Row] = []
        heads = dict.fromkeys(new.values(), GENESIS)
        for row in pattern.rows:
            data = canonical(_renamed(json.loads(row["data"]), new))
            written = {**row, "stream": new[row["stream"]], "command": f"copy-{n}-{len(rows)}", "data": data}
            previous = heads[written["stream"]]
            own = heads[written["stream"]] = digest(previous, canonical(written))
            rows.append({**written, "previous": previous, "digest": own})
        yield rows


def _renamed(value: Any, new: dict[str, str]) -> Any:
    match value:
        case str():
            head, slash, rest = value.partition("/")
            return new.get(head, head) + slash + rest
        case list():
            return [_renamed(item, new) for item in value]
        case dict():
            return {new.get(k, k): _renamed(v, new) for k, v in value.items()}
        case _:
            return value


def fill(here: Ground, copies: Iterator[list[Row]], cases: int) -> None:
    """Load this many more cases into the ledger."""
    loaded = 0
    while loaded < cases:
        rows: list[Row] = []
        for case in islice(copies, PART):
            rows += case
            loaded += len({row["stream"] for row in case})
            if loaded >= cases:
                break
        with here.engine.begin() as connection:
            load(connection, events, rows)
        say(f"{loaded:,} of {cases:,} cases loaded")


def _count(here: Ground, table: Any) -> int:
    with here.engine.connect().execution_options(reading=True) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _looks(here: Ground) -> dict[str, list[float]]:
    """The desks with the most on them, looked at again and again."""
    vacuum(here)
    found: dict[str, list[float]] = {}
    for name, agency, role in (("an officer's docket", "tro", "clerk"), ("an agency's docket", "tro", None)):
        times: list[float] = []
        for _ in range(LOOKS):
            begun = time.perf_counter()
            desk(here.engine, agency, role)
            times.append(time.perf_counter() - begun)
        found[name] = times
    return found
