"""Playing a story: people are appointed, time moves, acts are done, and the views are held against what is expected."""

import hashlib
import itertools
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from domain.actors import Actor, parse_actor
from domain.cases.calendar import CalendarPublished
from domain.files import Command
from domain.moments import instant
from domain.policy import Pack
from gateway.founding import published_schedules, with_settings
from gateway.views import NoSuchCase, show
from policies import load_pack
from records.schema import streams
from rehearsal.matching import mismatches
from rehearsal.server import RehearsalServer
from rehearsal.stage import Stage, set_up
from rehearsal.story import BadStory, Step, Story

REFERENCES = {"lines", "line", "programme", "programmes"}
"""Fields of acts that hold references to lines (F/1)."""
_counter = itertools.count(1)


@dataclass
class Outcome:
    """How a story went: what failed, where, and how many steps held."""

    story: Story
    failures: list[str] = field(default_factory=list)
    steps: int = 0

    @property
    def holds(self) -> bool:
        """Whether everything was as the story says."""
        return not self.failures


async def play(server: RehearsalServer, story: Story, narrated: list[str] | None = None) -> Outcome:
    """Play one story on a shared server; `narrated` hears every act.

    Raises BadStory when the file asks for what cannot be set up, Standstill when no server's time would pass.
    """
    name = f"r{next(_counter)}-{hashlib.sha256(str(story.path).encode()).hexdigest()[:8]}"
    try:
        pack, *beside = (load_pack(name) for name in [story.pack, *story.beside])
        with_settings([pack, *beside], story.settings)
    except KeyError as error:
        raise BadStory(
            f"{story.path.name}: set.{error.args[0]}: 没有这个可设定项 / not a configurable key"
        ) from None
    except ValueError as error:
        raise BadStory(f"{story.path.name}: set: {error}") from None
    except Exception as error:  # BadPack says file, line and field in its own words
        raise BadStory(f"{story.path.name}: pack: {error}") from error
    heard = [] if narrated is None else narrated

    async def once() -> Outcome:
        heard.clear()  # an earlier attempt's
        async with stage_of(server, story, name, [pack, *beside]) as stage:
            return await play_on(stage, story, heard.append)

    return await server.played(once)


@asynccontextmanager
async def stage_of(
    server: RehearsalServer, story: Story, name: str, packs: Sequence[Pack] = ()
) -> AsyncGenerator[Stage]:
    """An environment as a story begins in it, served; the packs are the story's own unless given. Then it is removed."""
    pack, *beside = packs or [load_pack(name) for name in [story.pack, *story.beside]]
    async with set_up(
        server, name=name, pack=pack, beside=beside, settings=story.settings, schedules=schedules_of(story),
        start=beginning(story),
    ) as stage:  # fmt: skip
        yield stage


def beginning(story: Story) -> datetime:
    """The day before the first step, when the environment is set up."""
    return (story.steps[0].at if story.steps else instant("2026-01-01")) - timedelta(days=1)


def schedules_of(story: Story) -> list[CalendarPublished]:
    """The holiday schedules that a story goes by: its own, or the published ones of all its years and their neighbours."""
    if story.calendar is None:
        first, last = beginning(story), story.steps[-1].at if story.steps else beginning(story)
        return published_schedules(range(first.year - 3, last.year + 4))
    return [
        CalendarPublished(year=y, source="rehearsal", **lists) for y, lists in sorted(story.calendar.items())
    ]


async def play_on(stage: Stage, story: Story, heard: Callable[[str], None] = lambda line: None) -> Outcome:
    """Play a story on its stage; `heard` is told every act."""
    return await _Player(stage, story, heard).play()


