"""Tiles and entry bundles: their paths, and that any tree can be read back from them."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proof.merkle import Tree, consistency_proof, inclusion_proof, leaf_hash
from proof.tiles import (
    WIDTH,
    TileReader,
    TileRefused,
    bundles,
    decode_entries,
    encode_entries,
    entries_path,
    tile,
    tile_path,
    tiles,
)


def published(sizes: list[int]) -> tuple[Tree, dict[str, bytes]]:
    """A log that grew through these sizes, and the files it published."""
    tree, files = Tree(), dict[str, bytes]()
    for old, new in pairwise([0, *sizes]):
        for n in range(old, new):
            tree.append(leaf_hash(b"%d" % n))
        for level, index, width in tiles(new, old):
            files[tile_path(level, index, width)] = tile(tree.node, level, index, width)
        for index, width in bundles(new, old):
            entries = [b"%d" % n for n in range(index * WIDTH, index * WIDTH + width)]
            files[entries_path(index, width)] = encode_entries(entries)
    return tree, files


def fetch(files: dict[str, bytes], path: str) -> bytes:
    if path not in files:
        raise FileNotFoundError(path)
    return files[path]


def test_paths_are_those_of_the_specification() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(1, 0, 17) == "tile/1/000.p/17"
    assert entries_path(273, 112) == "tile/entries/273.p/112"
    assert entries_path(1000) == "tile/entries/x001/000"


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    found = list(tiles(70_000))
    assert sum(level == 0 and width == WIDTH for level, _, width in found) == 273
    partial = [one for one in found if one[2] < WIDTH]
    assert partial == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert list(tiles(256)) == [(0, 0, 256), (1, 0, 1)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=6, unique=True).map(sorted), st.data())
def test_every_tree_a_log_went_through_is_read_back_from_its_files(
    sizes: list[int], data: st.DataObject
) -> None:
    tree, files = published(sizes)
    for size in sizes:
        reader = TileReader(lambda path: fetch(files, path), size)
        index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
        assert inclusion_proof(reader.node, index, size) == inclusion_proof(tree.node, index, size)
        assert consistency_proof(reader.node, old, size) == consistency_proof(tree.node, old, size)
        assert reader.entries(index // WIDTH)[index % WIDTH] == b"%d" % index
    if sizes[-1] > 2 * WIDTH:  # partial tiles may go once the full one is there
        whole = {path: content for path, content in files.items() if ".p/" not in path or "/002.p/" in path}
        reader = TileReader(lambda path: fetch({**whole, **_last(files, sizes[-1])}, path), sizes[-1])
        assert reader.node(0, 3) == tree.node(0, 3)


def _last(files: dict[str, bytes], size: int) -> dict[str, bytes]:
    return {tile_path(*one): files[tile_path(*one)] for one in tiles(size)}


@given(st.lists(st.binary(max_size=50), max_size=20), st.data())
def test_bundles_are_read_back_and_a_cut_one_is_refused(entries: list[bytes], data: st.DataObject) -> None:
    written = encode_entries(entries)
    assert decode_entries(written) == entries
    whole = {len(encode_entries(entries[:n])) for n in range(len(entries) + 1)}
    cut = data.draw(st.integers(0, len(written)))
    if cut not in whole:
        with pytest.raises(TileRefused):
            decode_entries(written[:cut])


def test_missing_and_short_tiles_are_named() -> None:
    _, files = published([300])
    reader = TileReader(lambda path: fetch({}, path), 300)
    with pytest.raises(FileNotFoundError, match=r"tile/0/001\.p/44"):
        reader.node(0, 299)
    short = {**files, "tile/0/000": b"too short"}
    with pytest.raises(TileRefused, match="tile/0/000"):
        TileReader(lambda path: fetch(short, path), 300).node(0, 0)
    with pytest.raises(IndexError):
        reader.node(0, 300)
    with pytest.raises(ValueError, match="65,535"):
        encode_entries([bytes(65_536)])
