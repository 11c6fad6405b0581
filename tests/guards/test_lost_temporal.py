"""Temporal's database is gone: the ledger alone starts every process again, the round goes on, and nobody is told twice."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from temporalio.client import Client
from typer.testing import CliRunner

from cli import app
from deploy.devserver import DevServer
from deploy.process import free_ports
from gateway.views import letters_of, show
from records.verify import verify
from tests.guards.house import EXPERTS, Box, House


async def rebuild(house: House, address: str, *words: str) -> Any:
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
    box = Box()
    (port,) = free_ports(1)
    post = Controller(box, hostname="127.0.0.1", port=port)
    post.start()
    house = House(tmp_path, f"smtp://127.0.0.1:{port}")
    lost = ("dg", "zh")
    try:
        async with house.served():
            round_ = house.people()
            noticed, silent = (house.filed(college, round_) for college in lost)
            house.done("clerk@tro", "accept", noticed)
            panel = house.done("organiser@tro", "form-panel", noticed, experts=list(EXPERTS), chair="zhao")
            for expert in EXPERTS:
                house.done(f"expert:{expert}", "score", noticed, line="1", marks={"overall": 90})
            house.done("expert:zhao", "conclude", noticed, results={"1": "passed"})
            notice = house.done("notice-officer@tro", "publish-notice", lines=[f"{noticed}/1"])
            await house.at_rest()
        ends = {
            case: show(house.engine, case)["deadlines"][name]["ends_at"]
            for case, name in ((silent, "completeness"), (notice, "notice"))
        }
        for file in tmp_path.glob("temporal.db*"):
            file.unlink()
        with DevServer(ui=False) as bare:  # neither our namespace nor our search attributes
            preview = await rebuild(house, bare.address, "--preview")
            assert preview["namespace_missing"]
            done = await rebuild(house, bare.address, "--yes")
            # The panel has concluded and rests; everything else that is open has its process again.
            assert set(done["started"]) == {round_, noticed, silent, notice}
            assert panel not in done["started"]
            again = await rebuild(house, bare.address, "--yes")
            assert (again["started"], again["woken"]) == ([], 4)
            assert (again["namespace_missing"], again["search_attributes_missing"]) == (False, [])
            client = await Client.connect(bare.address, namespace="anew")
            async with house.worked(client):
                for case, end in ends.items():  # by timers of the new server, set from the ledger's deadlines
                    await house.until(end)
                    await house.at_rest()
                    settled = next(e for e in show(house.engine, case)["events"] if e["at"] == end)
                    assert settled["type"] in ("FilingAccepted", "NoticeClosed")
                house.done("approver@dept", "consent", lines=[f"{noticed}/1"])
                house.done(
                    "publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=[f"{noticed}/1"]
                )
                house.done("filer@zh", "withdraw", silent, reason="校内调整")
                await house.until(show(house.engine, round_)["window"]["closes"])
                await house.at_rest()
                process = await client.get_workflow_handle(f"outage/{noticed}").describe()
                assert process.search_attributes["HuiqianStage"] == ["completed"]
    finally:
        post.stop()
    assert [show(house.engine, case)["stage"] for case in (noticed, round_)] == ["completed", "completed"]
    letters = letters_of(house.engine)
    assert {letter["status"] for letter in letters} == {"sent"}
    assert Counter(box.ids) == Counter(dict.fromkeys(box.ids, 1)), "somebody was told twice"
    assert len(box.ids) == len(letters)
    assert verify(house.engine).holds
