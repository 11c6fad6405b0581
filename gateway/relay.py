"""The outbox: wakes the process of every stream whose head it has not read, and the post of every agency with letters due.

What must be woken is not a table of its own but a fact of `streams`: `followed < head`. The fast path sends at once
after a commit; the sweep sends whatever stays behind, so that a lost wake, a crash or an absent Temporal server costs
time and nothing else. A doubled wake changes nothing. While much happens a process is woken once for what happens in a
second, since a wake costs as much as an act.
"""

import asyncio
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import structlog
from sqlalchemy import func, literal, select
from sqlalchemy.exc import DBAPIError
from temporalio.client import Client
from temporalio.service import RPCError

from domain.cases.remedy_facts import ProcessRestarted
from domain.moments import stamp
from domain.steering import Steering, steering
from gateway.clock import Environment, system_time
from gateway.gateway import Gateway
from gateway.letters import commands_of
from gateway.wakes import Behind, wake
from records.ledger import POST
from records.schema import events, letters, streams
from records.world import revive

log = structlog.get_logger("relay")
PATIENCE = 30.0
"""Seconds after which a process that was woken and has not read is woken again, each time twice as many up to an hour;
Temporal keeps a wake that it took."""
RESTARTED = ProcessRestarted.__name__
"""The fact after which a process is ended and begun anew, whoever did the act and wherever; how long ago the process was
woken last does not matter then."""
AGAIN = 0.1
"""Seconds after which it is looked whether a process that was woken has read what came after its wake."""
BUSY = 8
"""While so many processes were woken and have not read, another is woken some time after its first news, for all that came
until then."""
PAUSE = 1.0
"""That time, in seconds of legal time: nothing that a process does is so urgent, neither a timer nor a letter."""
PAGE = 2000
"""Streams that a sweep looks at; the next one goes on behind them."""
TURN, ABREAST = 500, 64
"""Processes that are woken before it is looked who else has news, and of these so many at a time: an announcement of thousands
of programmes neither holds up everybody else nor drowns the Temporal server, which lets calls fail then.
"""


@dataclass(frozen=True)
class Sent:
    """A wake: up to which event, what had been read then, when, and for how long it is not said again."""

    head: int
    followed: int
    first: str
    restart: int
    at: float
    patience: float


