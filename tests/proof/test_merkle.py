"""The tree: every proof of every tree up to a size holds, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proof.merkle import (
    EMPTY_ROOT,
    ProofRefused,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

MOST = 70
TREE = Tree(leaf_hash(b"%d" % n) for n in range(MOST))
LEAVES = [leaf_hash(b"%d" % n) for n in range(MOST)]


def by_the_definition(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 writes it, without any cleverness."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(by_the_definition(leaves[:k]), by_the_definition(leaves[k:]))


def test_roots_are_those_of_the_definition() -> None:
    for size in range(MOST + 1):
        assert TREE.root(size) == by_the_definition(LEAVES[:size])


def test_the_empty_tree_and_one_leaf_have_the_published_hashes() -> None:
    assert Tree().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_every_leaf_of_every_tree_is_proved_and_at_no_other_place() -> None:
    for size in range(1, MOST + 1):
        root = TREE.root(size)
        for index in range(size):
            proof = inclusion_proof(TREE.node, index, size)
            verify_inclusion(LEAVES[index], index, size, proof, root)
            with pytest.raises(ProofRefused):
                verify_inclusion(LEAVES[index], (index + 1) % (size + 1), size, proof, root)
            with pytest.raises(ProofRefused):
                verify_inclusion(leaf_hash(b"another"), index, size, proof, root)


def test_every_tree_is_proved_to_continue_every_earlier_one_and_no_other() -> None:
    other = Tree([leaf_hash(b"another"), *LEAVES[1:]])
    for new in range(MOST + 1):
        for old in range(new + 1):
            proof = consistency_proof(TREE.node, old, new)
            verify_consistency(old, TREE.root(old), new, TREE.root(new), proof)
            if old:
                with pytest.raises(ProofRefused):
                    verify_consistency(old, other.root(old), new, TREE.root(new), proof)
                with pytest.raises(ProofRefused):
                    verify_consistency(old, TREE.root(old), new, other.root(new), proof)


@given(st.data())
def test_a_proof_with_anything_changed_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    included, consistent = (
        inclusion_proof(TREE.node, index, size),
        consistency_proof(TREE.node, old, size),
    )

    def check_inclusion(proof: list[bytes]) -> None:
        verify_inclusion(LEAVES[index], index, size, proof, TREE.root(size))

    def check_consistency(proof: list[bytes]) -> None:
        verify_consistency(old, TREE.root(old), size, TREE.root(size), proof)

    for proof, check in ((included, check_inclusion), (consistent, check_consistency)):
        at = data.draw(st.integers(0, len(proof) - 1))
        flipped = bytes([proof[at][0] ^ 1, *proof[at][1:]])
        for changed in (
            [*proof[:at], flipped, *proof[at + 1 :]],
            [*proof[:at], *proof[at + 1 :]],
            [*proof[:at], LEAVES[0], *proof[at:]],
            [*proof, LEAVES[0]],
            [*proof[:at], proof[at][:-1], *proof[at + 1 :]],
        ):
            if changed != proof:
                with pytest.raises(ProofRefused):
                    check(changed)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_there_is_no_tree_of_a_negative_size_and_none_shrinks(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="tree"):
        consistency_proof(TREE.node, old, new)
    with pytest.raises(ProofRefused):
        verify_consistency(old, EMPTY_ROOT, new, EMPTY_ROOT, [])
