"""Checks the record against itself and against the transparency log: chains, heads, snapshots, read models, leaves.

Without trust roots it proves that the record is consistent in itself. With them (`records.verify_log`) it proves that
nobody, the operator and its keys included, changed what the witnesses have seen.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, select

from domain.case import Case
from domain.cases.register import CheckpointDisputed
from domain.chain import GENESIS, canonical
from domain.chain import digest as chained
from domain.events import UnknownEvent
from domain.kinds import KINDS
from domain.leaves import ACT, ATTACHMENT, EVENT, PACK, chained_entry
from domain.policy import Pack
from proof.checkpoint import read_checkpoint
from proof.merkle import leaf_hash
from records.leaf_board import LeafBoard
from records.leaves import SOURCES, Source
from records.projection import Row, stream_row
from records.reading import fact
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
        for stream, rows in _chains(connection, EVENT, "stream"):
            seen.add(stream)
            found.events += len(rows)
            head = heads.get(stream)
            _alarms(found, stream, rows, brought)
            _chain(found, board, EVENT, stream, rows, head, "head", "digest")
            if fold and (case := _folded(found, stream, rows)):
                _snapshot(found, case, rows, head)
                found.problems += models.compare(case)
        silent = set(heads)
        for subject, rows in _chains(connection, ACT, "subject"):
            silent.discard(subject)
            found.acts += len(rows)
            _chain(found, board, ACT, subject, rows, heads.get(subject), "acts_head", "acts_digest")
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


@dataclass(slots=True)
class _Link:
    """One row of a chain: what is hashed, the rest, and its leaf."""

    record: Row
    position: int
    previous: str
    digest: str
    leaf: int | None


def _chains(connection: Connection, what: str, by: str) -> Iterator[tuple[str, list[_Link]]]:
    source = _SOURCES[what]
    table = source.table
    names = [by, "seq", *(c.name for c in table.columns if c.name not in (by, "seq", *_OWN))]
    columns = [*(table.c[name] for name in (*names, *_OWN)), leaves.c.leaf]
    query = (
        select(*columns)
        .outerjoin(leaves, source.joined())
        .order_by(table.c[by], table.c.seq, table.c.position)
    )
    end = len(names)
    for key, group in groupby(connection.execute(query), key=itemgetter(0)):
        yield key, [_Link(dict(zip(names, row, strict=False)), *row[end:]) for row in group]


def _chain(
    found: Verified,
    board: LeafBoard,
    what: str,
    key: str,
    rows: list[_Link],
    head: Row | None,
    seq: str,
    digest: str,
) -> None:
    expected, broken = GENESIS, False
    for n, row in enumerate(rows, 1):
        own = chained(row.previous, canonical(row.record))
        number = row.record["seq"]
        # The leaf binds what the row says now, not the digest that it claims to have.
        board.place(
            row.leaf, leaf_hash(chained_entry(what, key, number, row.position, own)), what, row.record
        )
        if broken:
            continue
        if number != n:
            found.problems.append(f"{key}: {what} {n} 缺失 / is missing")
            broken = True
        elif row.previous != expected or own != row.digest:
            found.problems.append(f"{key}: {what} {n} 摘要不符 / does not match its digest")
            broken = True
        expected = own
    if not broken and (head is None or head[seq] != len(rows) or head[digest] != expected):
        found.problems.append(f"{key}: {what} 链首不符 / the head does not match the chain")


def _alarms(found: Verified, stream: str, rows: list[_Link], brought: Brought | None) -> None:
    """What a witness refused stands against the log for good; under another log's trust roots it is of no matter."""
    for row in rows:
        if row.record["type"] != CheckpointDisputed.__name__:
            continue
        try:
            said: Any = json.loads(row.record["data"])
            held, offered = (read_checkpoint(said[name].encode())[1] for name in ("held", "offered"))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # a changed row breaks the chain, which is told already
        if brought is None or offered.origin in brought.trust.logs:
            both = " ≠ ".join(f"{one.origin} {one.size} {one.root.hex()[:16]}…" for one in (held, offered))
            found.problems.append(
                f"{stream}#{row.record['seq']}: 见证单位拒签的检查点 / a witness refused a checkpoint: {both}"
            )


def _folded(found: Verified, stream: str, rows: list[_Link]) -> Case | None:
    try:
        case = KINDS[rows[0].record["kind"]](id=stream)
        for row in rows:
            case.apply(*fact(row.record))
    except (UnknownEvent, ValueError, KeyError, LookupError, AttributeError, TypeError) as error:
        found.problems.append(f"{stream}: 不能重演 / does not fold: {type(error).__name__}")
        return None
    return case


def _snapshot(found: Verified, case: Case, rows: list[_Link], head: Row | None) -> None:
    if head is None:
        return
    told = {**stream_row(case), "recorded_at": rows[-1].record["recorded_at"]}
    wrong = [name for name, value in told.items() if head[name] != value]
    if not 0 <= head["followed"] <= head["head"]:
        wrong.append("followed")
    if wrong:
        found.problems.append(
            f"{case.id}: 快照与事件不符 / the snapshot differs from the events: {', '.join(wrong)}"
        )


def _founding(found: Verified, connection: Connection, rows: list[_Link]) -> None:
    """The environment's identity and clock are what its founding act recorded (records founded before 0005 have none)."""
    record = rows[0].record
    if record["act"] != "found":
        return
    try:
        said: Any = json.loads(record["body"]).get("environment")
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
            board.place(leaf, leaf_hash(source.entry(row)), what, row)
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
