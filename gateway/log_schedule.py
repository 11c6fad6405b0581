"""The Temporal Schedule that starts a round of the transparency log every so often."""

from datetime import timedelta

import structlog
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError

log = structlog.get_logger("log")


async def keep_log_schedule(client: Client, prefix: str, seconds: int) -> None:
    """See that the schedule is there, with this interval. A server without schedules is told of in the log, no more."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            "log", {"prefix": prefix, "patience": min(seconds, 20)}, id=f"{prefix}/log", task_queue=prefix, static_summary="transparency log"
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=seconds))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )  # fmt: skip

    def update(_: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(f"{prefix}/log", schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(f"{prefix}/log").update(update)
    except RPCError as error:
        log.warning("no schedules here: run `huiqian audit integrate` by hand", status=error.status.name)
