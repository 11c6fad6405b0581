"""An announcement or a correction: written, stored, put out (000 五(四): 正式对外公布; 信息公开条例 26)."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="announcement")
class AnnouncementProcess(CaseProcess):
    """The lines are announced by the act itself; this sees the document out and tells the colleges."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Document and letters go out; then the publication is on the record."""
        async for _stage in self.stages(start):
            await self.document_is_written()
            await self.act("record-publication", start.stream, f"{start.stream}/record-publication")
        return self.case.stage

    async def document_is_written(self) -> None:
        """The department's post writes it, and puts its hash on the record."""
        await self.post_is_out()
        await self.until(lambda: not self.case.unwritten)
