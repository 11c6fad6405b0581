"""One round of the transparency log: integrate what is new, ask each agency to cosign, publish what they signed."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.messages import Cosign, Cosigned, Integrated, LogStart, Publish, Published

TWICE = RetryPolicy(maximum_attempts=2)
"""The next round comes soon, and takes up whatever this one could not do."""


@workflow.defn(name="log")
class LogRound:
    """Started by a schedule, one at a time. An agency that is down only lacks among the cosignatures."""

    @workflow.run
    async def run(self, start: LogStart) -> Published:
        """Returns who has cosigned the newest checkpoint, and whether they are enough."""
        new = await workflow.execute_activity(
            "integrate", False, result_type=Integrated, retry_policy=TWICE, summary="new rows become leaves",
            start_to_close_timeout=timedelta(minutes=10),
        )  # fmt: skip
        if not new.checkpoint:
            return Published([], False)
        answers = await asyncio.gather(
            *(self._cosign(start, agency, new.checkpoint) for agency in new.witnesses)
        )
        lines = [answer.line for answer in answers if answer.line]
        return await workflow.execute_activity(
            "publish-checkpoint", Publish(new.size, lines), result_type=Published, retry_policy=TWICE,
            start_to_close_timeout=timedelta(minutes=1), summary=f"{len(lines)} cosigned {new.size}",
        )  # fmt: skip

    async def _cosign(self, start: LogStart, agency: str, checkpoint: str) -> Cosigned:
        try:
            return await workflow.execute_activity(
                "cosign", Cosign(agency, checkpoint), result_type=Cosigned, retry_policy=TWICE,
                task_queue=f"{start.prefix}.{agency}", schedule_to_start_timeout=timedelta(seconds=start.patience),
                start_to_close_timeout=timedelta(minutes=10), summary=f"{agency} checks and cosigns",
            )  # fmt: skip
        except ActivityError as error:
            return Cosigned(problem=type(error.cause).__name__)
