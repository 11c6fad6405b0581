"""Work that takes longer than a page may: it runs beside the requests, one of a kind at a time, and its page shows how it goes.

What runs, and what came of the last one, stands in the table `jobs`: every process that serves pages shows the same, and none
begins what another is doing. It is nobody's record and can be run again. A process that works says so every few seconds;
once it is silent, its job has failed.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from threading import Event, Thread
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine, or_, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from domain.moments import instant, stamp
from gateway.clock import system_time
from records.people import jobs

log = structlog.get_logger("web")
BEAT = 5.0
"""Seconds between two signs of life."""
SILENCE = timedelta(seconds=30)
"""After this long without one, the process that did the work is gone."""


@dataclass(frozen=True)
class Task[T]:
    """A kind of work: the name of its latest job, and how what it finds is kept."""

    name: str
    found: TypeAdapter[T]


@dataclass(frozen=True)
class Job[T]:
    """One piece of work. `state`: running, done, or failed; times are real time."""

    by: str
    begun: datetime
    state: str
    ended: datetime | None = None
    result: T | None = None
    problem: str = ""
    """What kind of error ended it; empty when its process went away."""

    @property
    def seconds(self) -> float:
        """How long it took, or has been running."""
        return round(((self.ended or system_time()) - self.begun).total_seconds(), 1)


@dataclass
class Jobs:
    """The latest job of each name, whichever process began it."""

    engine: Engine
    _over: dict[str, Event] = field(default_factory=dict[str, Event])
    """Of those that this process began: set when one is over."""

    def get[T](self, task: Task[T]) -> Job[T] | None:
        """The job that runs under this name, or the last one that did. What an older release kept otherwise is forgotten."""
        with self.engine.connect().execution_options(reading=True) as connection:
            row = connection.execute(select(jobs).where(jobs.c.name == task.name)).first()
        if row is None:
            return None
        begun, seen = instant(row.begun_at), instant(row.seen_at)
        if row.state == "running":
            gone = seen < system_time() - SILENCE
            return Job(row.by, begun, "failed", seen) if gone else Job(row.by, begun, "running")
        if row.state == "failed":
            return Job(row.by, begun, "failed", seen, problem=row.found)
        with suppress(ValidationError):
            return Job(row.by, begun, "done", seen, task.found.validate_json(row.found))
        return None

    def start[T](self, task: Task[T], by: str, work: Callable[[], T]) -> None:
        """Begin it, unless it is running already, here or in another process."""
        now = system_time()
        row = {
            "name": task.name,
            "run": token_hex(8),
            "by": by,
            "begun_at": stamp(now),
            "seen_at": stamp(now),
        }
        over = or_(jobs.c.state != "running", jobs.c.seen_at < stamp(now - SILENCE))
        try:
            with self.engine.begin() as connection:
                connection.execute(jobs.delete().where(jobs.c.name == task.name, over))
                connection.execute(jobs.insert().values(**row, state="running", found=""))
        except IntegrityError:
            return
        done = self._over[task.name] = Event()
        Thread(target=self._alive, args=(row["run"], done), daemon=True, name=f"alive-{task.name}").start()
        Thread(
            target=self._run, args=(task, row["run"], work, done), daemon=True, name=f"job-{task.name}"
        ).start()

    def wait(self, task: Task[Any], seconds: float) -> None:
        """Until the job that this process began is over, at most this long."""
        if over := self._over.get(task.name):
            over.wait(seconds)

    def _run[T](self, task: Task[T], run: str, work: Callable[[], T], done: Event) -> None:
        try:
            kept = {"state": "done", "found": task.found.dump_json(work()).decode()}
        except Exception as error:  # whatever it was: its page says that it failed, the log says how
            log.error("job failed", job=task.name, kind=type(error).__name__)
            kept = {"state": "failed", "found": type(error).__name__}
        try:
            self._note(run, **kept)
        finally:
            done.set()

    def _alive(self, run: str, done: Event) -> None:
        while not done.wait(BEAT):
            try:
                self._note(run)
            except (
                DBAPIError
            ) as error:  # the records database is away: what the work finds is noted when it is back
                log.warning("no sign of life", kind=type(error).__name__)

    def _note(self, run: str, **kept: str) -> None:
        with self.engine.begin() as connection:
            mine = jobs.update().where(jobs.c.run == run)
            connection.execute(mine.values(seen_at=stamp(system_time()), **kept))
