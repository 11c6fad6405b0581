"""Acts acknowledged a second: decided, durable, receipt in hand, against a transaction that inserts one row."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Any

from bench.ground import KINDS, Ground, ground, plain
from bench.report import Result, percentile, ratio, say
from bench.town import ACTS_A_CASE, Town, act_bytes, college, evaluation, major, settle_town, submission
from gateway.garbage import settle

CASES = 60
BLOCKS = 7


def measure(quick: bool) -> Result:
    """Both databases, each in alternating blocks."""
    result = Result("acknowledged")
    result.limit = (
        "one interpreter at a time: of an act's time about half is Python deciding and writing JSON, "
        "the rest its two statements and the commit"
    )
    for kind in KINDS:
        with ground(kind) as here:
            _measure(result, here, cases=12 if quick else CASES, blocks=2 if quick else BLOCKS)
    return result


def _measure(result: Result, here: Ground, cases: int, blocks: int) -> None:
    town = settle_town(here.engine, "bench", colleges=cases, majors=2 * blocks + 2, frozen=True)
    with ThreadPoolExecutor(cases) as threads:
        _together(
            threads, town, 0, cases
        )  # warm: every thread has its connection, every statement is prepared
        settle()  # as every serving process does
        size = act_bytes(here.engine)
        row = {"data": "x" * size}
        _rows(threads, here, row, cases)
        ours: list[float] = []
        theirs: list[float] = []
        for block in range(1, blocks + 1):
            ours.append(_together(threads, town, block, cases))
            theirs.append(_rows(threads, here, row, cases))
            say(f"{here.kind}: {ours[-1]:.0f} acts/s, {theirs[-1]:.0f} rows/s")
    alone: list[list[float]] = []
    single: list[list[float]] = []
    for block in range(1, blocks + 1):
        alone.append(_alone(town, blocks + block, max(2, cases // 6)))
        single.append([_timed(_insert, here, row) for _ in range(len(alone[-1]))])
    figure = f"{here.kind}: acts acknowledged"
    result.report(f"{figure} a second, {cases} cases at once", median(ours), "/s")
    result.at_least(f"{figure}, share of the rate of one-row transactions", ratio(ours, theirs), 0.25)
    own, other = [median(b) for b in alone], [median(b) for b in single]
    result.report(f"{here.kind}: one act alone, p50", 1000 * median(own), "ms")
    result.at_most(f"{here.kind}: one act alone, p50, times a one-row transaction's", ratio(own, other), 5)
    result.data[here.kind] = {
        "bytes_an_act": size, "acts_per_second": ours, "rows_per_second": theirs,
        "alone_p50_ms": [1000 * x for x in own], "row_p50_ms": [1000 * x for x in other],
        "alone_p95_ms": 1000 * percentile([x for b in alone for x in b], 0.95),
    }  # fmt: skip


def _case(town: Town, block: int, n: int) -> None:
    tag = f"{block}/{n}"
    filing = town.do(submission(tag, college(n), town.round, [major(block)]))["case"]
    for wish in evaluation(tag, filing, 1):
        town.do(wish)


def _together(threads: ThreadPoolExecutor, town: Town, block: int, cases: int) -> float:
    begun = time.perf_counter()
    for _ in threads.map(partial(_case, town, block), range(cases)):
        pass
    return cases * ACTS_A_CASE / (time.perf_counter() - begun)


def _rows(threads: ThreadPoolExecutor, here: Ground, row: dict[str, Any], cases: int) -> float:
    def some(_: int) -> None:
        for _ in range(ACTS_A_CASE):
            _insert(here, row)

    begun = time.perf_counter()
    for _ in threads.map(some, range(cases)):
        pass
    return cases * ACTS_A_CASE / (time.perf_counter() - begun)


def _insert(here: Ground, row: dict[str, Any]) -> None:
    with here.engine.begin() as connection:
        connection.execute(plain.insert(), row)


def _alone(town: Town, block: int, cases: int) -> list[float]:
    times: list[float] = []
    for n in range(cases):
        tag = f"{block}/{n}"
        begun = time.perf_counter()
        filing = town.do(submission(tag, college(n), town.round, [major(block)]))["case"]
        times.append(time.perf_counter() - begun)
        times += [_timed(town.do, wish) for wish in evaluation(tag, filing, 1)]
    return times


def _timed(do: Any, *arguments: Any) -> float:
    begun = time.perf_counter()
    do(*arguments)
    return time.perf_counter() - begun
