"""The record against the transparency log: is it what the witnesses cosigned, and if not, which rows were changed.

Whom to trust is brought by the verifier. What the operator presents (its database, its published files) is only believed
as far as a trusted signature reaches; copies that others keep tell exactly what was changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from domain.leaves import spoken_entry
from proof.checkpoint import Checkpoint
from proof.merkle import HASH_SIZE, Tree, leaf_hash, root
from proof.note import NoteRefused
from proof.tiles import CHECKPOINT, WIDTH, Fetch, TileReader, TileRefused
from proof.trust import Trust
from records.files import PlainFolder
from records.leaf_board import LeafBoard
from records.schema import checkpoints
from records.sequencer import SIGNED

MOST = 200
"""So many changed rows are named; more are counted."""


@dataclass(frozen=True)
class Brought:
    """What a verifier holds or may look at."""

    trust: Trust
    published: PlainFolder
    """The log's files, as the operator presents them."""
    copies: dict[str, Fetch] = field(default_factory=dict[str, Fetch])
    """Copies of the log that others keep (witnesses, mirrors), by whose they are."""
    remembered: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Checkpoints that somebody has seen, by who."""


@dataclass
class LogFound:
    """What the log proves of the record."""

    size: int = 0
    cosigned_size: int = 0
    """Leaves under the newest checkpoint with enough cosignatures that the record agrees with."""
    cosigned_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    checkpoint: bytes = b""
    """That checkpoint, as a note."""
    behind: int = 0
    """Rows behind it: only receipts can prove these."""
    oldest_behind: str = ""
    """When the oldest row that is not even a leaf says it was recorded (UTC text)."""
    problems: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class _Seen:
    """A checkpoint that a trusted log signed, and where it was found."""

    checkpoint: Checkpoint
    where: str
    note: bytes
    cosigned: dict[str, datetime]
    enough: bool


def verify_log(connection: Connection, board: LeafBoard, brought: Brought) -> LogFound:
    """Compare the leaves that the rows make with every checkpoint there is."""
    found = LogFound(size=board.size, oldest_behind=board.oldest_behind)
    tree = board.tree()
    seen = sorted(_all_seen(connection, brought, found), key=lambda one: one.checkpoint.size)
    good = [one for one in seen if _agrees(tree, one.checkpoint)]
    bad = [one for one in seen if not _agrees(tree, one.checkpoint)]
    enough = [one for one in good if one.enough]
    if enough:
        last = enough[-1]
        found.cosigned_size, found.cosigned_at, found.checkpoint = (
            last.checkpoint.size,
            last.cosigned,
            last.note,
        )
    elif board.size or bad:
        found.problems.append(
            f"没有一个检查点既与账册相符、又有足够联署（{brought.trust.needed()}）"
            f" / no checkpoint that the record agrees with has enough cosignatures ({brought.trust.needed()})"
        )
    for one in {(one.checkpoint, one.where): one for one in bad}.values():
        names = "、".join(sorted(one.cosigned)) or "-"
        found.problems.append(
            f"检查点 {one.checkpoint.size}（{one.where}；联署 {names}）与账册不符"
            f" / the record contradicts the checkpoint of {one.checkpoint.size} ({one.where}; cosigned by {names})"
        )
    if bad:
        found.problems += _located(tree, board, bad, found.cosigned_size, brought)
    found.behind = board.size - found.cosigned_size + board.behind
    return found


def _agrees(tree: Tree, checkpoint: Checkpoint) -> bool:
    return checkpoint.size <= len(tree) and tree.root(checkpoint.size) == checkpoint.root


def _all_seen(connection: Connection, brought: Brought, found: LogFound) -> Iterator[_Seen]:
    """Every checkpoint: on record, published, in copies, remembered. What is no valid one is a problem."""

    def look(where: str, note: bytes) -> Iterator[_Seen]:
        try:
            one = brought.trust.check(note)
        except NoteRefused as problem:
            found.problems.append(f"{where}: 检查点无效 / not a valid checkpoint: {problem}")
            return
        yield _Seen(one.checkpoint, where, note, one.cosigned, one.enough)

    for row in connection.execute(select(checkpoints).order_by(checkpoints.c.size)):
        for one in look(f"checkpoints {row.size}", str(row.note).encode()):
            if one.checkpoint.size != row.size:
                found.problems.append(f"checkpoints {row.size}: 与其内容不符 / not what it says")
            yield one
    names = [CHECKPOINT, SIGNED, *(f"checkpoints/{name}" for name in brought.published.names("checkpoints"))]
    for name in names:
        if (note := _read(brought.published.get, name)) is not None:
            yield from look(f"published {name}", note)
    for whose, fetch in brought.copies.items():
        if (note := _read(fetch, CHECKPOINT)) is not None:
            yield from look(whose, note)
    for who, note in brought.remembered.items():
        yield from look(who, note)


def _read(fetch: Callable[[str], bytes], path: str) -> bytes | None:
    try:
        return fetch(path)
    except FileNotFoundError:
        return None


def _located(tree: Tree, board: LeafBoard, bad: list[_Seen], good: int, brought: Brought) -> list[str]:
    """The rows that differ from a copy of the log which one of these checkpoints vouches for."""
    for one in reversed(bad):
        for whose, fetch in {"published": brought.published.get, **brought.copies}.items():
            reader = TileReader(fetch, one.checkpoint.size)
            try:
                if root(reader.node, one.checkpoint.size) != one.checkpoint.root:
                    continue
                return list(_differences(board, reader, whose))
            except (FileNotFoundError, TileRefused):
                continue
    first = min(one.checkpoint.size for one in bad)
    return [
        f"改动在第 {good if good < first else 0} 至 {first - 1} 叶之间；持有日志副本（--copy）可指明哪一行"
        f" / the change lies among leaves {good if good < first else 0} to {first - 1}; with a copy of the log (--copy) it is named"
    ]


def _differences(board: LeafBoard, reader: TileReader, whose: str) -> Iterator[str]:
    named = 0
    for index in range(-(-reader.size // WIDTH)):
        row = reader.tile(0, index)
        ours = bytes(board.hashes[index * WIDTH * HASH_SIZE :][: len(row)])
        if row == ours:
            continue
        for n in range(len(row) // HASH_SIZE):
            leaf, hash_ = index * WIDTH + n, row[n * HASH_SIZE : (n + 1) * HASH_SIZE]
            if leaf < board.size and board.hash(leaf) == hash_:
                continue
            named += 1
            if named > MOST:
                continue
            there = leaf < board.size and board.there[leaf]
            zh, en = (
                ("与日志不符", "differs from the log") if there else ("已不在账册", "is gone from the record")
            )
            yield f"leaf {leaf} {_entry(reader, index, n, hash_)}: {zh} / {en} ({whose})"
    if named > MOST:
        yield f"… 共 {named} 叶 / {named} leaves in all"


def _entry(reader: TileReader, index: int, n: int, hash_: bytes) -> str:
    try:
        entry = reader.entries(index)[n]
    except (FileNotFoundError, TileRefused):
        return "?"
    return spoken_entry(entry) if leaf_hash(entry) == hash_ else "?"
