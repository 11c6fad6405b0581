"""An environment whose legal clock runs fast, with or without its servers, and a mailbox that counts."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

from temporalio.client import Client

from deploy.devserver import DevServer
from domain.actors import parse_actor
from domain.files import Command
from domain.moments import instant, local_day, stamp
from gateway.clock import ClockFace, LegalClock, system_time
from gateway.founding import found, published_schedules
from gateway.gateway import Gateway
from gateway.settings import Settings
from gateway.views import behind, in_motion, letters_of, unsettled
from policies import load_pack
from records.engine import migrate, open_engine
from worker import serve
from workflows.search import SEARCH_ATTRIBUTES

EXPERTS = ("zhao", "qian", "zheng", "sun", "zhou")


class Box:
    """A mailbox behind a real SMTP server."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.ids.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        return "250 kept"


RATE = 43_200
"""Two real seconds are a day of legal time: an outage of ten days takes twenty seconds."""


class House:
    """An environment whose legal clock runs fast, with or without servers."""

    def __init__(self, folder: Path, smtp: str) -> None:
        self.folder = folder
        self.engine = open_engine(f"sqlite:///{folder}/records.db")
        migrate(self.engine)
        self.face = ClockFace(real=system_time(), legal=instant("2026-03-01 12:00"), rate=str(RATE))
        pack, years = load_pack("guangdong/pilot"), published_schedules(range(2024, 2027))
        self.environment = found(
            self.engine, id_="t", pack=pack, settings={}, face=self.face, schedules=years
        )
        self.gateway = Gateway(self.engine, LegalClock(self.face))
        self.settings = Settings(files=f"{folder}/files", prefix="outage", smtp_url=smtp)
        self._n = 0

    async def until(self, at: str) -> None:
        """Let legal time come to an instant; it may be past already."""
        await asyncio.sleep(self.face.real_until(instant(at), system_time()).total_seconds())

    def act(self, by: str, do: str, case: str | None = None, **with_: Any) -> dict[str, Any]:
        self._n += 1
        return self.gateway.act(Command(id=f"c{self._n}", act=do, by=parse_actor(by), case=case, with_=with_))

    def done(self, by: str, do: str, case: str | None = None, **with_: Any) -> str:
        answer = self.act(by, do, case, **with_)
        assert answer["outcome"] == "accepted", answer
        return str(answer["case"])

    def people(self) -> str:
        for office in (
            "catalog-officer@dept",
            "approver@dept",
            "publisher@dept",
            "clerk@tro",
            "organiser@tro",
            "notice-officer@tro",
        ):
            role, _, agency = office.partition("@")
            self.done("ops@dept", "appoint", agency=agency, role=role, person=office)
        for college in ("dg", "zh"):
            about = {
                "name": f"示例{college}",
                "kind": "technician-college",
                "city": "4419",
                "affiliation": "municipal",
            }
            self.done(
                "approver@dept",
                "register-college",
                None,
                **{"id": college, "mail": f"{college}@x.example", **about},
            )
            self.done("ops@dept", "appoint", agency=college, role="filer", person=f"filer@{college}")
        for n, expert in enumerate(EXPERTS):
            side = "industry" if n < 3 else "college"
            self.done(
                "approver@dept",
                "register-expert",
                None,
                id=expert,
                name=expert,
                side=side,
                employers=[{"org": "某"}],
            )
        window = {"opens": local_day(self.gateway.clock.now()).isoformat(), "closes": "2026-03-31 17:30"}
        majors = [{"code": "DEMO-0101", "name": "数控加工"}]
        return self.done(
            "catalog-officer@dept",
            "issue-call",
            year=2026,
            document_no="粤人社函〔2026〕50号",
            window=window,
            majors=majors,
        )

    def filed(self, college: str, round_: str) -> str:
        line = {"id": "1", "major": "DEMO-0101", "entry": "senior-high", "years": 4, "plan": 40}
        return self.done(f"filer@{college}", "submit-filing", round=round_, lines=[line])

    @asynccontextmanager
    async def served(self) -> AsyncGenerator[Client]:
        """With Temporal and a worker, the same database files each time."""
        server = DevServer(db=self.folder / "temporal.db", search_attributes=SEARCH_ATTRIBUTES, ui=False)
        await asyncio.to_thread(server.start)
        client = await Client.connect(server.address)
        try:
            async with self.worked(client):
                yield client
        finally:
            await asyncio.to_thread(server.stop)

    @asynccontextmanager
    async def worked(self, client: Client) -> AsyncGenerator[None]:
        """With a worker on a server that is there."""
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(client, self.gateway, self.environment, self.settings, stop))
        try:
            yield
        finally:
            stop.set()
            await serving
            self.gateway.on_commit = lambda heads: None

    async def at_rest(self) -> None:
        for _ in range(3000):
            due = [x for x in letters_of(self.engine) if x["status"] == "due"]
            if not (
                behind(self.engine)
                or in_motion(self.engine)
                or unsettled(self.engine, stamp(self.gateway.clock.now()))
                or due
            ):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(
            f"not at rest: {behind(self.engine)} {unsettled(self.engine, stamp(self.gateway.clock.now()))}"
        )
