"""What every process does: follow its stream, keep one alarm for the next lapse, end when final."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.messages import Act, Bearing, CaseStart, Deliver, Due, Follow
from domain.steering import CARD
from workflows.release import continue_anew, superseded
from workflows.search import STANDING

LEDGER = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=20))
ASK_LATER = timedelta(seconds=3)
"""A longer pause before the next try is a timer of the server: with the ledger away no worker is held up (it may be stopped),
and nothing is written into the history every few seconds."""
POST = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))


class CaseProcess:
    """The common part of every process. A subclass's `run` tells its story; this waits, times and acts for it."""

    def __init__(self) -> None:
        self._told = 0
        self._start: CaseStart | None = None
        self._bearing = Bearing(head=0, stage="", final=False)
        self._alarm: tuple[Due, asyncio.Task[None]] | None = None
        self._rang: Due | None = None
        self._too_early: Due | None = None
        self._reading = asyncio.Lock()
        self._post: dict[str, asyncio.Task[None]] = {}
        self._more_post: set[str] = set()
        self._shown: tuple[str, str, str, str] | None = None

    @workflow.signal
    def wake(self, head: int) -> None:
        """The ledger has events up to `head`. Lost, doubled or late: nothing changes."""
        self._told = max(self._told, head)

    @property
    def case(self) -> Bearing:
        """Where the case stands, as last read."""
        return self._bearing

    async def stages(self, start: CaseStart, rest: frozenset[str] = frozenset()) -> AsyncIterator[str]:
        """The stages of the case as they come, from wherever it stands now until it is final, or in a stage of `rest`."""
        self._start = start
        self._bearing = Bearing(head=start.after, stage="", final=False)
        await self._read()
        while not self.case.final and self.case.stage not in rest:
            yield self.case.stage
        self._drop_alarm()
        await self.post_is_out()

    async def leave(self, stage: str, *lapses: str) -> None:
        """Wait until the case has left this stage. `lapses` names the deadlines that end it by themselves.

        A name stands for all of its kind: `enrolment` for `enrolment/2026` and every other year's.
        """
        while self.case.stage == stage and not self.case.final:
            await self._next_move(lapses)

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until something is so; what happens on the stream is read as it comes."""
        while not so():
            await self._next_move(())

    async def act(self, act: str, case: str, id_: str) -> None:
        """Do what falls to this process, through the gateway, and read what came of it."""
        assert self._start is not None
        ask = Act(id=id_, act=act, by=self._start.stream, case=case)
        await workflow.execute_local_activity(
            "act",
            ask,
            result_type=str,
            retry_policy=LEDGER,
            local_retry_threshold=ASK_LATER,
            start_to_close_timeout=timedelta(seconds=60),
        )
        await self._read()

    async def post_is_out(self) -> None:
        """In histories older than the agencies' posts: wait until the case's letters are delivered, or given up."""
        while self._post:
            await asyncio.gather(*self._post.values())

    async def _next_move(self, lapses: tuple[str, ...]) -> None:
        self._set_alarm(lapses)
        seen = self._bearing
        await workflow.wait_condition(
            lambda: (
                self._told > self.case.head
                or self._rang is not None
                or self._bearing is not seen
                or superseded()
            )
        )
        if (due := self._rang) is not None and _is_card(due) and due not in self.case.due:
            self._rang = None  # an alarm that was left running: its card need not fall any more
        elif due is not None:
            self._rang = None
            assert self._start is not None
            await self.act(
                "lapse", self._start.stream, f"{self._start.stream}/{due.name}/{due.ends_at}/{self.case.head}"
            )
            self._too_early = due if due in self.case.due else None
        elif self._told > self.case.head:
            await self._read()
        assert self._start is not None
        if superseded() or workflow.info().get_current_history_length() > self._start.most_events:
            await self.post_is_out()
            continue_anew(replace(self._start, after=self.case.head))

    async def _read(self) -> None:
        assert self._start is not None
        async with self._reading:  # one at a time: an earlier answer must not take the place of a later one
            ask, told = Follow(stream=self._start.stream, after=self.case.head), self._told
            self._bearing = await workflow.execute_local_activity(
                "follow",
                ask,
                result_type=Bearing,
                retry_policy=LEDGER,
                local_retry_threshold=ASK_LATER,
                start_to_close_timeout=timedelta(seconds=60),
            )
            if (
                self._told == told
            ):  # whatever number was named (a restored backup may be behind it), all is read now
                self._told = self.case.head
            self._show()
        for agency in self.case.post:
            if agency in self._post:
                self._more_post.add(agency)
            else:
                self._post[agency] = asyncio.create_task(self._deliver(agency))

    async def _deliver(self, agency: str) -> None:
        assert self._start is not None
        while True:
            self._more_post.discard(agency)
            await workflow.execute_activity(
                "deliver",
                Deliver(stream=self._start.stream, agency=agency),
                task_queue=f"{self._start.prefix}.{agency}",
                retry_policy=POST,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=60),
                summary=f"{agency}: letters and documents",
            )
            if agency not in self._more_post:
                break
        del self._post[agency]
        await self._read()  # what the post put on record (the documents it wrote) is this process's own doing

    def _set_alarm(self, lapses: tuple[str, ...]) -> None:
        """One timer, for the earliest of these lapses or a card; it is left alone while that stays the same.

        A card's alarm is also left alone when something later takes its place: most cards never fall, and an alarm that
        rings for nothing now and then costs less history than cancelling and starting one at each stage.
        """
        due = next((due for due in self.case.due if due.name.partition("/")[0] in (*lapses, CARD)), None)
        if self._alarm and not self._alarm[1].done():
            set_for = self._alarm[0]
            if set_for == due or (_is_card(set_for) and (due is None or _when(set_for) <= _when(due))):
                return
        self._drop_alarm()
        if due:
            self._alarm = (due, asyncio.create_task(self._ring(due)))

    async def _ring(self, due: Due) -> None:
        assert self._start is not None
        delay = self._start.clock.until(due.ends_at, workflow.now())
        if due == self._too_early:  # the gateway's clock is behind ours: ask again, not at once
            delay = max(delay, timedelta(seconds=1))
        await workflow.sleep(delay, summary=f"{due.name} {due.ends_at}")
        self._rang = due

    def _drop_alarm(self) -> None:
        if self._alarm:
            self._alarm[1].cancel()
        self._alarm = None

    def _show(self) -> None:
        """Make the case legible in Temporal's own pages."""
        assert self._start is not None
        case = self.case
        shown = (case.stage, case.agency, case.waiting_for, case.by_when or "")
        if shown == self._shown:
            return
        self._shown = shown
        known = workflow.info().typed_search_attributes
        if not self._start.shown or shown != tuple(known.get(key, "") for key in STANDING):
            workflow.upsert_search_attributes(
                [key.value_set(value) for key, value in zip(STANDING, shown, strict=True)]
            )
        workflow.set_current_details(
            f"**{case.stage}** · waits for {case.agency or '-'} to {case.waiting_for or '-'}"
            + (f" by {case.by_when}" if case.by_when else "")
        )


def _is_card(due: Due) -> bool:
    return due.name.startswith(f"{CARD}/")


def _when(due: Due) -> datetime:
    return datetime.fromisoformat(due.ends_at)