class Relay:
    """One per gateway process that has a connection to Temporal. `told` may be called from any thread."""

    def __init__(
        self,
        gateway: Gateway,
        client: Client,
        environment: Environment,
        prefix: str,
        sweep: float | None = 0.5,
        pause: float = PAUSE,
    ) -> None:
        """`sweep`: seconds between two looks at all that is behind; None where another process looks. `pause`: see PAUSE."""
        self._gateway, self._client, self._prefix, self._interval = gateway, client, prefix, sweep
        self._clock = environment.clock
        self._pause = pause / float(Fraction(environment.clock.rate))
        self._loop = asyncio.get_running_loop()
        self._news: dict[str, float] = {}
        """Processes with news, and since when."""
        self._heard = asyncio.Event()
        self._flying: set[str] = set()
        """Streams whose processes were woken and have not read."""
        self._sent: dict[str, Sent] = {}
        self._seen: dict[str, tuple[int, float]] = {}
        self._page = ""
        """The stream behind which the next sweep goes on."""
        self._abreast = asyncio.Semaphore(ABREAST)

    def told(self, heads: dict[str, int]) -> None:
        """After a commit: these processes have news."""
        self._loop.call_soon_threadsafe(self._hear, list(heads))

    def _hear(self, ids: list[str]) -> None:
        resting = not self._news  # then nobody looks who has read meanwhile
        for id_ in ids:
            self._news.setdefault(id_, self._loop.time())
        if resting or len(self._flying) < BUSY:
            self._heard.set()

    async def run(self) -> None:
        """Send wakes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fast_path())
            if self._interval is not None:
                tasks.create_task(self._sweep(self._interval))

    async def _fast_path(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), AGAIN if self._news else None)
            self._heard.clear()
            asked = dict(islice(self._news.items(), TURN))
            self._news = {id_: since for id_, since in self._news.items() if id_ not in asked}
            try:
                rows = await asyncio.to_thread(self._behind, {*asked, *self._flying})
            except DBAPIError as error:  # the records database is away: the sweep finds them when it is back
                log.warning("cannot look who is behind", kind=type(error).__name__)
                continue
            # A process that has not read since its last wake will read this too; only look again whether it did.
            unread = {row.stream for row in rows if self._unread(row)}
            self._flying &= unread
            since = self._loop.time() - (self._pause if len(self._flying) >= BUSY else 0.0)
            ready: list[Behind] = []
            for row in rows:
                if row.stream in asked and row.stream not in unread and asked[row.stream] <= since:
                    ready.append(row)
                elif row.stream in asked:
                    self._news[row.stream] = asked[row.stream]
            self._flying |= {row.stream for row in ready if row.kind != "post"}
            await self._wake_all(ready)

    async def _sweep(self, interval: float) -> None:
        while True:
            try:
                rows = await asyncio.to_thread(self._behind)
            except DBAPIError as error:
                log.warning("cannot look who is behind", kind=type(error).__name__)
                await asyncio.sleep(interval)
                continue
            now = self._loop.time()
            # What is behind for the first time may be in its own process's hands this very moment: look again first.
            grace = interval / 2 if len(rows) < BUSY else 3 * max(1.0, self._pause)
            self._look_at(rows, now)
            late = [row for row in rows if now - self._seen[row.stream][1] > grace and not self._unread(row)]
            await self._wake_all(late)
            await asyncio.sleep(interval)

    def _look_at(self, rows: list[Behind], now: float) -> None:
        """Note since when each process of this page is as far behind as it is, and forget those of it that are not any more."""
        streams_ = [row.stream for row in rows if row.kind != "post"]
        upto = streams_[-1] if len(streams_) == PAGE else None
        seen = {row.stream: (row.followed, now) for row in rows}

        def elsewhere(id_: str) -> bool:
            return not id_.startswith(POST) and (id_ <= self._page or (upto is not None and id_ > upto))

        for id_, new in seen.items():
            if (old := self._seen.get(id_, new))[0] == new[0]:
                seen[id_] = old
        self._seen = {id_: old for id_, old in self._seen.items() if elsewhere(id_)} | seen
        self._sent = {id_: sent for id_, sent in self._sent.items() if elsewhere(id_) or id_ in seen}
        self._page = upto or ""

    def _unread(self, row: Behind) -> bool:
        """Whether a process was woken, lately, for all that is there. A post that has sent some has more to send: it is
        at it, and is woken once more in a while, since news may have come between its last look and its end.
        """
        sent = self._sent.get(row.stream)
        if sent is None or row.restart > sent.restart or self._loop.time() - sent.at > sent.patience:
            return False
        if row.kind == "post":
            return sent.first == row.first or self._loop.time() - sent.at < self._pause
        return sent.head > row.followed

    def _behind(self, only: set[str] | None = None) -> list[Behind]:
        """The processes that have news, of these or the next page of all: streams that were not read, and posts with letters due."""
        news = (events.c.stream == streams.c.id) & (events.c.seq > streams.c.followed)
        restart = select(func.coalesce(func.max(events.c.seq), 0)).where(news, events.c.type == RESTARTED)
        columns = (streams.c.id, streams.c.kind, streams.c.head, streams.c.followed)
        unread = select(*columns, literal(""), restart.scalar_subquery()).where(
            streams.c.followed < streams.c.head
        )
        due = (letters.c.status == "due") & (letters.c.again_at <= stamp(system_time()))
        posting = select(letters.c.sender, func.min(letters.c.id)).where(due).group_by(letters.c.sender)
        posts = only is None or any(id_.startswith(POST) for id_ in only)
        # In one order, so that a page is the same again: without, PostgreSQL may begin each reading where the last one ended.
        page = unread.where(streams.c.id > self._page).order_by(streams.c.id).limit(PAGE)
        query = unread.where(streams.c.id.in_(only)) if only is not None else page
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            rows = [Behind(*row) for row in connection.execute(query)]
            first = connection.execute(posting).all() if posts else []
        return [*rows, *(Behind(f"{POST}{sender}", "post", first=letter) for sender, letter in first)]

    async def _wake_all(self, rows: list[Behind]) -> None:
        if not rows:
            return
        stand: dict[str, Steering] = {}
        if new := [row.stream for row in rows if row.followed == 0 and row.kind != "post"]:
            with suppress(DBAPIError):  # the wake matters, what a process shows first does not
                stand = await asyncio.to_thread(self._stand, new)
        await asyncio.gather(*(self._wake(row, stand.get(row.stream)) for row in rows))

    def _stand(self, new: list[str]) -> dict[str, Steering]:
        """How cases stand that no process has read yet."""
        query = select(streams.c.id, streams.c.head, streams.c.kind, streams.c.state).where(
            streams.c.id.in_(new)
        )
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            return {id_: steering(revive(id_, tuple(stood))) for id_, *stood in connection.execute(query)}

    async def _wake(self, row: Behind, stands: Steering | None) -> None:
        before = self._sent.get(row.stream)
        again = before is not None and (before.followed, before.first) == (row.followed, row.first)
        patience = min(2 * before.patience, 3600.0) if before and again else PATIENCE
        anew = row.restart > (before.restart if before else 0)
        self._sent[row.stream] = Sent(
            row.head, row.followed, row.first, row.restart, self._loop.time(), PATIENCE if anew else patience
        )
        try:
            async with self._abreast:
                with await self._cause(row):
                    await wake(self._client, self._prefix, self._clock, row, anew=anew, stands=stands)
        except RPCError as error:
            # Temporal is away: the act stands, the sweep tries again, and the ledger shows what is behind.
            self._sent.pop(row.stream, None)
            log.warning("wake failed", case=row.stream, status=error.status.name)

    async def _cause(self, row: Behind) -> AbstractContextManager[None]:
        """The acts whose traces this wake belongs to, where there are traces."""
        traces = self._gateway.traces
        if traces is None:
            return nullcontext()
        news = (events.c.stream == row.stream) & (events.c.seq > row.followed) & (events.c.seq <= row.head)
        query = select(events.c.command).where(news).order_by(events.c.seq)

        def look() -> list[str]:
            with self._gateway.engine.connect().execution_options(reading=True) as connection:
                if row.first:
                    return list(commands_of(connection, [row.first]).values())
                return list(dict.fromkeys(connection.execute(query).scalars()))

        try:
            return traces.caused_by(await asyncio.to_thread(look))
        except DBAPIError:  # the wake matters, its trace does not
            return nullcontext()
