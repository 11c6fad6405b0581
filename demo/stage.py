"""What the demo runs on, all of it real: Temporal's dev server, a mail server, the worker in a process of its own.

This process acts through the gateway, as a console would; the worker's processes do the rest.
"""

import asyncio
import email
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import structlog
from aiosmtpd.controller import Controller
from sqlalchemy import func, select
from temporalio.client import Client, WorkflowExecutionStatus

from deploy.devserver import DevServer
from deploy.process import ROOT, ChildFailed, free_ports, spawn, stop, tail
from deploy.sealing import key_file
from domain.cases.programme import Programme
from domain.kinds import DRIVEN
from domain.moments import instant, stamp
from gateway.clock import ClockFace, Environment, system_time
from gateway.founding import found, published_schedules
from gateway.gateway import Gateway
from gateway.logs import configure_logs
from gateway.relay import Relay
from gateway.settings import Settings, open_gateway, open_records
from gateway.temporal import connect
from gateway.views import behind, in_motion, unsettled
from policies import load_pack
from records.schema import letters
from workflows.search import SEARCH_ATTRIBUTES

PATIENCE = 45.0
"""Seconds of real time after which processes that have not caught up count as stuck."""
WORKER_GRACE = 15.0
"""Seconds that the worker gets to finish what it holds."""


class Stuck(Exception):
    """The processes did not catch up with the ledger."""


class PostOffice:
    """What the mail server took: every letter is kept, and written to a file that a mail program opens."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a letter (aiosmtpd calls this)."""
        content = cast(bytes, envelope.content)
        letter = email.message_from_bytes(content, policy=default)
        self.letters.append(letter)
        name = f"{len(self.letters):03}-{kind_of(letter)}-{envelope.rcpt_tos[0].partition('@')[2]}.eml"
        (self._folder / name).write_bytes(content)
        return "250 taken"


def message_id(letter: EmailMessage) -> str:
    """A letter's Message-ID without its brackets."""
    return str(letter["Message-ID"]).strip().strip("<>")


def kind_of(letter: EmailMessage) -> str:
    """Which letter of the pack it is: its Message-ID is made from the letter's id, stream.event.kind.recipient."""
    return [*message_id(letter).split("."), "", "", ""][2] or "unknown"


@dataclass
class Stage:
    """The running environment."""

    folder: Path
    settings: Settings
    gateway: Gateway
    environment: Environment
    client: Client
    ended: Callable[[], Mapping[str, int | None]]
    """The processes around it by their log's name, each with None while it runs or the status with which it ended."""
    post: PostOffice

    def now(self) -> datetime:
        """Legal time."""
        return self.gateway.clock.now()

    async def until(self, legal: datetime) -> None:
        """Let real time pass until the legal clock stands there; nothing is skipped."""
        wait = self.environment.clock.real_until(legal, system_time())
        await asyncio.sleep(wait.total_seconds())

    async def watch(self) -> None:
        """Return never, but raise when a server ends by itself."""
        while True:
            await asyncio.sleep(0.3)
            for name, status in self.ended().items():
                if status is not None:
                    log = self.folder / f"{name}.log"
                    raise ChildFailed(
                        f"{name} 自行退出（{status}），记录在 {log}", f"{name} ended by itself\n{tail(log)}"
                    )

    async def caught_up(self) -> None:
        """Wait until every process has read its stream, nothing is due and unsettled, and the post is out."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while waiting := await asyncio.to_thread(self.outstanding):
            if asyncio.get_running_loop().time() > end:
                more = "…" if len(waiting) > 8 else ""
                raise Stuck(f"流程未跟上 / processes did not catch up: {'、'.join(waiting[:8])}{more}")
            await asyncio.sleep(0.1)

    def outstanding(self) -> list[str]:
        """What the processes still have to do, empty when all is at rest."""
        engine = self.gateway.engine
        waiting = [f"{stream} behind" for stream in behind(engine)]
        waiting += [f"{case} unsettled" for case in unsettled(engine, stamp(self.now()))]
        waiting += [f"{case} in motion" for case in in_motion(engine)]
        due = select(func.count()).select_from(letters).where(letters.c.status == "due")
        with engine.connect().execution_options(reading=True) as connection:
            count = connection.execute(due).scalar_one()
        return [*waiting, *([f"{count} letters due"] if count else [])]

    async def executions(self) -> tuple[dict[str, int], int, int]:
        """Temporal's own count of the round's processes by status, and their events: of all, of the longest.

        Programmes are not counted by status: they go on for years after the round.
        Their histories are written to files, which Temporal's pages can import and the Replayer can replay.
        """
        end = asyncio.get_running_loop().time() + PATIENCE
        while True:
            found = [e async for e in self.client.list_workflows() if e.workflow_type in DRIVEN]
            statuses = [
                e.status.name if e.status else "?" for e in found if e.workflow_type != Programme.kind
            ]
            running = WorkflowExecutionStatus.RUNNING.name in statuses
            if not running or asyncio.get_running_loop().time() > end:
                break
            await asyncio.sleep(0.3)
        lengths = [e.history_length for e in found]
        folder = self.folder / "histories"
        folder.mkdir(exist_ok=True)
        for number, execution in enumerate(sorted(found, key=lambda e: e.start_time), 1):
            history = await self.client.get_workflow_handle(
                execution.id, run_id=execution.run_id
            ).fetch_history()
            name = f"{number:02}-{execution.id.partition('/')[2].replace('/', '-')}.json"
            (folder / name).write_text(history.to_json(), encoding="utf-8")
        return {s: statuses.count(s) for s in sorted(set(statuses))}, sum(lengths), max(lengths, default=0)


@dataclass(frozen=True)
class Servers:
    """What is started before the legal clock: Temporal and the mail server."""

    folder: Path
    temporal: DevServer
    mail: Controller
    post: PostOffice


@contextmanager
def open_servers(folder: Path) -> Generator[Servers]:
    """Start both in a fresh folder, outside of any event loop so that Ctrl-C counts at once; stop them afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log_to(folder / "demo.log")
    post = PostOffice(folder / "mails")
    mail = Controller(post, hostname="127.0.0.1", port=free_ports(1)[0])
    # In memory: on a busy disk a database file makes the server miss its own deadlines. Histories are exported.
    temporal = DevServer(
        search_attributes=SEARCH_ATTRIBUTES, log=folder / "temporal.log", die_with_parent=True
    )
    mail.start()
    try:
        temporal.start()
        yield Servers(folder, temporal, mail, post)
    finally:
        temporal.stop()
        mail.stop()


