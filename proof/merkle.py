"""The Merkle tree of RFC 6962, section 2.1: hashes, inclusion proofs, consistency proofs, and their verification.

Whoever proves needs only the hashes of complete subtrees (`Nodes`), wherever they are kept: in memory, in tiles.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""`nodes(level, index)`: hash of the complete subtree over leaves [index·2^level, (index+1)·2^level)."""


class ProofRefused(ValueError):
    """A proof does not prove what it was presented for; the text says what is wrong with it."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree in memory that only grows; 64 bytes a leaf."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[bytearray] = [bytearray()]
        for leaf in leaves:
            self.append(leaf)

    @classmethod
    def of(cls, hashes: bytearray) -> "Tree":
        """The tree of leaves whose hashes stand one after the other; it takes the array for its own."""
        tree = cls()
        tree._levels = [hashes]
        while len(row := tree._levels[-1]) >= 2 * HASH_SIZE:
            pairs = range(0, len(row) // (2 * HASH_SIZE) * 2 * HASH_SIZE, 2 * HASH_SIZE)
            tree._levels.append(
                bytearray().join([sha256(b"\x01" + row[n : n + 2 * HASH_SIZE]).digest() for n in pairs])
            )
        return tree

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_SIZE

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash (not the entry itself)."""
        level, node = 0, leaf
        while True:
            if level == len(self._levels):
                self._levels.append(bytearray())
            row = self._levels[level]
            row += node
            if len(row) // HASH_SIZE % 2:
                return
            node = sha256(b"\x01" + row[-2 * HASH_SIZE :]).digest()
            level += 1

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree (`Nodes`). Raises IndexError when it is not complete yet."""
        if level < len(self._levels):
            found = bytes(self._levels[level][index * HASH_SIZE : (index + 1) * HASH_SIZE])
            if len(found) == HASH_SIZE:
                return found
        raise IndexError(f"no complete subtree {level}/{index}")

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` leaves, of all by default."""
        return root(self.node, len(self) if size is None else size)


def root(nodes: Nodes, size: int) -> bytes:
    """Root of the tree of the first `size` leaves."""
    return _range(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]): from the leaf's sibling up to the root's child. Raises ValueError for no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range(nodes, middle, end))
            end = middle
        else:
            path.append(_range(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]); empty for equal sizes and for an empty old tree. Raises ValueError when old > new."""
    if not 0 <= old <= new:
        raise ValueError(f"no tree of {old} in a tree of {new}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range(nodes, middle, end))
            end = middle
        else:
            path.append(_range(nodes, start, middle))
            start = middle
    if start:  # the old tree is not a subtree on the left edge, so the verifier needs this node of it
        path.append(_range(nodes, start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> None:
    """Check that the leaf with this hash stands at `index` in the tree of `size` leaves with root `expected`.

    Raises ProofRefused when it does not (RFC 9162, 2.1.3.2).
    """
    if not 0 <= index < size:
        raise ProofRefused(f"no leaf {index} in a tree of {size}")
    _well_formed(leaf, expected, *proof)
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofRefused("the inclusion proof is too long")
        if node % 2 or node == last:
            computed = node_hash(sibling, computed)
            while not node % 2 and node:
                node, last = node // 2, last // 2
        else:
            computed = node_hash(computed, sibling)
        node, last = node // 2, last // 2
    if last:
        raise ProofRefused("the inclusion proof is too short")
    if computed != expected:
        raise ProofRefused("the inclusion proof leads to another root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves.

    Raises ProofRefused when it does not (RFC 9162, 2.1.4.2).
    """
    if not 0 <= old <= new:
        raise ProofRefused(f"a tree of {new} leaves cannot continue one of {old}")
    _well_formed(old_root, new_root, *proof)
    if old in (0, new):
        if proof:
            raise ProofRefused("the consistency proof is too long")
        if old_root != (new_root if old else EMPTY_ROOT):
            raise ProofRefused("two roots for one size")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise ProofRefused("the consistency proof is too short")
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node // 2, last // 2
    old_computed = new_computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofRefused("the consistency proof is too long")
        if node % 2 or node == last:
            old_computed = node_hash(sibling, old_computed)
            new_computed = node_hash(sibling, new_computed)
            while not node % 2 and node:
                node, last = node // 2, last // 2
        else:
            new_computed = node_hash(new_computed, sibling)
        node, last = node // 2, last // 2
    if last:
        raise ProofRefused("the consistency proof is too short")
    if old_computed != old_root:
        raise ProofRefused("the consistency proof leads to another old root")
    if new_computed != new_root:
        raise ProofRefused("the consistency proof leads to another new root")


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _range(nodes: Nodes, start: int, end: int) -> bytes:
    """MTH(D[start:end]) for a range that RFC 6962's splitting makes: complete subtrees, the last perhaps ragged."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range(nodes, start, middle), _range(nodes, middle, end))


def _well_formed(*hashes: bytes) -> None:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise ProofRefused(f"a hash is not {HASH_SIZE} bytes long")
