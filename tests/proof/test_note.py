"""Signed notes, checkpoints, keys and trust roots: what is written is read back, and hostile text is refused, never a crash."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proof.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint
from proof.keys import (
    COSIGNATURE_V1,
    ED25519,
    KeyRefused,
    SigningKey,
    VerifierKey,
    new_signing_key,
    parse_signing_key,
    parse_vkey,
    register,
)
from proof.merkle import Tree, inclusion_proof, leaf_hash
from proof.note import Note, NoteRefused, parse, sign
from proof.tlog_proof import NotAProof, TlogProof, parse_proof
from proof.trust import Group, Trust, TrustRefused, check_proof, parse_trust

AT = 1_800_000_000


def key(name: str, type_: bytes = ED25519, seed: int = 1) -> SigningKey:
    return parse_signing_key(new_signing_key(name, type_, bytes([seed]) * 32)[0])


LOG = key("example.org/log")
WITNESSES = {name: key(f"{name}.example.org", COSIGNATURE_V1, 2 + n) for n, name in enumerate("abc")}
TRUST = Trust(
    {LOG.name: LOG.verifier},
    {name: one.verifier for name, one in WITNESSES.items()},
    {"two": Group(2, ("a", "b", "c"))},
    "two",
)
CHECKPOINT = Checkpoint(LOG.name, 2, Tree([leaf_hash(b"x"), leaf_hash(b"y")]).root())
NOTE = Note(CHECKPOINT.text()).signed(LOG)

names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="+�"), min_size=1)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(lambda text: f"{text}\n")


@given(texts, st.lists(names, min_size=1, max_size=5, unique=True))
def test_what_is_signed_is_read_back_and_verifies(text: str, signers: list[str]) -> None:
    keys = [key(name, seed=n) for n, name in enumerate(signers)]
    note = Note(text)
    for one in keys:
        note = note.signed(one)
    assert parse(note.encode()) == note
    assert all(parse(note.encode()).signature_of(one.verifier) for one in keys)


@given(st.binary(max_size=300))
@example(b"")
@example(b"\n\n")
@example(b"text\n\n\xe2\x80\x94 name AAAAAAA=\n")
@example("text\n\n— a b AAAAAAAA\n".encode())
@example("text\n\n— a+b AAAAAAAA\n".encode())
@example("text\n\n— a AAAA\n".encode())
@example("text\n\n— a AAAAAAB=\n".encode())
@example("text\n\n— a AAAAAAAA".encode())
@example("te\rxt\n\n— a AAAAAAAA\n".encode())
@example(("text\n\n" + "— a AAAAAAAA\n" * 101).encode())
@example(b"x" * 1_000_001)
def test_a_hostile_note_is_refused(data: bytes) -> None:
    with pytest.raises(NoteRefused):
        TRUST.check(data)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_one_changed_byte_anywhere_in_a_checkpoint_and_it_is_not_trusted(at: int, change: int) -> None:
    data = bytearray(NOTE.encode())
    data[at] ^= change
    with pytest.raises(NoteRefused):
        TRUST.check(bytes(data))


@given(st.text(max_size=200))
@example("example.org/log\n01\nAAAA\n")
@example("example.org/log\n1\n")
@example("example.org/log\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
@example("example.org/log\n9223372036854775808\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
@example("example.org/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n")
@example("example.org/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n")
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        parse_checkpoint(text)


@given(names, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(names, max_size=2))
def test_checkpoints_are_read_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    one = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint(one.text()) == one


def test_a_quorum_counts_each_witness_once_and_only_trusted_ones() -> None:
    a, b = WITNESSES["a"], WITNESSES["b"]
    stranger = key("stranger.example.org", COSIGNATURE_V1, 9)
    note = NOTE.signed(a, AT).signed(stranger, AT).signed(a, AT + 1)
    assert not TRUST.check(note.encode()).enough
    found = TRUST.check(note.signed(b, AT).encode())
    assert found.enough
    assert set(found.cosigned) == {"a", "b"}
    assert int(found.cosigned["a"].timestamp()) == AT + 1


def test_a_cosignature_is_bound_to_its_time_and_a_bad_one_spoils_the_note() -> None:
    line = sign(NOTE.text, WITNESSES["a"], AT)
    later = (AT + 1).to_bytes(8) + line.body[8:]
    note = NOTE.with_signatures([type(line)(line.name, line.key_id, later)])
    with pytest.raises(NoteRefused, match="does not verify"):
        TRUST.check(note.encode())


def test_a_logs_signature_is_no_cosignature_and_the_other_way_round() -> None:
    as_witness = key(LOG.name, COSIGNATURE_V1)
    with pytest.raises(NoteRefused, match="not signed by the log"):
        TRUST.check(Note(CHECKPOINT.text()).signed(as_witness, AT).encode())


@given(st.sampled_from([ED25519, COSIGNATURE_V1]), names, st.binary(min_size=32, max_size=32))
def test_keys_are_read_back(type_: bytes, name: str, seed: bytes) -> None:
    text, public = new_signing_key(name, type_, seed)
    assert parse_signing_key(text).verifier == public == parse_vkey(str(public))


@given(st.text(max_size=80))
@example("example.org/log+00000000+AQ==")
@example(str(LOG.verifier).replace("+", " "))
@example(str(LOG.verifier)[:-4])
@example("PRIVATE+KEY+" + str(LOG.verifier))
def test_what_is_no_key_is_refused(text: str) -> None:
    for read in (parse_vkey, parse_signing_key):
        with pytest.raises(KeyRefused):
            read(text)


def test_trust_roots_are_read_back() -> None:
    assert parse_trust(TRUST.encode()) == TRUST


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "quorum nobody",
        "quorum none\nquorum none",
        f"log {LOG.verifier}\nlog {LOG.verifier}\nquorum none",
        f"log {WITNESSES['a'].verifier}\nquorum none",
        f"witness a {LOG.verifier}\nquorum none",
        f"witness none {WITNESSES['a'].verifier}\nquorum none",
        f"witness a {WITNESSES['a'].verifier}\nwitness b {WITNESSES['a'].verifier}\nquorum none",
        f"witness a {WITNESSES['a'].verifier}\ngroup g 2 a\nquorum g",
        f"witness a {WITNESSES['a'].verifier}\ngroup g 0 a\nquorum g",
        f"witness a {WITNESSES['a'].verifier}\ngroup g all a a\nquorum g",
        f"witness a {WITNESSES['a'].verifier}\ngroup g any a\ngroup h any a\nquorum h",
        "group g any g\nquorum g",
        "trust everybody\nquorum none",
        "quorum none\r",
    ],
)
def test_wrong_trust_roots_are_refused(lines: str) -> None:
    with pytest.raises(TrustRefused):
        parse_trust(lines)


def test_groups_of_groups_count_as_the_file_says() -> None:
    vkeys = [str(one.verifier) for one in WITNESSES.values()]
    trust = parse_trust(
        f"# a comment\n\tlog {LOG.verifier}  https://example.org/log \n\nwitness a {vkeys[0]}\nwitness b {vkeys[1]}\n"
        f"witness c {vkeys[2]}\ngroup ab all a b\ngroup any-of any ab c\nquorum any-of\n"
    )
    a, c = WITNESSES["a"], WITNESSES["c"]
    assert not trust.check(NOTE.signed(a, AT).encode()).enough
    assert trust.check(NOTE.signed(c, AT).encode()).enough


def test_a_proof_is_read_back_and_proves_its_entry_only() -> None:
    tree = Tree([leaf_hash(b"x"), leaf_hash(b"y")])
    note = NOTE.signed(WITNESSES["a"], AT).signed(WITNESSES["c"], AT)
    for extra in (None, b"", b"what it is about"):
        proof = TlogProof(1, tuple(inclusion_proof(tree.node, 1, 2)), note.encode(), extra)
        assert parse_proof(proof.encode()) == proof
        assert check_proof(parse_proof(proof.encode()), b"y", TRUST).enough
        with pytest.raises(ValueError, match="another root"):
            check_proof(proof, b"x", TRUST)


@given(st.binary(max_size=200))
@example(b"c2sp.org/tlog-proof@v1\n\n")
@example(b"c2sp.org/tlog-proof@v1\nindex 01\n\nx")
@example(b"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx")
@example(b"c2sp.org/tlog-proof@v1\nindex 1\n" + b"A" * 43 + b"=\n" * 64 + b"\nx")
@example(b"c2sp.org/tlog-proof@v1\nextra *\nindex 1\n\nx")
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(NotAProof):
        parse_proof(data)


def test_another_algorithm_stands_behind_the_same_notes() -> None:
    class Device:
        """Signs by itself and never gives its key out, as a hardware module does."""

        public = b"device-1"

        def sign(self, message: bytes) -> bytes:
            return bytes(reversed(self.public + message))

    type_ = b"\xffexample.org/reversed"
    register(
        type_, 8, lambda key, text, at: key.sign(text), lambda public, text, body: body == bytes(reversed(public + text))
    )  # fmt: skip
    signing = SigningKey("device.example.org", type_, Device())
    note = parse(Note("a text\n").signed(signing).encode())
    assert note.signature_of(parse_vkey(str(signing.verifier)))
    other = VerifierKey(signing.name, type_, b"device-2")
    assert note.signature_of(other) is None


def test_a_checkpoint_of_another_log_is_not_trusted() -> None:
    other = key("example.org/other")
    text = Checkpoint(other.name, 1, bytes(32)).text()
    with pytest.raises(NoteRefused, match="not among the trusted"):
        TRUST.check(Note(text).signed(other).encode())
    assert read_checkpoint(Note(text).signed(other).encode())[1].size == 1
