"""The leaves as the rows make them now, in the log's order: which are there, which rows are none yet, which are gone."""

from array import array
from bisect import bisect_left
from itertools import batched

from sqlalchemy import Connection, and_, func, or_, select

from domain.leaves import ACT, ATTACHMENT, EVENT, LETTER, PACK
from proof.merkle import HASH_SIZE, Tree
from records.projection import Row
from records.schema import leaves
from records.statements import stream

_WHEN = {EVENT: "recorded_at", ACT: "legal_at", LETTER: "at", ATTACHMENT: "stored_at", PACK: ""}


class Numbered:
    """Which leaf each event, act and letter says it is: 16 bytes a leaf, in order of position."""

    def __init__(self) -> None:
        self.positions: dict[str, array[int]] = {what: array("q") for what in (EVENT, ACT, LETTER)}
        self.leaves: dict[str, array[int]] = {what: array("q") for what in (EVENT, ACT, LETTER)}

    def leaf(self, what: str, position: object) -> int | None:
        """The leaf of the row at this position; None when it is none yet."""
        positions = self.positions[what]
        if not isinstance(position, int):  # SQLite keeps what it is given
            return None
        at = bisect_left(positions, position)
        return self.leaves[what][at] if at < len(positions) and positions[at] == position else None


def read_numbered(connection: Connection) -> Numbered:
    """From the table of leaves as a connection sees it now. What is not a number there numbers nothing."""
    found = Numbered()
    numbers = "leaf >= 0"
    if connection.dialect.name == "sqlite":  # which keeps in a column of numbers what it is given
        numbers += " AND typeof(leaf) = 'integer' AND typeof(position) = 'integer'"
    sql = f"SELECT position, leaf FROM leaves WHERE what = ? AND {numbers} ORDER BY position"
    for what in found.positions:
        for rows in batched(stream(connection, sql, (what,)), 1_000):
            found.positions[what].extend([position for position, _ in rows])
            found.leaves[what].extend([leaf for _, leaf in rows])
    return found


class LeafBoard:
    """32 bytes a leaf. Filled row by row, then read as a tree."""

    def __init__(self, connection: Connection) -> None:
        count, self._last = connection.execute(select(func.count(), func.max(leaves.c.leaf))).one()
        self.connection = connection
        self.size = int(count)
        self.hashes = bytearray(HASH_SIZE * self.size)
        self.there = bytearray(self.size)
        self.behind = 0
        """Rows that are no leaf yet."""
        self.oldest_behind = ""
        """When the oldest of these says it was recorded (UTC text)."""

    def place(self, leaf: int, hash_: bytes | bytearray) -> None:
        """The row that is this leaf is there, and hashes to this."""
        if 0 <= leaf < self.size:
            self.hashes[leaf * HASH_SIZE : (leaf + 1) * HASH_SIZE] = hash_
            self.there[leaf] = 1

    def take(self, placed: "array[int]", hashes: bytearray) -> None:
        """Many rows at once: their leaves, and their hashes one after the other."""
        kept, there, size = self.hashes, self.there, self.size
        for n, leaf in enumerate(placed):  # as `place`, for hundreds of thousands
            if 0 <= leaf < size:
                kept[leaf * HASH_SIZE : (leaf + 1) * HASH_SIZE] = hashes[n * HASH_SIZE : (n + 1) * HASH_SIZE]
                there[leaf] = 1

    def behind_by(self, what: str, row: Row) -> None:
        """A row that is no leaf yet."""
        self.behind += 1
        if at := str(row.get(_WHEN[what], "")):
            self.oldest_behind = min(at, self.oldest_behind or at)

    def hash(self, leaf: int) -> bytes:
        """A leaf's hash as the rows make it; zeros when the row is gone."""
        return bytes(self.hashes[leaf * HASH_SIZE : (leaf + 1) * HASH_SIZE])

    def tree(self) -> Tree:
        """The tree of all leaves; a gone row counts as zeros, so that no root holds over it."""
        return Tree.of(bytearray(self.hashes))

    def problems(self) -> list[str]:
        """Leaves whose row is gone, by what `leaves` says of them, and leaves that say more than which row they are."""
        by_position = leaves.c.what.in_((EVENT, ACT, LETTER))
        spare = select(leaves.c.leaf).where(
            or_(
                and_(by_position, leaves.c.hash.is_not(None)),
                and_(~by_position, leaves.c.position.is_not(None)),
            )
        )
        odd = [
            f"leaf {leaf}: 指向不明 / does not say which row it is"
            for leaf in self.connection.execute(spare.limit(200)).scalars()
        ]
        if self._last != (self.size - 1 if self.size else None):
            odd.append(
                f"leaves: 编号不是从0起逐一相连 / are not numbered one by one from 0: {self.size}, the last is {self._last!r}"
            )
        if all(self.there):
            return odd
        gone = [leaf for leaf in range(self.size) if not self.there[leaf]]
        named = {
            row.leaf: f"{row.what} {row.hash[:12] if row.hash else row.position}"
            for row in self.connection.execute(
                select(leaves).where(leaves.c.leaf.in_(gone[:200])).order_by(leaves.c.leaf)
            )
        }
        return odd + [
            f"leaf {leaf} ({named.get(leaf, '?')}): 该行已不在账册 / its row is gone from the record"
            for leaf in gone[:200]
        ]
