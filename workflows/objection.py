"""An objection: only its own line waits for it (CA-10; practice of §5.2)."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="objection")
class ObjectionProcess(CaseProcess):
    """The teaching-research office verifies; when it is late the line goes on waiting, and that is seen."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Registered and admitted at once, or kept as a lead; then verified."""
        async for stage in self.stages(start):
            await self.leave(stage)
        return self.case.stage
