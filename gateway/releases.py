"""Releases of the processes' code (Temporal's Worker Deployment versions): which there are, and how cases move between them.

A process is pinned to the release that began its run, so that no history meets code that did not write it. The current
release gets new runs; a process that is woken and sees another one continues there as a new run, from the ledger. What cannot
continue by itself (its task fails, or nobody serves its release) is ended, and the relay starts it from the ledger anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Literal

import structlog
from sqlalchemy import select
from temporalio.api.enums.v1 import RoutingConfigUpdateState, VersionDrainageStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentResponse,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from gateway.gateway import Gateway
from gateway.presence import served
from gateway.process_health import Health, healths
from gateway.wakes import Behind, wake
from records.schema import streams

log = structlog.get_logger("releases")
State = Literal["current", "ramping", "draining", "drained", "inactive"]
PATIENCE = timedelta(seconds=20)
"""How long a process that was woken may take to move by itself."""
LOOK = 10.0
"""Seconds between two looks whether there is a current release."""
AT_ONCE = 32
"""Processes woken or ended at once."""


@dataclass(frozen=True)
class Release:
    """One release, how new runs come to it, and how many processes run on it."""

    name: str
    state: State
    percent: float
    """Of new runs that a ramping release gets."""
    running: int
    there: bool
    """Whether a worker of it is there."""


@dataclass(frozen=True)
class Moved:
    """What became of the processes that ran on other releases."""

    by_themselves: int
    restarted: list[str]
    """Those that had to be ended and begun anew from the ledger."""


def sign(prefix: str, release: str) -> str:
    """The presence of a release's workers stands under this queue (gateway.presence)."""
    return f"{prefix}:{release}"


def deployment(prefix: str, release: str) -> WorkerDeploymentConfig | None:
    """How a worker of processes says which release it is; None where releases are not told apart."""
    if not release:
        return None
    version = WorkerDeploymentVersion(deployment_name=prefix, build_id=release)
    return WorkerDeploymentConfig(version, True, VersioningBehavior.PINNED)


async def keep_current(client: Client, prefix: str, release: str) -> None:
    """See to it that there is a current release, until cancelled.

    The first that an environment (or a server that was emptied) has becomes current by itself; later ones wait for an
    operator.
    """
    while True:
        pause = LOOK
        try:
            if not (await _routing(client, prefix))[0]:
                await make_current(client, prefix, release)
                log.info("first release", release=release)
        except RPCError as error:  # the server does not know our worker yet, or is away
            log.info("no current release yet", release=release, status=error.status.name)
            pause = 1.0
        await asyncio.sleep(pause)


async def make_current(client: Client, prefix: str, release: str) -> None:
    """New runs begin on this release, and nothing ramps any more. Raises RPCError, also when no worker of it is there."""
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace, deployment_name=prefix, build_id=release, ignore_missing_task_queues=True
        )
    )  # fmt: skip
    if (await _routing(client, prefix))[1]:
        await ramp(client, prefix, "", 0)
    await _told(client, prefix)


async def _told(client: Client, prefix: str) -> None:
    """Wait until all parts of the server know (servers before 1.31 do not say)."""
    for _ in range(100):
        state = (await _describe(client, prefix)).worker_deployment_info.routing_config_update_state
        if state != RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS:
            return
        await asyncio.sleep(0.1)


async def ramp(client: Client, prefix: str, release: str, percent: float) -> None:
    """So many of a hundred new runs begin on this release; the others on the current one. Raises RPCError."""
    await client.workflow_service.set_worker_deployment_ramping_version(
        SetWorkerDeploymentRampingVersionRequest(
            namespace=client.namespace, deployment_name=prefix, build_id=release, percentage=percent,
            ignore_missing_task_queues=True,
        )
    )  # fmt: skip


