"""A ranking: places, lots, and a reserve list that stands for its days (001 专栏4-2: 每年扶持建设)."""

from temporalio import workflow

from activities.messages import CaseStart
from domain.cases.selection import Selection
from workflows.process import CaseProcess


@workflow.defn(name="selection")
class SelectionProcess(CaseProcess):
    """排序 → 并列抽签 → 入选与候补；名额空缺的按名单递补."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Drawing, ranked, closed; a line that is judged anew, or another budget, may begin it again."""
        async for stage in self.stages(start, Selection.resting_stages):
            match stage:
                case "drawing":
                    await self.leave(
                        "drawing", "reserve"
                    )  # a draw is announced; its day comes; another holds it
                case _:
                    await self.leave(
                        stage, "reserve"
                    )  # free places are filled from the list until its last day
        return self.case.stage
