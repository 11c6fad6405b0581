"""Which workers are there: each says so every few seconds, and whoever asks why a case is stuck looks here first.

Not Temporal's list of pollers: a poll lasts a minute, so a worker that was killed stays on it for longer than people
on call can wait; and this answers while Temporal itself is down.
"""

import asyncio
import os
import socket
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from domain.moments import instant, stamp
from gateway.clock import system_time
from records.schema import workers
from records.statements import insert

log = structlog.get_logger("presence")
BEAT = 5.0
"""Seconds between two signs of life."""
SILENCE = timedelta(seconds=20)
"""After this long without one a worker counts as gone."""

GONE = ""
"""Since when a worker is there that has stopped in good order."""


def relay_sign(prefix: str) -> str:
    """The presence of the relay stands under this name; it polls no queue, but without it nobody is woken."""
    return f"{prefix}/relay"


class Presence:
    """One worker process's sign of life, for each queue it serves."""

    def __init__(self, engine: Engine, queues: Iterable[str], name: str | None = None) -> None:
        self._engine, self._queues = engine, sorted(queues)
        self._name = name or f"{socket.gethostname()[:60]}/{os.getpid()}"
        self._since = stamp(system_time())

    async def run(self) -> None:
        """Beat until cancelled, then say goodbye."""
        try:
            while True:
                try:
                    await asyncio.to_thread(self.beat)
                except DBAPIError as error:  # the records database is away: say so, and go on serving
                    log.warning("no sign of life", kind=type(error).__name__)
                await asyncio.sleep(BEAT)
        finally:
            self.leave()

    def beat(self) -> None:
        """Say that this worker is there now."""
        seen = stamp(system_time())
        rows = [
            {"queue": q, "worker": self._name, "since": self._since, "seen_at": seen} for q in self._queues
        ]
        with self._engine.begin() as connection:
            insert(connection, workers, rows, replace=True)
            gone = stamp(system_time() - timedelta(days=7))
            connection.execute(delete(workers).where(workers.c.seen_at < gone))

    def leave(self) -> None:
        """This worker stops in good order: it is gone at once, and when it was last there stays known."""
        mine = (workers.c.worker == self._name) & workers.c.queue.in_(self._queues)
        gone = update(workers).where(mine).values(since=GONE, seen_at=stamp(system_time()))
        try:
            with self._engine.begin() as connection:
                connection.execute(gone)
        except DBAPIError as error:
            log.warning("sign of life stays", kind=type(error).__name__)


def last_seen(engine: Engine) -> dict[str, datetime]:
    """For each queue when a worker of it was last heard of (real time)."""
    query = select(workers.c.queue, func.max(workers.c.seen_at)).group_by(workers.c.queue)
    with engine.connect().execution_options(reading=True) as connection:
        return {queue: instant(seen) for queue, seen in connection.execute(query)}


def served(engine: Engine, now: datetime | None = None) -> set[str]:
    """The queues that a worker serves now."""
    heard = stamp((now or system_time()) - SILENCE)
    query = select(workers.c.queue).where(workers.c.since != GONE, workers.c.seen_at >= heard)
    with engine.connect().execution_options(reading=True) as connection:
        return set(connection.execute(query).scalars())
