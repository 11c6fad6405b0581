"""Gives new rows their place in the transparency log, in batches, and publishes its tree and signed checkpoints.

Nothing here is on the way of an act: rows are found after their commit. A leaf's place is durable before anything is
published from it, so that whatever is cut off in between is done again and comes out the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import batched
from typing import Any

from sqlalchemy import Connection, Engine, exists, func, select

from proof.checkpoint import Checkpoint, read_checkpoint
from proof.keys import SigningKey
from proof.merkle import EMPTY_ROOT, root
from proof.note import Note
from proof.tiles import CHECKPOINT, WIDTH, TileReader, TileRefused, grow
from proof.trust import Trust, Witnessed
from records import journal
from records.files import PlainFolder
from records.leaves import SOURCES, entries
from records.schema import checkpoints, leaves
from records.statements import insert

FOLDER = "log"
"""Where the log is published, under the file store's root."""
SIGNED = "checkpoint.signed"
"""The newest checkpoint that the log has signed, cosigned or not; `checkpoint` is the newest with enough cosignatures."""
LOOKBACK = 100_000
"""How many of a table's newest rows are looked through for ones that are no leaf yet. A row is committed after a later
one only while both are under way; `whole` looks through all, and `audit verify` names every row that is no leaf."""
_BATCH = WIDTH * 64
_LOCK = 0x48715F6C6F67
"""PostgreSQL's advisory lock of whoever integrates."""


class LogBroken(Exception):
    """The record does not continue what the log has already signed or published; nothing was signed."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


@dataclass(frozen=True)
class Integrated:
    """What a run did."""

    added: int
    size: int
    checkpoint: bytes
    """The newest signed checkpoint; empty while the log is."""


def integrate(engine: Engine, folder: PlainFolder, key: SigningKey, *, whole: bool = False) -> Integrated:
    """Make every new row a leaf, publish the tree, sign a checkpoint over it when it grew.

    Two at once wait for each other. `whole`: look through all rows, not only the newest. Raises LogBroken when the
    record contradicts what was signed before; then nothing is signed.
    """
    added = 0
    while more := _place(engine, whole):
        added += more
    # Before the record is read: another run may sign and publish meanwhile.
    published = _published_size(folder, SIGNED)
    with engine.connect().execution_options(reading=True) as connection:
        size, last = _size(connection), _last_signed(connection, key)
        _not_behind(published, last)
        journal.write(connection, folder.beside(journal.FOLDER), last.size, size)
        new = (
            Checkpoint(key.name, size, _publish(connection, folder, last, size)) if size > last.size else last
        )
    note = _sign(engine, new, key) if size else b""
    if note:
        folder.put(f"checkpoints/{size}", _keeping_cosignatures(folder, size, note))
        if size >= _published_size(folder, SIGNED):
            folder.put(SIGNED, note)
    return Integrated(added, size, note)


def add_cosignatures(
    folder: PlainFolder, size: int, notes: Iterable[Note], trust: Trust, needed: int = 0
) -> Witnessed:
    """Put cosignatures beside the signed checkpoint of this size; with enough of them it becomes the log's `checkpoint`.

    Enough is what the trust roots ask for, and at least `needed`. Raises NoteRefused when one does not verify.
    """
    note, _ = read_checkpoint(folder.get(f"checkpoints/{size}"))
    note = note.with_signatures(line for other in notes for line in other.signatures)
    witnessed = trust.check(note.encode())
    witnessed = replace(witnessed, enough=witnessed.enough and len(witnessed.cosigned) >= needed)
    folder.put(f"checkpoints/{size}", note.encode())
    if witnessed.enough and size >= _published_size(folder, CHECKPOINT):
        folder.put(CHECKPOINT, note.encode())
    return witnessed


def _place(engine: Engine, whole: bool) -> int:
    """Give at most one batch of new rows their leaf; returns how many."""
    with engine.begin() as connection:
        _alone(connection)
        size = _size(connection)
        new: list[dict[str, Any]] = []
        for source in SOURCES:
            known = exists().where(leaves.c.what == source.what, source.known_by == source.key)
            query = select(source.key).where(~known).order_by(source.key).limit(_BATCH - len(new))
            if source.known_by is leaves.c.position and not whole:
                newest = select(func.max(leaves.c.position)).where(leaves.c.what == source.what)
                query = query.where(source.key > (connection.execute(newest).scalar() or 0) - LOOKBACK)
            for ref in connection.execute(query).scalars():
                place = {"leaf": size + len(new), "what": source.what, "position": None, "hash": None}
                new.append({**place, source.known_by.name: ref})
        insert(connection, leaves, new)
    return len(new)


def _publish(connection: Connection, folder: PlainFolder, last: Checkpoint, size: int) -> bytes:
    """Write the tiles from what was signed last up to `size`; returns the new root."""
    start = last.size
    try:
        standing = root(TileReader(folder.get, start).node, start)
    except (FileNotFoundError, TileRefused):
        standing = b""
    if standing != last.root:  # the files are gone or damaged: the record has everything to write them anew
        start = 0
        if _write(connection, folder, 0, last.size) != last.root:
            zh = f"账册与已签的检查点（{last.size}）不符，未签新的；见 huiqian audit verify"
            en = f"the record contradicts the signed checkpoint of {last.size}; nothing was signed, see audit verify"
            raise LogBroken(zh, en)
        start = last.size
    return _write(connection, folder, start, size)


def _sign(engine: Engine, checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The signed note of this checkpoint: the one on record, or a new one that goes on record first."""
    with engine.connect().execution_options(reading=True) as connection:
        if note := _note_of(connection, checkpoint.size):
            return note
    # Signed while nobody waits for the database: a key's module takes its time.
    new = Note(checkpoint.text()).signed(key).encode()
    with engine.begin() as connection:
        _alone(connection)
        note = _note_of(connection, checkpoint.size)
        if not note:
            connection.execute(checkpoints.insert().values(size=checkpoint.size, note=new.decode()))
    return note or new


