"""What one act costs while open cases grow: processor time of gateway and database, and the time until it is answered."""

import time
from collections.abc import Iterable
from datetime import timedelta
from itertools import count, islice
from statistics import median

from sqlalchemy import func, select

from bench.children import cpu_of
from bench.docket import PATTERNS, copies_of_patterns, fill
from bench.ground import Ground, ground, vacuum
from bench.report import Result, percentile, say
from bench.town import Town, college, evaluation, major, submission
from gateway.clock import LegalClock, read_environment
from records.rebuild import rebuild
from records.schema import streams

LEVELS, CASES, MOST = (1_000, 10_000, 100_000), 40, 1.3

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "autovacuum": "off"}
"""Vacuuming what was loaded a moment ago is no part of an act's cost."""


def measure(quick: bool) -> Result:
    """The same acts among more and more open cases, on PostgreSQL."""
    result = Result("growth")
    result.limit = "Python decides and writes JSON; each statement finds its rows by an index"
    levels, cases = ((100, 400), 4) if quick else (LEVELS, CASES)
    costs: list[float] = []
    with ground("postgresql", SETTINGS) as here:
        pairs = ((college(n % PATTERNS), major(2 + n // PATTERNS)) for n in count())
        copies = copies_of_patterns(here, majors=2 + len(levels) * (cases + 2))
        for n, level in enumerate(levels):
            fill(here, copies, level - _open(here))
            rebuild(here.engine)
            vacuum(here)
            _acts(here, f"warm-{n}", islice(pairs, 2))
            cpu, database, took = _acts(here, f"level-{n}", islice(pairs, cases))
            costs.append(cost := cpu + database)
            result.report(
                f"{_open(here):,} open cases: of the processor time of an act, the gateway's",
                1000 * cpu,
                "ms",
            )
            result.report(
                f"{_open(here):,} open cases: processor time of an act, gateway and database",
                1000 * cost,
                "ms",
            )
            result.report(f"{_open(here):,} open cases: one act alone, p50", 1000 * median(took), "ms")
            result.report(
                f"{_open(here):,} open cases: one act alone, p99", 1000 * percentile(took, 0.99), "ms"
            )
            say(f"{_open(here):,} open cases: {1000 * cost:.2f} ms of processor time an act")
    result.at_most(f"an act's cost, {levels[-1]:,} open cases to {levels[0]:,}", costs[-1] / costs[0], MOST)
    result.data["growth"] = {"levels": levels, "cpu_seconds_an_act": costs}
    return result


def _open(here: Ground) -> int:
    query = (
        select(func.count())
        .select_from(streams)
        .where(~streams.c.final, streams.c.kind.in_(("filing", "evaluation")))
    )
    with here.engine.connect().execution_options(reading=True) as connection:
        return connection.execute(query).scalar_one()


def _acts(here: Ground, tag: str, cases: Iterable[tuple[str, str]]) -> tuple[float, float, list[float]]:
    """File and evaluate a case for each college and major, one act after the other; processor seconds of gateway and of database an act, times."""
    environment = read_environment(here.engine)
    assert environment is not None
    assert here.cluster is not None
    assert here.cluster.pid is not None
    later = environment.clock.real + timedelta(hours=1)
    town = Town(here.engine, environment, LegalClock(environment.clock, lambda: later))
    with here.engine.connect().execution_options(reading=True) as connection:
        town.round = connection.execute(select(streams.c.id).where(streams.c.kind == "round")).scalar_one()
    took: list[float] = []
    cpu, database = time.process_time(), cpu_of(here.cluster.pid)
    for n, (of, for_) in enumerate(cases):
        wishes = [submission(f"{tag}/{n}", of, town.round, [for_])]
        first = True
        while wishes:
            begun = time.perf_counter()
            answer = town.do(wishes.pop(0))
            took.append(time.perf_counter() - begun)
            if first:
                wishes, first = evaluation(f"{tag}/{n}", str(answer["case"]), 1), False
    cpu, database = time.process_time() - cpu, cpu_of(here.cluster.pid) - database
    return cpu / len(took), database / len(took), took
