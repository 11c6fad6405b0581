"""A programme: years of enrolment, until its catalog or its college gives it up and the last cohort is out (000 五(三))."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="programme")
class ProgrammeProcess(CaseProcess):
    """先报备再招生: each year's gate opens with its accepted filing and closes with the year."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Active, suspended, sunset; it lives for years and continues as new whenever its history grows long."""
        async for stage in self.stages(start):
            match stage:
                case "active" | "suspended":
                    # the year ends: enrolling again needs a new filing; an agreement ends: it is to be renewed
                    await self.leave(stage, "enrolment", "agreement")
                case _:  # sunset: its cohorts are taught to the end, by mentors whom agreements bring
                    await self.leave(stage, "agreement")
        return self.case.stage
