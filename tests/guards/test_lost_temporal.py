"""Temporal's database is gone: the ledger alone starts every process again, the round goes on, and nobody is told twice."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from typer.testing import CliRunner

from cli import app
from deploy.devserver import DevServer
from records.verify import verify
from tests.guards.house import Steadfast, mailbox
from tests.quiet import quiet as quiet

pytestmark = pytest.mark.slow


async def rebuild(house: Steadfast, address: str, *words: str) -> Any:
    """`huiqian ops rebuild`, as typed."""
    env = {
        "HUIQIAN_DATABASE_URL": str(house.engine.url), "HUIQIAN_TEMPORAL_ADDRESS": address,
        "HUIQIAN_TEMPORAL_NAMESPACE": "anew", "HUIQIAN_PREFIX": house.settings.prefix,
    }  # fmt: skip
    said = await asyncio.to_thread(
        CliRunner().invoke, app, ["ops", "rebuild", "--json", *words], env=env, catch_exceptions=False
    )
    assert said.exit_code == 0, said.stderr
    return json.loads(said.stdout)


async def test_a_round_goes_on_from_the_ledger_alone_on_a_server_that_knows_nothing(tmp_path: Path) -> None:
    with mailbox() as box:
        house = Steadfast(tmp_path, box.url)
        async with house.powered():
            await house.becomes(house.round, "open")
            noticed, silent = (house.filed(college, "DEMO-0101") for college in ("dg", "zh"))
            house.done("clerk@tro", "accept", noticed)
            panel = house.concluded(noticed)
            notice = house.done("notice-officer@tro", "publish-notice", lines=[f"{noticed}/1"])
            await house.at_rest()
        ends = {
            case: house.view(case)["deadlines"][name]["ends_at"]
            for case, name in ((silent, "completeness"), (notice, "notice"))
        }
        for file in tmp_path.glob("temporal.db*"):
            file.unlink()
        with DevServer(ui=False) as bare:  # neither our namespace nor our search attributes
            preview = await rebuild(house, bare.address, "--preview")
            assert preview["namespace_missing"]
            done = await rebuild(house, bare.address, "--yes")
            # The panel has concluded and rests; everything else that is open has its process again.
            assert set(done["started"]) == {house.round, noticed, silent, notice}
            assert panel not in done["started"]
            again = await rebuild(house, bare.address, "--yes")
            assert (again["started"], again["woken"]) == ([], 4)
            assert (again["namespace_missing"], again["search_attributes_missing"]) == (False, [])
            async with house.driven_by(await Client.connect(bare.address, namespace="anew")):
                for case, end in ends.items():  # by timers of the new server, set from the ledger's deadlines
                    await house.until(end)
                    await house.at_rest()
                    settled = next(e for e in house.view(case)["events"] if e["at"] == end)
                    assert settled["type"] in ("FilingAccepted", "NoticeClosed")
                house.done("approver@dept", "consent", lines=[f"{noticed}/1"])
                house.done(
                    "publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=[f"{noticed}/1"]
                )
                house.done("filer@zh", "withdraw", silent, reason="校内调整")
                await house.until(house.view(house.round)["window"]["closes"])
                await house.at_rest()
                process = await house.process(noticed).describe()
                assert process.search_attributes["HuiqianStage"] == ["completed"]
    assert [house.view(case)["stage"] for case in (noticed, house.round)] == ["completed", "completed"]
    letters = house.letters()
    assert {letter["status"] for letter in letters} == {"sent"}
    assert Counter(box.ids) == Counter(dict.fromkeys(box.ids, 1)), "somebody was told twice"
    assert len(box.ids) == len(letters)
    assert verify(house.engine).holds
    house.close()
