"""What the auditor waits for: many histories replayed and compared, one bundle made and verified."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, select
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from audit.bundle import make_bundle
from audit.following import unpacked
from audit.histories import Kept
from audit.replay import Asked, replay, rows_of
from audit.verdict import verify_bundle
from bench.report import Result, say
from deploy.process import ROOT
from deploy.servers import ensure_test_server
from gateway.archivist import Archivist
from gateway.custody import Custody
from records.files import FileStore
from records.schema import runs, streams
from rehearsal.runner import play_on, stage_of
from rehearsal.server import time_skipping_server
from rehearsal.stage import Stage
from rehearsal.story import read_story
from worker import PROCESSES, sandbox

STORY = ROOT / "rehearsals" / "shared" / "01-straight-run.yaml"


def measure(quick: bool) -> Result:
    """A round played by the real processes; its histories, many times over, and the bundle of its longest filing."""
    result = Result("audit")
    result.limit = "the SDK replays each history in a workflow sandbox of its own; reading and comparing are little beside it"
    with tempfile.TemporaryDirectory(prefix="huiqian-bench-") as folder:
        asyncio.run(_measure(result, Path(folder), quick))
    return result


async def _measure(result: Result, folder: Path, quick: bool) -> None:
    story = read_story(STORY)
    async with (
        time_skipping_server(ensure_test_server()) as server,
        stage_of(server, story, "bench-audit") as stage,
    ):
        outcome = await play_on(stage, story)
        assert outcome.holds, outcome.failures
        await stage.strike()
        store = FileStore(f"{folder}/files")
        await Archivist(stage.gateway.engine, server.client, store).sweep()
        await _replays(result, stage.gateway.engine, store, 2 if quick else 10)
        _bundles(result, stage, store, folder, 2 if quick else 7)


async def _replays(result: Result, engine: Engine, store: FileStore, times: int) -> None:
    with engine.connect().execution_options(reading=True) as connection:
        kept = [
            (row.stream, row.run, row.history)
            for row in connection.execute(select(runs).where(runs.c.history.is_not(None)))
        ]
        alone: list[float] = []
        ours: list[float] = []
        for _ in range(5):
            alone.append(await _alone([unpacked(store.get(digest)) for _, _, digest in kept] * times))
            begun = time.perf_counter()
            asked = [
                Asked(
                    case,
                    rows_of(connection, case),
                    [Kept(run, "archive", unpacked(store.get(digest)))],
                    [],
                    whole=False,
                )
                for case, run, digest in kept * times
            ]
            done = await replay(asked)
            ours.append(time.perf_counter() - begun)
            assert all(one.same for one in done)
    count = len(kept) * times
    say(f"{count} histories: {median(ours):.2f} s, the Replayer alone {median(alone):.2f} s")
    result.data["replay"] = {"histories": count, "ours": ours, "alone": alone}
    result.report("histories replayed and compared with the ledger", count / median(ours), "/s")
    ratio = median(a / o for a, o in zip(alone, ours, strict=True))
    result.at_least(
        "the same, share of the rate of the SDK's Replayer on the same archived histories", ratio, 0.9
    )


async def _alone(texts: list[str]) -> float:
    """Seconds that the SDK takes to read and replay these histories."""

    async def each() -> AsyncIterator[WorkflowHistory]:
        for n, text in enumerate(texts):
            yield WorkflowHistory.from_json(f"h{n}", json.loads(text))

    begun = time.perf_counter()
    await Replayer(workflows=PROCESSES, workflow_runner=sandbox()).replay_workflows(
        each(), raise_on_replay_failure=True
    )
    return time.perf_counter() - begun


def _bundles(result: Result, stage: Stage, store: FileStore, folder: Path, times: int) -> None:
    with stage.gateway.engine.connect().execution_options(reading=True) as connection:
        query = select(streams.c.id).where(streams.c.kind == "filing").order_by(streams.c.head.desc())
        case = str(connection.execute(query).scalars().first())
    made: list[float] = []
    checked: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        bundle = make_bundle(
            stage.gateway, store, Custody(folder / "keys"), case, environment="bench", with_keys=True
        )
        made.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        assert verify_bundle(bundle.data, None).holds
        checked.append(time.perf_counter() - begun)
    result.data["bundle"] = {"made": made, "checked": checked}
    result.at_most("the bundle of a filing, made", median(made), 2, "s")
    result.report("the same, verified", median(checked), "s")
