"""Folds the whole ledger again and puts every read model back as the events alone say it must be."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, select

from domain.case import Case
from domain.chain import GENESIS
from domain.kinds import KINDS
from records.projection import TABLES, Row, project, stream_row
from records.reading import fact
from records.schema import acts, events, streams

BATCH = 2_000
"""Streams folded before their rows are written: bounds memory, whatever the ledger's size."""
_EVENT_COLUMNS = [c for c in events.columns if c.name not in ("position", "previous", "command", "calendar")]


@dataclass
class Rebuilt:
    """What a rebuild did: how much it read, and which streams had stood otherwise."""

    streams: int = 0
    events: int = 0
    changed: list[str] = field(default_factory=list)


def rebuild(engine: Engine, progress: Callable[[int, int], None] = lambda done, total: None) -> Rebuilt:
    """Rebuild all read models in one transaction; `progress` hears streams done and events read.

    How far processes have read (`followed`) is not a read model and stays. Raises what folding raises when the
    ledger does not fold: then nothing was changed.
    """
    done = Rebuilt()
    with (
        engine.connect().execution_options(reading=True, yield_per=5_000) as reader,
        engine.begin() as writer,
    ):
        before = {
            row.id: row
            for row in writer.execute(
                select(streams.c.id, streams.c.state, streams.c.head, streams.c.followed)
            )
        }
        chained = _act_heads(writer)
        for table in TABLES.values():
            writer.execute(delete(table))
        rows = reader.execute(select(*_EVENT_COLUMNS).order_by(events.c.stream, events.c.seq)).mappings()
        for batch in _batches(rows):
            _write(writer, batch, before, chained, done)
            progress(done.streams, done.events)
    return done


def _batches(rows: Any) -> Iterator[list[tuple[Case, Row]]]:
    """Folded cases with their last event row, a batch at a time."""
    folded = (
        _fold(stream, list(history)) for stream, history in groupby(rows, key=lambda row: row["stream"])
    )
    while batch := list(islice(folded, BATCH)):
        yield batch


def _fold(stream: str, history: list[Row]) -> tuple[Case, Row]:
    case = KINDS[history[0]["kind"]](id=stream)
    for row in history:
        event, moment = fact(row)
        case.apply(event, moment)
    return case, history[-1]


def _write(
    writer: Connection,
    batch: list[tuple[Case, Row]],
    before: dict[str, Any],
    chained: dict[str, tuple[int, str]],
    done: Rebuilt,
) -> None:
    heads: list[Row] = []
    derived: dict[str, list[Row]] = {name: [] for name in TABLES}
    for case, last in batch:
        acts_head, acts_digest = chained.get(case.id, (0, GENESIS))
        row: Row = {
            "id": case.id, **stream_row(case), "head": last["seq"], "digest": last["digest"], "acts_head": acts_head,
            "acts_digest": acts_digest, "recorded_at": last["recorded_at"], "followed": last["seq"],
        }  # fmt: skip
        known = before.get(case.id)
        if known is not None:
            row["followed"] = known.followed
        if known is None or known.head != row["head"] or json.loads(known.state) != json.loads(row["state"]):
            done.changed.append(case.id)
        heads.append(row)
        for name, table_rows in project(case).items():
            derived[name] += table_rows.values()
        done.streams += 1
        done.events += last["seq"]
    writer.execute(delete(streams).where(streams.c.id.in_([row["id"] for row in heads])))
    writer.execute(streams.insert(), heads)
    for name, table_rows in derived.items():
        if table_rows:
            _insert(writer, TABLES[name], table_rows)


def _insert(writer: Connection, table: Table, rows: list[Row]) -> None:
    writer.execute(table.insert(), rows)


def _act_heads(connection: Connection) -> dict[str, tuple[int, str]]:
    """Head and digest of the acts chain of each subject that has one."""
    latest = select(acts.c.subject, acts.c.seq, acts.c.digest).order_by(acts.c.subject, acts.c.seq)
    return {subject: (seq, digest) for subject, seq, digest in connection.execute(latest)}