def _write(connection: Connection, folder: PlainFolder, start: int, end: int) -> bytes:
    grown = EMPTY_ROOT
    for part in batched(range(start, end), _BATCH):
        found = entries(connection, part[0], part[-1] + 1)
        known = [entry for entry in found if entry is not None]
        if len(known) != len(found):
            missing = part[0] + found.index(None)
            raise LogBroken(f"第 {missing} 叶所记的行已不在账册", f"the row of leaf {missing} is gone")
        grown = grow(folder.get, folder.put, part[0], known)
    return grown


def _not_behind(published: int, last: Checkpoint) -> None:
    """A records database restored from an old backup must not go on as if what it lacks had never been signed."""
    if published > last.size:
        zh = f"已公布到 {published}，账册只签到 {last.size}：可能是旧备份，未签新的"
        en = f"the log is published up to {published}, the records only know {last.size}: an old backup? Nothing was signed"
        raise LogBroken(zh, en)


def _published_size(folder: PlainFolder, name: str) -> int:
    try:
        return read_checkpoint(folder.get(name))[1].size
    except FileNotFoundError:
        return -1


def _keeping_cosignatures(folder: PlainFolder, size: int, note: bytes) -> bytes:
    try:
        before, _ = read_checkpoint(folder.get(f"checkpoints/{size}"))
    except (FileNotFoundError, ValueError):
        return note
    fresh, _ = read_checkpoint(note)
    return fresh.with_signatures(before.signatures).encode() if before.text == fresh.text else note


def _last_signed(connection: Connection, key: SigningKey) -> Checkpoint:
    newest = connection.execute(select(func.max(checkpoints.c.size))).scalar()
    if newest is None:
        return Checkpoint(key.name, 0, EMPTY_ROOT)
    note, checkpoint = read_checkpoint(_note_of(connection, newest))
    if note.signature_of(key.verifier) is None:
        zh, en = (
            "上一检查点不是这把日志钥匙所签：钥匙换了，须另立日志名",
            "the last checkpoint is not by this log key: a new key needs a new log name",
        )
        raise LogBroken(zh, en)
    return checkpoint


def _note_of(connection: Connection, size: int) -> bytes:
    found = connection.execute(select(checkpoints.c.note).where(checkpoints.c.size == size)).scalar()
    return (found or "").encode()


def _size(connection: Connection) -> int:
    newest = connection.execute(select(func.max(leaves.c.leaf))).scalar()
    return 0 if newest is None else newest + 1


def _alone(connection: Connection) -> None:
    """One at a time; SQLite's one writer is alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
