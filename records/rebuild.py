"""Folds the whole ledger again and puts every read model back as the events alone say it must be."""

import json
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import batched, chain, groupby
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from domain.chain import GENESIS
from domain.kinds import KINDS
from records.engine import SNAPSHOT
from records.projection import TABLES, Row, project, stream_row
from records.rows import fact
from records.schema import events, streams
from records.statements import load, marks, run

BATCH = 2_000
"""Streams folded before their rows are written: bounds memory, whatever the ledger's size."""
_COLUMNS = [c.name for c in events.columns if c.name not in ("position", "previous", "command", "calendar")]
History = list[tuple[Any, ...]]
"""The events of one stream, in order, each as the values of _COLUMNS."""


@dataclass
class Rebuilt:
    """What a rebuild did: how much it read, and which streams had stood otherwise."""

    streams: int = 0
    events: int = 0
    changed: list[str] = field(default_factory=list)


def rebuild(engine: Engine, progress: Callable[[int, int], None] = lambda done, total: None) -> Rebuilt:
    """Rebuild all read models in one transaction; `progress` hears streams done and events read.

    Acts wait meanwhile. How far processes have read (`followed`) is not a read model and stays. Raises what folding
    raises when the ledger does not fold: then nothing was changed.
    """
    done = Rebuilt()
    with engine.begin() as writer, engine.connect() as reader:
        if engine.dialect.name == "postgresql":  # SQLite's one writer is alone already
            run(writer, "LOCK TABLE streams IN EXCLUSIVE MODE")
        for table in TABLES.values():
            writer.execute(delete(table))
        reader = reader.execution_options(reading=SNAPSHOT, yield_per=5_000)
        columns = [events.c[name] for name in _COLUMNS]
        rows = reader.execute(select(*columns).order_by(events.c.stream, events.c.seq))
        histories = (
            [tuple(row) for row in history]
            for _, history in groupby(rows, key=lambda row: row[_COLUMNS.index("stream")])
        )
        for folded in _folded(histories):
            _write(writer, folded, done)
            progress(done.streams, done.events)
    return done


def _folded(histories: Iterator[History]) -> Iterator[list[dict[str, list[Row]]]]:
    """Histories folded batch by batch, in their order; more than one batch is folded by all processors."""
    batches = batched(histories, BATCH)
    first, second = next(batches, ()), next(batches, ())
    if not second:
        yield _fold_all(first)
        return
    # Not forked: another thread of this process may hold a lock that its copy would wait for.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as processors:
        yield from _in_order(processors, chain((first, second), batches))


def _in_order(
    processors: Executor, batches: Iterable[tuple[History, ...]]
) -> Iterator[list[dict[str, list[Row]]]]:
    waiting: deque[Future[list[dict[str, list[Row]]]]] = deque()
    for batch in batches:
        waiting.append(processors.submit(_fold_all, batch))
        if len(waiting) > 2 * (os.cpu_count() or 1):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _fold_all(batch: tuple[History, ...]) -> list[dict[str, list[Row]]]:
    return [_fold(history) for history in batch]


def _fold(history: History) -> dict[str, list[Row]]:
    """What all tables must hold of one stream."""
    rows = [dict(zip(_COLUMNS, values, strict=True)) for values in history]
    last = rows[-1]
    case = KINDS[last["kind"]](id=last["stream"])
    for row in rows:
        event, moment = fact(row)
        case.apply(event, moment)
    head = {name: last[name] for name in ("digest", "recorded_at")}
    stream = {"id": case.id, **stream_row(case), "head": last["seq"], **head}
    return {"streams": [stream], **{name: list(found.values()) for name, found in project(case).items()}}


def _write(writer: Connection, folded: list[dict[str, list[Row]]], done: Rebuilt) -> None:
    heads = [tables["streams"][0] for tables in folded]
    ids = [row["id"] for row in heads]
    if not ids:
        return
    within = f"({marks(len(ids))})"
    kept = run(writer, f"SELECT id, state, head, followed FROM streams WHERE id IN {within}", ids)
    before = {id_: (state, head, followed) for id_, state, head, followed in kept}
    chained = _act_heads(writer, ids)
    for row in heads:
        row["acts_head"], row["acts_digest"] = chained.get(row["id"], (0, GENESIS))
        state, head, row["followed"] = before.get(row["id"], ("null", 0, row["head"]))
        if head != row["head"] or json.loads(state) != json.loads(row["state"]):
            done.changed.append(row["id"])
        done.streams += 1
        done.events += row["head"]
    if before:
        run(writer, f"DELETE FROM streams WHERE id IN {within}", ids)
    load(writer, streams, heads)
    for name, table in TABLES.items():
        load(writer, table, [row for tables in folded for row in tables[name]])


def _act_heads(connection: Connection, subjects: list[str]) -> dict[str, tuple[int, str]]:
    """Head and digest of the acts chain of each of these that has one."""
    newest = f"SELECT subject, max(seq) AS seq FROM acts WHERE subject IN ({marks(len(subjects))}) GROUP BY subject"
    sql = f"SELECT a.subject, a.seq, a.digest FROM acts a JOIN ({newest}) n ON n.subject = a.subject AND n.seq = a.seq"
    return {subject: (seq, own) for subject, seq, own in run(connection, sql, subjects)}
