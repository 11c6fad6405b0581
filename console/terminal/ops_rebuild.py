"""`huiqian ops rebuild`: after Temporal was lost, every process is started again from the ledger."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text
from temporalio.client import Client
from temporalio.service import RPCError

from console import words
from console.desk import Desk
from console.temporal import connect
from console.terminal.desk import open_desk
from console.terminal.screen import DONE, REFUSED, UNREACHABLE, Trouble, emit, err, show, table
from gateway.custody import LOG, Custody
from gateway.log_schedule import keep_log_schedule
from gateway.rebuilding import Lacks, Woken, lacks, owed, prepare, rebuild_processes, which_run
from gateway.search import SEARCH_ATTRIBUTES
from gateway.wakes import Behind


@dataclass(frozen=True)
class Plan:
    """What is to be done: the processes that must be there, those that are, and what the server lacks."""

    rows: list[Behind]
    running: set[str]
    lacks: Lacks
    schedule: bool
    """Whether this machine keeps the log, and so sees to its schedule."""

    @property
    def absent(self) -> list[Behind]:
        """Those to be started."""
        return [row for row in self.rows if row.stream not in self.running]

    def about(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "namespace_missing": self.lacks.namespace,
            "search_attributes_missing": self.lacks.attributes,
            "log_schedule": self.schedule,
            "to_start": [{"case": row.stream, "kind": row.kind, "events": row.head} for row in self.absent],
            "running": len(self.running),
        }


def rebuild(preview: bool, yes: bool, as_json: bool) -> int:
    """Show, ask, do. 1 when the person says no."""
    return asyncio.run(_rebuild(open_desk(), preview, yes, as_json))


async def _rebuild(desk: Desk, preview: bool, yes: bool, as_json: bool) -> int:
    client = await connect(desk)
    if client is None:
        raise Trouble(UNREACHABLE, "连不上 Temporal，请先启动", "Temporal cannot be reached: start it first")
    try:
        plan = await _plan(desk, client)
        if preview and as_json:
            emit(plan.about())
            return DONE
        if not as_json:
            _show(desk, plan)
        if preview:
            return DONE
        question = f"启动 {len(plan.absent)} 个流程？ Start {len(plan.absent)} processes?"
        if not yes and not typer.confirm(question, err=True):
            return REFUSED
        done = await _do(desk, client, plan)
    except RPCError as error:
        raise Trouble(
            UNREACHABLE,
            f"Temporal 未能办成（{error.status.name}）；已启动的不受影响，可再次运行",
            f"Temporal failed ({error.status.name}); what was started stands, and this may be run again",
        ) from None
    if as_json:
        emit({**plan.about(), "started": sorted(done.started), "woken": len(done.running)})
    else:
        said = f"✓ 已启动 started {len(done.started)}；原在运行、已唤醒 running and woken {len(done.running)}"
        show(Text(said, style="bold green"))
    return DONE


async def _plan(desk: Desk, client: Client) -> Plan:
    rows, missing = owed(desk.engine), await lacks(client, SEARCH_ATTRIBUTES)
    running = set[str]() if missing.namespace else await which_run(client, desk.settings.prefix, rows)
    keeps = bool(desk.settings.keys) and Custody(desk.settings.keys_folder).has(LOG)
    return Plan(rows, running, missing, keeps)


async def _do(desk: Desk, client: Client, plan: Plan) -> Woken:
    settings = desk.settings
    await prepare(client, SEARCH_ATTRIBUTES, plan.lacks)
    bar = Progress(
        TextColumn("启动流程 starting"), BarColumn(), MofNCompleteColumn(), console=err(), transient=True
    )
    with bar:
        task = bar.add_task("", total=len(plan.rows))
        done = await rebuild_processes(
            client, settings.prefix, desk.environment.clock, plan.rows, plan.running,
            lambda count: bar.update(task, completed=count),
        )  # fmt: skip
    if plan.schedule:
        await keep_log_schedule(client, settings.prefix, settings.log_every)
    return done


def _show(desk: Desk, plan: Plan) -> None:
    settings, missing = desk.settings, plan.lacks
    show(
        Text.assemble(
            ("按账册重建流程 Rebuild", "bold"),
            f"  {settings.temporal_address}  {settings.temporal_namespace}",
        )
    )
    if missing.namespace:
        show(Text("  缺命名空间，将建立 · the namespace is missing and will be made", style="yellow"))
    if missing.attributes:
        show(
            Text(
                f"  将登记检索属性 · search attributes to be made: {', '.join(missing.attributes)}",
                style="yellow",
            )
        )
    if plan.schedule:
        show(Text("  透明日志的日程一并建立 · the schedule of the transparency log too"))
    else:
        show(Text("  日志钥匙不在本机：其日程由持钥的工作进程启动时建立 · no log key here: the worker that has it makes the log's schedule when it starts", style="dim"))  # fmt: skip
    counts = Counter(row.kind for row in plan.rows)
    absent = Counter(row.kind for row in plan.absent)
    made = table(
        "案件 Kind", ("应有流程 Must run", "right"), ("在运行 Running", "right"), ("将启动 To start", "right")
    )
    for kind, many in sorted(counts.items()):
        made.add_row(words.both(words.KINDS, kind), str(many), str(many - absent[kind]), str(absent[kind]))
    made.add_row("合计 All", str(len(plan.rows)), str(len(plan.running)), str(len(plan.absent)), style="bold")
    show(made)