@asynccontextmanager
async def open_stage(servers: Servers, begins: datetime, rate: str) -> AsyncGenerator[Stage]:
    """Found the environment, which starts its clock, and serve it by a worker in a process of its own."""
    folder, address = servers.folder, servers.temporal.address
    settings = Settings(
        database_url=f"sqlite:///{folder / 'records.db'}",
        files=str(folder / "files"),
        temporal_address=address,
        prefix="demo",
        smtp_url=f"smtp://127.0.0.1:{servers.mail.port}",
        payload_keys=str(key_file(folder)),
    )
    found_demo(settings, ClockFace(real=system_time(), legal=instant(begins), rate=rate))
    worker = spawn(
        [sys.executable, "worker.py"],
        folder / "worker.log",
        env=_environment(settings),
        cwd=ROOT,
        die_with_parent=True,
    )

    def ended() -> dict[str, int | None]:
        return {"worker": worker.poll(), "temporal": servers.temporal.returncode}

    try:
        async with acting(folder, settings, servers.post, ended) as stage:
            yield stage
    finally:
        stop(worker, grace=WORKER_GRACE)


@asynccontextmanager
async def acting(
    folder: Path, settings: Settings, post: PostOffice, ended: Callable[[], Mapping[str, int | None]]
) -> AsyncGenerator[Stage]:
    """This process as a gateway of a founded environment that others serve."""
    gateway, environment = open_gateway(settings)
    client = await connect(settings)
    relay = Relay(gateway, client, environment, settings.prefix)
    gateway.on_commit = relay.told
    relaying = asyncio.create_task(relay.run())
    try:
        yield Stage(folder, settings, gateway, environment, client, ended, post)
    finally:
        relaying.cancel()


def log_to(path: Path) -> None:
    """This process logs like any gateway; here to a file, since the screen is for people."""
    configure_logs()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(path.open("w", encoding="utf-8")))


def found_demo(settings: Settings, face: ClockFace) -> None:
    """Found the demo's environment, which starts its clock."""
    engine = open_records(settings)
    found(
        engine,
        id_="demo",
        pack=load_pack("guangdong/pilot"),
        settings={},
        face=face,
        schedules=published_schedules(range(face.legal.year - 3, face.legal.year + 4)),
    )
    engine.dispose()


def _environment(settings: Settings) -> dict[str, str]:
    """The worker's environment: nothing of the person's own settings, everything of the demo's."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HUIQIAN_", "TEMPORAL_"))}
    for name in ("database_url", "files", "temporal_address", "prefix", "smtp_url", "payload_keys"):
        env[f"HUIQIAN_{name.upper()}"] = str(getattr(settings, name))
    return env
