"""One time-skipping server for all stories of a session; each story is played on it once, and what it left is kept."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine, select
from temporalio.client import WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from domain.kinds import DRIVEN
from domain.policy import Pack
from policies import load_pack
from records.schema import streams
from rehearsal.runner import Outcome, _Player, beginning, schedules_of  # pyright: ignore[reportPrivateUsage]
from rehearsal.server import RehearsalServer
from rehearsal.stage import Stage, set_up
from rehearsal.story import Story
from tests.stories.record import Record, record_of, short_name

Dressing = Callable[[Stage], Stage]
"""What a test does to a stage before the story is played on it."""


@dataclass(frozen=True)
class Performance:
    """How a story went on the server, the record it left, and the history of every process."""

    outcome: Outcome
    record: Record
    prefix: str
    kinds: dict[str, str]
    histories: dict[str, WorkflowHistory] = field(default_factory=dict)


class Theatre:
    """The server, and the performances so far."""

    def __init__(self, server: RehearsalServer) -> None:
        self.server = server
        self._seen: dict[str, Performance] = {}
        self._count = itertools.count(1)

    async def seen(self, story: Story) -> Performance:
        """The performance of a story: today's if there was one, otherwise it is given now."""
        if story.path.stem not in self._seen:
            self._seen[story.path.stem] = await self.perform(story)
        return self._seen[story.path.stem]

    async def perform(self, story: Story, dressing: Dressing = lambda stage: stage) -> Performance:
        """Play a story from its beginning, in an environment of its own."""
        return await self.server.played(lambda: self._once(story, dressing))

    async def _once(self, story: Story, dressing: Dressing) -> Performance:
        start = beginning(story)
        async with set_up(
            self.server, name=f"t{next(self._count)}-{short_name(story.path.stem)}", pack=fresh_pack(story.pack),
            beside=[fresh_pack(name) for name in story.beside],
            settings=story.settings, schedules=schedules_of(story), start=start,
        ) as made:  # fmt: skip
            stage = dressing(made)
            outcome = await _Player(stage, story, lambda line: None).play()
            if outcome.holds:
                await stage.caught_up()
            kinds = driven(stage.gateway.engine) | dict.fromkeys(stage.posts(), "post")
            histories = await self._histories(stage.prefix, kinds)
            return Performance(outcome, record_of(stage.gateway.engine), stage.prefix, kinds, histories)

    async def _histories(self, prefix: str, kinds: dict[str, str]) -> dict[str, WorkflowHistory]:
        found: dict[str, WorkflowHistory] = {}
        for id_ in kinds:
            handle = self.server.client.get_workflow_handle(f"{prefix}/{id_}")
            try:
                found[id_] = await handle.fetch_history()
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:  # a draft, or the calendar, has no process
                    raise
        return found


def fresh_pack(name: str) -> Pack:
    """A shipped pack that nobody else holds."""
    return Pack.model_validate_json(load_pack(name).model_dump_json())


def driven(engine: Engine) -> dict[str, str]:
    """Every case that a process may drive, with its kind."""
    query = select(streams.c.id, streams.c.kind).where(streams.c.kind.in_(DRIVEN)).order_by(streams.c.id)
    with engine.connect().execution_options(reading=True) as connection:
        return {row.id: row.kind for row in connection.execute(query)}
