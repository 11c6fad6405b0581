"""What Temporal says of a process that is late: not started, failing at its task, or waiting for an activity."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from gateway.payload_keys import SealRefused

MOST = 8
"""Processes asked about at once."""
LONGEST = 300
"""Characters of a failure that are shown."""


@dataclass(frozen=True)
class Health:
    """One process as Temporal sees it."""

    failing: bool
    zh: str
    en: str
    release: str = ""
    """To which release of the code it is pinned (gateway.releases); empty: to none, or it is over."""
    runs: bool = True
    """Whether it is there: neither over, nor deleted, nor never started."""


async def healths(client: Client, ids: Iterable[str]) -> dict[str, Health]:
    """The health of these processes; what cannot be asked about is left out."""
    turn = asyncio.Semaphore(MOST)

    async def one(id_: str) -> tuple[str, Health | None]:
        async with turn:
            try:
                return id_, await _health(client, id_)
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    return id_, Health(False, "没有这个流程（尚未启动，或已被删除）", "there is no such process (not started yet, or deleted)", runs=False)  # fmt: skip
                return id_, None

    found = await asyncio.gather(*(one(id_) for id_ in ids))
    return {id_: health for id_, health in found if health}


async def _health(client: Client, id_: str) -> Health:
    described = await client.get_workflow_handle(id_).describe()
    raw = described.raw_description
    release = raw.workflow_execution_info.versioning_info.deployment_version.build_id
    if described.close_time is not None:
        status = described.status.name.lower() if described.status else "closed"
        return Health(False, f"流程已结束（{status}）", f"the process has ended ({status})", runs=False)
    task = raw.pending_workflow_task
    if raw.HasField("pending_workflow_task") and task.attempt > 1:
        why = await _last_failure(client, described)
        return Health(True, f"第{task.attempt}次尝试：{why}", f"attempt {task.attempt}: {why}", release)
    for activity in raw.pending_activities:
        if activity.attempt > 1:
            name, why = activity.activity_type.name, await _said(client, activity.last_failure)
            return Health(
                False,
                f"{name} 第{activity.attempt}次尝试：{why}",
                f"{name}, attempt {activity.attempt}: {why}",
                release,
            )
    if tried := await _last_step(client, described):
        return Health(False, *tried, release)
    return Health(False, "流程在运行", "the process is running", release)


async def _said(client: Client, failure: Failure) -> str:
    """A failure's message, opened where it is sealed."""
    if not failure.HasField("encoded_attributes"):
        return failure.message[:LONGEST]
    try:
        (clear,) = await client.data_converter.decode([failure.encoded_attributes], [dict[str, str]])
    except SealRefused as refused:
        return str(refused)[:LONGEST]
    return str(clear.get("message", ""))[:LONGEST]


async def _newest(client: Client, described: WorkflowExecutionDescription) -> Sequence[HistoryEvent]:
    """The last events of its history, the newest first."""
    page = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=described.id, run_id=described.run_id),
            maximum_page_size=20,
        )
    )
    return page.history.events


async def _last_step(client: Client, described: WorkflowExecutionDescription) -> tuple[str, str] | None:
    """Why what the process last did itself failed (it reads the ledger and acts by local activities, which only its
    history knows of); None when it did not fail."""
    for event in await _newest(client, described):
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            marker = event.marker_recorded_event_attributes
            if not marker.HasField("failure") or "data" not in marker.details:
                return None
            try:
                (step,) = await client.data_converter.decode(
                    marker.details["data"].payloads, [dict[str, Any]]
                )
            except SealRefused as refused:
                return (said := str(refused)[:LONGEST]), said
            name, tries = step["activity_type"], step["attempt"]
            why = await _said(client, marker.failure)
            return f"{name} 第{tries}次尝试：{why}", f"{name}, attempt {tries}: {why}"
    return None


async def _last_failure(client: Client, described: WorkflowExecutionDescription) -> str:
    """Temporal's own word for why the last task failed: a kind and a message of ours, no data of the case."""
    for event in await _newest(client, described):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failed = event.workflow_task_failed_event_attributes
            kind = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")
            return f"{kind}: {await _said(client, failed.failure)}"
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            return "TIMED_OUT"
    return "?"
