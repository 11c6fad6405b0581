"""Keeps the histories of processes: each run's, compressed, by content hash, once the run is over.

The ledger knows every run from its first reading on (`runs`), so none is overlooked, and a sweep that was interrupted goes
on where it stopped. Temporal is asked about runs whose case is final or that were followed by another run, and now and then
about the others, far more often than it forgets; what it has forgotten already is marked `lost`, visibly.
"""

import asyncio
import gzip
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Engine, or_, select
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.moments import stamp
from gateway.clock import system_time
from gateway.codec import open_history
from gateway.payload_keys import SealRefused
from records.files import FileStore
from records.schema import runs, streams

log = structlog.get_logger("archivist")
AT_ONCE = 8
"""Histories fetched side by side."""
SELDOM = timedelta(minutes=10)
"""How long nothing is asked, at least, about a run that nothing says is over."""


@dataclass
class Swept:
    """What a sweep did."""

    kept: int = 0
    running: int = 0
    lost: int = 0
    sealed: int = 0
    """Over, but not to be opened: a master key is missing. They are asked about again."""


class Archivist:
    """One per environment is enough; several do no harm: the same history has the same hash."""

    def __init__(self, engine: Engine, client: Client, files: FileStore, most: int = 200) -> None:
        self._engine, self._client, self._files, self._most = engine, client, files, most

    async def run(self, interval: float) -> None:
        """Sweep until cancelled. While Temporal is away nothing is lost: retention counts only while it runs."""
        while True:
            try:
                await self.sweep(SELDOM)
            except RPCError as error:
                log.warning("archiving waits", status=error.status.name)
            except (
                Exception
            ) as error:  # a file store raises what its kind raises; a worker must not end for its archive
                log.warning("archiving waits", problem=type(error).__name__)
            await asyncio.sleep(interval)

    async def sweep(self, seldom: timedelta = timedelta()) -> Swept:
        """Ask about the runs that may be over and keep the histories of those that are. Raises RPCError, OSError.

        `seldom`: pass over those that were asked about within this time, and that nothing says are over.
        """
        done = Swept()
        waiting = await asyncio.to_thread(self._candidates, seldom)
        for start in range(0, len(waiting), AT_ONCE):
            part = waiting[start : start + AT_ONCE]
            for outcome in await asyncio.gather(*(self._one(run, workflow) for run, workflow in part)):
                done.kept += outcome == "kept"
                done.running += outcome == "running"
                done.lost += outcome == "lost"
                done.sealed += outcome == "sealed"
        return done

    def _candidates(self, seldom: timedelta) -> list[tuple[str, str]]:
        later = runs.alias()
        followed = select(later.c.run).where(
            later.c.stream == runs.c.stream, later.c.run != runs.c.run, later.c.seen_at >= runs.c.seen_at
        )
        over = or_(streams.c.final, followed.exists())
        query = select(runs.c.run, runs.c.workflow).join(streams, streams.c.id == runs.c.stream)
        open_ = query.where(runs.c.ended.is_(None)).order_by(runs.c.checked_at).limit(self._most)
        with self._engine.connect().execution_options(reading=True) as connection:
            other = open_.where(~over, runs.c.checked_at <= stamp(system_time() - seldom))
            found = [*connection.execute(open_.where(over)), *connection.execute(other)]
        return [(row.run, row.workflow) for row in found]

    async def _one(self, run: str, workflow: str) -> str:
        handle = self._client.get_workflow_handle(workflow, run_id=run)
        try:
            status = (await handle.describe()).status
            if status == WorkflowExecutionStatus.RUNNING:
                await asyncio.to_thread(self._note, run, {})
                return "running"
            history = await handle.fetch_history()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            log.error("a history is lost", run=run, workflow=workflow)
            await asyncio.to_thread(self._note, run, {"ended": "lost"})
            return "lost"
        # The archive is the record's own, beside the ledger: opened here, it can be read when Temporal's keys are long gone.
        try:
            clear = open_history(history.to_json(), self._client.data_converter.payload_codec)
        except SealRefused as refused:
            # Of this one; the others are kept meanwhile, and it too once its key is back.
            log.error("a history cannot be opened", run=run, workflow=workflow, problem=str(refused))
            await asyncio.to_thread(self._note, run, {})
            return "sealed"
        data = gzip.compress(clear.encode(), mtime=0)
        digest = await asyncio.to_thread(self._files.put, data)
        ended = status.name.lower().replace("_", "-") if status else "closed"
        await asyncio.to_thread(
            self._note, run, {"ended": ended, "history": digest, "length": len(history.events)}
        )
        return "kept"

    def _note(self, run: str, found: dict[str, str | int]) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                runs.update().where(runs.c.run == run).values(checked_at=stamp(system_time()), **found)
            )
