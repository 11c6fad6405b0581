"""The composition root: wires gateway, relay, processes and activities together and runs them.

`python worker.py` serves relay, processes and the queues of all agencies; HUIQIAN_PARTS and HUIQIAN_AGENCIES say which,
where they are apart: an agency's own worker has neither relay nor processes.
"""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, ProgrammingError
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.drafts import BEAT
from activities.ledger import LedgerHand
from activities.log import LogKeeper
from activities.post import Post
from domain.policy import Words
from gateway.archivist import Archivist
from gateway.clock import Environment
from gateway.custody import LOG, Custody
from gateway.garbage import settle
from gateway.gateway import Gateway
from gateway.leaving import leave_after
from gateway.log_schedule import keep_log_schedule
from gateway.logs import configure_logs
from gateway.metrics import CannotShow, Figures, endpoint, registry
from gateway.payload_keys import SealRefused
from gateway.presence import Presence, relay_sign
from gateway.relay import Relay
from gateway.releases import deployment, keep_current, sign
from gateway.settings import NotSetUp, Settings, open_gateway, read_settings
from gateway.temporal import connect
from records.files import FileStore
from workflows.announcement import AnnouncementProcess
from workflows.approval import ApprovalProcess
from workflows.calendar import CalendarProcess
from workflows.evaluation import EvaluationProcess
from workflows.filing import FilingProcess
from workflows.log import LogRound
from workflows.notice import NoticeProcess
from workflows.objection import ObjectionProcess
from workflows.post import PostProcess
from workflows.programme import ProgrammeProcess
from workflows.round import RoundProcess
from workflows.selection import SelectionProcess
from workflows.violation import ViolationProcess

PROCESSES = [
    RoundProcess, FilingProcess, EvaluationProcess, NoticeProcess, ObjectionProcess, ApprovalProcess,
    AnnouncementProcess, CalendarProcess, ProgrammeProcess, ViolationProcess, SelectionProcess, PostProcess, LogRound,
]  # fmt: skip
log = structlog.get_logger("worker")


def sandbox() -> WorkflowRunner:
    """How workflow code is isolated in rehearsals, tests and replays, where what it forbids must come to light.

    The serving worker runs the same code without it: by then it can only cost (four fifths of a worker's time, measured
    by `make bench`), since the code is what the tests ran. Our own pure modules and the libraries behind them are passed through: loading SQLAlchemy anew for each workflow
    costs 150 ms. What the sandbox would catch in them (clocks, chance, environment) a lint rule forbids.
    """
    passed = (
        "domain",
        "activities",
        "gateway",
        "records",
        "policies",
        "sqlalchemy",
        "structlog",
        "pydantic",
        "workflows.search",
    )
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*passed))


def workers(
    client: Client,
    gateway: Gateway,
    settings: Settings,
    threads: ThreadPoolExecutor,
    runner: WorkflowRunner,
    agencies: list[str],
) -> list[Worker]:
    """The worker of the processes, if it is served here, and one for each agency's own queue."""
    hand, post, keeper = LedgerHand(gateway), Post(gateway, settings), LogKeeper(gateway, settings)
    processes = [
        Worker(
            client,
            task_queue=settings.prefix,
            workflows=PROCESSES,
            activities=[hand.follow, hand.act, keeper.integrate, keeper.publish],
            activity_executor=threads,
            workflow_runner=runner,
            max_cached_workflows=500,
            deployment_config=deployment(settings.prefix, settings.release),
        )
        for _ in range(settings.serves("processes"))
    ]
    posts = [
        Worker(
            client,
            task_queue=f"{settings.prefix}.{agency}",
            activities=[post.deliver, keeper.cosign],
            activity_executor=threads,
            max_heartbeat_throttle_interval=timedelta(seconds=BEAT),
        )
        for agency in agencies
    ]
    return [*processes, *posts]


def served_agencies(gateway: Gateway, settings: Settings) -> list[str]:
    """The agencies whose queues this worker serves: those it was given, or all of the pack in force."""
    if settings.agencies != "all":
        return [] if settings.agencies == "none" else settings.agencies.split(",")
    return gateway.agencies()


