"""What the time-skipping server cannot show: visibility, current details, workers that come and go, queues without one."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.service import RPCError
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from gateway.presence import Presence, relay_sign, served
from gateway.relay import BUSY, Relay
from gateway.views import behind, letters_of
from tests.processes.conftest import days_pass
from tests.processes.house import House
from tests.register import COLLEGES, MAJORS, PANEL
from worker import PROCESSES, sandbox
from workflows.search import SEARCH_ATTRIBUTES

SHENZHEN, DONGGUAN = "szjs", "dg"


@days_pass
async def test_a_new_worker_with_nothing_in_memory_goes_on_where_the_last_one_stopped(house: House) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        filing = house.filed(DONGGUAN, "DEMO-0101", "DEMO-0105")
        await house.at_rest()
    async with house.served():
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()
    async with house.served():
        house.panel(filing)
        await house.at_rest()
    async with house.served():
        for expert in PANEL:
            house.scored(filing, expert)
        results = {"1": "passed", "2": "passed"}
        house.done(f"expert:{PANEL[0]}", "conclude", filing, results=results)
        await house.at_rest()
    refs = [f"{filing}/1", f"{filing}/2"]
    async with house.served():
        notice = house.done("notice-officer@tro", "publish-notice", lines=refs)
        await house.at_rest()
    async with house.served():
        await house.becomes(notice, "closed")  # a timer that another worker set
        await house.at_rest()
        house.done("approver@dept", "consent", lines=refs)
        house.done("publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=refs)
        await house.at_rest()
    assert house.view(filing)["stage"] == "completed"
    assert (await house.process(filing).result(), await house.process(notice).result()) == (
        "completed",
        "closed",
    )


async def test_processes_that_nobody_serves_keep_no_other_from_being_woken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.relay.PAGE", 3)
    filings = [house.filed(DONGGUAN, major) for major in MAJORS]
    assert len(behind(house.engine)) > 6
    relay = Relay(house.gateway, house.client, house.environment, house.name, sweep=0.05)
    relaying = asyncio.create_task(relay.run())
    try:
        for (
            filing
        ) in filings:  # no worker: none of them ever reads, and each sweep finds the same ones behind
            for _ in range(500):
                with suppress(RPCError):
                    await house.process(filing).describe()
                    break
                await asyncio.sleep(0.02)
            else:
                pytest.fail(f"{filing} was never woken")
    finally:
        relaying.cancel()
    async with house.served():
        await house.at_rest()


@days_pass
async def test_an_agency_without_a_worker_delays_only_its_own_letters(house: House) -> None:
    async with house.served(agencies="dept,tro,gz"):
        await house.becomes(house.round, "open")
        theirs = house.filed(SHENZHEN, "DEMO-0101")
        ours = house.filed(DONGGUAN, "DEMO-0101")
        house.done("clerk@sz", "accept", theirs)
        house.done("clerk@tro", "accept", ours)
        evaluation = house.panel(theirs)
        for expert in PANEL:
            house.scored(theirs, expert)
        house.done(f"expert:{PANEL[0]}", "conclude", theirs, results={"1": "passed"})
        await house.at_rest(but="@")  # letters end in @ and their recipient
        notice = house.done("notice-officer@tro", "publish-notice", lines=[f"{theirs}/1"])
        await house.becomes(notice, "closed")
        house.done("filer@dg", "withdraw", ours, reason="校内调整")
        await asyncio.sleep(1)
        await house.at_rest(but="@")
        due = {row["sender"] for row in letters_of(house.engine) if row["status"] == "due"}
        assert due == {"sz"}
        assert house.view(theirs)["lines"]["1"]["state"] == "noticed"
        assert house.view(evaluation)["stage"] == "concluded"
    async with house.served(agencies="sz"):
        await house.at_rest()


async def test_a_process_can_be_found_and_read_in_temporals_own_pages(house: House) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        filing = house.filed(DONGGUAN, "DEMO-0101")
        await house.at_rest()
        described = await house.process(filing).describe()
        shown = {pair.key.name: pair.value for pair in described.typed_search_attributes.search_attributes}
        assert set(shown) >= set(SEARCH_ATTRIBUTES)
        assert shown["HuiqianKind"] == "filing"
        assert (shown["HuiqianStage"], shown["HuiqianAgency"], shown["HuiqianWaitingFor"]) == (
            "submitted",
            "tro",
            "accept",
        )
        assert shown["HuiqianDue"] == house.view(filing)["deadlines"]["completeness"]["ends_at"]
        found = await until_found(house, "HuiqianStage = 'submitted' AND HuiqianAgency = 'tro'", filing)
        assert found == f"{house.name}/{filing}"
        about: Any = await house.process(filing).query(
            "__temporal_workflow_metadata", result_type=WorkflowMetadata
        )
        assert about.current_details.startswith("**submitted** · waits for tro to accept by ")
        began = [EventType.Name(e.event_type) async for e in house.process(filing).fetch_history_events()]
        assert "EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES" not in began, "it was started with them"


async def until_found(house: House, query: str, case: str) -> str:
    """Visibility follows a moment later."""
    for _ in range(200):
        async for process in house.client.list_workflows(query):
            if process.id.endswith(case):
                return process.id
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing found by {query}")


async def test_a_wake_from_a_ledger_that_is_ahead_does_not_keep_a_process_busy(house: House) -> None:
    """A restored backup, or a replica that lags: the number in a wake may be larger than any event there is."""
    async with house.served():
        await house.becomes(house.round, "open")
        filing = house.filed(DONGGUAN, "DEMO-0101")
        await house.at_rest()
        await house.process(filing).signal("wake", 1_000_000)
        await asyncio.sleep(1.5)
        described = (await house.process(filing).describe()).raw_description
        assert not described.HasField("pending_workflow_task"), "the process reads the ledger again and again"
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()


async def test_every_process_passes_the_sandbox() -> None:
    runner = sandbox()
    assert isinstance(runner, SandboxedWorkflowRunner)
    for process in PROCESSES:
        definition: Any = vars(process)["__temporal_workflow_definition"]
        runner.prepare_workflow(definition)


async def test_relay_processes_and_an_agencys_post_are_served_by_workers_of_their_own(house: House) -> None:
    async with house.served(parts="relay", agencies="none"):
        filing = house.filed(DONGGUAN, "DEMO-0101")
        await asyncio.sleep(1.5)
        assert filing in behind(house.engine), "a relay starts processes, and runs none"
        assert served(house.engine) == {relay := relay_sign(house.name)}
        async with house.served(parts="processes", agencies="none"):
            await house.becomes(house.round, "open")
            house.done("clerk@tro", "accept", filing)
            await house.at_rest(but="@")
            assert {row["status"] for row in house.letters(filing)} == {"due"}
            assert served(house.engine) == {relay, house.name}
            async with house.served(parts="none", agencies="tro"):
                await house.at_rest()
                assert served(house.engine) == {relay, house.name, f"{house.name}.tro"}


async def test_after_many_processes_had_news_at_once_the_next_is_woken_without_anybody_looking_for_it(
    house: House,
) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        await house.at_rest()
    eligible = [
        c for c, (_, kind, city, _) in COLLEGES.items() if kind == "technician-college" and city[:2] == "44"
    ]
    async with house.served(parts="processes"):  # nobody looks for what is behind: only what is told is woken
        while house.gateway.on_commit.__name__ != Relay.told.__name__:
            await asyncio.sleep(0.01)
        filings = [
            house.filed(college, major) for college in eligible for major in ("DEMO-0101", "DEMO-0105")
        ]
        assert len(filings) > BUSY
        await house.at_rest(but="@")
        house.done("ops@dept", "restart-process", filings[0], reason="x")
        await house.at_rest(but="@")


async def test_with_the_ledger_away_a_worker_may_be_stopped_and_the_process_goes_on_when_both_are_back(
    house: House,
) -> None:
    async with house.served():
        await house.becomes(house.round, "open")
        filing = house.filed(DONGGUAN, "DEMO-0101")
        await house.at_rest()
    async with house.served(parts="processes", agencies="none"):
        house.done("clerk@tro", "accept", filing)
        with house.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE streams RENAME TO away")
        await house.process(filing).signal("wake", 1_000_000)
        await asyncio.sleep(5)
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 5
    with house.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO streams")
    async with house.served():
        await house.at_rest()


async def test_a_worker_whose_sign_of_life_breaks_ends_and_says_why(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Presence) -> None:
        raise RuntimeError("no sign of life")

    monkeypatch.setattr(Presence, "run", broken)
    with pytest.raises(RuntimeError, match="no sign of life"):
        async with house.served():
            await asyncio.sleep(1)
