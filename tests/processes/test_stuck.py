"""A stuck case is found with its cause, and is gone from the board once it is cured; on a real server, with real workers."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from domain.actors import parse_actor
from domain.files import Command
from gateway.remedies import restart_process
from gateway.stuck import Stuck, find_stuck
from tests.processes.house import PATIENCE, House
from workflows.filing import FilingProcess

SOON = timedelta(milliseconds=50)
SHENZHEN, DONGGUAN = "szjs", "dg"


async def board(house: House) -> list[Stuck]:
    """What an operator sees now, with less patience than usual; officers who are late left out."""
    found = await find_stuck(house.gateway, house.client, house.name, grace=SOON)
    return [row for row in found if row.cause != "overdue"]


async def shows(house: House, case: str, cause: str) -> Stuck:
    """Wait for a case to be on the board for this cause."""
    for _ in range(int(PATIENCE / 0.1)):
        if row := next((r for r in await board(house) if (r.case, r.cause) == (case, cause)), None):
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


async def test_a_case_without_a_worker_says_so_until_one_is_there(house: House) -> None:
    filing = house.filed(DONGGUAN, "DEMO-0101") if house.view(house.round)["stage"] == "open" else house.round
    row = await shows(house, filing, "no-worker")
    assert row.whose == "ops@dept"
    async with house.served():
        await clear(house)


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
    def broken(self: FilingProcess) -> None:
        raise RuntimeError("release of the day")

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
        wish = Command(
            id=f"{house.name}-restart", act="restart-process", by=parse_actor("ops@dept"), case=filing,
            with_={"reason": "升级之后"},
        )  # fmt: skip
        answer = await restart_process(house.gateway, house.client, house.name, wish)
        assert answer["outcome"] == "accepted"
        await house.at_rest()
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()
        assert (await house.process(filing).describe()).run_id != before
    sent = [row["id"] for row in house.letters(filing)]
    assert len(sent) == len(set(sent))
