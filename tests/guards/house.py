"""An environment that outlives its servers, and a mailbox that counts."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from temporalio.client import Client

from deploy.devserver import DevServer
from deploy.process import free_ports
from domain.moments import instant
from gateway.clock import system_time
from tests.processes.house import A_THIRD_OF_A_DAY, House
from tests.register import PANEL
from workflows.search import SEARCH_ATTRIBUTES


class Box:
    """A mailbox behind a real SMTP server."""

    def __init__(self, port: int) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self.ids: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.ids.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        return "250 kept"


@contextmanager
def mailbox() -> Generator[Box]:
    """A mailbox that is open."""
    (port,) = free_ports(1)
    box = Box(port)
    post = Controller(box, hostname="127.0.0.1", port=port)
    post.start()
    try:
        yield box
    finally:
        post.stop()


class Steadfast(House):
    """A house whose servers come and go; its legal clock and its officers do not wait for them."""

    def __init__(self, folder: Path, smtp: str = "") -> None:
        super().__init__(folder, None, "outage", rate=A_THIRD_OF_A_DAY, closes="2026-03-27 17:30", smtp=smtp)
        self._folder = folder

    async def until(self, at: str) -> None:
        """Let legal time come to an instant; it may be past already."""
        left = self.gateway.clock.face.real_until(instant(at), system_time())
        await asyncio.sleep(left.total_seconds())

    def concluded(self, filing: str) -> str:
        """A panel is formed, scores and passes the filing's only line; gives the evaluation."""
        panel = self.panel(filing)
        for expert in PANEL:
            self.scored(filing, expert)
        self.done(f"expert:{PANEL[0]}", "conclude", filing, results={"1": "passed"})
        return panel

    @asynccontextmanager
    async def powered(self) -> AsyncGenerator[None]:
        """With Temporal and a worker, the same database files each time."""
        server = DevServer(db=self._folder / "temporal.db", search_attributes=SEARCH_ATTRIBUTES, ui=False)
        await asyncio.to_thread(server.start)
        try:
            async with self.driven_by(await Client.connect(server.address)):
                yield
        finally:
            await asyncio.to_thread(server.stop)

    @asynccontextmanager
    async def driven_by(self, client: Client) -> AsyncGenerator[None]:
        """With a worker on a server that is there."""
        self.client = client
        async with self.served():
            yield
