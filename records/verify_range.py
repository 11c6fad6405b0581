"""The record as it stands at one instant, split into ranges of streams that all processors verify at once."""

import multiprocessing
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from threading import BrokenBarrierError
from typing import Any

from sqlalchemy import Connection, Engine

from records.engine import SNAPSHOT, open_engine
from records.statements import run

ALONE = 20_000
"""Up to so many streams one process is done before others have started."""
MOST = 2_000
"""Streams of one range: bounds what is read at once, and shares the work out evenly."""
_START = 120
"""Seconds within which the other processes must have begun to read."""


@dataclass(frozen=True)
class Part:
    """The streams after one id, up to and with another, in the database's own order; None: no bound."""

    after: str | None = None
    upto: str | None = None

    def within(self, column: str) -> tuple[str, list[str]]:
        """The condition that a row of this column belongs here, with its values. Every row belongs to one part."""
        wheres, values = ["1 = 1"], list[str]()
        if self.after is not None:
            wheres.append(f"{column} > ?")
            values.append(self.after)
        if self.upto is not None:
            # No value at all sorts nowhere; a row like that is the first part's, not nobody's.
            wheres.append(
                f"{column} <= ?" if self.after is not None else f"({column} <= ? OR {column} IS NULL)"
            )
            values.append(self.upto)
        return " AND ".join(wheres), values


@contextmanager
def one_view[T](
    engine: Engine, worker: Callable[[Connection], Callable[[Part], T]]
) -> Generator[tuple[Connection, Iterable[T]]]:
    """A connection that sees the database at one instant, and what a worker makes of each part of the same view.

    `worker` makes one for a connection, in other processes too, so it must be a function of a module. This process does
    not wait for them to start: it takes the parts from the end that none of them has been handed. Acts go on meanwhile;
    on SQLite they wait until every process has begun to read.
    """
    parts = _parts(engine)
    others = min((os.cpu_count() or 1) - 1, len(parts) - 1)
    with ExitStack() as open_:
        writer = open_.enter_context(ExitStack())
        if others and engine.dialect.name == "sqlite":
            writer.enter_context(engine.begin())
        connection = open_.enter_context(_view(engine))
        if not others:
            yield connection, map(worker(connection), parts)
            return
        snapshot = ""
        if engine.dialect.name == "postgresql":
            ((snapshot,),) = run(connection, "SELECT pg_export_snapshot()")
        # Not forked: another thread of this process may hold a lock that its copy would wait for.
        spawning = multiprocessing.get_context("spawn")
        begun = None if snapshot else spawning.Barrier(others + 1)
        url = engine.url.render_as_string(hide_password=False)
        processors = open_.enter_context(
            ProcessPoolExecutor(
                others, mp_context=spawning, initializer=_begin, initargs=(url, snapshot, begun, worker)
            )
        )
        waiting = [(part, processors.submit(_work, part)) for part in parts]
        if begun:
            try:
                begun.wait(_START)
            except BrokenBarrierError:
                waiting[0][1].result()
                raise
        writer.close()
        yield connection, _shared(worker(connection), waiting)


def _shared[T](work: Callable[[Part], T], waiting: list[tuple[Part, Future[T]]]) -> Iterator[T]:
    """What this process makes of the parts that no other has begun, then what the others made."""
    theirs: list[Future[T]] = []
    for part, other in reversed(waiting):
        if other.cancel():
            yield work(part)
        else:
            theirs.append(other)
    for other in theirs:
        yield other.result()


def _parts(engine: Engine) -> list[Part]:
    with engine.connect().execution_options(reading=True) as connection:
        ((count,),) = run(connection, "SELECT count(*) FROM streams")
        if count <= ALONE or engine.url.database in (None, "", ":memory:"):
            return [Part()]
        numbered = "SELECT id, row_number() OVER (ORDER BY id) AS n FROM streams"
        sql = f"SELECT id FROM ({numbered}) q WHERE n / {MOST} * {MOST} = n AND n < {count} ORDER BY n"
        bounds = [None, *(id_ for (id_,) in run(connection, sql)), None]
    return [Part(after, upto) for after, upto in pairwise(bounds)]


@contextmanager
def _view(engine: Engine, snapshot: str = "") -> Generator[Connection]:
    with engine.connect().execution_options(reading=SNAPSHOT) as connection, connection.begin():
        if snapshot:
            connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        run(connection, "SELECT count(*) FROM environment")  # SQLite's view begins with the first row read
        yield connection


_open = ExitStack()
_mine: list[Callable[[Part], Any]] = []
"""In a process of its own: what makes all its parts, by one connection, for as long as the process lives."""


def _begin(
    url: str, snapshot: str, begun: Any, worker: Callable[[Connection], Callable[[Part], Any]]
) -> None:
    try:
        connection = _open.enter_context(_view(open_engine(url), snapshot))
    except BaseException:
        if begun:
            begun.abort()
        raise
    if begun:
        begun.wait(_START)
    _mine.append(worker(connection))


def _work(part: Part) -> Any:
    return _mine[0](part)
