"""Cases begun on one release of the code go on under another, under load; a bad release is found, contained, rolled back."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError
from typer.testing import CliRunner

from cli import app
from deploy.devserver import DevServer
from deploy.postgres import Cluster
from deploy.process import stop
from deploy.temporal_server import ROLE, TemporalServer
from gateway.presence import served
from gateway.process_health import healths
from gateway.releases import Release, make_current, move, ramp, releases
from gateway.views import behind, letters_of
from records.verify import verify
from tests.processes.house import House
from tests.processes.releases import BAD, EARLIER, TODAY, released, run
from tests.processes.test_stuck import board, broken, clear, shows
from tests.register import MAJORS
from worker import PROCESSES, sandbox
from workflows.filing import FilingProcess
from workflows.search import SEARCH_ATTRIBUTES

pytestmark = pytest.mark.slow
COLLEGES = ("dg", "zh", "jia")
TELLS = "1.31"
"""From this release on the server tells a process of a new release; before it, processes are begun anew from the ledger."""
on_the_cluster = pytest.mark.skipif(
    not os.environ.get("HUIQIAN_CLUSTER_TEST"),
    reason="that server takes minutes to make: `make cluster-test`",
)


@pytest_asyncio.fixture(params=["1.29", pytest.param(TELLS, marks=on_the_cluster)])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House]:
    """An environment on the server of `make up`, and on the cluster's, on PostgreSQL."""
    tmp_path.chmod(0o755)  # PostgreSQL's user enters
    if request.param == TELLS:
        cluster = Cluster(roles=[ROLE], die_with_parent=True)
        await asyncio.to_thread(cluster.start)
        server = TemporalServer(
            tmp_path / "server", cluster, namespace="huiqian", search_attributes=SEARCH_ATTRIBUTES, die_with_parent=True
        )  # fmt: skip
    else:
        cluster, server = None, DevServer(ui=False, search_attributes=SEARCH_ATTRIBUTES, die_with_parent=True)
    await asyncio.to_thread(server.start)
    namespace = "huiqian" if cluster else "default"
    house = House(tmp_path, await Client.connect(server.address, namespace=namespace), "upgrades")
    yield house
    house.close()
    await asyncio.to_thread(server.stop)
    if cluster:
        await asyncio.to_thread(cluster.stop)


async def on(house: House, cases: Iterable[str]) -> dict[str, str]:
    """To which release the process of each case is pinned."""
    ids = {f"{house.name}/{case}": case for case in cases}
    return {ids[id_]: health.release for id_, health in (await healths(house.client, ids)).items()}


async def seen(house: House) -> dict[str, Release]:
    """What the operator sees of the releases."""
    return {r.name: r for r in await releases(house.client, house.name, served(house.engine))}


async def typed(house: House, *words: str, code: int = 0) -> Any:
    """A command of the operator, as typed; gives its JSON, or what it complains of."""
    env = {
        "HUIQIAN_DATABASE_URL": str(house.engine.url), "HUIQIAN_PREFIX": house.name,
        "HUIQIAN_TEMPORAL_ADDRESS": house.client.service_client.config.target_host,
        "HUIQIAN_TEMPORAL_NAMESPACE": house.client.namespace,
    }  # fmt: skip
    said = await asyncio.to_thread(
        CliRunner().invoke, app, ["ops", *words, "--json"], env=env, catch_exceptions=False
    )
    assert said.exit_code == code, said.stderr
    return json.loads(said.stdout) if said.stdout else said.stderr


async def becomes_current(house: House, release: str, percent: float | None = None) -> None:
    """Make it current, or ramp it, as soon as the server knows its worker."""
    for _ in range(150):
        try:
            if percent is None:
                return await make_current(house.client, house.name, release)
            return await ramp(house.client, house.name, release, percent)
        except RPCError:
            await asyncio.sleep(0.2)
    raise AssertionError(f"{release} is not known")


async def acting(house: House, by: str, act: str, cases: Iterable[str], **with_: Any) -> None:
    """People act on one case after another, whatever happens beside."""
    for case in cases:
        house.done(by, act, case, **with_)
        await asyncio.sleep(0.1)


async def all_on(house: House, release: str, cases: Iterable[str]) -> None:
    """Wait until every process is there, and no other release has one."""
    where: list[Any] = []
    for _ in range(100):
        running = [name for name, about in (await seen(house)).items() if about.running]
        where = [running, set((await on(house, cases)).values())]
        if where == [[release], {release}]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(where)


