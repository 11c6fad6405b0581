"""A newly published holiday schedule reaches every running deadline it touches, in chunks (domain.md §5.5)."""

from temporalio import workflow

from activities.messages import CaseStart
from domain.cases.calendar import PublishedCalendar
from workflows.process import CaseProcess


@workflow.defn(name="calendar")
class CalendarProcess(CaseProcess):
    """The schedule counts from its publication on, whatever this does: acts recompute what they touch themselves."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Chunk after chunk until none is left; the next publication starts it again."""
        async for _stage in self.stages(start, PublishedCalendar.resting_stages):
            await self.act("roll-out", start.stream, f"{start.stream}/roll-out/{workflow.uuid4()}")
        return self.case.stage
