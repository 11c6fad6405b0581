"""The histories of a whole filing with five lines, from submission to announcement, with the stages it goes through."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle

from bench.children import driven_town
from bench.ground import Ground, ground
from bench.report import Result, say
from bench.rest import at_rest, relaying
from bench.town import Town, command, evaluation, major, refs, settle_town, submission, working_day
from domain.files import Command
from records.schema import streams

PREFIX = "bench"
LINES = 5
RATE = "43200"
"""Legal time for real time: a day in two seconds, so that the notice's days pass."""


def measure(quick: bool) -> Result:
    """One filing, alone: every act is followed before the next is done, so no wake stands for two acts."""
    del quick  # it is one filing in either case
    result = Result("history")
    result.limit = (
        "four events for each wake (signal, task scheduled, started, completed), one marker for each read"
    )
    with ground("sqlite") as here:
        asyncio.run(_measure(result, here))
    return result


async def _measure(result: Result, here: Ground) -> None:
    town = settle_town(here.engine, PREFIX, colleges=1, majors=LINES, rate=RATE)
    with driven_town(here, PREFIX, papers=True) as (server, worker):
        client = await Client.connect(server.address)
        async with relaying(town, client, PREFIX):
            await at_rest(town.engine, worker.alive)
            cases = await _walk(town, lambda: at_rest(town.engine, worker.alive))
            for name, id_ in cases.items():
                events, size = await _length(client.get_workflow_handle(f"{PREFIX}/{id_}"))
                result.data[name] = {"events": events, "bytes": size}
                say(f"{name}: {events} events, {size / 1024:.1f} KB")
    total = {key: sum(case[key] for case in result.data.values()) for key in ("events", "bytes")}
    what = "a filing of five lines, submission to announcement"
    result.at_most(f"{what}: events of its workflows", total["events"], 200)
    result.at_most(f"{what}: size of their histories", total["bytes"] / 1024, 150, "KB")
    for name in cases:
        result.report(f"of that, {name}", result.data[name]["events"], "events")


async def _walk(town: Town, rest: Callable[[], Awaitable[object]]) -> dict[str, str]:
    """The way of the filing; gives the cases it went through."""

    async def do(wish: Command) -> str:
        case = str(town.do(wish)["case"])
        await rest()
        return case

    filing = await do(submission("1", "k0", town.round, [major(n) for n in range(LINES)]))
    for wish in evaluation("1", filing, LINES):
        await do(wish)
    lines = refs(filing, LINES)
    await working_day(town)
    await do(command("notice", "notice-officer@tro", "publish-notice", lines=lines))
    while "approval" not in (opened := _opened(town)):  # the notice's days pass, and its process ends it
        await asyncio.sleep(0.1)
    await rest()
    await do(command("consent", "approver@dept", "consent", lines=lines))
    number = "粤人社函〔2026〕88号"
    await do(command("announce", "publisher@dept", "announce", document_no=number, lines=lines))
    opened = _opened(town)
    return {kind: opened[kind] for kind in ("filing", "evaluation", "notice", "approval", "announcement")}


def _opened(town: Town) -> dict[str, str]:
    """The one case of each kind."""
    with town.engine.connect().execution_options(reading=True) as connection:
        return dict(connection.execute(select(streams.c.kind, streams.c.id)).tuples().all())


async def _length(handle: WorkflowHandle[object, object]) -> tuple[int, int]:
    """Events and bytes of an exported history."""
    history = await handle.fetch_history()
    return len(history.events), len(history.to_json().encode())