async def serve(
    client: Client,
    gateway: Gateway,
    environment: Environment,
    settings: Settings,
    stop: asyncio.Event,
    runner: WorkflowRunner | None = None,
) -> None:
    """Run what the settings name until told to stop; what is under way is finished or given back.

    `runner`: how workflow code runs; by default without a sandbox (see `sandbox`).
    """
    relay: Relay | None = None
    if settings.serves("relay") or settings.serves("processes"):  # what processes do is news for others
        sweep = 0.5 if settings.serves("relay") else None
        relay = Relay(gateway, client, environment, settings.prefix, sweep, settings.wake_pause)
        gateway.on_commit = relay.told
    with ThreadPoolExecutor(max_workers=32, thread_name_prefix="act") as threads:
        async with AsyncExitStack() as running:
            runner = runner or UnsandboxedWorkflowRunner()
            agencies = served_agencies(gateway, settings)
            for worker in workers(client, gateway, settings, threads, runner, agencies):
                await running.enter_async_context(worker)
            queues = [f"{settings.prefix}.{a}" for a in agencies]
            if settings.serves("relay"):
                queues.append(relay_sign(settings.prefix))
            if settings.serves("processes"):
                queues += [
                    settings.prefix,
                    *([sign(settings.prefix, settings.release)] * bool(settings.release)),
                ]
            beside = [asyncio.create_task(Presence(gateway.engine, queues).run())]
            if settings.release and settings.serves("processes"):
                beside.append(asyncio.create_task(keep_current(client, settings.prefix, settings.release)))
            stopping = asyncio.create_task(stop.wait())
            if relay:
                beside.append(asyncio.create_task(relay.run()))
            if settings.serves("relay"):
                if settings.keys and Custody(settings.keys_folder).has(LOG):
                    await keep_log_schedule(client, settings.prefix, settings.log_every)
                if settings.archive_every:
                    archivist = Archivist(gateway.engine, client, FileStore(settings.files))
                    beside.append(asyncio.create_task(archivist.run(settings.archive_every)))
            if settings.metrics:
                figures = Figures(gateway, settings.prefix)
                running.enter_context(endpoint(settings.metrics, registry(gateway, figures)))
                beside.append(asyncio.create_task(figures.run(client)))
            log.info("serving", prefix=settings.prefix, parts=settings.parts, agencies=settings.agencies)
            done, _ = await asyncio.wait([stopping, *beside], return_when=asyncio.FIRST_COMPLETED)
            for task in (stopping, *beside):
                task.cancel()
            for task in done - {stopping}:
                task.result()  # none ends by itself: say why it did


def _runtime(settings: Settings) -> Runtime | None:
    """The SDK's own metrics (polls, task latencies, cache), where an address is given for them."""
    if not settings.temporal_metrics:
        return None
    shown = PrometheusConfig(bind_address=settings.temporal_metrics)
    return Runtime(telemetry=TelemetryConfig(metrics=shown))


async def main() -> int:
    """Connect and serve until SIGINT or SIGTERM."""
    configure_logs()
    try:
        settings = read_settings()
        gateway, environment = open_gateway(settings)
        client = await connect(settings, _runtime(settings), gateway)
    except Exception as error:
        if (why := _why_not(error)) is None:
            raise
        log.error("not started", zh=why.zh, en=why.en)
        return 1
    settle()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        await serve(client, gateway, environment, settings, stop)
    except CannotShow as error:
        log.error("not started", zh=f"指标地址不可用：{error}", en=f"figures cannot be shown there: {error}")
        return 1
    return 0


def _why_not(error: Exception) -> Words | None:
    """Why a worker cannot start, for whoever reads its log; None for a fault of its own. Addresses are not quoted."""
    match error:
        case NotSetUp() | ProgrammingError():
            return Words(zh="尚未初始化：请先运行 huiqian init", en="not set up: run `huiqian init` first")
        case DBAPIError():
            why = str(error.orig).strip().partition("\n")[0]
            return Words(zh=f"账册数据库不可用：{why}", en=f"the records database cannot be used: {why}")
        case SealRefused():
            zh, _, en = str(error).partition(" / ")
            return Words(zh=f"流程载荷的主密钥：{zh}", en=f"the payloads' master key: {en or zh}")
        case ValidationError():
            names = ", ".join(f"HUIQIAN_{str(one['loc'][0]).upper()}" for one in error.errors() if one["loc"])
            return Words(zh=f"环境变量不合要求：{names}", en=f"not what is expected: {names}")
        case RuntimeError():  # the SDK raises it for every failure to connect
            return Words(
                zh="连不上 Temporal，见 HUIQIAN_TEMPORAL_ADDRESS",
                en="Temporal cannot be reached: HUIQIAN_TEMPORAL_ADDRESS",
            )
        case _:
            return None


if __name__ == "__main__":
    leave_after(lambda: asyncio.run(main()))
