"""The yearly call: its window opens and closes by itself, and it is over when its last filing is (000 二(二))."""

from temporalio import workflow

from activities.messages import CaseStart
from workflows.process import CaseProcess


@workflow.defn(name="round")
class RoundProcess(CaseProcess):
    """专业目录清单在每年申报通知中予以公布，各技师学院须按公布的试点专业进行申报."""

    @workflow.run
    async def run(self, start: CaseStart) -> str:
        """Called, open, closed, completed."""
        async for stage in self.stages(start):
            match stage:
                case "called":
                    await self.leave("called", "opens")  # the day the call names: the window opens
                case "open":
                    await self.leave(
                        "open", "closes"
                    )  # colleges file; the hour the call names: the window closes
                case _:
                    await self.leave(stage)  # the process of the last filing to end completes the round
        return self.case.stage
