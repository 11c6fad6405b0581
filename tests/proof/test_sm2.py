"""Keys that a command signs with: SM2 by OpenSSL, and a module that has another key than it says; logs and witnesses by both."""

import shlex
import subprocess
from pathlib import Path

import pytest

from gateway.custody import LOG, Custody, trust_roots
from proof.checkpoint import Checkpoint
from proof.keys import KeyRefused, SigningKey, VerifierKey, read_signing_key
from proof.merkle import Tree, leaf_hash
from proof.note import Note, NoteRefused
from proof.sm2 import SIGNER, SM2, SM2_COSIGNATURE, read_public, verify
from proof.trust import Trust, parse_trust

ORIGIN = "example.org/log"
AT = 1_800_000_000
TEXT = Checkpoint(ORIGIN, 1, Tree([leaf_hash(b"x")]).root()).text()
SIGN = f"openssl pkeyutl -sign -rawin -digest sm3 -pkeyopt distid:{SIGNER} -in {{message}} -out {{signature}} -inkey "


def openssl(*words: str | Path) -> bytes:
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=True).stdout


def pair(folder: Path, name: str, algorithm: str = "SM2") -> tuple[Path, str]:
    """A private key that only OpenSSL opens, and its public half in PEM."""
    private = folder / f"{name}.pem"
    openssl("genpkey", "-algorithm", algorithm, "-out", private)
    return private, openssl("pkey", "-in", private, "-pubout").decode()


@pytest.fixture
def house(tmp_path: Path) -> tuple[Custody, Trust]:
    """A log and one witness that sign by SM2, one that signs by a key in a file; two must cosign."""
    custody = Custody(tmp_path / "keys")
    made: dict[str, VerifierKey] = {"gz": custody.make("gz", ORIGIN)}
    for who in (LOG, "tro"):
        private, public = pair(tmp_path, who)
        made[who] = custody.adopt(who, ORIGIN, public, SIGN + shlex.quote(str(private)))
    log = made.pop(LOG)
    return custody, parse_trust(trust_roots(log, made, 2).encode())


def signed(custody: Custody) -> Note:
    note = Note(TEXT).signed(custody.key(LOG))
    return note.signed(custody.key("tro"), AT).signed(custody.key("gz"), AT)


def test_a_log_and_its_witnesses_may_sign_by_sm2_beside_others(house: tuple[Custody, Trust]) -> None:
    custody, trust = house
    assert (custody.key(LOG).type, custody.key("tro").type) == (SM2, SM2_COSIGNATURE)
    found = trust.check(signed(custody).encode())
    assert found.enough
    assert {int(at.timestamp()) for at in found.cosigned.values()} == {AT}
    assert "PRIVATE" not in custody.key_file(LOG).read_text()


def test_one_changed_byte_of_text_time_or_signature_and_it_is_not_trusted(
    house: tuple[Custody, Trust],
) -> None:
    custody, trust = house
    note = signed(custody)
    for name in (LOG, "tro"):
        mine = next(one for one in note.signatures if one.key_id == custody.key(name).verifier.id)
        for at in (0, 7, 12, len(mine.body) - 1):
            body = mine.body[:at] + bytes([mine.body[at] ^ 1]) + mine.body[at + 1 :]
            with pytest.raises(NoteRefused):
                trust.check(note.with_signatures([type(mine)(mine.name, mine.key_id, body)]).encode())
    with pytest.raises(NoteRefused):
        trust.check(note.encode().replace(b"\n1\n", b"\n2\n"))


def test_a_log_signature_is_no_cosignature(house: tuple[Custody, Trust], tmp_path: Path) -> None:
    custody, _ = house
    key = custody.key(LOG)
    assert not VerifierKey(key.name, SM2_COSIGNATURE, key.key.public).verify(
        TEXT.encode(), key.sign(TEXT.encode())
    )


def test_a_command_with_another_key_or_that_fails_signs_nothing(tmp_path: Path) -> None:
    custody = Custody(tmp_path / "keys")
    _, public = pair(tmp_path, "mine")
    other, _ = pair(tmp_path, "other")
    for command in (
        SIGN + str(other),
        SIGN + str(tmp_path / "nothing.pem"),
        "no-such-program",
        "true",
        "sleep '",
    ):
        with pytest.raises(KeyRefused):
            custody.adopt("tro", ORIGIN, public, command)
        assert not custody.has("tro")
    custody.adopt("tro", ORIGIN, public, SIGN + str(tmp_path / "mine.pem"))
    with pytest.raises(FileExistsError):
        custody.adopt("tro", ORIGIN, public, SIGN + str(tmp_path / "mine.pem"))


def test_ed25519_behind_a_command_is_like_any_other(tmp_path: Path) -> None:
    custody = Custody(tmp_path / "keys")
    private, public = pair(tmp_path, "log", "ed25519")
    command = f"openssl pkeyutl -sign -rawin -in {{message}} -inkey {private}"
    vkey = custody.adopt(LOG, ORIGIN, public, command)
    assert trust_roots(vkey, {}, 0).check(Note(TEXT).signed(custody.key(LOG)).encode()).enough


@pytest.mark.parametrize("text", ["COMMAND+x\nsign", "COMMAND+\n", "COMMAND+a+00000000+AQ==\nsign"])
def test_a_key_file_that_names_no_key_or_no_command_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "k").write_text(text)
    with pytest.raises(KeyRefused):
        read_signing_key(tmp_path / "k")


@pytest.mark.parametrize("pem", ["", "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----", "P-256"])
def test_what_is_no_public_key_of_these_is_refused(tmp_path: Path, pem: str) -> None:
    if pem == "P-256":
        private = tmp_path / "p256.pem"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", private)
        pem = openssl("pkey", "-in", private, "-pubout").decode()
    with pytest.raises(KeyRefused):
        read_public(pem, witness=False)


def test_where_no_openssl_is_an_sm2_signature_is_neither_good_nor_bad_but_refused(
    house: tuple[Custody, Trust], monkeypatch: pytest.MonkeyPatch
) -> None:
    custody, trust = house
    note, key = signed(custody).encode(), custody.key(LOG)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(KeyRefused, match="cannot be checked here"):
        verify(key.key.public, b"x", b"y")
    with pytest.raises(NoteRefused, match="cannot be checked here"):
        trust.check(note)
    assert isinstance(key, SigningKey)
