"""Stages on which processes are disturbed between the steps of a story."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from activities.messages import CaseStart, Clock
from domain.moments import stamp
from records.schema import streams
from rehearsal.stage import Stage
from tests.stories.theatre import driven

TASK = {EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED}
NO_TASK = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
}  # fmt: skip


class Disturbed(Stage):
    """The stage as it was made; `disturb` happens whenever time has moved."""

    def __init__(self, made: Stage) -> None:
        self.__dict__ = made.__dict__  # one and the same stage

    async def move_to(self, legal: datetime) -> None:
        """Move, then disturb."""
        await super().move_to(legal)
        await self.caught_up()
        await self.disturb()

    async def disturb(self) -> None:
        """What this stage does to the processes."""
        raise NotImplementedError

    def processes(self) -> dict[str, WorkflowHandle[Any, Any]]:
        """The process of every case that may have one."""
        client = self.server.client
        return {
            id_: client.get_workflow_handle(f"{self.prefix}/{id_}") for id_ in driven(self.gateway.engine)
        }

    def head(self, case: str) -> int:
        """How many events a case has."""
        query = select(streams.c.head).where(streams.c.id == case)
        with self.gateway.engine.connect().execution_options(reading=True) as connection:
            return int(connection.execute(query).scalar_one())


class Echoing(Disturbed):
    """Every wake comes again and again, also those of long ago."""

    async def disturb(self) -> None:
        for case, process in self.processes().items():
            with suppress(RPCError):  # it has ended, or never began
                for head in (0, 1, self.head(case), self.head(case)):
                    await process.signal("wake", head)


class Deaf(Disturbed):
    """No wake is sent after a commit; only the sweep finds what is behind."""

    async def disturb(self) -> None:
        self.gateway.on_commit = lambda heads: None


class Forgetful(Disturbed):
    """Every process is ended and begun anew, at every stage it comes to."""

    ended = 0

    async def disturb(self) -> None:
        for case, process in self.processes().items():
            with suppress(RPCError):  # it never began
                if await ended_at_rest(process):
                    Forgetful.ended += 1
                    await self.begin(case)

    async def begin(self, case: str) -> None:
        """As the relay would."""
        kind = driven(self.gateway.engine)[case]
        clock = Clock(real=stamp(self.face.real), legal=stamp(self.face.legal), rate=self.face.rate)
        await self.server.client.start_workflow(
            kind, CaseStart(case, clock, self.prefix, after=self.head(case)), id=f"{self.prefix}/{case}",
            task_queue=self.prefix, start_signal="wake", start_signal_args=[self.head(case)],
        )  # fmt: skip


async def ended_at_rest(process: WorkflowHandle[Any, Any]) -> bool:
    """End a running process when none of its tasks is under way (the test server's time would stand still)."""
    for _ in range(500):
        described = await process.describe()
        if described.status != WorkflowExecutionStatus.RUNNING:
            return False
        history = [event.event_type for event in (await process.fetch_history()).events]
        last = next((kind for kind in reversed(history) if kind in TASK | NO_TASK), None)
        if last not in TASK and not described.raw_description.pending_activities:
            await process.terminate("a test")
            return True
        await asyncio.sleep(0.01)
    raise AssertionError(f"{process.id} does not come to rest")
