"""A public notice of a batch of lines, always by the teaching-research office (000 五(四): 评估结果统一由省教研室公示)."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="notice")
class NoticeProcess(CaseProcess):
    """Consent comes after it, so it alone lets lines go on: those with nothing against them, when it ends."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Open until the hour of its last day, and through the postal grace where there is one."""
        async for _stage in self.stages(start):
            await self.leave("open", "notice", "postal-grace")
        return self.case.stage
