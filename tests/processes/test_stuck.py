"""A stuck case is found with its cause, and is gone from the board once it is cured; on a real server, with real workers."""

import asyncio
import time
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner

from deploy.process import free_ports
from domain.files import Command
from gateway.answers import Answer
from gateway.gateway import Gateway
from gateway.relay import Relay
from gateway.stuck import Stuck, find_stuck
from gateway.temporal import answers
from tests.processes.house import PATIENCE, House
from workflows.filing import FilingProcess

SOON = timedelta(milliseconds=50)
SHENZHEN, DONGGUAN = "szjs", "dg"


async def board(house: House) -> list[Stuck]:
    """What an operator sees now, with less patience than usual; officers who are late left out."""
    found = await find_stuck(house.gateway, house.client, house.name, grace=SOON)
    return [row for row in found if row.cause != "overdue"]


async def shows(house: House, case: str, cause: str, saying: str = "") -> Stuck:
    """Wait for a case to be on the board for this cause, with this in its evidence."""
    for _ in range(int(PATIENCE / 0.1)):
        for row in await board(house):
            if (row.case, row.cause) == (case, cause) and saying in row.en:
                return row
        await asyncio.sleep(0.1)
    raise AssertionError(f"{case} is not shown as {cause}: {await board(house)}")


async def clear(house: House) -> None:
    """Wait for the board to be empty."""
    rows: list[Stuck] = []
    for _ in range(int(PATIENCE / 0.1)):
        if not (rows := await board(house)):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(rows)


def broken(process: FilingProcess) -> None:
    """What a bad release does when a case is to be shown."""
    raise RuntimeError("release of the day")


def restarted(house: House, case: str) -> None:
    """An operator has the process of a case begin anew: an act like any other, on a page or typed."""
    house.done("ops@dept", "restart-process", case, reason="升级之后")


async def test_a_case_without_a_worker_says_so_until_one_is_there(house: House) -> None:
    filing = house.filed(DONGGUAN, "DEMO-0101") if house.view(house.round)["stage"] == "open" else house.round
    row = await shows(house, filing, "no-worker")
    assert row.whose == "ops@dept"
    async with house.served():
        await clear(house)


async def test_without_a_relay_nobody_is_woken_and_the_board_says_so_until_one_is_there(house: House) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        await house.at_rest()
    async with house.served(parts="processes"):
        while house.gateway.on_commit.__name__ != Relay.told.__name__:
            await asyncio.sleep(0.01)
        house.gateway.on_commit = lambda heads: None  # people act at the pages, which are another program
        filing = house.filed(DONGGUAN, "DEMO-0101")
        row = await shows(house, filing, "no-relay")
        assert row.about()["remedies"] == ["start-relay"]
        assert {row.cause for row in await board(house)} == {"no-relay"}, "its letters wait for the same"
    async with house.served():
        await clear(house)


async def test_a_temporal_that_does_not_answer_is_known_from_one_that_does(house: House) -> None:
    nobody = await Client.connect(f"127.0.0.1:{free_ports(1)[0]}", lazy=True)
    began = time.monotonic()
    assert not await answers(nobody)
    assert time.monotonic() - began < 10
    assert await answers(house.client)


async def test_an_agency_whose_worker_is_away_is_named_as_the_cause(house: House) -> None:
    async with house.served(agencies="dept,tro,gz"):
        await house.becomes(house.round, "open")
        theirs = house.filed(SHENZHEN, "DEMO-0101")
        row = await shows(house, theirs, "agency-down")
        assert "sz" in row.zh
        assert "never seen" in row.en
        await house.at_rest(but="@")  # letters end in @ and their recipient
        assert {r.cause for r in await board(house)} == {"agency-down"}
    async with house.served():
        await clear(house)
    house.done("filer@szjs", "withdraw", theirs, reason="校内调整")
    async with house.served(agencies="dept,tro,gz"):
        row = await shows(house, theirs, "agency-down")
        assert "last seen 20" in row.en, "it has stopped in good order, and is gone at once"


async def test_a_release_that_breaks_a_process_is_found_with_its_error_and_the_mended_one_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        filing = house.filed(DONGGUAN, "DEMO-0101")
        await house.at_rest()
    with monkeypatch.context() as bad:
        bad.setattr(FilingProcess, "_show", broken)
        async with house.served(runner=UnsandboxedWorkflowRunner()):
            house.done("clerk@tro", "accept", filing)
            row = await shows(house, filing, "process-failing")
            assert "release of the day" in row.zh
            assert "restart-process" in row.about()["remedies"]
    async with house.served():
        await clear(house)
        await house.at_rest()
    assert house.view(filing)["stage"] == "accepted"


async def test_a_process_that_was_ended_begins_anew_from_the_ledger(house: House) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        filing = house.filed(DONGGUAN, "DEMO-0101")
        await house.at_rest()
        before = (await house.process(filing).describe()).run_id
        restarted(house, filing)
        await house.at_rest()
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()
        assert (await house.process(filing).describe()).run_id != before
    sent = [row["id"] for row in house.letters(filing)]
    assert len(sent) == len(set(sent))


async def test_a_process_that_failed_for_long_begins_anew_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.relay.PATIENCE", 600.0)  # as after some hours of waking it in vain
    async with house.served(runner=UnsandboxedWorkflowRunner()):
        await house.becomes(house.round, "open")
        filing = house.filed(DONGGUAN, "DEMO-0101")
        await house.at_rest()
        before = (await house.process(filing).describe()).run_id
    monkeypatch.setattr(FilingProcess, "_show", broken)
    async with house.served(runner=UnsandboxedWorkflowRunner()):
        house.done("clerk@tro", "accept", filing)
        await shows(house, filing, "process-failing")
        monkeypatch.undo()
        monkeypatch.setattr("gateway.relay.PATIENCE", 600.0)
        begun = time.monotonic()
        restarted(house, filing)
        await house.at_rest()
        assert time.monotonic() - begun < 8, "sooner than Temporal tries the task again"
        assert (await house.process(filing).describe()).run_id != before
        await clear(house)


async def test_processes_that_were_deleted_or_ended_by_hand_are_missed_though_their_cases_have_no_news(
    house: House,
) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        ended, deleted = house.filed(DONGGUAN, "DEMO-0101"), house.filed(SHENZHEN, "DEMO-0101")
        await house.at_rest()
        await clear(house)
        await house.process(ended).terminate("by hand")
        gone = WorkflowExecution(workflow_id=house.process(deleted).id)
        await house.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(namespace=house.client.namespace, workflow_execution=gone)
        )
        await shows(house, ended, "process-missing", "terminated")
        await shows(house, deleted, "process-missing", "deleted")
        for case in (ended, deleted):
            restarted(house, case)
        await clear(house)


async def test_a_process_that_cannot_leave_a_stage_of_its_own_is_behind_though_it_has_read_everything(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, full = Gateway.act, asyncio.Event()

    def failing(self: Gateway, command: Command, *, internal: bool = False) -> Answer:
        if internal and full.is_set():
            raise OSError("the disk is full")
        return act(self, command, internal=internal)

    monkeypatch.setattr(Gateway, "act", failing)
    async with house.served():
        await house.becomes(house.round, "open")
        await clear(house)
        full.set()
        by = "catalog-officer@dept"
        calendar = house.done(by, "publish-calendar", year=2031, holidays=[], workdays=[], source="test")
        row = await shows(house, calendar, "behind", "act, attempt")
        assert "leaves this stage by itself" in row.en
        assert "the disk is full" in row.zh
        full.clear()
        await clear(house)
