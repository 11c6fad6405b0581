"""A round of ten thousand lines, noticed, consented to and announced in batches: time, memory, longest history."""

import asyncio
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched

from sqlalchemy import func, select
from temporalio.client import Client

from bench.children import Child, driven_town
from bench.ground import Ground, ground
from bench.report import Result, say
from bench.rest import at_rest, letters_by_status, relaying
from bench.town import Town, college, command, evaluation, major, settle_town, submission, working_day
from domain.files import Command
from records.schema import lines

PREFIX = "bench"
LINES = 5
COLLEGES = 100
BATCH = 500
RATE = "7200"
"""Legal time for real time: a day in twelve seconds, so that the notices' days pass, and no notice takes until the next."""
THREADS = 8
MEMORY = 1024
"""Megabytes that worker and gateway may take, whatever the round's size."""


def measure(quick: bool) -> Result:
    """On PostgreSQL and a real dev server, the worker in a process of its own."""
    result = Result("big-round")
    result.limit = "the processes of two thousand filings: each is woken and writes its letters, and documents are rendered"
    with ground("postgresql") as here:
        asyncio.run(_measure(result, here, filings=20 if quick else 2_000, batch=50 if quick else BATCH))
    return result


async def _measure(result: Result, here: Ground, filings: int, batch: int) -> None:
    colleges = min(COLLEGES, filings)
    majors = LINES * -(-filings // colleges)
    town = settle_town(here.engine, PREFIX, colleges=colleges, majors=majors, rate=RATE, days=280)
    total = filings * LINES
    with driven_town(here, PREFIX, papers=True) as (server, worker):
        client = await Client.connect(server.address)
        async with relaying(town, client, PREFIX):
            await at_rest(town.engine, worker.alive)  # the worker is up
            loaded = await _load(town, worker, filings, colleges)
            result.report(f"{total:,} lines filed and evaluated: acts acknowledged in", loaded["acted"], "s")
            result.report("the same, driven to rest in", loaded["rest"], "s")
            before = worker.peak()
            result.data = {"loaded": loaded}
            for name, times in (await _decide(town, worker, total, batch)).items():
                result.data[name] = times
                result.report(f"{name} in acts of {batch} lines: slowest act", max(times["acts"]), "s")
                result.report(f"{name}: all lines, driven to rest in", times["rest"][0], "s")
        kind, longest = await _longest(client)
        result.at_most(f"longest history (of the workflow {kind})", longest, 10_000, "events")
        result.report("peak memory of the worker after loading", before, "MB")
        result.at_most("peak memory of the worker", worker.peak(), MEMORY, "MB")
    gateway = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result.at_most("peak memory of the gateway process", gateway, MEMORY, "MB")
    states = _states(town)
    if states != {"announced": total}:
        raise AssertionError(f"lines: {states}")
    result.data["letters"] = letters_by_status(here.engine)


async def _load(town: Town, worker: Child, filings: int, colleges: int) -> dict[str, float]:
    """File and evaluate, case after case, several at once."""

    def case(n: int) -> None:
        nth, whose = divmod(n, colleges)
        majors = [major(LINES * nth + line) for line in range(LINES)]
        filing = town.do(submission(f"load/{n}", college(whose), town.round, majors))["case"]
        for wish in evaluation(f"load/{n}", filing, LINES):
            town.do(wish)
        if n % 200 == 199:
            say(f"{n + 1} filings")

    begun = time.perf_counter()
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(THREADS) as threads:
        await asyncio.gather(*(loop.run_in_executor(threads, case, n) for n in range(filings)))
    acted = time.perf_counter() - begun
    return {"acted": acted, "rest": await at_rest(town.engine, worker.alive, every=0.2) - begun}


async def _decide(town: Town, worker: Child, total: int, batch: int) -> dict[str, dict[str, list[float]]]:
    """Notice, consent, announce: each for all lines before the next."""
    refs = _refs(town)

    def notice(n: int, some: Sequence[str]) -> Command:
        return command(f"notice/{n}", "notice-officer@tro", "publish-notice", lines=list(some))

    def consent(n: int, some: Sequence[str]) -> Command:
        return command(f"consent/{n}", "approver@dept", "consent", lines=list(some))

    def announce(n: int, some: Sequence[str]) -> Command:
        number = f"粤人社函〔2026〕{100 + n}号"
        return command(f"announce/{n}", "publisher@dept", "announce", document_no=number, lines=list(some))

    found: dict[str, dict[str, list[float]]] = {}
    for name, act in (("notice", notice), ("consent", consent), ("announcement", announce)):
        begun = time.perf_counter()
        times: list[float] = []
        for n, some in enumerate(batched(refs, batch)):
            if name == "notice":
                await working_day(town)
            wish, start = act(n, some), time.perf_counter()
            await asyncio.to_thread(town.do, wish)
            times.append(time.perf_counter() - start)
        acted = time.perf_counter() - begun
        ended = await at_rest(town.engine, worker.alive, every=0.1)
        found[name] = {"acts": times, "acted": [acted], "rest": [ended - begun]}
        say(f"{name}: {len(times)} acts in {acted:.1f} s, at rest after {ended - begun:.1f} s")
        while name == "notice" and _states(town).get("noticed", 0) < total:
            await asyncio.sleep(0.5)  # until the last notice's days have passed and its process has ended it
        await at_rest(town.engine, worker.alive, every=0.1)
    return found


def _refs(town: Town) -> list[str]:
    query = select(lines.c.ref).order_by(lines.c.filing, lines.c.ref)
    with town.engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(query).scalars())


def _states(town: Town) -> dict[str, int]:
    query = select(lines.c.state, func.count()).group_by(lines.c.state)
    with town.engine.connect().execution_options(reading=True) as connection:
        return dict(connection.execute(query).tuples().all())


async def _longest(client: Client) -> tuple[str, int]:
    """The workflow with the most events in one history."""
    return max(
        [(run.workflow_type, run.history_length) async for run in client.list_workflows()],
        key=lambda found: found[1],
    )
