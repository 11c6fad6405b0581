"""Checks the record against itself and against the transparency log: chains, heads, snapshots, read models, leaves.

Without trust roots it proves that the record is consistent in itself. With them (`records.verify_log`) it proves that
nobody, the operator and its keys included, changed what the witnesses have seen.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, select

from domain.case import Case
from domain.cases.register import CheckpointDisputed
from domain.chain import GENESIS, row_writer
from domain.chain import digest as chained
from domain.events import UnknownEvent
from domain.kinds import KINDS
from domain.leaves import ACT, ATTACHMENT, EVENT, PACK, chained_entry
from domain.policy import Pack
from proof.checkpoint import read_checkpoint
from proof.merkle import HASH_SIZE, leaf_hash
from records.leaf_board import LeafBoard
from records.leaves import SOURCES, Source
from records.projection import Row, stream_row
from records.rows import fact
from records.schema import environment, leaves, streams
from records.verify_log import Brought, LogFound, verify_log
from records.verify_models import ReadModels

_OWN = ("position", "previous", "digest")
_SOURCES = {source.what: source for source in SOURCES}


@dataclass
class Verified:
    """How much was checked and what does not hold, each with its place."""

    events: int = 0
    acts: int = 0
    problems: list[str] = field(default_factory=list)
    log: LogFound | None = None
    """What the transparency log proves; None when no trust roots were brought."""

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify(engine: Engine, brought: Brought | None = None, *, fold: bool = True) -> Verified:
    """Recompute every chain and every leaf, refold every stream, and compare with heads, snapshots and read models.

    `brought`: what the verifier holds; with it the log is checked too. `fold=False` leaves out what needs the
    rows' meaning: snapshots, read models, packs by their hash.
    """
    found = Verified()
    with _one_view(engine) as connection:
        plain = connection.execution_options(yield_per=None)
        heads = {row["id"]: dict(row) for row in plain.execute(select(streams)).mappings()}
        board = LeafBoard(plain)
        models = ReadModels(plain)
        seen: set[str] = set()
        for stream, rows in _chains(connection, _EVENTS):
            seen.add(stream)
            found.events += len(rows)
            head = heads.get(stream)
            _alarms(found, stream, rows, brought)
            _chain(found, board, _EVENTS, stream, rows, head, "head", "digest")
            if fold and (case := _folded(found, stream, records := [_EVENTS.record(row) for row in rows])):
                _snapshot(found, case, records, head)
                found.problems += models.compare(case)
        silent = set(heads)
        for subject, rows in _chains(connection, _ACTS):
            silent.discard(subject)
            found.acts += len(rows)
            _chain(found, board, _ACTS, subject, rows, heads.get(subject), "acts_head", "acts_digest")
            _founding(found, plain, rows)
        found.problems += [
            f"{stream}: 有状态而无事件 / a state without events" for stream in heads.keys() - seen
        ]
        found.problems += [
            f"{stream}: act 链首不符 / the head does not match the chain"
            for stream in sorted(silent)
            if (heads[stream]["acts_head"], heads[stream]["acts_digest"]) != (0, GENESIS)
        ]
        if fold:
            found.problems += models.finish()
        _kept(found, plain, board, fold)
        found.problems += board.problems()
        if brought is not None:
            found.log = verify_log(plain, board, brought)
            found.problems += found.log.problems
    return found


def _one_view(engine: Engine) -> Connection:
    """A connection that sees the database at one instant, so that acts done meanwhile do not look like faults."""
    connection = engine.connect().execution_options(reading=True, yield_per=5_000)
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


@dataclass(frozen=True)
class _Shape:
    """How the rows of a chain come from the database: what is hashed, sorted by name, then position, previous, digest, leaf."""

    what: str
    names: tuple[str, ...]
    write: Callable[[Sequence[Any]], str]
    by: int
    seq: int
    type: int
    """Where the kind of the row stands: an event's type, an act's name."""

    def record(self, row: Sequence[Any]) -> Row:
        """What is hashed, by name."""
        return dict(zip(self.names, row, strict=False))


def _shape(what: str, by: str, type_: str) -> _Shape:
    names = tuple(sorted(c.name for c in _SOURCES[what].table.columns if c.name not in _OWN))
    return _Shape(what, names, row_writer(names), names.index(by), names.index("seq"), names.index(type_))


_EVENTS, _ACTS = _shape(EVENT, "stream", "type"), _shape(ACT, "subject", "act")


def _chains(connection: Connection, shape: _Shape) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    source = _SOURCES[shape.what]
    table = source.table
    by = table.c[shape.names[shape.by]]
    query = (
        select(*(table.c[name] for name in (*shape.names, *_OWN)), leaves.c.leaf)
        .outerjoin(leaves, source.joined())
        .order_by(by, table.c.seq, table.c.position)
    )
    for key, group in groupby(connection.execute(query), key=itemgetter(shape.by)):
        yield key, list(group)


def _chain(
    found: Verified,
    board: LeafBoard,
    shape: _Shape,
    key: str,
    rows: list[Sequence[Any]],
    head: Row | None,
    seq: str,
    digest: str,
) -> None:
    what, write, seq_at = shape.what, shape.write, shape.seq
    expected, broken = GENESIS, False
    for n, row in enumerate(rows, 1):
        position, previous, claimed, leaf = row[-4:]
        number = row[seq_at]
        try:
            own = chained(previous, write(row))
            # The leaf binds what the row says now, not the digest that it claims to have.
            hash_ = leaf_hash(chained_entry(what, key, number, position, own))
        except (TypeError, ValueError):  # a value that no record can have, such as bytes
            own, hash_ = "", bytes(HASH_SIZE)
        if leaf is None:
            board.behind_by(what, shape.record(row))
        else:
            board.place(leaf, hash_)
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


def _alarms(found: Verified, stream: str, rows: list[Sequence[Any]], brought: Brought | None) -> None:
    """What a witness refused stands against the log for good; under another log's trust roots it is of no matter."""
    for row in rows:
        if row[_EVENTS.type] != CheckpointDisputed.__name__:
            continue
        try:
            said: Any = json.loads(_EVENTS.record(row)["data"])
            held, offered = (read_checkpoint(said[name].encode())[1] for name in ("held", "offered"))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # a changed row breaks the chain, which is told already
        if brought is None or offered.origin in brought.trust.logs:
            both = " ≠ ".join(f"{one.origin} {one.size} {one.root.hex()[:16]}…" for one in (held, offered))
            found.problems.append(
                f"{stream}#{row[_EVENTS.seq]}: 见证单位拒签的检查点 / a witness refused a checkpoint: {both}"
            )


