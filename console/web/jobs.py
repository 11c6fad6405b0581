"""Work that takes longer than a page may: it runs beside the requests, one of a kind at a time, and its page shows how it goes.

Held in the memory of one process: what a job found is nobody's record, and is gone with the process. It can be run again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any

import structlog

from gateway.clock import system_time

log = structlog.get_logger("web")


@dataclass
class Job:
    """One piece of work. `state`: running, done, or failed; times are real time."""

    name: str
    by: str
    begun: datetime
    state: str = "running"
    ended: datetime | None = None
    result: Any = None
    over: Event = field(default_factory=Event)

    def wait(self, seconds: float) -> None:
        """Until it is over, at most this long."""
        self.over.wait(seconds)

    @property
    def seconds(self) -> float:
        """How long it took, or has been running."""
        return round(((self.ended or system_time()) - self.begun).total_seconds(), 1)


class Jobs:
    """The latest job of each name."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = Lock()

    def get(self, name: str) -> Job | None:
        """The job that runs under this name, or the last one that did."""
        return self._jobs.get(name)

    def start(self, name: str, by: str, work: Callable[[], Any]) -> Job:
        """Begin it, unless it is running already."""
        with self._lock:
            found = self._jobs.get(name)
            if found and found.state == "running":
                return found
            job = self._jobs[name] = Job(name, by, system_time())
        Thread(target=self._run, args=(job, work), daemon=True, name=f"job-{name}").start()
        return job

    def _run(self, job: Job, work: Callable[[], Any]) -> None:
        try:
            job.result = work()
            job.state = "done"
        except Exception as error:  # whatever it was: its page says that it failed, the log says how
            log.error("job failed", job=job.name, kind=type(error).__name__)
            job.result, job.state = type(error).__name__, "failed"
        job.ended = system_time()
        job.over.set()
