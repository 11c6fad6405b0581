"""The outbox: wakes the process of every stream whose head it has not read, and the post of every agency with letters due.
Only this starts workflows.

What must be woken is not a table of its own but a fact of `streams`: `followed < head`. The fast path sends at once
after a commit; the sweep sends whatever stays behind, so that a lost wake, a crash or an absent Temporal server costs
time and nothing else. A doubled wake changes nothing. While much happens a process is woken once for what happens in a
second, since a wake costs as much as an act.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError

from domain.moments import stamp
from gateway.clock import ClockFace, Environment, system_time
from gateway.gateway import Gateway
from gateway.search import KIND
from records.ledger import POST
from records.schema import letters, streams

log = structlog.get_logger("relay")
PATIENCE = 30.0
"""Seconds after which a process that was woken and has not read is woken again, each time twice as many up to an hour;
Temporal keeps a wake that it took."""
AGAIN = 0.1
"""Seconds after which it is looked whether a process that was woken has read what came after its wake."""
BUSY, PAUSE = 20.0, 1.0
"""From so much news a second on, a process is woken so many seconds after its first news, for all that came until then."""


@dataclass(frozen=True)
class Behind:
    """A process with news: of a stream, or an agency's post."""

    stream: str
    kind: str
    head: int = 1
    followed: int = 0


@dataclass(frozen=True)
class Sent:
    """A wake: up to which event, what had been read then, when, and for how long it is not said again."""

    head: int
    followed: int
    at: float
    patience: float


async def wake(client: Client, prefix: str, clock: ClockFace, row: Behind) -> None:
    """Signal a process, or start it: it reads what is there. Raises RPCError."""
    start = {
        "stream": row.stream,
        "clock": {"real": stamp(clock.real), "legal": stamp(clock.legal), "rate": clock.rate},
        "prefix": prefix,
        "after": row.followed,
    }
    await client.start_workflow(
        row.kind,
        {"agency": row.stream.removeprefix(POST), "prefix": prefix} if row.kind == "post" else start,
        id=f"{prefix}/{row.stream}",
        task_queue=prefix,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        start_signal="wake",
        start_signal_args=[row.head],
        search_attributes=TypedSearchAttributes([SearchAttributePair(KIND, row.kind)]),
        static_summary=f"{row.kind} {row.stream}",
    )


class Relay:
    """One per gateway process that has a connection to Temporal. `told` may be called from any thread."""

    def __init__(
        self,
        gateway: Gateway,
        client: Client,
        environment: Environment,
        prefix: str,
        sweep: float | None = 0.5,
    ) -> None:
        """`sweep`: seconds between two looks at all that is behind; None where another process looks."""
        self._gateway, self._client, self._prefix, self._interval = gateway, client, prefix, sweep
        self._clock = environment.clock
        self._loop = asyncio.get_running_loop()
        self._news: dict[str, float] = {}
        """Processes with news, and when they are to be woken."""
        self._ripe = asyncio.Event()
        self._rate, self._heard = 0.0, 0.0
        self._sent: dict[str, Sent] = {}
        self._seen: dict[str, tuple[int, float]] = {}

    def told(self, heads: dict[str, int]) -> None:
        """After a commit: these processes have news."""
        self._loop.call_soon_threadsafe(self._hear, list(heads))

    def _hear(self, ids: list[str]) -> None:
        now = self._loop.time()
        self._rate = self._rate * 0.5 ** (now - self._heard) + len(ids)
        self._heard = now
        for id_ in ids:
            if id_ not in self._news:
                self._news[id_] = now + self._pause()
        if self._rate < BUSY:
            self._ripe.set()

    def _pause(self) -> float:
        return 0.0 if self._rate < BUSY else PAUSE

    async def run(self) -> None:
        """Send wakes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fast_path())
            if self._interval is not None:
                tasks.create_task(self._sweep(self._interval))

    async def _fast_path(self) -> None:
        while True:
            self._ripe.clear()
            now = self._loop.time()
            ripe = sorted(id_ for id_, when in self._news.items() if when <= now)
            for id_ in ripe:
                del self._news[id_]
            if ripe:
                streams_ = [id_ for id_ in ripe if not id_.startswith(POST)]
                try:
                    rows = await asyncio.to_thread(self._behind, streams_)
                except (
                    DBAPIError
                ) as error:  # the records database is away: the sweep finds them when it is back
                    log.warning("cannot look who is behind", kind=type(error).__name__)
                    continue
                # A process that has not read since its last wake will read this too; only look again whether it did.
                unread = {row.stream for row in rows if self._unread(row)}
                for id_ in unread:
                    self._news.setdefault(id_, now + max(AGAIN, self._pause()))
                posts = [Behind(id_, "post") for id_ in ripe if id_.startswith(POST)]
                await self._wake_all([*(row for row in rows if row.stream not in unread), *posts])
            first = min(self._news.values(), default=None)
            with suppress(TimeoutError):  # what ripens at nearly the same time is looked at together
                wait = None if first is None else max(first - self._loop.time(), 0.05)
                await asyncio.wait_for(self._ripe.wait(), wait)

    async def _sweep(self, interval: float) -> None:
        while True:
            try:
                rows = await asyncio.to_thread(self._all_behind)
            except DBAPIError as error:
                log.warning("cannot look who is behind", kind=type(error).__name__)
                await asyncio.sleep(interval)
                continue
            now = self._loop.time()
            # What is behind for the first time may be in its own process's hands this very moment: look again first.
            grace = interval / 2 if len(rows) < BUSY else 3 * PAUSE
            seen = {row.stream: (row.followed, now) for row in rows}
            self._seen = {
                s: old if (old := self._seen.get(s, new))[0] == new[0] else new for s, new in seen.items()
            }
            late = [row for row in rows if now - self._seen[row.stream][1] > grace and not self._unread(row)]
            self._sent = {s: sent for s, sent in self._sent.items() if s in self._seen}
            await self._wake_all(late)
            await asyncio.sleep(interval)

    def _unread(self, row: Behind) -> bool:
        sent = self._sent.get(row.stream)
        return sent is not None and sent.head > row.followed and self._loop.time() - sent.at < sent.patience

    def _behind(self, only: list[str] | None) -> list[Behind]:
        if only is not None and not only:
            return []
        query = select(streams.c.id, streams.c.kind, streams.c.head, streams.c.followed).where(
            streams.c.followed < streams.c.head
        )
        query = query.where(streams.c.id.in_(only)) if only is not None else query.limit(2000)
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            return [Behind(*row) for row in connection.execute(query)]

    def _all_behind(self) -> list[Behind]:
        due = (letters.c.status == "due") & (letters.c.again_at <= stamp(system_time()))
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            senders = connection.execute(select(letters.c.sender).where(due).distinct()).scalars().all()
        return [*self._behind(None), *(Behind(f"{POST}{sender}", "post") for sender in senders)]

    async def _wake_all(self, rows: list[Behind]) -> None:
        if rows:
            await asyncio.gather(*(self._wake(row) for row in rows))

    async def _wake(self, row: Behind) -> None:
        before = self._sent.get(row.stream)
        again = before is not None and before.head >= row.head and before.followed == row.followed
        patience = min(2 * before.patience, 3600.0) if before and again else PATIENCE
        self._sent[row.stream] = Sent(row.head, row.followed, self._loop.time(), patience)
        try:
            await wake(self._client, self._prefix, self._clock, row)
        except RPCError as error:
            # Temporal is away: the act stands, the sweep tries again, and the ledger shows what is behind.
            self._sent.pop(row.stream, None)
            log.warning("wake failed", case=row.stream, status=error.status.name)
