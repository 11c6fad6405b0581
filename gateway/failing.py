"""Processes whose task fails though they have read all there is: by the record nothing is late, only Temporal knows.

Temporal's server marks a process whose task failed several times in a row (since 1.31; how often, deploy/temporal-server.yaml
says); what it has marked is looked up each time somebody looks.
"""

from collections.abc import Container, Sequence
from typing import Any

from sqlalchemy import Engine, literal, select
from temporalio.client import Client
from temporalio.service import RPCError

from records.schema import streams

MARK = "TemporalReportedProblems"


async def failing(
    client: Client, engine: Engine, prefix: str, known: Container[str], limit: int
) -> Sequence[Any]:
    """Cases whose process is marked, but those that are known already; at most `limit`.

    Empty also when Temporal does not answer, or knows no such mark.
    """
    marked = f'WorkflowId STARTS_WITH "{prefix}/" AND ExecutionStatus = "Running" AND {MARK} IS NOT NULL'
    try:
        found = [one.id async for one in client.list_workflows(marked, limit=limit)]
    except RPCError:
        return []
    ids = [case for id_ in found if (case := id_.removeprefix(f"{prefix}/")) not in known]
    columns = (streams.c.id, streams.c.kind, streams.c.stage, streams.c.head, streams.c.followed)
    late = (literal("failing").label("late"), streams.c.recorded_at.label("since"))
    with engine.connect().execution_options(reading=True) as connection:
        return connection.execute(select(*columns, *late).where(streams.c.id.in_(ids))).all()
