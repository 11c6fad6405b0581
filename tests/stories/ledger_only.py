"""Plays stories without Temporal: the gateway, a clock to set, and what the processes would do, done before each check.

Acts settle what has lapsed by themselves (design.md, Time), so for the ledger the processes only make lapses come
early, roll out calendars, record publications and complete rounds. This does the same by the same internal acts.
"""

import itertools
import shutil
import tempfile
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select

from domain.actors import SYSTEM, Actor
from domain.cases.calendar import CALENDAR
from domain.files import Command
from domain.moments import stamp
from domain.policy import Pack
from gateway.clock import ClockFace, LegalClock
from gateway.founding import found
from gateway.gateway import Gateway
from gateway.views import unsettled
from policies import load_pack
from records.engine import migrate, open_engine
from records.schema import streams
from rehearsal.runner import Outcome, _Player, beginning, schedules_of  # pyright: ignore[reportPrivateUsage]
from rehearsal.stage import Stage
from rehearsal.story import BadStory, Story
from tests.stories.record import Record, record_of


class LedgerStage(Stage):
    """A stage without a server: time is set, and catching up is doing what the processes would do."""

    def __init__(self, gateway: Gateway, face: ClockFace, prefix: str) -> None:
        self.gateway, self.face, self.prefix = gateway, face, prefix
        self.now = face.legal
        self._acts = itertools.count(1)
        gateway.clock = LegalClock(face, self.real)

    async def move_to(self, legal: datetime) -> None:
        """Set the clock."""
        self.now = max(self.now, legal)

    async def caught_up(self) -> None:
        """Lapse what is due, roll the calendar out, see announcements out, complete rounds that are over."""
        while due := unsettled(self.gateway.engine, stamp(self.now)):
            for case in due:
                self._do("lapse", case)
        while self._ids(streams.c.id == CALENDAR, streams.c.stage == "rolling-out"):
            self._do("roll-out", CALENDAR)
        for case in self._ids(streams.c.kind == "announcement", streams.c.stage == "open"):
            self._do("record-publication", case)
        for case in self._ids(streams.c.kind == "round", streams.c.stage == "closed"):
            self._do("complete-round", case)

    def _do(self, act: str, case: str) -> None:
        by = Actor(role=SYSTEM, agency=case, person=f"{SYSTEM}@{case}")
        id_ = f"{self.prefix}/{act}/{next(self._acts)}"
        self.gateway.act(Command(id=id_, act=act, by=by, case=case), internal=True)

    def _ids(self, *where: Any) -> list[str]:
        with self.gateway.engine.connect().execution_options(reading=True) as connection:
            return list(
                connection.execute(select(streams.c.id).where(*where).order_by(streams.c.id)).scalars()
            )


def play_on_the_ledger(
    story: Story, pack: Pack | None = None, prefix: str | None = None
) -> tuple[Outcome, Record]:
    """How a story goes under a pack (the shipped one if none is given), and what stands in the record then.

    The ids of cases follow from the ids of commands, and those from `prefix`: the same prefix gives the same ids.
    """
    with _database() as engine:
        outcome = _play(engine, story, pack, prefix)
        return outcome, record_of(engine)


def played(story: Story) -> Outcome:
    """How a story goes, when what stands in the record then does not matter."""
    with _database() as engine:
        return _play(engine, story, None, None)


@contextmanager
def left_by(story: Story, cases: dict[str, str] | None = None) -> Generator[Engine]:
    """The database that a story leaves, which must go as it says; it goes away afterwards. `cases`: hears its names."""
    with _database() as engine:
        outcome = _play(engine, story, None, None, cases)
        assert outcome.holds, outcome.failures
        yield engine


def play_into(engine: Engine, story: Story) -> Outcome:
    """Play a story on a migrated, empty database that its caller keeps."""
    return _play(engine, story, None, None)


def holds_under(story: Story, pack: Pack) -> bool:
    """Whether a story goes as it says when another pack is in force."""
    with _database() as engine:
        try:
            return _play(engine, story, pack, None).holds
        except (
            BadStory,
            LookupError,
        ):  # a register, an appointment or a filer that only another pack lets through
            return False


def _play(
    engine: Engine, story: Story, pack: Pack | None, prefix: str | None, cases: dict[str, str] | None = None
) -> Outcome:
    start = beginning(story)
    face = ClockFace(real=start, legal=start)
    own, *beside = (
        pack if pack and pack.name == name else load_pack(name) for name in [story.pack, *story.beside]
    )
    found(
        engine, id_=story.path.stem[:40], pack=own, beside=beside, settings=story.settings, face=face,
        schedules=schedules_of(story),
    )  # fmt: skip
    stage = LedgerStage(Gateway(engine, LegalClock(face)), face, prefix or story.path.stem)
    return _run(_played(stage, story, cases))


def _run[T](coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never really waits, inside an event loop or outside of one."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("a play on the ledger alone has nothing to wait for")


async def _played(stage: Stage, story: Story, cases: dict[str, str] | None) -> Outcome:
    player = _Player(stage, story, lambda line: None)
    outcome = await player.play()
    if cases is not None:
        cases |= player.cases
    await stage.caught_up()
    return outcome


@lru_cache(maxsize=1)
def _prepared() -> Path:
    """A migrated, empty database file: copying it is the quickest way to a new one."""
    folder = Path(tempfile.mkdtemp(prefix="huiqian-ledger-only-"))
    engine = open_engine(f"sqlite:///{folder}/empty.db")
    migrate(engine)
    engine.dispose()
    return folder / "empty.db"


def forget_prepared() -> None:
    """Remove what the plays of this session left on disk."""
    if _prepared.cache_info().currsize:
        shutil.rmtree(_prepared().parent, ignore_errors=True)
        _prepared.cache_clear()


@contextmanager
def _database() -> Generator[Engine]:
    with tempfile.TemporaryDirectory(dir=_prepared().parent) as folder:
        shutil.copy(_prepared(), Path(folder) / "records.db")
        engine = open_engine(f"sqlite:///{folder}/records.db")

        @event.listens_for(engine, "connect")
        def _(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")  # nobody needs these after a power cut

        try:
            yield engine
        finally:
            engine.dispose()
