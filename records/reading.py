"""Reading the record back: a stream's events as facts that can be folded again."""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from domain.actors import parse_actor
from domain.case import Case
from domain.chain import canonical
from domain.events import Event, Moment, revive
from domain.kinds import fold
from domain.moments import instant
from records.projection import Row
from records.schema import events


def facts(
    connection: Connection, stream: str, until: int | None = None
) -> tuple[str, list[tuple[Event, Moment]]]:
    """The kind of a stream and its facts in order, up to an event number. Raises LookupError for an unknown stream."""
    query = select(events).where(events.c.stream == stream).order_by(events.c.seq)
    if until is not None:
        query = query.where(events.c.seq <= until)
    rows = [dict(row._mapping) for row in connection.execute(query)]  # pyright: ignore[reportPrivateUsage]
    if not rows:
        raise LookupError(stream)
    return rows[0]["kind"], [fact(row) for row in rows]


def as_of(connection: Connection, stream: str, position: int) -> Case | None:
    """A case as the ledger's events up to a position say; None when it had not begun."""
    query = (
        select(events).where(events.c.stream == stream, events.c.position <= position).order_by(events.c.seq)
    )
    rows = [dict(row._mapping) for row in connection.execute(query)]  # pyright: ignore[reportPrivateUsage]
    return fold(rows[0]["kind"], stream, (fact(row) for row in rows)) if rows else None


def fact(row: Row) -> tuple[Event, Moment]:
    """One stored row as an event and its moment."""
    event = revive(row["type"], row["version"], json.loads(row["data"]))
    person = parse_actor(row["actor"]).person
    return event, Moment(seq=row["seq"], at=instant(row["legal_at"]), person=person, act=row["act"])


def chain_links(
    rows: Iterator[Row], own: tuple[str, ...] = ("position", "previous", "digest")
) -> Iterator[tuple[str, str, str]]:
    """(previous, canonical record, digest) of stored rows, for checking a chain."""
    for row in rows:
        yield row["previous"], canonical({k: v for k, v in row.items() if k not in own}), row["digest"]
