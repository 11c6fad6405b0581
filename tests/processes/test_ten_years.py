"""Ten years of one programme: short histories, the same record with continue-as-new, after replay, and from the ledger alone."""

from contextlib import suppress
from dataclasses import replace

import pytest
from temporalio.client import WorkflowHistory
from temporalio.service import RPCError
from temporalio.worker import Replayer

from activities.messages import CaseStart, Clock
from domain.moments import instant, stamp
from rehearsal.stage import Stage
from rehearsal.story import Step, Story
from tests.processes.disturbances import Disturbed, ended_at_rest
from tests.stories.catalogue import story
from tests.stories.ledger_only import play_on_the_ledger
from tests.stories.test_stories import must_hold
from tests.stories.theatre import Performance, Theatre, driven
from worker import PROCESSES, sandbox

MOST_EVENTS = 60
YEARS = range(2026, 2036)


def ten_years() -> Story:
    """The first steps of `enrolment`, then every year the filing, its acceptance, letters and a cohort; then a sunset."""
    told = story("enrolment")
    announced = [step for step in told.steps if step.place.startswith(("common", "announced"))]
    steps = [*announced]
    filer = next(step.by for step in announced if step.do == "submit-filing")
    approver = next(step.by for step in announced if step.do == "consent")
    officer = next(step.by for step in announced if step.do == "issue-call")
    for year in YEARS:
        of = {"programme": "F/1", "year": year}
        letters = [{"at": f"{year}-06-01 10:00", "entry": "senior-high", "count": 38}]
        steps += [
            Step(f"{year}", instant(f"{year}-05-06 09:00"), filer, "file-enrolment", None, {**of, "plan": 40, "fees": []}),
            Step(f"{year}", instant(f"{year}-05-20 09:00"), approver, "accept-enrolment", None, of,
                 expect={"P": {"enrolment": "open"}}),
            Step(f"{year}", instant(f"{year}-06-02 09:00"), filer, "record-admissions", None, {**of, "letters": letters}),
            Step(f"{year}", instant(f"{year}-09-01 09:00"), filer, "open-cohort", None, {**of, "students": 38}, f"C{year}"),
            Step(f"{year}", instant(f"{year + 1}-01-01 00:30"), expect={"P": {"enrolment": "blocked"}}),
        ]  # fmt: skip
    call = {
        "year": 2036, "document_no": "粤人社函〔2036〕5号", "majors": [{"code": "DEMO-0209", "name": "工业机器人应用与维护"}],
        "window": {"opens": "2036-03-03 09:00", "closes": "2036-03-31 17:30"},
    }  # fmt: skip
    expected = {"P": {"status": "sunset"}, "C2035": {"status": "teaching-out"}}
    steps.append(
        Step("2036", instant("2036-03-03 09:00"), officer, "issue-call", None, call, expect=expected)
    )
    return replace(told, title="ten years", steps=steps)


class Renewing(Disturbed):
    """Every programme's process continues as new after few events."""

    begun: set[str]

    def __init__(self, made: Stage) -> None:
        super().__init__(made)
        self.begun = set()

    async def disturb(self) -> None:
        for case, kind in driven(self.gateway.engine).items():
            if kind != "programme" or case in self.begun:
                continue
            self.begun.add(case)
            with suppress(RPCError):
                await ended_at_rest(self.server.client.get_workflow_handle(f"{self.prefix}/{case}"))
            clock = Clock(real=stamp(self.face.real), legal=stamp(self.face.legal), rate=self.face.rate)
            await self.server.client.start_workflow(
                kind, CaseStart(case, clock, self.prefix, after=self.head(case), most_events=MOST_EVENTS),
                id=f"{self.prefix}/{case}", task_queue=self.prefix,
            )  # fmt: skip


def programmes_of(performance: Performance) -> list[WorkflowHistory]:
    """The last runs of the programmes' processes."""
    return [h for id_, h in performance.histories.items() if performance.kinds[id_] == "programme"]


def longest(performance: Performance) -> int:
    """Events in the longest of them."""
    return max(len(history.events) for history in programmes_of(performance))


@pytest.mark.slow
async def test_ten_years_of_a_programme(theatre: Theatre) -> None:
    told = ten_years()
    renewed = await theatre.perform(told, Renewing)
    must_hold(renewed.outcome)
    plain = await theatre.perform(told)
    must_hold(plain.outcome)
    # what a process has in memory is of no account: the ledger alone says the same
    for performance in (renewed, plain):
        outcome, record = play_on_the_ledger(told, prefix=performance.prefix)
        must_hold(outcome)
        assert performance.record.differences(record) == []
    for performance in (renewed, plain):
        assert all(len(history.events) < 10_000 for history in performance.histories.values())
        for history in programmes_of(performance):
            await Replayer(workflows=PROCESSES, workflow_runner=sandbox()).replay_workflow(history)
    assert longest(renewed) < longest(plain)
    began = [h.events[0].workflow_execution_started_event_attributes for h in programmes_of(renewed)]
    assert any(start.continued_execution_run_id for start in began), "no process went on as new"
