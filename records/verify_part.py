"""One part of the record, a range of streams, against itself: chains, heads, folds, snapshots, read models, letters.

Each row is read as the database holds it and hashed as it stands: the text of `data`, `body` and `answer` goes into the
row's canonical form unparsed. That proves the stored bytes themselves, so a change that leaves a text's meaning as it was
(a space, another order of keys) is found like any other. Only folding reads what the texts mean.
"""

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, select

from domain.case import Case
from domain.cases.register import CheckpointDisputed
from domain.chain import GENESIS, row_writer
from domain.chain import digest as chained
from domain.events import UnknownEvent
from domain.kinds import KINDS
from domain.leaves import ACT, EVENT, LETTER, chained_entry, kept_entry
from proof.checkpoint import read_checkpoint
from proof.merkle import HASH_SIZE, leaf_hash
from records.dispatches import unlike
from records.leaf_board import Numbered
from records.projection import Row, stream_row
from records.rows import OF_A_LETTER, fact
from records.schema import acts, dispatches, environment, events, streams
from records.statements import stream as read
from records.verify_keys import SealedUnder
from records.verify_models import ReadModels
from records.verify_range import Part

_HEAD = ["id", "head", "digest", "acts_head", "acts_digest"]
_OWN = ("position", "previous", "digest")
LATER = 2**62
"""Acts are numbered by themselves: beside facts, what they hold counts as written last."""


@dataclass(frozen=True)
class Asked:
    """What to look at beside the chains."""

    fold: bool
    origins: frozenset[str] | None
    """The logs that the verifier trusts; None: every refused checkpoint is told."""


@dataclass
class Found:
    """What a part holds, and what does not hold in it."""

    events: int = 0
    acts: int = 0
    problems: list[str] = field(default_factory=list[str])
    leaves: "array[int]" = field(default_factory=lambda: array("q"))
    """The leaf that each logged row says it is …"""
    hashes: bytearray = field(default_factory=bytearray)
    """… and what the row hashes to as that leaf, in the same order."""
    behind: list[tuple[str, Row]] = field(default_factory=list[tuple[str, Row]])
    """Rows that are no leaf yet, by what they are."""


@dataclass(frozen=True)
class _Shape:
    """How the rows of a chain come from the database: what is hashed, sorted by name, then position, previous, digest."""

    what: str
    table: Table
    names: tuple[str, ...]
    write: Callable[[Sequence[Any]], str]
    by: int
    seq: int
    type: int
    """Where the kind of the row stands: an event's type, an act's name."""
    text: int
    """Where what was said stands: an event's data, an act's body."""

    def record(self, row: Sequence[Any]) -> Row:
        """What is hashed, by name."""
        return dict(zip(self.names, row, strict=False))


def _shape(what: str, table: Table, by: str, type_: str, text: str) -> _Shape:
    names = tuple(sorted(c.name for c in table.columns if c.name not in _OWN))
    return _Shape(
        what,
        table,
        names,
        row_writer(names),
        names.index(by),
        names.index("seq"),
        names.index(type_),
        names.index(text),
    )


_EVENTS, _ACTS = _shape(EVENT, events, "stream", "type", "data"), _shape(ACT, acts, "subject", "act", "body")


def verify_part(connection: Connection, part: Part, *, asked: Asked, numbered: Numbered) -> Found:
    """Recompute the chains of a part, refold its streams, and compare with heads, snapshots and read models."""
    found = Found()
    where, bounds = part.within("id")
    columns = [column.name for column in streams.columns] if asked.fold else _HEAD
    rows = read(connection, f"SELECT {', '.join(columns)} FROM streams WHERE {where}", bounds)
    heads: dict[str, Row] = {row[0]: dict(zip(columns, row, strict=True)) for row in rows}
    models = ReadModels(connection, part)
    sealed = SealedUnder()
    seen: set[str] = set()
    for stream, facts in _chains(connection, _EVENTS, part):
        seen.add(stream)
        found.events += len(facts)
        head = heads.get(stream)
        _alarms(found, stream, facts, asked)
        _chain(found, _EVENTS, stream, facts, head, "head", "digest", numbered)
        if asked.fold and (case := _folded(found, stream, records := [_EVENTS.record(row) for row in facts])):
            _snapshot(found, case, records, head)
            found.problems += models.compare(case)
        if asked.fold:
            for row in facts:
                sealed.take(row[_EVENTS.text], row[-3], f"{stream}#{row[_EVENTS.seq]}")
    silent = set(heads)
    for subject, done in _chains(connection, _ACTS, part):
        silent.discard(subject)
        found.acts += len(done)
        _chain(found, _ACTS, subject, done, heads.get(subject), "acts_head", "acts_digest", numbered)
        _founding(found, connection, done)
        if asked.fold:
            for row in done:
                sealed.take(row[_ACTS.text], LATER, f"{subject} act {row[_ACTS.seq]}")
    found.problems += [f"{stream}: 有状态而无事件 / a state without events" for stream in heads.keys() - seen]
    found.problems += [
        f"{stream}: act 链首不符 / the head does not match the chain"
        for stream in sorted((id_ for id_ in silent if _has_acts(heads[id_])), key=str)
    ]
    if asked.fold:
        found.problems += models.finish() + sealed.problems(connection)
    _letters(found, connection, part, numbered)
    return found


def _has_acts(head: Row) -> bool:
    return head["acts_head"] != 0 or head["acts_digest"] != GENESIS


