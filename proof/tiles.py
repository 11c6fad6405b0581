"""C2SP tlog-tiles: the tree as plain files of up to 256 hashes, and the entries in bundles of as many."""

from collections.abc import Callable, Iterator, Sequence

from proof.merkle import HASH_SIZE, Nodes, Tree, leaf_hash, node_hash, root

HEIGHT, WIDTH = 8, 256
CHECKPOINT = "checkpoint"
"""Path of the log's newest checkpoint."""

Fetch = Callable[[str], bytes]
"""Reads a published file by its path under the log's prefix. Raises FileNotFoundError."""
Put = Callable[[str, bytes], None]
"""Writes a published file, whole, by its path."""


class TileRefused(ValueError):
    """A tile or an entry bundle is not what its path says; the text names the path."""


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Path of a tile; `width` below 256 for a partial one."""
    return f"tile/{level}/{_numbered(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """Path of an entry bundle; `width` below 256 for a partial one."""
    return f"tile/entries/{_numbered(index, width)}"


def _numbered(index: int, width: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"


def tiles(size: int, since: int = 0) -> Iterator[tuple[int, int, int]]:
    """(level, index, width) of every tile of a tree of `size` leaves that one of `since` leaves did not have."""
    level = 0
    while size >> (HEIGHT * level):
        hashes, had = size >> (HEIGHT * level), since >> (HEIGHT * level)
        if hashes > had:
            for index in range(had // WIDTH, -(-hashes // WIDTH)):
                yield level, index, min(WIDTH, hashes - index * WIDTH)
        level += 1


def bundles(size: int, since: int = 0) -> Iterator[tuple[int, int]]:
    """(index, width) of every entry bundle of `size` leaves that `since` leaves did not have."""
    return ((index, width) for level, index, width in tiles(size, since) if level == 0)


def tile(nodes: Nodes, level: int, index: int, width: int) -> bytes:
    """A tile's content."""
    return b"".join(nodes(HEIGHT * level, index * WIDTH + n) for n in range(width))


def grow(fetch: Fetch, put: Put, size: int, entries: Sequence[bytes]) -> bytes:
    """Add entries to the published tree of `size` leaves: writes its new tiles and bundles; returns the new root.

    Doing it again writes the same. What it reads of the old tree is taken as it is. Raises as `TileReader` does.
    """
    old = TileReader(fetch, size)
    if entries:
        kept = old.entries(size // WIDTH) if size % WIDTH else []
        whole = [*kept, *entries]
        for at in range(0, len(whole), WIDTH):
            part = whole[at : at + WIDTH]
            put(entries_path((size - len(kept) + at) // WIDTH, len(part)), encode_entries(part))
    level, new = 0, [leaf_hash(entry) for entry in entries]
    while new:
        had = size >> (HEIGHT * level)
        row = old.tile(level, had // WIDTH) if had % WIDTH else b""
        row += b"".join(new)
        new = []
        for at in range(0, len(row), WIDTH * HASH_SIZE):
            part = row[at : at + WIDTH * HASH_SIZE]
            width = len(part) // HASH_SIZE
            put(tile_path(level, had // WIDTH + at // (WIDTH * HASH_SIZE), width), part)
            if width == WIDTH:
                new.append(tile_root(part))
        level += 1
    grown = size + len(entries)
    return root(TileReader(fetch, grown).node, grown)


def tile_root(content: bytes) -> bytes:
    """Root of a tile's hashes."""
    return Tree(content[at : at + HASH_SIZE] for at in range(0, len(content), HASH_SIZE)).root()


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle. Raises ValueError for an entry of more than 65,535 bytes."""
    if any(len(entry) > 0xFFFF for entry in entries):
        raise ValueError("an entry is longer than 65,535 bytes")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def decode_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises TileRefused when it is cut off."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        if at + 2 > len(data) or end > len(data):
            raise TileRefused("the entry bundle is cut off")
        entries.append(data[at + 2 : end])
        at = end
    return entries


class TileReader:
    """Subtree hashes (`Nodes`) of a tree of `size` leaves from its published tiles.

    What it reads is not authenticated by itself: check the root, or the proof made from it, against a checkpoint.
    """

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch, self.size = fetch, size
        self._read: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree. Raises FileNotFoundError, TileRefused, and IndexError outside of the tree."""
        if (index + 1) << level > self.size:
            raise IndexError(f"no complete subtree {level}/{index} in a tree of {self.size}")
        above, inner = divmod(level, HEIGHT)
        first = index << inner
        row = self.tile(above, first // WIDTH)
        at = first % WIDTH
        hashes = [row[n * HASH_SIZE : (n + 1) * HASH_SIZE] for n in range(at, at + (1 << inner))]
        while len(hashes) > 1:
            hashes = [node_hash(hashes[n], hashes[n + 1]) for n in range(0, len(hashes), 2)]
        return hashes[0]

    def tile(self, level: int, index: int) -> bytes:
        """A tile's hashes; where this size has a partial tile the full one serves too. Raises as `node` does."""
        if (level, index) not in self._read:
            width = min(WIDTH, (self.size >> (HEIGHT * level)) - index * WIDTH)
            data = self._whole_or_part(lambda width: tile_path(level, index, width), width)
            if len(data) % HASH_SIZE or len(data) < width * HASH_SIZE:
                raise TileRefused(f"{tile_path(level, index, width)}: not {width} hashes")
            self._read[level, index] = data[: width * HASH_SIZE]
        return self._read[level, index]

    def entries(self, index: int) -> list[bytes]:
        """The entries of a bundle. Raises FileNotFoundError and TileRefused."""
        width = min(WIDTH, self.size - index * WIDTH)
        found = decode_entries(self._whole_or_part(lambda width: entries_path(index, width), width))
        if len(found) < width:
            raise TileRefused(f"{entries_path(index, width)}: not {width} entries")
        return found[:width]

    def _whole_or_part(self, path: Callable[[int], str], width: int) -> bytes:
        try:
            return self._fetch(path(width))
        except FileNotFoundError:
            if width == WIDTH:
                raise
        try:  # partial tiles may be removed once the full one is there
            return self._fetch(path(WIDTH))
        except FileNotFoundError:
            raise FileNotFoundError(path(width)) from None
