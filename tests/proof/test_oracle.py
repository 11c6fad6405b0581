"""What we prove and sign, another implementation accepts; what we refuse, it refuses."""

from typing import Any

from proof.merkle import Tree, consistency_proof, inclusion_proof, leaf_hash
from tests.proof.oracle import ask
from tests.proof.test_note import AT, LOG, NOTE, WITNESSES

MOST = 40
ENTRIES = [b"entry %d" % n for n in range(MOST)]
TREE = Tree(map(leaf_hash, ENTRIES))


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1, *data[1:]])


def test_every_root_is_the_one_that_go_computes() -> None:
    questions: list[dict[str, Any]] = [
        {"Ask": "root", "Entries": ENTRIES[:size], "Root": TREE.root(size)} for size in range(MOST + 1)
    ]
    questions.append({"Ask": "root", "Entries": ENTRIES, "Root": flipped(TREE.root())})
    assert ask(questions) == ["ok"] * (MOST + 1) + ["another root"]


def test_every_inclusion_proof_is_accepted_by_go_and_changed_ones_are_not() -> None:
    right: list[dict[str, Any]] = [
        {
            "Ask": "inclusion", "Index": index, "Size": size, "Entry": ENTRIES[index], "Root": TREE.root(size),
            "Proof": inclusion_proof(TREE.node, index, size),
        }
        for size in range(1, MOST + 1)
        for index in range(size)
    ]  # fmt: skip
    assert set(ask(right)) == {"ok"}
    wrong = [{**one, "Entry": b"another"} for one in right] + [
        {**one, "Proof": [flipped(one["Proof"][0]), *one["Proof"][1:]]} for one in right if one["Proof"]
    ]
    assert "ok" not in ask(wrong)


def test_every_consistency_proof_is_accepted_by_go_and_changed_ones_are_not() -> None:
    right: list[dict[str, Any]] = [
        {
            "Ask": "consistency", "Old": old, "Size": new, "OldRoot": TREE.root(old), "Root": TREE.root(new),
            "Proof": consistency_proof(TREE.node, old, new),
        }
        for new in range(1, MOST + 1)
        for old in range(1, new + 1)
    ]  # fmt: skip
    assert set(ask(right)) == {"ok"}
    assert "ok" not in ask([{**one, "OldRoot": flipped(one["OldRoot"])} for one in right])


def test_a_checkpoint_with_its_cosignatures_is_opened_by_go() -> None:
    note = NOTE
    for witness in WITNESSES.values():
        note = note.signed(witness, AT)
    root = Tree([leaf_hash(b"x"), leaf_hash(b"y")]).root()
    vkeys = [str(witness.verifier) for witness in WITNESSES.values()]
    right = {
        "Ask": "checkpoint", "Note": note.encode(), "Log": str(LOG.verifier), "Witnesses": vkeys,
        "Size": 2, "Root": root,
    }  # fmt: skip
    changed = note.encode().replace(b"\n2\n", b"\n3\n")
    answers = ask([right, {**right, "Note": changed}, {**right, "Note": NOTE.encode()}])
    assert answers[0] == "ok"
    assert "ok" not in answers[1:]