async def failing_on(house: House, release: str, cases: list[str]) -> set[str]:
    """Wait until some cases on this release are on the board, and all that has come to rest is not on it."""
    there = set[str]()
    for _ in range(200):
        there = {case for case, on_ in (await on(house, cases)).items() if on_ == release}
        stuck = {row.case for row in await board(house)}
        if stuck and stuck <= there and {what.partition("#")[0] for what in house.unrest()} <= there:
            return stuck
        await asyncio.sleep(0.1)
    raise AssertionError((there, await board(house), house.unrest()))


async def test_cases_move_to_a_new_release_under_load_and_back_from_a_bad_one(
    place: House, tmp_path: Path
) -> None:
    house, tells = place, place.client.namespace == "huiqian"
    patience = timedelta(seconds=20 if tells else 2)
    programs = {"earlier": run(house, released(tmp_path / "earlier", EARLIER), "earlier")}
    try:
        async with house.served(parts="relay"):  # relay and posts serve whatever release drives the cases
            await house.becomes(house.round, "open")  # the first release became current by itself
            begun = [house.filed(college, major) for college in COLLEGES for major in list(MAJORS)[:2]]
            await house.at_rest()
            assert set((await on(house, begun)).values()) == {"earlier"}
            first = await house.process(begun[0]).describe()

            programs["today"] = run(house, released(tmp_path / "today", TODAY), "today")
            load = asyncio.create_task(acting(house, "clerk@tro", "accept", begun))
            await becomes_current(house, "today")
            moved = await move(house.gateway, house.client, house.name, "today", patience=patience)
            await load
            await house.at_rest()
            assert bool(moved.restarted) is not tells, "where the server tells them, they move by themselves"
            await all_on(house, "today", [house.round, *begun])
            stop(programs.pop("earlier"), grace=20.0)
            ended = house.client.get_workflow_handle(first.id, run_id=first.run_id)
            written = await ended.fetch_history()
            with pytest.raises(NondeterminismError):  # what pinning has spared them
                await Replayer(workflows=PROCESSES, workflow_runner=sandbox()).replay_workflow(written)

            programs["bad"] = run(house, released(tmp_path / "bad", BAD, forgets=True), "bad")
            await becomes_current(house, "bad", percent=50)
            later = [house.filed(college, major) for college in COLLEGES for major in list(MAJORS)[2:]]
            with suppress(AssertionError):  # each has read its submission, or fails already
                await house.at_rest(patience=10.0)
            await acting(house, "clerk@tro", "accept", later)
            bad = await failing_on(house, "bad", [*begun, *later])  # contained: all others are at rest
            for case in bad:  # found, with its cause
                row = await shows(house, case, "process-failing")
                assert "bad" in row.en
                assert "NON_DETERMINISTIC" in row.en

            assert "no worker of release" in await typed(house, "upgrade", "nobodys", "--yes", code=2)
            preview = await typed(house, "upgrade", "today", "--preview")
            assert preview["to_move"] >= len(bad)
            assert (await seen(house))["bad"].state == "ramping", "a preview changes nothing"
            stop(programs.pop("bad"), grace=20.0)
            for case in bad:
                assert "bad" in (await shows(house, case, "no-worker")).en
            if tells:
                restarted = (await typed(house, "upgrade", "today", "--yes"))["restarted"]
            else:
                await becomes_current(house, "today")
                restarted = (
                    await move(house.gateway, house.client, house.name, "today", patience=patience)
                ).restarted
            assert bad <= set(restarted)
            await clear(house)
            states = {release["name"]: release["state"] for release in await typed(house, "versions")}
            assert states["today"] == "current"
            assert states["bad"] not in ("current", "ramping")
            for case in (*begun, *later):
                house.done(f"filer@{house.view(case)['college']}", "withdraw", case, reason="校内调整")
            await house.at_rest()
            for case in (*begun, *later):
                assert await house.process(case).result() == "withdrawn"
            await all_on(house, "today", [house.round])
    finally:
        for program in programs.values():
            stop(program, grace=20.0)
    assert verify(house.engine).holds
    assert {row["status"] for row in letters_of(house.engine)} == {"by-hand"}


@pytest.mark.parametrize("place", [pytest.param(TELLS, marks=on_the_cluster)], indirect=True)
async def test_a_process_that_fails_once_it_has_read_everything_is_found_too(
    place: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.served():
        await place.becomes(place.round, "open")
        await clear(place)
    with monkeypatch.context() as bad:
        bad.setattr(FilingProcess, "_show", broken)
        async with place.served(runner=UnsandboxedWorkflowRunner()):
            filing = place.filed("dg", "DEMO-0101")
            row = await shows(place, filing, "process-failing")
            assert "release of the day" in row.zh
            assert filing not in behind(place.engine), "nothing else would tell"
    async with place.served():
        await clear(place)
