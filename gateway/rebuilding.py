"""Temporal is lost, or came back from an old backup: every process that the ledger says must run is woken, or started anew.

Nothing of a case is kept in Temporal alone. A process that is started reads its stream, finds the stage, sets its alarm
for the recorded deadline; an agency's post sees to the letters that are still due; those that went out are not due, so
nobody is told twice. Waking a process that runs changes nothing, so all of this may be done again at any time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from sqlalchemy import ColumnElement, Engine, exists, or_, select
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.cases.filing import DRAFT_STAGES
from domain.kinds import DRIVEN, KINDS
from gateway.clock import ClockFace
from gateway.wakes import Behind, wake
from records.ledger import POST
from records.schema import letters, streams

AT_ONCE = 16
"""Processes asked about, or started, side by side."""
RETENTION = timedelta(days=3)
"""How long a namespace that is made here keeps what is over: time enough to archive it."""
SETTLING = 30.0
"""Seconds in which a server must have taken notice of its new namespace and attributes (its caches live ten)."""
_NOT_YET = (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT)


@dataclass(frozen=True)
class Lacks:
    """What the server does not know yet."""

    namespace: bool
    attributes: list[str]


@dataclass
class Woken:
    """What became of the processes: those that had to be started, and those that were there."""

    started: list[str] = field(default_factory=list[str])
    running: list[str] = field(default_factory=list[str])


def moving() -> ColumnElement[bool]:
    """Of a stream: it is open and not at rest, so that its process must be there."""
    stages = [
        (streams.c.kind == kind) & streams.c.stage.not_in(KINDS[kind].resting_stages | DRAFT_STAGES)
        for kind in sorted(DRIVEN)
    ]
    return ~streams.c.final & or_(*stages)


def owed(engine: Engine) -> list[Behind]:
    """Every process that must be there, by the ledger alone: of a stream that is open and not at rest, or behind, and the
    post of an agency with letters to deliver.

    A closed round whose filings are all over waits for the process of the last one to say so: that filing counts too.
    """
    posting = select(letters.c.sender).where(letters.c.status == "due").distinct()
    of_it = (streams.c.round == (round_ := streams.alias()).c.id) & (streams.c.kind == "filing")
    another = streams.alias()
    unfinished = exists().where(
        another.c.round == round_.c.id,
        another.c.kind == "filing",
        another.c.stage != "draft",
        ~another.c.final,
    )
    completing = select(round_.c.id, streams.c.id.label("filing")).where(
        round_.c.kind == "round", round_.c.stage == "closed", of_it, streams.c.final, ~unfinished
    )
    columns = (streams.c.id, streams.c.kind, streams.c.head, streams.c.followed)
    must = or_(moving(), streams.c.followed < streams.c.head)
    with engine.connect().execution_options(reading=True) as connection:
        rows = {row.id: Behind(*row) for row in connection.execute(select(*columns).where(must))}
        last = {row.id: row.filing for row in connection.execute(completing)}
        found = connection.execute(select(*columns).where(streams.c.id.in_(last.values())))
        rows.update((row.id, Behind(*row)) for row in found)
        posts = [f"{POST}{sender}" for sender in connection.execute(posting).scalars()]
    rows.update((id_, Behind(id_, "post")) for id_ in posts)
    return [rows[id_] for id_ in sorted(rows)]


async def lacks(client: Client, attributes: Mapping[str, str]) -> Lacks:
    """What of namespace and search attributes the server does not have. Raises RPCError."""
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return Lacks(namespace=True, attributes=sorted(attributes))
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return Lacks(namespace=False, attributes=sorted(set(attributes) - set(known.custom_attributes)))


async def prepare(client: Client, attributes: Mapping[str, str], missing: Lacks) -> None:
    """Make what is missing. Raises RPCError."""
    if missing.namespace:
        kept = Duration()
        kept.FromTimedelta(RETENTION)
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=kept)
        )
    if missing.attributes:
        types = {
            name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{attributes[name].upper()}")
            for name in missing.attributes
        }
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
        await _settled(lambda: client.operator_service.add_search_attributes(request))


async def which_run(client: Client, prefix: str, rows: Iterable[Behind]) -> set[str]:
    """The streams among these whose process runs now. Raises RPCError."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(stream: str) -> str | None:
        async with turn:
            try:
                described = await client.get_workflow_handle(f"{prefix}/{stream}").describe()
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                return None
        return stream if described.status == WorkflowExecutionStatus.RUNNING else None

    return {stream for stream in await asyncio.gather(*(one(row.stream) for row in rows)) if stream}


async def rebuild_processes(
    client: Client,
    prefix: str,
    clock: ClockFace,
    rows: list[Behind],
    running: set[str],
    progress: Callable[[int], None] = lambda done: None,
) -> Woken:
    """Wake every one of these streams, the relay's own way; who does not run is started. Raises RPCError.

    What was started stays started when this is cut off, and doing it again is harmless. Those that run are woken as
    well: a server that came back from an old backup may not have told them of what happened since.
    """
    turn, done = asyncio.Semaphore(AT_ONCE), Woken()

    async def one(row: Behind) -> None:
        async with turn:
            await _settled(lambda: wake(client, prefix, clock, row))
            (done.running if row.stream in running else done.started).append(row.stream)
            progress(len(done.running) + len(done.started))

    async with asyncio.TaskGroup() as tasks:
        for row in rows:
            tasks.create_task(one(row))
    return done


async def _settled(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask again while the server's caches do not know yet what was just made."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SETTLING
    while True:
        try:
            await ask()
            return
        except RPCError as error:
            if error.status not in _NOT_YET or loop.time() > until:
                raise
            await asyncio.sleep(0.5)
