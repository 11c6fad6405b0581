"""A filing: received by affiliation, completed or supplemented once, evaluated, and then line by line (000 五(四))."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="filing")
class FilingProcess(CaseProcess):
    """申报院校准备申报材料 → 受理单位 → 评估论证 → 公示 → 省厅同意 → 正式对外公布."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """From submission to the last line's end."""
        async for stage in self.stages(start):
            match stage:
                case "unrouted":
                    await self.department_says_where_it_goes()
                case "submitted":
                    await self.receiving_unit_accepts_or_asks()
                case "supplementing":
                    await self.college_supplies()
                case "accepted":
                    await self.receiving_unit_forms_the_panel()
                case "evaluating":
                    await self.panel_evaluates()
                case _:
                    await self.lines_go_their_own_ways(stage)
        if self.case.round:
            await self.act("complete-round", self.case.round, f"{start.stream}/complete-round")
        return self.case.stage

    async def department_says_where_it_goes(self) -> None:
        """五(四) does not route private, district and enterprise colleges of Guangzhou and Shenzhen: a person does."""
        await self.leave("unrouted")

    async def receiving_unit_accepts_or_asks(self) -> None:
        """许可法 32 by analogy: accept, decline or ask once, in the days of `completeness`; silence accepts."""
        await self.leave("submitted", "completeness")

    async def college_supplies(self) -> None:
        """In the days of `supplement`; silence gives the filing up."""
        await self.leave("supplementing", "supplement")

    async def receiving_unit_forms_the_panel(self) -> None:
        """The service promise `decision` runs; nothing lapses, people are only late."""
        await self.leave("accepted")

    async def panel_evaluates(self) -> None:
        """The evaluation is a process of its own; the applicant was told, so the promise stands still."""
        await self.leave("evaluating")

    async def lines_go_their_own_ways(self, stage: str) -> None:
        """Notice, approval and announcement are processes of their own; lines may come back to the panel."""
        await self.leave(stage)
