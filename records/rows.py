"""Stored rows read as facts and as links of a chain. Needs no database: an auditor's own machine reads them so, too."""

from collections.abc import Iterable, Iterator
from typing import Any

from domain.actors import parse_actor
from domain.chain import canonical
from domain.events import Event, Moment, revive
from domain.moments import instant

Row = dict[str, Any]


def fact(row: Row) -> tuple[Event, Moment]:
    """One stored row as an event and its moment."""
    event = revive(row["type"], row["version"], row["data"])
    by = parse_actor(row["actor"])
    moment = Moment(
        seq=row["seq"], at=instant(row["legal_at"]), person=by.person, act=row["act"], on_behalf_of=by.on_behalf_of
    )  # fmt: skip
    return event, moment


def chain_links(
    rows: Iterable[Row], own: tuple[str, ...] = ("position", "previous", "digest")
) -> Iterator[tuple[str, str, str]]:
    """(previous, canonical record, digest) of stored rows, for checking a chain."""
    for row in rows:
        yield row["previous"], canonical({k: v for k, v in row.items() if k not in own}), row["digest"]


OF_A_LETTER = (
    "id", "stream", "seq", "letter", "sender", "recipient", "document", "status", "attempts", "problem",
)  # fmt: skip
"""What the book of dispatches and the table of letters both say of a letter."""


def standing(book: Iterable[Row]) -> dict[str, Row]:
    """How each letter stands by the rows of the book in their order: what `letters` must say, by id."""
    found: dict[str, Row] = {}
    for row in book:
        sent = row["at"] if row["status"] == "sent" else None
        found[row["id"]] = {**{name: row[name] for name in OF_A_LETTER}, "sent_at": sent}
    return found
