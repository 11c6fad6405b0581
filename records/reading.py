"""Reading the record back: a stream's events as facts that can be folded again."""

from sqlalchemy import Connection, select

from domain.case import Case
from domain.events import Event, Moment
from domain.kinds import fold
from records.rows import fact
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
