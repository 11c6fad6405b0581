"""The department's approval of the lines whose notice ended clean (000 五(四): 并经省厅同意)."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="approval")
class ApprovalProcess(CaseProcess):
    """Opens by itself when a notice closes; done when every line is consented to, refused, returned or gone."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Waits for the department; its silence never consents."""
        async for _stage in self.stages(start):
            await self.leave("open")
        return self.case.stage
