"""When everything is at rest: every process has read its stream, no letter is due, nothing moves by itself."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Engine, func, select
from temporalio.client import Client

from bench.town import Town
from gateway.relay import Relay
from gateway.views import behind, in_motion
from records.schema import letters

PATIENCE = 1200.0


class Restless(AssertionError):
    """The processes did not come to rest."""


@asynccontextmanager
async def relaying(town: Town, client: Client, prefix: str) -> AsyncGenerator[Relay]:
    """The gateway's own relay, as every gateway process with a connection to Temporal has one."""
    relay = Relay(town.gateway, client, town.environment, prefix)
    town.gateway.on_commit = relay.told
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        town.gateway.on_commit = lambda heads: None


async def at_rest(engine: Engine, alive: Callable[[], None], every: float = 0.1) -> float:
    """Wait for rest; gives the instant (of `time.perf_counter`) at which it was seen."""
    end = time.perf_counter() + PATIENCE
    while (what := await asyncio.to_thread(_moving, engine)) is not None:
        alive()
        if time.perf_counter() > end:
            raise Restless(what)
        await asyncio.sleep(every)
    return time.perf_counter()


def _moving(engine: Engine) -> str | None:
    if late := behind(engine):
        return f"{len(late)} streams behind, among them {next(iter(late))}"
    if due := letters_by_status(engine).get("due"):
        return f"{due} letters due"
    if moving := in_motion(engine):
        return f"{moving[0]} in motion"
    return None


def letters_by_status(engine: Engine) -> dict[str, int]:
    """How many letters are due, sent, failed, and to be told another way."""
    query = select(letters.c.status, func.count()).group_by(letters.c.status)
    with engine.connect().execution_options(reading=True) as connection:
        return dict(connection.execute(query).tuples().all())
