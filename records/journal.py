"""The journal: the rows behind new leaves, whole, beside the stored files, written before a checkpoint over them is signed.

So whatever the log has ever signed can be put back when the records database is lost: a backup, and the journal since.
What was not integrated yet is in no journal; receipts and histories of processes show that it was there.
A segment is JSON lines, compressed, named by its leaves; personal data stands in it sealed, as in the database, and the
keys are not in it. Segments may overlap (a run that was cut off is done again): the same leaf is the same row.
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

from sqlalchemy import Connection, select

from domain.chain import canonical
from domain.chain import digest as chained
from domain.leaves import ACT, EVENT
from records.files import PlainFolder
from records.leaves import SOURCES
from records.schema import events, leaves, letters

FOLDER = "journal"
"""Beside the log under the file store's root, and never published: it holds what acts said."""
MOST = 10_000
"""Leaves of one segment."""
_NAME = re.compile(r"(\d{12})-(\d{12})\.jsonl\.gz")
_OWN = ("position", "previous", "digest")
Row = dict[str, Any]


@dataclass(frozen=True)
class Journaled:
    """A leaf's row, whole; an event with the letters it caused, as they stood then."""

    leaf: int
    what: str
    row: Row
    letters: list[Row]


class JournalBroken(Exception):
    """A segment cannot be read, or a row in it is not what its digest says. Nothing is taken from it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


def write(connection: Connection, folder: PlainFolder, start: int, end: int) -> None:
    """Write the rows of the leaves [start, end)."""
    for part in batched(range(start, end), MOST):
        first, last = part[0], part[-1] + 1
        rows = [line for source in SOURCES for line in _rows(connection, source, first, last)]
        posted = _posted(connection, first, last)
        text = "".join(
            json.dumps({**line, "letters": posted.get(line["leaf"], [])}, ensure_ascii=False) + "\n"
            for line in sorted(rows, key=lambda line: line["leaf"])
        )
        folder.put(f"{first:012d}-{last:012d}.jsonl.gz", gzip.compress(text.encode(), mtime=0))


def _rows(connection: Connection, source: Any, start: int, end: int) -> Iterator[Row]:
    query = (
        select(leaves.c.leaf.label("leaf_"), source.table)
        .join(source.table, source.joined())
        .where(leaves.c.leaf >= start, leaves.c.leaf < end)
    )
    for found in connection.execute(query).mappings():
        row = dict(found)
        yield {"leaf": row.pop("leaf_"), "what": source.what, "row": row}


def _posted(connection: Connection, start: int, end: int) -> dict[int, list[Row]]:
    query = (
        select(leaves.c.leaf.label("leaf_"), letters)
        .join(events, (leaves.c.what == EVENT) & (leaves.c.position == events.c.position))
        .join(letters, (letters.c.stream == events.c.stream) & (letters.c.seq == events.c.seq))
        .where(leaves.c.leaf >= start, leaves.c.leaf < end)
    )
    found: dict[int, list[Row]] = {}
    for row in connection.execute(query).mappings():
        kept = dict(row)
        found.setdefault(kept.pop("leaf_"), []).append(kept)
    return found


def read(folder: PlainFolder, since: int) -> Iterator[Journaled]:
    """The journal's rows from a leaf on, in order and without a gap; ends where the journal does. Raises JournalBroken."""
    at = since
    for name in folder.names("."):
        known = _NAME.fullmatch(name)
        if known is None or int(known[2]) <= at:
            continue
        if int(known[1]) > at:
            return  # what is missing in between, the report says
        try:
            lines = [json.loads(line) for line in gzip.decompress(folder.get(name)).splitlines()]
            found = [Journaled(one["leaf"], one["what"], one["row"], one["letters"]) for one in lines]
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise JournalBroken(
                f"{name} 不能读取", f"{name} cannot be read: {type(error).__name__}"
            ) from None
        for one in found:
            if one.leaf == at:
                _must_hold(one)
                yield one
                at += 1


def _must_hold(one: Journaled) -> None:
    """A chained row is what its digest says."""
    if one.what not in (EVENT, ACT):
        return
    said = {name: value for name, value in one.row.items() if name not in _OWN}
    if chained(one.row["previous"], canonical(said)) != one.row["digest"]:
        raise JournalBroken(f"第 {one.leaf} 叶摘要不符", f"leaf {one.leaf} does not match its digest")
