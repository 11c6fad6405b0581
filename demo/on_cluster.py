"""`make cluster-test`: the demo's round on a real cluster, while one agency's worker is away for some legal days.

Exit status 0 only if the round came out as in the demo, the absence was shown by `huiqian ops stuck` as the cause of that
agency's letters and of nothing else, others' post went on, and the record verifies. What it leaves is in var/cluster-test.
"""

import argparse
import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from rich.console import Console
from rich.text import Text
from sqlalchemy import func, select

from demo import cast
from demo.__main__ import settled, watched
from demo.checks import look
from demo.desk import Desk, Unexpected
from demo.filing import read_forms
from demo.narrator import Narrator
from demo.promises import promises
from demo.report import report
from demo.script import Play
from demo.stage import PostOffice, Stage, Stuck, acting, found_demo, log_to
from deploy.cluster import AGENCIES, Installation
from deploy.postgres import APP
from deploy.process import ROOT, DeployError, free_ports
from deploy.setting_up import huiqian
from domain.moments import instant
from gateway.clock import ClockFace, system_time
from gateway.leaving import leave_after
from gateway.presence import served
from gateway.settings import Settings
from policies import load_pack
from records.engine import migrate, open_engine
from records.schema import letters

FOLDER = ROOT / "var" / "cluster-test"
RATE = "21600"
"""Legal seconds in a real one: a day in four, so that an absence that is noticed in real time lasts some days only."""
AHEAD = timedelta(seconds=75)
"""Real time in which workers and pages are up, before the legal clock stands where the round begins."""
AWAY, AWAY_FROM = "gz", "2026-01-12 08:00"
PATIENCE = 90.0


@dataclass
class Absence:
    """What was seen while one agency's worker was away."""

    causes: set[tuple[str, str]]
    """Cause and whose move it was, of everything that `huiqian ops stuck` showed but late officers."""
    found_after: float
    gone_after: float
    waiting_for_others: int
    sent_by_others: int


def prepared(installation: Installation, rate: str) -> Settings:
    """Records database with the demo's environment, whose clock runs, and the log's keys."""
    owner = open_engine(installation.postgres.owner_url)
    migrate(owner, APP)
    owner.dispose()
    env = installation.environment()
    given = {k.removeprefix("HUIQIAN_").lower(): v for k, v in env.items() if k.startswith("HUIQIAN_")}
    settings = Settings.model_validate(given)
    found_demo(settings, ClockFace(real=system_time() + AHEAD, legal=cast.BEGINS, rate=rate))
    subprocess.run(huiqian("audit", "keys"), cwd=ROOT, env=env, check=True, capture_output=True)
    return settings


async def play(console: Console, installation: Installation, settings: Settings, post: PostOffice) -> int:
    """Play the round with the absence in it, check, report; 0 when everything is as it should be."""

    def ended() -> dict[str, int | None]:
        return {name: part.returncode for name, part in installation.parts.items()}

    async with acting(installation.folder, settings, post, ended) as stage:
        narrator = Narrator(console)
        desk = Desk(stage, narrator, cast.read_register())
        narrator.say(
            f"PostgreSQL、Temporal {settings.temporal_address}、{len(installation.parts) - 2} 个程序 programs"
        )
        queues = {settings.prefix, *(f"{settings.prefix}.{agency}" for agency in AGENCIES)}
        await _until("workers", lambda: queues <= served(stage.gateway.engine))
        narrator.say("工作进程都已在线 every queue is served")
        round_ = Play(desk, read_forms())
        away = asyncio.create_task(_absence(installation, stage, narrator))
        await watched(_both(round_.play(), away), stage.watch(), narrator.follow(stage, desk.owner))
        await watched(settled(stage, desk), stage.watch(), narrator.follow(stage, desk.owner))
        statuses, _, _ = await stage.executions()
        found = await asyncio.to_thread(
            look, desk, round_.deciding.notice, round_.deciding.objection, promises(stage.gateway.engine), statuses
        )  # fmt: skip
        report(console, desk, found, load_pack("guangdong/pilot"))
        seen = away.result()
        found.expect("卡住原因 causes", {("agency-down", f"ops@{AWAY}")}, seen.causes)
        found.expect("他单位信件未停 others' letters waiting", 0, seen.waiting_for_others)
        found.expect("他单位照常寄信 others' letters sent meanwhile", True, seen.sent_by_others > 0)
        found.expect("恢复后 30 秒内消失 gone within 30 s", True, seen.gone_after <= 30)
        env = installation.environment()
        for words in (("audit", "archive"), ("audit", "verify"), ("audit", "replay", "--all")):
            done = await asyncio.to_thread(_run, huiqian(*words), env)
            found.expect(
                f"huiqian {' '.join(words)}: {done.stdout[-300:]}{done.stderr[-300:]}", 0, done.returncode
            )
    console.print(
        f"\n{AWAY} 的工作进程离线：{seen.found_after:.0f} 秒后查出，恢复后 {seen.gone_after:.0f} 秒消失，其间他单位寄出 {seen.sent_by_others} 封 · "
        f"its absence was found after {seen.found_after:.0f} s and gone {seen.gone_after:.0f} s after its return; others sent {seen.sent_by_others} letters"
    )
    for problem in found.problems:
        console.print(Text(f"✗ {problem}", style="bold red"), soft_wrap=True)
    if not found.problems:
        console.print(
            Text(
                f"✓ 集群上一轮走完，{found.checks} 项检查全部符合 · the round came out on the cluster",
                style="bold green",
            )
        )
    return 1 if found.problems else 0


