"""Figures for Prometheus: what was done and refused, how long it took, what is open, late, stuck, behind, undelivered.

Counted from the record and the read models when they are scraped, so that every gateway's acts are in them, whichever
process answered: one worker shows them for all. Only the latency of acts is a process's own, so whoever answers people
shows that. Labels are codes, kinds and agencies: nothing personal.
"""

import asyncio
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, func, select, true
from sqlalchemy.exc import DBAPIError
from temporalio.client import Client

from domain.acts.base import ACTS
from domain.moments import instant, stamp
from gateway.causes import CAUSES
from gateway.docket import late
from gateway.gateway import Gateway
from gateway.presence import relay_sign, served
from gateway.stuck import find_stuck
from gateway.temporal import answers
from records.schema import acts, docket, letters, streams

log = structlog.get_logger("metrics")
LOOK = 10.0
"""Seconds between two looks at what is stuck."""

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)


class CannotShow(Exception):
    """The address of the endpoint is none, or taken: each program needs one of its own. Says which, and why."""


class Figures(Collector):
    """Everything that is read from the records database, each time somebody asks."""

    def __init__(self, gateway: Gateway, prefix: str) -> None:
        self._gateway, self._prefix = gateway, prefix
        self._position, self._acts = 0, Counter[tuple[str, str, str]]()
        self._stuck: Counter[str] = Counter()
        self._temporal = True
        self._reading = Lock()

    async def run(self, client: Client) -> None:
        """Keep fresh whether Temporal is there and how many cases are stuck, until cancelled."""
        while True:
            try:
                self._temporal = await answers(client)
                rows = await find_stuck(self._gateway, client if self._temporal else None, self._prefix)
                self._stuck = Counter(row.cause for row in rows)
            except DBAPIError as error:  # the scrape will fail as well, and says so by itself
                log.warning("no look at what is stuck", kind=type(error).__name__)
            await asyncio.sleep(LOOK)

    def collect(self) -> Iterator[Any]:
        """The metric families, as prometheus_client asks for them."""
        with self._reading, self._gateway.engine.connect().execution_options(reading=True) as connection:
            yield self._acts_done(connection)
            yield from self._cases(connection)
            yield from self._lag(connection)
            yield self._letters(connection)
        yield self._stuck_by_cause()
        yield GaugeMetricFamily("huiqian_temporal_there", "Whether Temporal answers", float(self._temporal))
        yield self._workers(self._gateway.engine)

    def _acts_done(self, connection: Connection) -> CounterMetricFamily:
        """Only what was added since the last scrape is read."""
        query = (
            select(acts.c.act, acts.c.outcome, acts.c.code, func.count(), func.max(acts.c.position))
            .where(acts.c.position > self._position)
            .group_by(acts.c.act, acts.c.outcome, acts.c.code)
        )
        for act, outcome, code, many, last in connection.execute(query):
            self._acts[act if act in ACTS else "unknown", outcome, code or ""] += many
            self._position = max(self._position, last)
        family = CounterMetricFamily(
            "huiqian_acts", "Acts on the record, done and refused", labels=["act", "outcome", "code"]
        )
        for key, many in self._acts.items():
            family.add_metric(list(key), many)
        return family

    def _cases(self, connection: Connection) -> Iterator[GaugeMetricFamily]:
        """`agency` of a case is the one that is awaited first; empty while nobody is."""
        cases = GaugeMetricFamily(
            "huiqian_open_cases", "Cases that are not final", labels=["kind", "stage", "agency"]
        )
        first = streams.outerjoin(docket, (docket.c.case_id == streams.c.id) & (docket.c.n == 0))
        whose = (streams.c.kind, streams.c.stage, func.coalesce(docket.c.agency, ""))
        query = select(*whose, func.count()).select_from(first).where(~streams.c.final).group_by(*whose)
        for *what, many in connection.execute(query):
            cases.add_metric(what, many)
        labels = ["kind", "stage", "agency", "for"]
        waiting = GaugeMetricFamily("huiqian_waiting", "Moves that are awaited", labels=labels)
        overdue = GaugeMetricFamily("huiqian_overdue", "Moves that are late", labels=labels)
        past = late(stamp(self._gateway.clock.now()))
        of = (docket.c.kind, docket.c.stage, docket.c.agency, docket.c.for_)
        for family, where in ((waiting, true()), (overdue, past)):
            for *what, many in connection.execute(select(*of, func.count()).where(where).group_by(*of)):
                family.add_metric(what, many)
        yield from (cases, waiting, overdue)

    def _lag(self, connection: Connection) -> Iterator[GaugeMetricFamily]:
        """How many processes are behind the ledger, and for how long the one furthest behind (legal seconds)."""
        behind = streams.c.followed < streams.c.head
        many, oldest = connection.execute(
            select(func.count(), func.min(streams.c.recorded_at)).where(behind)
        ).one()
        age = (self._gateway.clock.now() - instant(oldest)).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("huiqian_behind", "Processes that have not read the ledger's head", many)
        yield GaugeMetricFamily("huiqian_behind_seconds", "Age of the oldest event that was not read", age)

    def _letters(self, connection: Connection) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "huiqian_letters", "Letters not (yet) delivered", labels=["agency", "status"]
        )
        query = select(letters.c.sender, letters.c.status, func.count()).where(letters.c.status != "sent")
        for sender, status, many in connection.execute(query.group_by(letters.c.sender, letters.c.status)):
            family.add_metric([sender, status], many)
        return family

    def _stuck_by_cause(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("huiqian_stuck", "Stuck cases by cause", labels=["cause"])
        for cause in CAUSES:
            family.add_metric([cause], self._stuck[cause])
        return family

    def _workers(self, engine: Engine) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "huiqian_worker_there", "Whether a worker serves the queue", labels=["queue"]
        )
        there = served(engine)
        agencies = [f"{self._prefix}.{agency}" for agency in self._gateway.agencies()]
        for queue in (self._prefix, relay_sign(self._prefix), *agencies):
            family.add_metric([queue], float(queue in there))
        return family


def registry(gateway: Gateway, figures: Figures | None = None) -> CollectorRegistry:
    """Everything one endpoint shows; from now on the gateway's answers are timed."""
    made = CollectorRegistry()
    if figures:
        made.register(figures)
    taken = Histogram(
        "huiqian_act_seconds", "Time from a command to its answer", ["act"], registry=made, buckets=BUCKETS
    )

    def answered(act: str, seconds: float) -> None:
        taken.labels(act).observe(seconds)

    gateway.on_answer = answered
    return made


@contextmanager
def endpoint(address: str, made: CollectorRegistry) -> Generator[int]:
    """Serve `/metrics` at host:port while inside; gives the port. Raises CannotShow."""
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host or "127.0.0.1", made)
    except (OSError, OverflowError, ValueError) as error:
        why = str(getattr(error, "strerror", None) or "host:port")
        raise CannotShow(f"HUIQIAN_METRICS={address}：{why}") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
