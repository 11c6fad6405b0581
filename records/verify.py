"""Checks the record against itself: every chain, every head, every snapshot. Needs no key and trusts no read model."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, Table, select

from domain.chain import GENESIS
from domain.chain import digest as chained
from domain.events import UnknownEvent
from domain.kinds import KINDS
from records.projection import stream_row
from records.reading import chain_links, fact
from records.schema import acts, events, streams


@dataclass
class Verified:
    """How much was checked and what does not hold, each with its place."""

    events: int = 0
    acts: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify(engine: Engine) -> Verified:
    """Recompute the chains of events and of acts, refold every stream, and compare with heads and snapshots."""
    found = Verified()
    with engine.connect().execution_options(reading=True, yield_per=5_000) as connection:
        heads = {row.id: row for row in connection.execute(select(streams).execution_options(yield_per=None))}
        seen: set[str] = set()
        for stream, rows in _grouped(connection, events, "stream"):
            seen.add(stream)
            found.events += len(rows)
            _chain(found, "event", stream, rows, heads.get(stream), "head", "digest")
            _snapshot(found, stream, rows, heads.get(stream))
        for subject, rows in _grouped(connection, acts, "subject"):
            found.acts += len(rows)
            _chain(found, "act", subject, rows, heads.get(subject), "acts_head", "acts_digest")
        found.problems += [
            f"{stream}: 有状态而无事件 / a state without events" for stream in heads.keys() - seen
        ]
    return found


def _grouped(connection: Any, table: Table, by: str) -> Any:
    rows = connection.execute(select(table).order_by(table.c[by], table.c.seq)).mappings()
    for key, group in groupby(rows, key=lambda row: row[by]):
        yield key, [dict(row) for row in group]


def _chain(
    found: Verified, what: str, key: str, rows: list[dict[str, Any]], head: Any, seq: str, digest: str
) -> None:
    expected = GENESIS
    for n, (row, (previous, record, own)) in enumerate(zip(rows, chain_links(iter(rows)), strict=True), 1):
        if row["seq"] != n:
            found.problems.append(f"{key}: {what} {n} 缺失 / is missing")
            return
        if previous != expected or chained(previous, record) != own:
            found.problems.append(f"{key}: {what} {n} 摘要不符 / does not match its digest")
            return
        expected = own
    if head is None or getattr(head, seq) != len(rows) or getattr(head, digest) != expected:
        found.problems.append(f"{key}: {what} 链首不符 / the head does not match the chain")


def _snapshot(found: Verified, stream: str, rows: list[dict[str, Any]], head: Any) -> None:
    try:
        case = KINDS[rows[0]["kind"]](id=stream)
        for row in rows:
            case.apply(*fact(row))
    except (UnknownEvent, ValueError, KeyError, LookupError) as error:
        found.problems.append(f"{stream}: 不能重演 / does not fold: {type(error).__name__}")
        return
    if head is not None and stream_row(case)["state"] != head.state:
        found.problems.append(f"{stream}: 快照与事件不符 / the snapshot differs from the events")
