"""Which rows of the record become leaves of the transparency log, and the entries they become."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from domain.leaves import ACT, ATTACHMENT, EVENT, LETTER, PACK, chained_entry, kept_entry
from records.schema import acts, attachments, dispatches, events, leaves, packs


@dataclass(frozen=True)
class Source:
    """A table whose every row is a leaf."""

    what: str
    table: Table
    key: Any
    """The column that tells its rows apart."""
    known_by: Any
    """The column of `leaves` that holds that key."""

    def joined(self) -> ColumnElement[bool]:
        """The condition under which a row of `leaves` is of a row of this table."""
        return (leaves.c.what == self.what) & (self.known_by == self.key)

    def entry(self, row: dict[str, Any]) -> bytes:
        """What stands in the log for a row."""
        if self.what in (EVENT, ACT):
            stream = row["stream"] if self.what == EVENT else row["subject"]
            return chained_entry(self.what, stream, row["seq"], row["position"], row["digest"])
        return kept_entry(self.what, str(row[self.key.name]), row)


SOURCES = (
    Source(PACK, packs, packs.c.hash, leaves.c.hash),
    Source(ATTACHMENT, attachments, attachments.c.sha256, leaves.c.hash),
    Source(EVENT, events, events.c.position, leaves.c.position),
    Source(ACT, acts, acts.c.position, leaves.c.position),
    Source(LETTER, dispatches, dispatches.c.position, leaves.c.position),
)
"""In the order in which new rows of one batch are integrated."""
_CHAINED = {EVENT: ("position", "stream", "seq", "digest"), ACT: ("position", "subject", "seq", "digest")}


def entries(connection: Connection, start: int, end: int) -> list[bytes | None]:
    """The entries of the leaves [start, end), as the rows say now; None where the row is missing."""
    found: list[bytes | None] = [None] * (end - start)
    for source in SOURCES:
        for leaf, row in _rows(connection, source, start, end):
            found[leaf - start] = source.entry(row)
    return found


def _rows(
    connection: Connection, source: Source, start: int, end: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    columns = [source.table.c[name] for name in _CHAINED.get(source.what, source.table.c.keys())]
    query = (
        select(leaves.c.leaf, *columns)
        .join(source.table, source.joined())
        .where(leaves.c.leaf >= start, leaves.c.leaf < end)
    )
    for leaf, *values in connection.execute(query):
        yield leaf, {column.name: value for column, value in zip(columns, values, strict=True)}
