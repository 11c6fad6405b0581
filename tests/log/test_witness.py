"""Agencies as each other's witnesses: each signs only what continues what it has signed itself, and says so when not."""

import pytest

from proof.checkpoint import Checkpoint, read_checkpoint
from proof.keys import ED25519, SigningKey, new_signing_key, parse_signing_key
from proof.merkle import leaf_hash
from proof.note import Note, NoteRefused
from proof.tiles import CHECKPOINT, encode_entries, entries_path, grow
from proof.witness import Disputed, Outdated, Witness
from tests.log.agencies import AGENCIES, Agencies
from tests.world import Office


def more(office: Office) -> None:
    """One more act on the record."""
    office.refused("2026-03-10 09:00", "clerk@tro", "conclude", "filing-nowhere")


def forged(agencies: Agencies, entries: list[bytes]) -> tuple[bytes, dict[str, bytes]]:
    """Another log under the same key, as whoever has the operator's key can make it: its checkpoint and its files."""
    files: dict[str, bytes] = {}

    def fetch(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    root = grow(fetch, files.__setitem__, 0, entries)
    key: SigningKey = agencies.custody("log").key("log")
    return Note(Checkpoint(key.name, len(entries), root).text()).signed(key).encode(), files


def offered(agencies: Agencies, who: str, note: bytes, files: dict[str, bytes]) -> None:
    def fetch(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    agencies.custody(who).witness(who).consider(note, fetch, next(agencies.clock))


def entries(agencies: Agencies, size: int) -> list[bytes]:
    witness = agencies.custody("tro").witness("tro")
    data = witness.read(entries_path(0, size))
    found: list[bytes] = []
    while data:
        length = int.from_bytes(data[:2])
        found.append(data[2 : 2 + length])
        data = data[2 + length :]
    return found


def test_a_round_ends_with_a_checkpoint_that_enough_agencies_cosigned(
    agencies: Agencies, office: Office
) -> None:
    office.submitted()
    size = agencies.round().size
    found = agencies.trust.check(agencies.published.get(CHECKPOINT))
    assert found.enough
    assert set(found.cosigned) == set(AGENCIES)
    more(office)
    assert agencies.round(("tro", "gz")).size > size
    assert set(agencies.trust.check(agencies.published.get(CHECKPOINT)).cosigned) == {"gz", "tro"}


def test_too_few_cosignatures_and_the_published_checkpoint_stays(agencies: Agencies, office: Office) -> None:
    before = agencies.round()
    office.submitted()
    after = agencies.round(("tro",))
    assert read_checkpoint(agencies.published.get(CHECKPOINT))[1] == before
    assert read_checkpoint(agencies.published.get("checkpoint.signed"))[1] == after


def test_an_agency_that_was_down_catches_up_with_what_it_missed(agencies: Agencies, office: Office) -> None:
    agencies.round(("tro", "gz"))
    for _ in range(3):
        more(office)
        agencies.round(("tro", "gz"))
    last = agencies.round(("sz",))
    assert read_checkpoint(agencies.custody("sz").witness("sz").held())[1] == last


def test_a_rewritten_log_is_refused_and_both_checkpoints_are_kept(agencies: Agencies, office: Office) -> None:
    size = agencies.round().size
    kept = entries(agencies, size)
    witness = agencies.custody("tro").witness("tro")
    held = witness.held()
    rewritten = [*kept[:3], b"another", *kept[4:]]
    attacks = {
        "one entry changed": rewritten,
        "grown from a changed one": [*rewritten, b"new"],
        "one dropped": [*kept[:3], *kept[4:]],
        "one dropped, then grown": [*kept[:3], *kept[4:], b"new", b"newer"],
        "two exchanged": [kept[1], kept[0], *kept[2:]],
        "one put in": [*kept[:3], b"new", *kept[3:]],
        "begun anew": [b"another"],
    }
    for attack, log in attacks.items():
        note, files = forged(agencies, log)
        with pytest.raises(Disputed) as dispute:
            offered(agencies, "tro", note, files)
        assert (dispute.value.held, dispute.value.offered) == (held, note), attack
    assert witness.held() == held
    pairs = [path for path in (witness.memory / "refused").iterdir() if path.is_dir()]
    assert len(pairs) == len(attacks)
    assert {(pair / "held").read_bytes() for pair in pairs} == {held}


def test_an_older_checkpoint_of_the_same_log_is_no_contradiction(agencies: Agencies, office: Office) -> None:
    old = agencies.integrate().checkpoint
    office.submitted()
    agencies.round()
    with pytest.raises(Outdated):
        agencies.cosign("tro", old)


def test_the_same_checkpoint_is_cosigned_anew_at_a_later_time(agencies: Agencies) -> None:
    agencies.round()
    first = agencies.trust.check(agencies.published.get(CHECKPOINT)).cosigned["tro"]
    agencies.round()
    assert agencies.trust.check(agencies.published.get(CHECKPOINT)).cosigned["tro"] > first


def test_a_log_whose_files_are_missing_is_not_cosigned_and_not_accused(agencies: Agencies) -> None:
    note = agencies.integrate().checkpoint
    with pytest.raises(FileNotFoundError):
        offered(agencies, "tro", note, {})
    assert agencies.custody("tro").witness("tro").held() == b""
    agencies.cosign("tro", note)


def test_entries_that_are_not_those_of_the_tree_are_refused(agencies: Agencies) -> None:
    note, files = forged(agencies, [b"one", b"two"])
    files[entries_path(0, 2)] = encode_entries([b"one", b"other"])
    assert leaf_hash(b"other") != leaf_hash(b"two")
    with pytest.raises(Disputed):
        offered(agencies, "gz", note, files)


def test_nobody_but_the_trusted_log_is_cosigned(agencies: Agencies) -> None:
    note = agencies.integrate().checkpoint
    text = read_checkpoint(note)[0].text
    stranger = parse_signing_key(new_signing_key("huiqian.example/test", ED25519, bytes(32))[0])
    for offer in (Note(text).signed(stranger).encode(), b"", note[:-9]):
        with pytest.raises(NoteRefused):
            agencies.cosign("tro", offer)


def test_a_witness_needs_no_database(agencies: Agencies) -> None:
    agencies.round()
    own = agencies.custody("tro")
    copy = Witness(own.key("tro"), own.trust(), own.memory("tro"))
    assert read_checkpoint(copy.held())[1].size > 0
