"""The time-skipping server of a run of rehearsals: one for many stories, replaced when its time has stopped.

Temporal's Java test server sometimes loses count of what holds its time: after a story in which workflows ended while
news for them was on the way, its clock stands still for ever, with nothing running. That is noticed before the next
story and costs a restart; no story is played on a stopped clock.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from workflows.search import SEARCH_ATTRIBUTES

STANDSTILL = 4.0
"""Seconds of real time in which an idle server must be able to skip a minute."""


class RehearsalServer:
    """A running test server; `ready` before each story."""

    def __init__(self, path: Path, environment: WorkflowEnvironment) -> None:
        self._path, self._environment = path, environment

    @property
    def client(self) -> Client:
        """A client of the server as it runs now."""
        return self._environment.client

    async def now(self) -> datetime:
        """The server's time."""
        return (await self._environment.get_current_time()).astimezone(UTC)

    async def skip(self, ahead: timedelta) -> None:
        """Let the server's time pass; timers on the way fire."""
        await self._environment.sleep(ahead)

    async def ready(self) -> None:
        """Make sure that time can pass, on a new server if it must be. Nothing may be running."""
        try:
            await asyncio.wait_for(self.skip(timedelta(minutes=1)), STANDSTILL)
        except TimeoutError:
            await self.close()
            self._environment = await _start(self._path)

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
