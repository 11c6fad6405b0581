"""A throw-away environment for one story: its own ledger and worker on a shared time-skipping server, its own clock."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from domain.cases.calendar import CalendarPublished
from domain.kinds import DRIVEN
from domain.moments import stamp
from domain.policy import Pack
from gateway.clock import ClockFace, LegalClock
from gateway.founding import found
from gateway.gateway import Gateway
from gateway.settings import Settings
from gateway.views import behind, in_motion, unsettled
from records.engine import migrate, open_engine
from records.ledger import POST
from records.schema import letters, streams
from rehearsal.server import RehearsalServer, Standstill
from worker import sandbox, serve

PATIENCE = 30.0
"""Seconds of real time after which processes that have not caught up count as stuck."""
AFTER = timedelta(seconds=2)
"""Server time beyond the legal instant: a timer is set a task's duration late, and one that is due has fired then."""


class Stuck(Standstill):
    """The processes did not catch up with the ledger; on this server that may be the server's fault."""


class Stage:
    """What a story is played on."""

    def __init__(self, server: RehearsalServer, gateway: Gateway, face: ClockFace, prefix: str) -> None:
        self.server, self.gateway, self.face, self.prefix = server, gateway, face, prefix
        self.now = face.legal
        gateway.clock = LegalClock(face, self.real)

    def real(self) -> datetime:
        """The real time that the story's time stands for."""
        return self.face.real + (self.now - self.face.legal)

    async def move_to(self, legal: datetime) -> None:
        """Let time pass until an instant: the clock stands there, and every timer on the way fires."""
        self.now = max(self.now, legal)
        ahead = self.real() + AFTER - await self.server.now()
        if ahead > timedelta():
            await self.server.skip(ahead)

    async def caught_up(self) -> None:
        """Wait until every process has read its stream, nothing is due and unsettled, and the post is out."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while waiting := self._outstanding():
            if asyncio.get_running_loop().time() > deadline:
                raise Stuck(f"流程未跟上 / processes did not catch up: {waiting}")
            await asyncio.sleep(0.02)

    def _outstanding(self) -> list[str]:
        engine = self.gateway.engine
        if late := behind(engine):
            return [f"{stream} behind {head}" for stream, head in late.items()]
        if due := unsettled(engine, stamp(self.now)):
            return [f"{case} unsettled" for case in due]
        if moving := in_motion(engine):
            return [f"{case} in motion" for case in moving]
        query = select(letters.c.id).where(letters.c.status == "due")
        with engine.connect().execution_options(reading=True) as connection:
            return [f"{id_} undelivered" for (id_,) in connection.execute(query)]

    def posts(self) -> list[str]:
        """The agencies' posts, whose letters there are."""
        with self.gateway.engine.connect().execution_options(reading=True) as connection:
            return [f"{POST}{s}" for s in connection.execute(select(letters.c.sender).distinct()).scalars()]

    async def strike(self) -> None:
        """End the story's processes, so that their timers do not slow the next story's time."""
        with suppress(Stuck):
            await self.caught_up()
        query = select(streams.c.id).where(streams.c.kind.in_(DRIVEN), streams.c.followed > 0)
        with self.gateway.engine.connect().execution_options(reading=True) as connection:
            ids = [*connection.execute(query).scalars(), *self.posts()]
        # Twice: a wake that was on its way may have started a process anew that had just ended.
        for id_ in [*ids, *ids]:
            with suppress(RPCError):  # it never started, or ended by itself
                await self._end(self.server.client.get_workflow_handle(f"{self.prefix}/{id_}"))

    async def _end(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Terminate a process once no task of it is under way: ended in the middle of one, the server's time stands still."""
        for _ in range(500):
            described = await handle.describe()
            if described.status != WorkflowExecutionStatus.RUNNING:
                return
            raw = described.raw_description
            if not raw.pending_activities and not raw.HasField("pending_workflow_task"):
                break
            await asyncio.sleep(0.01)
        await handle.terminate("rehearsal over")


@asynccontextmanager
async def set_up(
    server: RehearsalServer,
    *,
    name: str,
    pack: Pack,
    beside: Iterable[Pack] = (),
    settings: dict[str, Any],
    schedules: Iterable[CalendarPublished],
    start: datetime,
) -> AsyncGenerator[Stage]:
    """Found an environment whose clock stands at `start`, and serve it. Everything is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="huiqian-rehearsal-"))
    engine = open_engine(f"sqlite:///{folder}/records.db")
    try:
        migrate(engine)
        face = ClockFace(real=await server.now(), legal=start)
        environment = found(
            engine, id_=name, pack=pack, beside=beside, settings=settings, face=face, schedules=schedules
        )
        stage = Stage(server, Gateway(engine, LegalClock(face)), face, name)
        config = Settings(
            database_url="", files=f"{folder}/files", prefix=name, archive_every=0, wake_pause=0
        )
        stop = asyncio.Event()
        serving = asyncio.create_task(
            serve(server.client, stage.gateway, environment, config, stop, sandbox())
        )
        try:
            yield stage
            await stage.strike()
        except Standstill:  # its processes go with their server
            raise
        except BaseException:
            await stage.strike()
            raise
        finally:
            stop.set()
            await serving
    finally:
        engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)
