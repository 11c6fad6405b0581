"""`make demo`: the 2026 round, from the yearly call to the announcement, on real servers, in about two minutes.

Exit status 0 only if the round came out as it should. What it leaves is in var/demo.
"""

import argparse
import asyncio
import fcntl
import signal
import sys
import time
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

from demo import cast
from demo.checks import look
from demo.desk import Desk, Unexpected
from demo.filing import read_forms
from demo.narrator import Narrator
from demo.promises import promises
from demo.report import report, where_to_look
from demo.script import Play
from demo.stage import PATIENCE, Servers, Stage, Stuck, open_servers, open_stage
from deploy.process import ROOT, DeployError
from gateway.leaving import leave_after
from policies import load_pack

FOLDER = ROOT / "var" / "demo"
RATE = "43200"
"""Legal seconds in a real one: a day in two, the whole round in little more than two minutes."""
LIMIT = 180.0
"""Seconds in which the demo must be over, by the issue that ordered it."""


async def demo(console: Console, servers: Servers, rate: str, begun: float) -> int:
    """Play the round, check it, report; 0 when everything is as it should be."""
    if task := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    forms = read_forms()
    async with open_stage(servers, cast.BEGINS, rate) as stage:
        narrator = Narrator(console)
        desk = Desk(stage, narrator, cast.read_register())
        narrator.say(
            f"Temporal {servers.temporal.address}，界面 UI {servers.temporal.ui_url} · SMTP {stage.settings.smtp_url}\n"
            f"法定时间每实秒走 {float(rate) / 3600:.1f} 小时 · legal time runs at {rate} × real time"
        )
        narrator.say(f"记录 logs: {FOLDER / 'worker.log'}, {FOLDER / 'temporal.log'}, {FOLDER / 'demo.log'}")
        play = Play(desk, forms)
        await watched(play.play(), stage.watch(), narrator.follow(stage, desk.owner), narrator.clock(stage))
        await watched(settled(stage, desk), stage.watch(), narrator.follow(stage, desk.owner))
        statuses, total, longest = await stage.executions()
        found = await asyncio.to_thread(
            look,
            desk,
            play.deciding.notice,
            play.deciding.objection,
            promises(stage.gateway.engine),
            statuses,
        )
        report(console, desk, found, load_pack("guangdong/pilot"))
        elapsed = time.monotonic() - begun
        found.expect("用时 in time", True, elapsed < LIMIT or rate != RATE)
        console.print()
        console.print(
            f"账本 ledger: {found.verified.events} 个事件 events，{found.verified.acts} 个行为 acts，"
            f"链 chains {'完好 verified' if found.verified.holds else '有误 BROKEN'}；"
            f"Temporal: {sum(statuses.values())} 个流程 processes {statuses}，{total} 个历史事件 history events，最长 longest {longest}",
            soft_wrap=True,
            highlight=False,
        )
        console.print(
            f"用时 elapsed {elapsed:.0f} s；最晚的一步迟 latest step {play.latest:.1f} h of legal time",
            highlight=False,
        )
        where_to_look(console, desk, play.deciding.notice, play.deciding.announcement)
    console.print()
    for problem in found.problems:
        console.print(Text(f"✗ {problem}", style="bold red"), soft_wrap=True)
    if found.problems:
        return 1
    console.print(
        Text(
            f"✓ 一轮走完，{found.checks} 项检查全部符合 · the round came out as it should", style="bold green"
        )
    )
    return 0


async def settled(stage: Stage, desk: Desk) -> None:
    """Wait until the processes have caught up and the round is completed."""
    await stage.caught_up()
    end = time.monotonic() + PATIENCE
    while (await desk.view(desk.round))["stage"] != "completed" and time.monotonic() < end:
        await asyncio.sleep(0.1)
    await stage.caught_up()


async def watched(story: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Run the story; a failure beside it (a server that ended) stops it, and is raised."""
    playing = asyncio.create_task(story)
    beside = [asyncio.create_task(other) for other in others]
    try:
        waiting = {playing, *beside}
        while not playing.done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        await asyncio.sleep(0.2)  # what the last step caused may still be told
    finally:
        for task in (playing, *beside):
            task.cancel()
        await asyncio.gather(playing, *beside, return_exceptions=True)


@contextmanager
def _only_one() -> Generator[None]:
    """Two demos would remove each other's folder."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / "demo.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeployError("演示已在运行", "a demo is running already") from None
        yield


def _positive(text: str) -> str:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"应为正整数 / a positive whole number: {text}")
    return text


def main() -> int:
    """Run the demo; the exit status says how it went."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--rate", type=_positive, default=RATE, help="legal seconds in a real one (default: %(default)s)"
    )
    rate = str(parser.parse_args().rate)
    # Wide enough for a line of two languages where there is no terminal to measure.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # while the servers start; later the loop's own
    try:
        with _only_one():
            console.print(
                Text("会签 Huiqian · 2026 年度学制技师试点申报，一整轮 · a whole round", style="bold")
            )
            with open_servers(FOLDER) as servers:
                return asyncio.run(demo(console, servers, rate, begun))
    except (KeyboardInterrupt, asyncio.CancelledError) as stopped:
        console.print("\n已停止 stopped")
        return 130 if isinstance(stopped, KeyboardInterrupt) else 143
    except (Unexpected, Stuck, DeployError) as error:
        console.print(Text(f"✗ {error}", style="bold red"), soft_wrap=True)
        return 1


if __name__ == "__main__":
    leave_after(main)
