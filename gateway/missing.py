"""Processes that the record says must run and Temporal does not have: ended or deleted by hand, or by a namespace's retention.

Nobody would wake such a process before its case has news: it stands still in silence. So their number is held against
the number that runs, by Temporal's visibility, each time somebody looks; only where the two differ is it looked which.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, func, select
from temporalio.client import Client
from temporalio.service import RPCError

from gateway.process_health import Health, healths
from gateway.rebuilding import moving
from gateway.search import KIND
from records.schema import streams


async def missing(
    client: Client, engine: Engine, prefix: str, before: str, limit: int
) -> list[tuple[Any, Health]]:
    """Cases that stood so already before this legal time, with what Temporal says of their process; at most `limit`.

    Empty also when Temporal does not answer. A process is called missing only when Temporal, asked for it by name, says
    so: visibility comes a moment late.
    """
    running = f'WorkflowId STARTS_WITH "{prefix}/" AND ExecutionStatus = "Running" AND {KIND.name} != "post"'
    try:
        if (await client.count_workflows(running)).count == _how_many(engine):
            return []
        seen = {one.id async for one in client.list_workflows(running, page_size=1000)}
        rows = [row for row in _who(engine, before) if f"{prefix}/{row.id}" not in seen][:limit]
        found = await healths(client, [f"{prefix}/{row.id}" for row in rows])
    except RPCError:
        return []
    named = [(row, found.get(f"{prefix}/{row.id}")) for row in rows]
    return [(row, health) for row, health in named if health and not health.runs]


def _how_many(engine: Engine) -> int:
    with engine.connect().execution_options(reading=True) as connection:
        return connection.execute(select(func.count()).select_from(streams).where(moving())).scalar_one()


def _who(engine: Engine, before: str) -> Sequence[Any]:
    """Those of them that have no news: whoever has is woken, and its process begun, in any case."""
    columns = (streams.c.id, streams.c.kind, streams.c.stage, streams.c.recorded_at.label("since"))
    still = moving() & (streams.c.followed >= streams.c.head) & (streams.c.recorded_at < before)
    with engine.connect().execution_options(reading=True) as connection:
        return connection.execute(select(*columns).where(still).order_by(streams.c.recorded_at)).all()
