"""The workflow that driving is compared with. It stands alone, so that its sandbox has nothing to load."""

from datetime import timedelta

from temporalio import workflow


@workflow.defn(name="bare")
class Bare:
    """One case that lives in its workflow alone."""

    def __init__(self) -> None:
        self._done = 0

    @workflow.run
    async def run(self, acts: int) -> int:
        """Until so many acts were done."""
        await workflow.wait_condition(lambda: self._done >= acts)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._done

    @workflow.update(name="act")
    async def act(self, size: int) -> int:
        """One act: durable when this answers."""
        await workflow.execute_local_activity("write", size, start_to_close_timeout=timedelta(seconds=60))
        self._done += 1
        return self._done
