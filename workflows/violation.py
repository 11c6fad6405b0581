"""A violation case: inquiry, hearing, decision; a suspension begins, is reviewed and ends on its days (000 五(三); X12)."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="violation")
class ViolationProcess(CaseProcess):
    """对违反试点工作要求的院校，省厅将视情节严重程度停止试点."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """From the lead to the end of the measure."""
        async for stage in self.stages(start):
            match stage:
                case "decided":
                    await self.decision_runs()
                case (
                    "notified" | "hearing"
                ):  # the college defends itself; until its time is over nothing is decided
                    await self.leave(stage, "hearing-request")
                case _:
                    await self.leave(
                        stage
                    )  # officers inquire, the college defends itself; people are only late
        return self.case.stage

    async def decision_runs(self) -> None:
        """A suspension takes effect at 00:00 of its first day and ends at 00:00 of its last; its review is somebody's move.

        Any other decision is over with the time in which the college may have it reconsidered.
        """
        await self.leave("decided", "suspension-begins", "suspension-ends", "reconsideration")
