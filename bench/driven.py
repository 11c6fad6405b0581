"""Acts driven to rest a second, against a workflow that takes an update and writes the same bytes in a local activity."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median

from temporalio.client import Client

from activities.paper import OfficialDocument, render
from bench.bare import QUEUE
from bench.children import Child, driven_town, python
from bench.ground import KINDS, Ground, ground
from bench.report import Result, ratio, say
from bench.rest import at_rest, letters_by_status, relaying
from bench.town import (
    ACTS_A_CASE,
    Town,
    act_bytes,
    acts_done,
    college,
    evaluation,
    major,
    settle_town,
    submission,
)
from domain.moments import day
from gateway.garbage import settle

CASES = 60
BLOCKS = 5
PREFIX = "bench"


@dataclass
class Series:
    """What one side did, block by block."""

    acts_per_second: list[float] = field(default_factory=list)
    cpu_per_act: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    """Of ours: the share of acts that processes did, each putting a document on record; the others are people's."""


def measure(quick: bool) -> Result:
    """Both databases, each in alternating blocks."""
    result = Result("driven")
    result.limit = (
        "both cores are full: about half is the dev server, which keeps a history event for every step; "
        "ours has fewer steps because a process reads several acts at one wake"
    )
    for kind in KINDS[:1] if quick else KINDS:
        with ground(kind) as here:
            asyncio.run(_measure(result, here, cases=8 if quick else CASES, blocks=2 if quick else BLOCKS))
    seconds = _rendering(2 if quick else 20)
    result.report("document rendering, apart: CPU of one official document", 1000 * seconds, "ms")
    return result


async def _measure(result: Result, here: Ground, cases: int, blocks: int) -> None:
    town = settle_town(here.engine, PREFIX, colleges=cases, majors=blocks + 1)
    ours, bare = Series(), Series()
    with driven_town(here, PREFIX, papers=False) as (server, worker):
        client = await Client.connect(server.address)
        env = {"HUIQIAN_TEMPORAL_ADDRESS": server.address, "HUIQIAN_DATABASE_URL": here.url}
        with (
            python("bare", ["-m", "bench.bare"], here.folder, env) as other,
            ThreadPoolExecutor(cases) as threads,
        ):
            async with relaying(town, client, PREFIX):
                await _driven(town, threads, worker, 0, cases, Series())
                settle()  # as every serving process does
                size = act_bytes(here.engine)
                await _updated(client, other, 0, cases, size, Series())
                for block in range(1, blocks + 1):
                    await _driven(town, threads, worker, block, cases, ours)
                    await _updated(client, other, block, cases, size, bare)
                    say(
                        f"{here.kind}: {ours.acts_per_second[-1]:.0f} acts/s at {1000 * ours.cpu_per_act[-1]:.1f} ms, "
                        f"{bare.acts_per_second[-1]:.0f} updates/s at {1000 * bare.cpu_per_act[-1]:.1f} ms"
                    )
    sent = letters_by_status(here.engine)
    if set(sent) != {"sent"}:
        raise AssertionError(f"letters: {sent}")
    kind = here.kind
    result.report(f"{kind}: acts driven to rest a second", median(ours.acts_per_second), "/s")
    result.report(f"{kind}: updates a second", median(bare.acts_per_second), "/s")
    result.report(
        f"{kind}: share of them that are a process's own (a document put on record)", median(ours.own)
    )
    result.at_least(f"{kind}: acts to updates", ratio(ours.acts_per_second, bare.acts_per_second), 1.5)
    result.report(f"{kind}: worker CPU of an act", 1000 * median(ours.cpu_per_act), "ms")
    result.at_most(f"{kind}: worker CPU, act to update", ratio(ours.cpu_per_act, bare.cpu_per_act), 0.6)
    result.data[kind] = {"bytes_an_act": size, "ours": vars(ours), "bare": vars(bare), "letters": sent}


async def _driven(
    town: Town, threads: ThreadPoolExecutor, worker: Child, block: int, cases: int, into: Series
) -> None:
    def case(n: int) -> None:
        tag = f"{block}/{n}"
        filing = town.do(submission(tag, college(n), town.round, [major(block)]))["case"]
        for wish in evaluation(tag, filing, 1):
            town.do(wish)

    await at_rest(town.engine, worker.alive)
    before, cpu, begun = acts_done(town.engine), worker.cpu(), time.perf_counter()
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(threads, case, n) for n in range(cases)))
    took = await at_rest(town.engine, worker.alive) - begun
    used, done = worker.cpu() - cpu, acts_done(town.engine) - before
    into.acts_per_second.append(done / took)
    into.cpu_per_act.append(used / done)
    into.own.append(1 - cases * ACTS_A_CASE / done)


async def _updated(client: Client, worker: Child, block: int, cases: int, size: int, into: Series) -> None:
    async def case(n: int) -> None:
        handle = await client.start_workflow("bare", ACTS_A_CASE, id=f"bare/{block}/{n}", task_queue=QUEUE)
        for _ in range(ACTS_A_CASE):
            await handle.execute_update("act", size)
        await handle.result()

    cpu, begun = worker.cpu(), time.perf_counter()
    await asyncio.gather(*(case(n) for n in range(cases)))
    into.acts_per_second.append(cases * ACTS_A_CASE / (time.perf_counter() - begun))
    into.cpu_per_act.append((worker.cpu() - cpu) / (cases * ACTS_A_CASE))


def _rendering(times: int) -> float:
    """CPU seconds of one official document (a notice of acceptance)."""
    paper = OfficialDocument(
        agency="示范教研室", document_no="粤技教〔2026〕1号", title="关于学制技师试点申报的受理通知", addressee="示范技师学院",
        paragraphs=["你院提交的申报材料收悉。经审核，材料齐全，符合申报条件，现予受理。"] * 4, table=None,
        signed_by="示范教研室", dated=day("2026-03-09"),
    )  # fmt: skip
    render(paper)
    begun = time.process_time()
    for _ in range(times):
        render(paper)
    return (time.process_time() - begun) / times