async def releases(client: Client, prefix: str, served: Iterable[str]) -> list[Release]:
    """All releases that the server remembers, the newest first; none where releases are not told apart. Raises RPCError.

    `served`: the queues that workers serve now (gateway.presence).
    """
    try:
        described = await _describe(client, prefix)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return []
        raise
    current, ramping, percent = await _routing(client, prefix)
    there = set(served)
    found: list[Release] = []
    summaries = described.worker_deployment_info.version_summaries
    for summary in sorted(summaries, key=lambda s: s.create_time.ToNanoseconds(), reverse=True):
        name = summary.deployment_version.build_id
        state: State = "inactive"
        if name in (current, ramping):
            state = "current" if name == current else "ramping"
        elif summary.drainage_status == VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINING:
            state = "draining"
        elif summary.drainage_status == VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED:
            state = "drained"
        running = (await client.count_workflows(_on(prefix, f"= '{prefix}:{name}'"))).count
        share = percent if state == "ramping" else 0.0
        found.append(Release(name, state, share, running, sign(prefix, name) in there))
    return found


async def move(
    gateway: Gateway,
    client: Client,
    prefix: str,
    release: str,
    *,
    progress: Callable[[int, int], None] = lambda done, of: None,
    patience: timedelta = PATIENCE,
) -> Moved:
    """Bring every process to this release, which must be current. It may be asked again at any time. Raises RPCError.

    Each is woken and moves by itself. Whose task fails, or who has not moved in time (the server may be too old to tell it,
    or its release's worker gone), is ended and begun anew from the ledger, which no person's act is lost by.
    """
    listed = [run.id async for run in client.list_workflows(_on(prefix, f"!= '{prefix}:{release}'"))]
    left = {id_: health for id_, health in (await healths(client, listed)).items() if _stays(health, release)}
    many, loop, there = len(left), asyncio.get_running_loop(), served(gateway.engine)
    until = loop.time() + patience.total_seconds()

    def able() -> list[str]:
        return [id_ for id_, at in left.items() if not at.failing and sign(prefix, at.release) in there]

    while (sleepers := able()) and loop.time() < until:
        # Again each time: the server may not have told the first time, while it was still spreading the word itself.
        await _each(sleepers, lambda id_: _signal(client, id_))
        await asyncio.sleep(1.0)
        left = {
            id_: health for id_, health in (await healths(client, left)).items() if _stays(health, release)
        }
        progress(many - len(left), many)
    rows = _rows(gateway, prefix, left)
    await _each(left, lambda id_: wake(client, prefix, gateway.clock.face, rows[id_], anew=True))
    progress(many, many)
    return Moved(many - len(left), sorted(id_.removeprefix(f"{prefix}/") for id_ in left))


def _stays(health: Health, release: str) -> bool:
    return health.release not in ("", release)


async def _each(ids: Iterable[str], do: Callable[[str], Awaitable[None]]) -> None:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(id_: str) -> None:
        async with turn:
            await do(id_)

    await asyncio.gather(*(one(id_) for id_ in ids))


async def _signal(client: Client, id_: str) -> None:
    try:
        await client.get_workflow_handle(id_).signal("wake", 0)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
            raise


def _rows(gateway: Gateway, prefix: str, ids: Iterable[str]) -> dict[str, Behind]:
    """What is to be started for each workflow id."""
    names = {id_: id_.removeprefix(f"{prefix}/") for id_ in ids}
    columns = (streams.c.id, streams.c.kind, streams.c.head, streams.c.followed)
    rows: dict[str, Behind] = {}
    with gateway.engine.connect().execution_options(reading=True) as connection:
        for some in batched(names.values(), 500):
            found = connection.execute(select(*columns).where(streams.c.id.in_(some)))
            rows |= {row.id: Behind(*row) for row in found}
    return {id_: rows.get(name) or Behind(name, "post") for id_, name in names.items()}


def _on(prefix: str, which: str) -> str:
    """Running processes of this environment on releases that are so."""
    return (
        f"ExecutionStatus = 'Running' AND TemporalWorkerDeployment = '{prefix}' AND WorkflowType != 'log'"
        f" AND TemporalWorkerDeploymentVersion {which}"
    )


async def _describe(client: Client, prefix: str) -> DescribeWorkerDeploymentResponse:
    return await client.workflow_service.describe_worker_deployment(
        DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=prefix)
    )


async def _routing(client: Client, prefix: str) -> tuple[str, str, float]:
    """The current release, the ramping one with its percentage; empty where there is none."""
    routing = (await _describe(client, prefix)).worker_deployment_info.routing_config
    ramping = routing.ramping_deployment_version.build_id
    return routing.current_deployment_version.build_id, ramping, routing.ramping_version_percentage
