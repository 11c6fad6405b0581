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