async def _both(story: Any, away: asyncio.Task[Absence]) -> None:
    await asyncio.gather(story, away)


async def _absence(installation: Installation, stage: Stage, narrator: Narrator) -> Absence:
    """Stop one agency's worker until it is shown as the cause, start it again, wait until the cause has gone."""
    await stage.until(instant(AWAY_FROM))
    before = _letters(stage)
    await asyncio.to_thread(installation.parts[AWAY].stop)
    narrator.say(f"{AWAY} 的工作进程停止 · the worker of {AWAY} is stopped", style="yellow")
    env, rows, begun = installation.environment(), list[dict[str, Any]](), time.monotonic()

    async def stuck() -> list[dict[str, Any]]:
        done = await asyncio.to_thread(_run, huiqian("ops", "stuck", "--json"), env)
        shown = json.loads(done.stdout)
        return [
            row for row in (shown["stuck"] if isinstance(shown, dict) else shown) if row["cause"] != "overdue"
        ]

    while not rows:
        if time.monotonic() > begun + PATIENCE:
            raise Stuck("ops stuck 未指出原因 / ops stuck does not name the cause")
        rows = await stuck()
    found_after = time.monotonic() - begun
    narrator.say(f"huiqian ops stuck: {rows[0]['says']['zh']}，{rows[0]['evidence']['zh']}", style="yellow")
    waiting = sum(n for (sender, status), n in _letters(stage).items() if sender != AWAY and status == "due")
    if waiting:  # it may have been on its way this very moment
        await asyncio.sleep(5)
        waiting = sum(
            n for (sender, status), n in _letters(stage).items() if sender != AWAY and status == "due"
        )
    after = _letters(stage)
    sent = sum(n - before.get(key, 0) for key, n in after.items() if key[0] != AWAY and key[1] == "sent")
    await asyncio.to_thread(installation.restart, AWAY)
    narrator.say(f"{AWAY} 的工作进程又启动 · the worker of {AWAY} is started again", style="yellow")
    queue = f"{stage.settings.prefix}.{AWAY}"
    await _until("its worker", lambda: queue in served(stage.gateway.engine))
    begun = time.monotonic()
    while await stuck():
        if time.monotonic() > begun + PATIENCE:
            break
    return Absence(
        {(r["cause"], r["whose"]) for r in rows}, found_after, time.monotonic() - begun, waiting, sent
    )


def _letters(stage: Stage) -> dict[tuple[str, str], int]:
    query = select(letters.c.sender, letters.c.status, func.count()).group_by(
        letters.c.sender, letters.c.status
    )
    with stage.gateway.engine.connect().execution_options(reading=True) as connection:
        return {(sender, status): n for sender, status, n in connection.execute(query)}


async def _until(what: str, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(holds):
        if time.monotonic() > end:
            raise Stuck(f"没有出现 / did not come: {what}")
        await asyncio.sleep(0.5)


def _run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def main() -> int:
    """Run the test; the exit status says how it went."""
    parser = argparse.ArgumentParser(prog="python -m demo.on_cluster", description=__doc__)
    parser.add_argument("--rate", default=RATE, help="legal seconds in a real one (default: %(default)s)")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="a folder that PostgreSQL's user may enter"
    )
    given = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started is stopped in order
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    log_to(given.folder / "demo.log")
    post = PostOffice(given.folder / "mails")
    mail = Controller(post, hostname="127.0.0.1", port=free_ports(1)[0])
    mail.start()
    smtp = {"HUIQIAN_SMTP_URL": f"smtp://127.0.0.1:{mail.port}"}
    installation = Installation(given.folder, prefix="demo", settings=smtp)
    try:
        installation.start_servers()
        settings = prepared(installation, given.rate)
        installation.start_programs()
        return asyncio.run(play(console, installation, settings, post))
    except KeyboardInterrupt:
        return 130
    except (Unexpected, Stuck, DeployError) as error:
        console.print(Text(f"✗ {error}", style="bold red"), soft_wrap=True)
        return 1
    finally:
        installation.stop()
        mail.stop()


if __name__ == "__main__":
    leave_after(main)
