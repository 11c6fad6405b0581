"""`huiqian ops versions` and `huiqian ops upgrade`: which releases drive the cases, and moving them to another, also back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text
from temporalio.client import Client
from temporalio.service import RPCError

from console.desk import Desk
from console.temporal import connect
from console.terminal.desk import open_desk
from console.terminal.screen import DONE, REFUSED, UNREACHABLE, USAGE, Trouble, emit, err, note, show, table
from gateway.presence import served
from gateway.releases import PATIENCE, Moved, Release, State, make_current, move, ramp, releases

STATES: dict[State, str] = {
    "current": "现行 current", "ramping": "试行 ramping", "draining": "退出中 draining",
    "drained": "已退尽 drained", "inactive": "未启用 inactive",
}  # fmt: skip


def versions(as_json: bool) -> int:
    """Every release that Temporal remembers. 1 when cases run on one that no worker serves."""
    desk = open_desk()

    async def look(client: Client) -> list[Release]:
        return await releases(client, desk.settings.prefix, served(desk.engine))

    found = _asked(desk, look)
    if as_json:
        emit([asdict(release) for release in found])
    elif found:
        _show(found)
    else:
        show(
            Text(
                "未区分版本（HUIQIAN_RELEASE 未设） · releases are not told apart: HUIQIAN_RELEASE is not set"
            )
        )
    return REFUSED if any(release.running and not release.there for release in found) else DONE


def upgrade(name: str, percent: float | None, preview: bool, yes: bool, as_json: bool) -> int:
    """Show, ask, do. 1 when the person says no."""
    desk = open_desk()
    return _asked(desk, lambda client: _upgrade(desk, client, name, percent, preview, yes, as_json))


async def _upgrade(
    desk: Desk, client: Client, name: str, percent: float | None, preview: bool, yes: bool, as_json: bool
) -> int:
    prefix = desk.settings.prefix
    found = await releases(client, prefix, served(desk.engine))
    to = next((release for release in found if release.name == name), None)
    if to is None or not to.there:
        known = "、".join(release.name for release in found if release.there) or "-"
        raise Trouble(
            USAGE, f"没有 {name} 版的流程工作进程在线（在线的有：{known}）；先以 HUIQIAN_RELEASE={name} 启动它",
            f"no worker of release {name} is there (there are: {known}): start one with HUIQIAN_RELEASE={name}",
        )  # fmt: skip
    others = sum(release.running for release in found if release.name != name)
    if not as_json:
        _show(found)
        if percent is None:
            show(
                Text(f"新流程都归 {name} 版；另 {others} 个流程将被唤醒并移交；任务失败的、{PATIENCE.seconds} 秒内移不动的，按账册重新启动"),
                Text(f"New processes begin on {name}; {others} others are woken and move; those that fail or cannot begin anew from the ledger", style="dim"),
            )  # fmt: skip
        else:
            show(
                Text(f"新流程的 {percent:g}% 归 {name} 版；在运行的在下次有事时按同一比例移交，不特意唤醒"),
                Text(f"{percent:g}% of new processes begin on {name}; running ones follow in that share when next something happens", style="dim"),
            )  # fmt: skip
    if preview:
        if as_json:
            emit(
                {
                    "releases": [asdict(release) for release in found],
                    "to_move": others if percent is None else 0,
                }
            )
        return DONE
    if not yes and not typer.confirm(f"改用 {name} 版？ Use release {name}?", err=True):
        return REFUSED
    if percent is not None:
        await ramp(client, prefix, name, percent)
        done = Moved(0, [])
    else:
        await make_current(client, prefix, name)
        done = await _move(desk, client, name)
    if as_json:
        emit({"release": name, "percent": percent, "moved": done.by_themselves, "restarted": done.restarted})
    else:
        said = f"✓ 自行移交 moved {done.by_themselves}；按账册重启 restarted from the ledger {len(done.restarted)}"
        show(Text(said if percent is None else f"✓ {name} {percent:g}%", style="bold green"))
        note(
            "旧版的工作进程，等 huiqian ops versions 显示其上没有流程再停",
            "stop the other release's workers when `huiqian ops versions` shows nothing on it",
        )
    return DONE


async def _move(desk: Desk, client: Client, name: str) -> Moved:
    bar = Progress(
        TextColumn("移交流程 moving"), BarColumn(), MofNCompleteColumn(), console=err(), transient=True
    )
    with bar:
        task = bar.add_task("", total=None)
        return await move(
            desk.gateway, client, desk.settings.prefix, name,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )  # fmt: skip


def _asked[T](desk: Desk, do: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        client = await connect(desk)
        if client is None:
            raise Trouble(UNREACHABLE, "连不上 Temporal", "Temporal cannot be reached")
        try:
            return await do(client)
        except RPCError as error:
            raise Trouble(
                UNREACHABLE,
                f"Temporal 未能办成（{error.status.name}）：{error.message}；可再次运行",
                f"Temporal failed ({error.status.name}): {error.message}; this may be run again",
            ) from None

    return asyncio.run(run())


def _show(found: list[Release]) -> None:
    made = table(
        "版本 Release", "状态 State", ("其上流程 Processes", "right"), ("工作进程 Its workers", "fixed")
    )
    for release in found:
        share = f" {release.percent:g}%" if release.state == "ramping" else ""
        there = Text("在线 there", style="green") if release.there else Text("不在线 gone", style="bold red")
        made.add_row(
            release.name, f"{STATES[release.state]}{share}", str(release.running),
            there if release.there or release.running else Text("-"),
        )  # fmt: skip
    show(made)
