"""An environment on a real Temporal server whose legal clock is faster than ours, and the people who act in it."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import WorkflowRunner

from domain.actors import parse_actor
from domain.cases.calendar import CalendarPublished
from domain.files import Command
from domain.moments import instant, spoken, stamp
from gateway.clock import ClockFace, LegalClock, system_time
from gateway.founding import found
from gateway.gateway import Gateway
from gateway.settings import Settings
from gateway.views import behind, in_motion, letters_of, show, unsettled
from records.engine import migrate, open_engine
from tests.register import COLLEGES, EXPERTS, MAJORS, OFFICES, PANEL
from tests.stories.theatre import fresh_pack
from worker import sandbox, serve

HALF_AN_HOUR = "1800"
"""Legal seconds in a second: a test is over in a day or two, so nothing lapses while a slow machine works."""
A_THIRD_OF_A_DAY = "28800"
"""Legal seconds in a second: a public notice is over in a quarter of a minute."""
PATIENCE = 30.0
"""Seconds of real time in which processes must come to rest."""


def every_day_is_worked(year: int) -> CalendarPublished:
    """A year without a day off, so that it does not matter on which day a test begins."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    weekends = [d for d in days if d.year == year and d.weekday() >= 5]
    return CalendarPublished(year=year, holidays=[], workdays=weekends, source="test")


class House:
    """Everybody in office, a round open for a year. It has no `client` before there is a server that drives it."""

    client: Client

    def __init__(
        self,
        folder: Path,
        client: Client | None,
        name: str,
        *,
        rate: str = HALF_AN_HOUR,
        closes: str = "2027-03-01 17:30",
        smtp: str = "",
    ) -> None:
        self.name = name
        if client:
            self.client = client
        self.settings = Settings(files=f"{folder}/files", prefix=name, smtp_url=smtp)
        self.engine = open_engine(f"sqlite:///{folder}/{name}.db")
        migrate(self.engine)
        face = ClockFace(real=system_time(), legal=instant("2026-03-02 08:00"), rate=rate)
        self.environment = found(
            self.engine, id_=name, pack=fresh_pack("guangdong/pilot"), settings={}, face=face,
            schedules=[every_day_is_worked(year) for year in range(2025, 2030)],
        )  # fmt: skip
        self.gateway = Gateway(self.engine, LegalClock(face))
        self._commands = itertools.count(1)
        self._appoint()
        majors = [{"code": code, "name": major} for code, major in MAJORS.items()]
        opens = spoken(self.gateway.clock.now() + timedelta(minutes=1))
        window = {"opens": opens, "closes": closes}
        self.round = self.done(
            "catalog-officer@dept", "issue-call", year=2026, document_no="粤人社函〔2026〕50号", window=window,
            majors=majors,
        )  # fmt: skip
        while self.gateway.clock.now() < instant(opens):
            time.sleep(
                0.01
            )  # the call opens by the legal clock, a few hundredths of a second away; nothing runs yet

    def _appoint(self) -> None:
        for office in ("approver@dept", *OFFICES):
            role, _, agency = office.partition("@")
            self.done("ops@dept", "appoint", agency=agency, role=role, person=office)
        for id_, (name, kind, city, owner) in COLLEGES.items():
            about = {"id": id_, "name": name, "kind": kind, "city": city, "affiliation": owner}
            if self.settings.smtp_url:
                about["mail"] = f"{id_}@x.example"
            self.done("approver@dept", "register-college", **about)
            self.done("ops@dept", "appoint", agency=id_, role="filer", person=f"filer@{id_}")
        for id_, (name, side, employers) in EXPERTS.items():
            self.done("approver@dept", "register-expert", id=id_, name=name, side=side, employers=employers)

    def act(self, by: str, act: str, case: str | None = None, **with_: Any) -> dict[str, Any]:
        """Act, whatever comes of it."""
        id_ = f"{self.name}-{next(self._commands)}"
        return self.gateway.act(Command(id=id_, act=act, by=parse_actor(by), case=case, with_=with_))

    def done(self, by: str, act: str, case: str | None = None, **with_: Any) -> str:
        """An act that must be accepted; gives the case that it opened or was done on."""
        answer = self.act(by, act, case, **with_)
        assert answer["outcome"] == "accepted", answer
        return str(answer["case"])

    def view(self, case: str) -> dict[str, Any]:
        """What everybody may see of a case."""
        return show(self.engine, case)

    def filed(self, college: str, *majors: str, **with_: Any) -> str:
        """A filing of one line for each major."""
        lines = [
            {"id": str(n), "major": major, "entry": "senior-high", "years": 4, "plan": 40}
            for n, major in enumerate(majors, 1)
        ]
        return self.done(f"filer@{college}", "submit-filing", round=self.round, lines=lines, **with_)

    def scored(self, filing: str, expert: str) -> None:
        """One expert gives every open line the same mark."""
        lines = list(self.view(filing)["lines"])
        self.done(f"expert:{expert}", "score", filing, line=lines, marks={"overall": 90})

    def panel(self, filing: str) -> str:
        """A panel is formed; its first member is in the chair."""
        unit = self.view(filing)["route"]
        return self.done(f"organiser@{unit}", "form-panel", filing, experts=list(PANEL), chair=PANEL[0])

    @asynccontextmanager
    async def served(
        self, agencies: str = "all", runner: WorkflowRunner | None = None, parts: str = "all"
    ) -> AsyncGenerator[None]:
        """With a worker that serves relay, processes and the queues of these agencies; in the sandbox, if nothing else is said."""
        stop = asyncio.Event()
        settings = self.settings.model_copy(update={"agencies": agencies, "parts": parts})
        serving = asyncio.create_task(
            serve(self.client, self.gateway, self.environment, settings, stop, runner or sandbox())
        )
        try:
            yield
        finally:
            stop.set()
            await serving
            self.gateway.on_commit = lambda heads: None

    def unrest(self) -> list[str]:
        """What the processes still have to do now."""
        due = [str(row["id"]) for row in letters_of(self.engine) if row["status"] == "due"]
        late = unsettled(self.engine, stamp(self.gateway.clock.now()))
        return [*behind(self.engine), *late, *in_motion(self.engine), *due]

    async def at_rest(self, but: str = "", patience: float = PATIENCE) -> None:
        """Wait until the processes have nothing to do (but what names this); `patience` in seconds of real time."""
        left: list[str] = []
        for _ in range(int(patience / 0.02)):
            if not (left := [what for what in self.unrest() if not but or but not in what]):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"not at rest: {left}")

    async def becomes(self, case: str, stage: str) -> None:
        """Wait until a case is at a stage."""
        for _ in range(int(PATIENCE / 0.02)):
            if self.view(case)["stage"] == stage:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{case} is {self.view(case)['stage']}, not {stage}")

    def letters(self, case: str | None = None) -> list[dict[str, Any]]:
        """The letters of a case, or all, and what became of them."""
        return letters_of(self.engine, case)

    def process(self, case: str) -> WorkflowHandle[Any, Any]:
        """The process of a case."""
        return self.client.get_workflow_handle(f"{self.name}/{case}")

    def close(self) -> None:
        """Give the database up."""
        self.engine.dispose()