def _folded(found: Verified, stream: str, rows: list[Row]) -> Case | None:
    try:
        case = KINDS[rows[0]["kind"]](id=stream)
        for row in rows:
            case.apply(*fact(row))
    except (UnknownEvent, ValueError, KeyError, LookupError, AttributeError, TypeError) as error:
        found.problems.append(f"{stream}: 不能重演 / does not fold: {type(error).__name__}")
        return None
    return case


def _snapshot(found: Verified, case: Case, rows: list[Row], head: Row | None) -> None:
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


def _founding(found: Verified, connection: Connection, rows: list[Sequence[Any]]) -> None:
    """The environment's identity and clock are what its founding act recorded (records founded before 0005 have none)."""
    if rows[0][_ACTS.type] != "found":
        return
    try:
        said: Any = json.loads(_ACTS.record(rows[0])["body"]).get("environment")
    except (ValueError, AttributeError):
        return  # a changed body breaks the chain, which is told already
    kept = [dict(row) for row in connection.execute(select(environment)).mappings()]
    if said is not None and kept != [said]:
        found.problems.append("environment: 与设立时所记不符 / not what the founding recorded")


def _kept(found: Verified, connection: Connection, board: LeafBoard, parse: bool) -> None:
    """Pack versions and attachments: in no chain, but leaves; a pack, when it is parsed, is also what its hash says."""
    for what in (PACK, ATTACHMENT):
        source = _SOURCES[what]
        for row, leaf in _with_leaves(connection, source):
            if leaf is None:
                board.behind_by(what, row)
                continue
            try:
                board.place(leaf, leaf_hash(source.entry(row)))
            except (TypeError, ValueError):
                found.problems.append(
                    f"leaf {leaf}: 该行不是可记录的数据 / its row is not data that can be recorded"
                )
            if parse and what == PACK and not _is_the_pack(row["hash"], row["name"], row["body"]):
                found.problems.append(f"pack {row['hash'][:12]}: 与其摘要不符 / not what its hash says")


def _with_leaves(connection: Connection, source: Source) -> Iterator[tuple[Row, int | None]]:
    query = select(*source.table.columns, leaves.c.leaf).outerjoin(leaves, source.joined())
    for row in connection.execute(query.order_by(source.key)).mappings():
        kept = dict(row)
        yield kept, kept.pop("leaf")


@lru_cache(maxsize=16)
def _is_the_pack(hash_: str, name: str, body: str) -> bool:
    try:
        pack = Pack.model_validate_json(body)
    except ValueError:
        return False
    return (pack.hash, pack.name) == (hash_, name) and pack.model_dump_json() == body
