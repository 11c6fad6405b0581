"""The outbox: wakes the process of every stream whose head it has not read. Only this starts workflows.

What must be woken is not a table of its own but a fact of `streams`: `followed < head`. The fast path sends at once
after a commit; the sweep sends whatever stays behind, so that a lost wake, a crash or an absent Temporal server costs
time and nothing else. A doubled wake changes nothing.
"""

import asyncio
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
from gateway.clock import ClockFace, Environment
from gateway.gateway import Gateway
from gateway.search import KIND
from records.schema import streams

log = structlog.get_logger("relay")
PATIENCE = 30.0
"""Seconds after which a process that was woken and has not read is woken again; Temporal keeps a wake that it took."""
AGAIN = 0.1
"""Seconds after which it is looked whether a process that was woken has read what came after its wake."""


@dataclass(frozen=True)
class Behind:
    """A stream with news for its process."""

    stream: str
    kind: str
    head: int
    followed: int


async def wake(client: Client, prefix: str, clock: ClockFace, row: Behind) -> None:
    """Signal the process of a stream, or start it: it reads what is there. Raises RPCError."""
    start = {
        "stream": row.stream,
        "clock": {"real": stamp(clock.real), "legal": stamp(clock.legal), "rate": clock.rate},
        "prefix": prefix,
        "after": row.followed,
    }
    await client.start_workflow(
        row.kind,
        start,
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
        self._news: asyncio.Queue[dict[str, int]] = asyncio.Queue()
        self._sent: dict[str, tuple[int, float]] = {}
        self._seen_behind: set[str] = set()

    def told(self, heads: dict[str, int]) -> None:
        """After a commit: these streams have news."""
        self._loop.call_soon_threadsafe(self._news.put_nowait, heads)

    async def run(self) -> None:
        """Send wakes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fast_path())
            if self._interval is not None:
                tasks.create_task(self._sweep(self._interval))

    async def _fast_path(self) -> None:
        while True:
            heads = await self._news.get()
            while not self._news.empty():
                heads = {**heads, **self._news.get_nowait()}
            try:
                rows = await asyncio.to_thread(self._behind, sorted(heads))
            except DBAPIError as error:  # the records database is away: the sweep finds them when it is back
                log.warning("cannot look who is behind", kind=type(error).__name__)
                continue
            # A process that has not read since its last wake will read this too; only look again whether it did.
            waiting = [row for row in rows if self._unread(row)]
            for row in waiting:
                self._loop.call_later(AGAIN, self._news.put_nowait, {row.stream: row.head})
            await self._wake_all([row for row in rows if row not in waiting])

    async def _sweep(self, interval: float) -> None:
        while True:
            try:
                rows = await asyncio.to_thread(self._behind, None)
            except DBAPIError as error:
                log.warning("cannot look who is behind", kind=type(error).__name__)
                await asyncio.sleep(interval)
                continue
            # What is behind for the first time may be in its own process's hands this very moment: look again first.
            late = [row for row in rows if row.stream in self._seen_behind and not self._unread(row)]
            self._seen_behind = {row.stream for row in rows}
            self._sent = {s: sent for s, sent in self._sent.items() if s in self._seen_behind}
            await self._wake_all(late)
            await asyncio.sleep(interval)

    def _unread(self, row: Behind) -> bool:
        head, when = self._sent.get(row.stream, (0, 0.0))
        return head > row.followed and self._loop.time() - when < PATIENCE

    def _behind(self, only: list[str] | None) -> list[Behind]:
        query = select(streams.c.id, streams.c.kind, streams.c.head, streams.c.followed).where(
            streams.c.followed < streams.c.head
        )
        query = query.where(streams.c.id.in_(only)) if only is not None else query.limit(2000)
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            return [Behind(*row) for row in connection.execute(query)]

    async def _wake_all(self, rows: list[Behind]) -> None:
        if rows:
            await asyncio.gather(*(self._wake(row) for row in rows))

    async def _wake(self, row: Behind) -> None:
        self._sent[row.stream] = (row.head, self._loop.time())
        try:
            await wake(self._client, self._prefix, self._clock, row)
        except RPCError as error:
            # Temporal is away: the act stands, the sweep tries again, and the ledger shows what is behind.
            self._sent.pop(row.stream, None)
            log.warning("wake failed", case=row.stream, status=error.status.name)
