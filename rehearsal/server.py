"""The time-skipping server of a run of rehearsals: one for many stories, replaced when its time has stopped.

Temporal's Java test server can stop its own clock. It refuses a workflow task that cancels a timer which fired while
the task ran ("invalid history builder state", where Temporal's real server just drops the timer), and then waits for
that task for ever; it also loses count of what holds its time when workflows end while news for them is on the way.
No story is judged on a stopped clock: it is noticed, the server is replaced, and the story is played again.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from workflows.search import SEARCH_ATTRIBUTES

PATIENCE = 10.0
"""Seconds of real time in which the clock of a server that is skipping must have moved by a minute at least."""
ATTEMPTS = 3
"""How often a story is played before standstills count as the processes' own fault."""


class Standstill(Exception):
    """The server's time does not pass."""


class RehearsalServer:
    """A running test server; every story is `played` on it."""

    def __init__(self, path: Path, environment: WorkflowEnvironment) -> None:
        self._path, self._environment = path, environment

    @property
    def client(self) -> Client:
        """A client of the server as it runs now."""
        return self._environment.client

    async def now(self) -> datetime:
        """The server's time."""
        return (await self._environment.get_current_time()).astimezone(UTC)

    async def skip(self, ahead: timedelta, patience: float = PATIENCE) -> None:
        """Let the server's time pass; timers on the way fire. Raises Standstill."""
        now = await self.now()
        goal = now + ahead
        while now < goal:
            before = now
            with suppress(
                TimeoutError, RPCError
            ):  # a call has a deadline of its own; much may happen on the way
                await asyncio.wait_for(self._environment.sleep(goal - now), patience)
            now = await self.now()
            if now < min(goal, before + timedelta(minutes=1)):
                raise Standstill(f"{now} → {goal}")

    async def played[T](self, play: Callable[[], Awaitable[T]]) -> T:
        """Play a story on a server whose time passes; one that stood still or died on it is replaced.

        Nothing else may be running. Raises Standstill or RPCError when it happens again and again.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self.skip(timedelta(minutes=1), patience=4.0)
                return await play()
            except (Standstill, RPCError):
                if attempt == ATTEMPTS:
                    raise
                with suppress(RPCError, RuntimeError):  # it may be dead already
                    await self.close()
                self._environment = await _start(self._path)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Stop the server."""
        await self._environment.shutdown()


async def _start(path: Path) -> WorkflowEnvironment:
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(path), test_server_startup_timeout=timedelta(seconds=60)
    )
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    await environment.client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace="default", search_attributes=dict.fromkeys(SEARCH_ATTRIBUTES, keyword)
        )
    )
    return environment


@asynccontextmanager
async def time_skipping_server(path: Path) -> AsyncGenerator[RehearsalServer]:
    """One test server for many stories, with the search attributes that the processes use."""
    server = RehearsalServer(path, await _start(path))
    try:
        yield server
    finally:
        await server.close()
