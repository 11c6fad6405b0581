"""Checks the record against itself and against the transparency log: chains, heads, snapshots, read models, leaves.

Without trust roots it proves that the record is consistent in itself. With them (`records.verify_log`) it proves that
nobody, the operator and its keys included, changed what the witnesses have seen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial

from sqlalchemy import Connection, Engine, select

from domain.leaves import ATTACHMENT, PACK
from domain.policy import Pack
from proof.merkle import leaf_hash
from records.leaf_board import LeafBoard, read_numbered
from records.leaves import SOURCES, Source
from records.projection import Row
from records.schema import leaves
from records.verify_keys import pepper_problems
from records.verify_log import Brought, LogFound, verify_log
from records.verify_part import Asked, Found, verify_part
from records.verify_range import Part, one_view

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

    All of it as the database stood at one instant; a large record is split over all processors. `brought`: what the
    verifier holds; with it the log is checked too. `fold=False` leaves out what needs the rows' meaning: snapshots and
    read models.
    """
    found = Verified()
    asked = Asked(fold, frozenset(brought.trust.logs) if brought else None)
    with one_view(engine, partial(_worker, asked)) as (connection, parts):
        board = LeafBoard(connection)
        for part in parts:  # in any order
            found.events += part.events
            found.acts += part.acts
            found.problems += part.problems
            board.take(part.leaves, part.hashes)
            for what, row in part.behind:
                board.behind_by(what, row)
        found.problems.sort()
        if fold:
            found.problems += pepper_problems(connection)
        _kept(found, connection, board)
        found.problems += board.problems()
        if brought is not None:
            found.log = verify_log(connection, board, brought)
            found.problems += found.log.problems
    return found


def _worker(asked: Asked, connection: Connection) -> Callable[[Part], Found]:
    """What verifies parts by one connection: each process reads for itself which leaf a row is."""
    return partial(verify_part, connection, asked=asked, numbered=read_numbered(connection))


def _kept(found: Verified, connection: Connection, board: LeafBoard) -> None:
    """Pack versions and attachments: in no chain, but leaves; a pack is also what its hash says."""
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
            if what == PACK and not _is_the_pack(row["hash"], row["name"], row["body"]):
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