class _Player:
    def __init__(self, stage: Stage, story: Story, heard: Callable[[str], None]) -> None:
        self.stage, self.story, self.heard = stage, story, heard
        self.cases: dict[str, str] = {}
        self.outcome = Outcome(story)
        self._commands = itertools.count(1)

    async def play(self) -> Outcome:
        self._cast()
        for step in self.story.steps:
            await self._step(step)
            if self.outcome.failures:
                break
            self.outcome.steps += 1
        return self.outcome

    def _cast(self) -> None:
        """Enter the colleges and experts of the story, and appoint everybody it names."""
        approver, ops = parse_actor("approver@dept"), parse_actor("ops@dept")
        file = self.story.path.name
        self._given(ops, "appoint", {"agency": "dept", "role": "approver", "person": approver.person}, file)
        for n, college in enumerate(self.story.colleges):
            self._given(approver, "register-college", college, f"{file}: given.colleges[{n}]")
        for n, expert in enumerate(self.story.experts):
            self._given(approver, "register-expert", expert, f"{file}: given.experts[{n}]")
        agencies = {"dept", "tro", "gz", "sz", *(str(c.get("id")) for c in self.story.colleges)}
        for actor, place in self._people().items():
            if (
                actor.role in ("expert", "public") or actor.on_behalf_of
            ):  # what is delegated is nobody's own office
                continue
            if actor.agency not in agencies:
                agencies.add(actor.agency)
                self._given(ops, "found-agency", {"id": actor.agency}, f"{place}: {actor}")
            office = {"agency": actor.agency, "role": actor.role, "person": actor.person}
            self._given(ops, "appoint", office, f"{place}: {actor}")

    def _people(self) -> dict[Actor, str]:
        """Everybody the story names, and where first: who acts, and the officers that an act names."""
        people: dict[Actor, str] = {}
        for step in self.story.steps:
            if step.by:
                people.setdefault(step.by, f"{step.place}: by")
            named: Any = step.with_.get("officers")
            for name in named if isinstance(named, list) else []:
                with suppress(ValueError, TypeError):  # what is no officer is the act's to refuse
                    people.setdefault(parse_actor(name), f"{step.place}: with.officers")
        return people

    def _given(self, by: Actor, act: str, with_: dict[str, Any], place: str) -> None:
        answer = self._act(by, act, None, with_)
        if answer["outcome"] != "accepted":
            why = "; ".join(f"{r.get('field')}: {r['zh']} / {r['en']}" for r in answer["reasons"])
            raise BadStory(f"{place}: {why}")

    def _act(
        self, by: Actor, act: str, case: str | None, with_: dict[str, Any], read: Any = None
    ) -> dict[str, Any]:
        id_ = f"{self.stage.prefix}-{next(self._commands)}"
        try:
            command = Command(id=id_, act=act, by=by, case=case, with_=with_, read=read)
        except ValidationError as error:  # it cannot even be put on record
            return {
                "outcome": "refused",
                "code": "invalid",
                "reasons": [{"code": "invalid", "zh": str(error), "en": ""}],
            }
        return self.stage.gateway.act(command)

    async def _step(self, step: Step) -> None:
        await self.stage.move_to(step.at)
        if step.do is not None:
            await self._do(step)
        if step.expect:
            await self.stage.caught_up()
            for case, expected in step.expect.items():
                self._check(step, case, expected)

    async def _do(self, step: Step) -> None:
        assert step.by is not None
        assert step.do is not None
        if step.refused:
            await self.stage.caught_up()
        before = self._heads() if step.refused else {}
        answer = self._act(
            step.by, step.do, self.cases.get(step.case or "", step.case), self._resolve(step.with_), step.read
        )
        self.heard(f"{step.at:%Y-%m-%d %H:%M} {step.by} {step.do} {answer.get('code', '')}".rstrip())
        found = answer["code"] if answer["outcome"] == "refused" else None
        if found != step.refused:
            why = "".join(f"\n    {r['code']}: {r['zh']} / {r['en']}" for r in answer.get("reasons", []))
            expected = step.refused or "accepted"
            self.outcome.failures.append(
                f"{step.place}: {step.do}: 期望 expected {expected}, 实际 found {found or 'accepted'}{why}"
            )
        elif step.refused and before != self._heads():
            self.outcome.failures.append(
                f"{step.place}: {step.do}: 被拒绝的行为改变了案件 / a refused act changed a case"
            )
        elif step.as_ and not step.refused:
            self.cases[step.as_] = str(answer["case"])

    def _check(self, step: Step, case: str, expected: Any) -> None:
        try:
            view = show(self.stage.gateway.engine, self.cases.get(case, case))
        except NoSuchCase:
            self.outcome.failures.append(f"{step.place}: {case}: 没有这个案件 / no such case")
            return
        for problem in mismatches(expected, view, self._name):
            self.outcome.failures.append(f"{step.place}: {case}.{problem}")

    def _heads(self) -> dict[str, int]:
        with self.stage.gateway.engine.connect().execution_options(reading=True) as connection:
            return {row[0]: row[1] for row in connection.execute(select(streams.c.id, streams.c.head))}

    def _name(self, text: str) -> str:
        """The id that a story's name stands for: `F`, or the line `F/1`."""
        if text in self.cases:
            return self.cases[text]
        head, slash, line = text.rpartition("/")
        return f"{self.cases[head]}/{line}" if slash and head in self.cases else text

    def _resolve(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: self._resolve(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self._resolve(v, key) for v in value]
        if isinstance(value, str) and (key == "round" or (key in REFERENCES and "/" in value)):
            return self._name(value)
        return value
