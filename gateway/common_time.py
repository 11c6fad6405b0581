"""One clock for all gateways of a record: the database server's, on PostgreSQL.

Legal time is read on many machines, and one of them may be wrong: it would end periods early for everybody, or late. So
each gateway measures how far its own clock is from the database's, and counts by the database's. SQLite is on the same
machine. While the database is away nobody can act, and the last measure stands.
"""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from gateway.clock import system_time

log = structlog.get_logger("clock")
EVERY = 30.0
"""Seconds between two measures."""
NEAR = timedelta(milliseconds=500)
"""Within this the machine's own clock is right: measuring is not more exact than that under load."""


class CommonTime:
    """Real time by the database's clock. Called by many threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._offset = timedelta()
        self._measured = float("-inf")
        self._measuring = Lock()

    def __call__(self) -> datetime:
        """Real time, aware, to the microsecond."""
        if time.monotonic() - self._measured > EVERY and self._measuring.acquire(blocking=self._measured < 0):
            try:
                if time.monotonic() - self._measured > EVERY:
                    self._measure()
            finally:
                self._measuring.release()
        return system_time() + self._offset

    def _measure(self) -> None:
        try:
            with self._engine.connect().execution_options(reading=True) as connection:
                connection.execute(select(1))  # connecting is not part of the measure
                before = system_time()
                there: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
                after = system_time()
        except DBAPIError as error:
            log.warning("the database's clock cannot be read", kind=type(error).__name__)
            return
        offset = there.astimezone(UTC) - (before + (after - before) / 2)
        offset = offset if abs(offset) > NEAR + (after - before) / 2 else timedelta()
        if abs(offset - self._offset) > NEAR:
            log.warning("this machine's clock is wrong", seconds=round(-offset.total_seconds(), 3))
        self._offset, self._measured = offset, time.monotonic()