def _chains(connection: Connection, shape: _Shape, part: Part) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    by = shape.names[shape.by]
    where, bounds = part.within(by)
    columns = ", ".join((*shape.names, *_OWN))
    sql = f"SELECT {columns} FROM {shape.table.name} WHERE {where} ORDER BY {by}, seq, position"
    for key, group in groupby(read(connection, sql, bounds), key=itemgetter(shape.by)):
        yield key, list(group)


def _chain(
    found: Found,
    shape: _Shape,
    key: str,
    rows: list[tuple[Any, ...]],
    head: Row | None,
    seq: str,
    digest: str,
    numbered: Numbered,
) -> None:
    what, write, seq_at = shape.what, shape.write, shape.seq
    expected, broken = GENESIS, False
    for n, row in enumerate(rows, 1):
        position, previous, claimed = row[-3:]
        number = row[seq_at]
        try:
            own = chained(previous, write(row))
            # The leaf binds what the row says now, not the digest that it claims to have.
            hash_ = leaf_hash(chained_entry(what, key, number, position, own))
        except (TypeError, ValueError):  # a value that no record can have, such as bytes
            own, hash_ = "", bytes(HASH_SIZE)
        if (leaf := numbered.leaf(what, position)) is None:
            found.behind.append((what, shape.record(row)))
        else:
            found.leaves.append(leaf)
            found.hashes += hash_
        if broken:
            continue
        if number != n:
            found.problems.append(f"{key}: {what} {n} 缺失 / is missing")
            broken = True
        elif previous != expected or own != claimed:
            found.problems.append(f"{key}: {what} {n} 摘要不符 / does not match its digest")
            broken = True
        expected = own
    if not broken and (head is None or head[seq] != len(rows) or head[digest] != expected):
        found.problems.append(f"{key}: {what} 链首不符 / the head does not match the chain")


def _letters(found: Found, connection: Connection, part: Part, numbered: Numbered) -> None:
    """The book of dispatches, row by row, and whether the table of letters says what the book says last."""
    where, bounds = part.within("stream")
    names = [column.name for column in dispatches.columns]
    sql = f"SELECT {', '.join(names)} FROM dispatches WHERE {where} ORDER BY position"
    book: list[Row] = []
    for values in read(connection, sql, bounds):
        book.append(row := dict(zip(names, values, strict=True)))
        if (leaf := numbered.leaf(LETTER, row["position"])) is None:
            found.behind.append((LETTER, row))
            continue
        found.leaves.append(leaf)
        try:
            found.hashes += leaf_hash(kept_entry(LETTER, str(row["position"]), row))
        except (TypeError, ValueError):
            found.hashes += bytes(HASH_SIZE)
            found.problems.append(
                f"letter {row['id']}: 该行不是可记录的数据 / its row is not data that can be recorded"
            )
    columns = [
        *OF_A_LETTER,
        "sent_at",
    ]  # and not when it is to be tried again, which says nothing of what was told
    rows = read(connection, f"SELECT {', '.join(columns)} FROM letters WHERE {where}", bounds)
    found.problems += [
        f"letter {id_}: 与发文登记不符 / not what the book of dispatches says"
        for id_ in unlike(book, (dict(zip(columns, row, strict=True)) for row in rows))
    ]


def _alarms(found: Found, stream: str, rows: list[tuple[Any, ...]], asked: Asked) -> None:
    """What a witness refused stands against the log for good; under another log's trust roots it is of no matter."""
    for row in rows:
        if row[_EVENTS.type] != CheckpointDisputed.__name__:
            continue
        try:
            said: Any = json.loads(_EVENTS.record(row)["data"])
            held, offered = (read_checkpoint(said[name].encode())[1] for name in ("held", "offered"))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # a changed row breaks the chain, which is told already
        if asked.origins is None or offered.origin in asked.origins:
            both = " ≠ ".join(f"{one.origin} {one.size} {one.root.hex()[:16]}…" for one in (held, offered))
            found.problems.append(
                f"{stream}#{row[_EVENTS.seq]}: 见证单位拒签的检查点 / a witness refused a checkpoint: {both}"
            )


def _folded(found: Found, stream: str, rows: list[Row]) -> Case | None:
    try:
        case = KINDS[rows[0]["kind"]](id=stream)
        for row in rows:
            case.apply(*fact(row))
    except (UnknownEvent, ValueError, KeyError, LookupError, AttributeError, TypeError) as error:
        found.problems.append(f"{stream}: 不能重演 / does not fold: {type(error).__name__}")
        return None
    return case


def _snapshot(found: Found, case: Case, rows: list[Row], head: Row | None) -> None:
    if head is None:
        return
    told = {**stream_row(case), "recorded_at": rows[-1]["recorded_at"]}
    wrong = [name for name, value in told.items() if head[name] != value]
    if not (isinstance(head["followed"], int) and 0 <= head["followed"] <= len(rows)):
        wrong.append("followed")
    if wrong:
        found.problems.append(
            f"{case.id}: 快照与事件不符 / the snapshot differs from the events: {', '.join(wrong)}"
        )


def _founding(found: Found, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """The environment's identity and clock are what its founding act recorded (records founded before 0005 have none)."""
    if rows[0][_ACTS.type] != "found":
        return
    try:
        said: Any = json.loads(_ACTS.record(rows[0])["body"]).get("environment")
    except (ValueError, AttributeError, RecursionError):
        return  # a changed body breaks the chain, which is told already
    kept = [dict(row) for row in connection.execute(select(environment)).mappings()]
    if said is not None and kept != [said]:
        found.problems.append("environment: 与设立时所记不符 / not what the founding recorded")
