"""An agency's outgoing post: one process, so that no letter is taken up twice, and what fails delays nothing else."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.messages import Deliver, Delivered, PostStart
from workflows.release import continue_anew, superseded

SILENCE = timedelta(seconds=25)
"""After this long without a sign of life a delivery is given out again: what its worker held when it was killed goes on."""
UNTIL_THERE = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))


@workflow.defn(name="post")
class PostProcess:
    """Woken when letters fall due. An agency that is down delays its own letters only; they wait on its queue."""

    def __init__(self) -> None:
        self._told = False

    @workflow.signal
    def wake(self, _: int) -> None:
        """Letters are due. Lost, doubled or late: nothing changes."""
        self._told = True

    @workflow.run
    async def run(self, start: PostStart) -> None:
        """Deliver all that is due, then wait for more, or for the next attempt at what failed."""
        while workflow.info().get_current_history_length() < start.most_events and not superseded():
            self._told = False
            done = await workflow.execute_activity(
                "deliver",
                Deliver(start.agency),
                result_type=Delivered,
                task_queue=f"{start.prefix}.{start.agency}",
                retry_policy=UNTIL_THERE,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=SILENCE,
                summary=f"{start.agency}: letters and documents",
            )
            try:
                await workflow.wait_condition(lambda: self._told, timeout=done.again)
            except TimeoutError:
                continue
        continue_anew(start)
