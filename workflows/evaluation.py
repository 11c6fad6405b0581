"""An evaluation: the panel scores, visits where needed, and its chair signs (000 五(四))."""

from temporalio import workflow

from activities.messages import CaseStart
from domain.cases.evaluation import Evaluation
from workflows.process import CaseProcess


@workflow.defn(name="evaluation")
class EvaluationProcess(CaseProcess):
    """受理单位组织院校、行业企业专家组成评估论证组，对申报材料进行评估论证，必要时实地考查."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Scoring, forming anew after a conflict, concluded; a returned line or a late conflict starts it again."""
        async for stage in self.stages(start, Evaluation.resting_stages):
            match stage:
                case "forming":
                    await self.leave("forming")  # an expert stood aside; the receiving unit names another
                case _:
                    await self.leave(stage)  # each expert scores every open line, then the chair concludes
        return self.case.stage
