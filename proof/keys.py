"""Keys that sign notes: names, key ids and the text forms of C2SP signed-note; Ed25519 and cosignature/v1.

What signs is anything with a public key and `sign`: a key in a file (`Ed25519Key`), or a command that asks a module which
never gives its key out (`CommandKey`). Another algorithm is a signature type of its own: an identifier, a way to sign and
one to verify; see `register`, and `proof.sm2`.
"""

import base64
import binascii
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""Signature type: Ed25519 over the note's text (signed-note)."""
COSIGNATURE_V1 = b"\x04"
"""Signature type: timestamped Ed25519 cosignature of a witness (tlog-cosignature)."""
_PRIVATE, _COMMAND = "PRIVATE+KEY+", "COMMAND+"
MESSAGE, SIGNATURE = "{message}", "{signature}"
"""In a signing command: the file that holds the message, and the file into which the raw signature goes. Without them they
are its standard input and output."""
_PATIENCE = 60
"""Seconds that a command may take to sign: a token may have to be touched."""


class KeyRefused(ValueError):
    """A key's text form is wrong; the message says how and never repeats a private key."""


class Key(Protocol):
    """What a signing device has to offer."""

    @property
    def public(self) -> bytes:
        """The public key as its algorithm encodes it (Ed25519: 32 bytes)."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The raw signature over a message."""
        ...


class Ed25519Key:
    """An Ed25519 key in memory, from its 32-byte seed (RFC 8032)."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The raw signature."""
        return self._private.sign(message)


@dataclass(frozen=True)
class CommandKey:
    """A key that never comes into this process: a command signs (PKCS#11, a smart card, `openssl`)."""

    public: bytes
    command: tuple[str, ...]

    def sign(self, message: bytes) -> bytes:
        """The raw signature. Raises KeyRefused when the command fails; what it printed is not repeated."""
        with tempfile.TemporaryDirectory() as folder:
            asked, given = Path(folder, "message"), Path(folder, "signature")
            asked.write_bytes(message)
            words = [
                word.replace(MESSAGE, str(asked)).replace(SIGNATURE, str(given)) for word in self.command
            ]
            try:
                done = subprocess.run(
                    words, input=message, capture_output=True, timeout=_PATIENCE, check=True
                )
                return given.read_bytes() if given.exists() else done.stdout
            except (OSError, subprocess.SubprocessError) as problem:
                raise KeyRefused(f"the signing command {words[0]} failed: {type(problem).__name__}") from None


Verify = Callable[[bytes, bytes, bytes], bool]
"""`verify(public, text, signature)`: whether a note signature's bytes are this key's over the note's text."""
Sign = Callable[[Key, bytes, int], bytes]
"""`sign(key, text, at)`: a note signature's bytes; `at` is POSIX seconds, for types that carry a time."""


@dataclass(frozen=True)
class _Type:
    public_size: int
    sign: Sign
    verify: Verify


_TYPES: dict[bytes, _Type] = {}


def register(identifier: bytes, public_size: int, sign: Sign, verify: Verify) -> None:
    """Teach this process a signature type; one that has no byte of its own is b"\\xff" and a longer identifier (signed-note).

    Raises ValueError when the identifier is taken.
    """
    if identifier in _TYPES:
        raise ValueError("the signature type is known already")
    _TYPES[identifier] = _Type(public_size, sign, verify)


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name it signs by and its signature type: a `vkey`."""

    name: str
    type: bytes
    public: bytes

    @property
    def id(self) -> bytes:
        """The 4 bytes that stand before its signatures."""
        return sha256(self.name.encode() + b"\n" + self.type + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_b64(self.type + self.public)}"

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether a note signature's bytes (without the key id) are this key's over the note's text."""
        return _TYPES[self.type].verify(self.public, text, signature)


@dataclass(frozen=True)
class SigningKey:
    """A key with the name it signs by and its signature type."""

    name: str
    type: bytes
    key: Key

    @property
    def verifier(self) -> VerifierKey:
        """Its public half."""
        return VerifierKey(self.name, self.type, self.key.public)

    def sign(self, text: bytes, at: int = 0) -> bytes:
        """A note signature's bytes (without the key id). `at`: POSIX seconds, for a cosignature.

        Verified before it leaves: a module with another key in its slot is noticed here. Raises KeyRefused.
        """
        signature = _TYPES[self.type].sign(self.key, text, at)
        if not self.verifier.verify(text, signature):
            raise KeyRefused(f"what signs for {self.name} has another key")
        return signature


def name_refused(name: str) -> bool:
    """Whether a key may not have this name: empty, or with a space, a plus sign or a control character."""
    return not name or bool(re.search(r"[\s+\x00-\x1f\x7f\x85\ufffd\ud800-\udfff]", name))


def parse_vkey(text: str) -> VerifierKey:
    """Read `<name>+<key id in hex>+<base64 of type and public key>`. Raises KeyRefused."""
    parts = text.strip().split("+", 2)  # from the left: the base64 may hold plus signs, the name may not
    if len(parts) != 3 or name_refused(parts[0]):
        raise KeyRefused("not a verifier key: <name>+<8 hex digits>+<base64>")
    name, id_, data = parts[0], parts[1], _unb64(parts[2])
    found = VerifierKey(name, *_typed(data))
    if not re.fullmatch(r"[0-9a-f]{8}", id_) or found.id.hex() != id_:
        raise KeyRefused("the verifier key does not match its key id")
    return found


def parse_signing_key(text: str) -> SigningKey:
    """Read `PRIVATE+KEY+<name>+<key id>+<base64 of type and seed>`, the form Go's `note` writes. Raises KeyRefused."""
    text = text.strip()
    parts = text.removeprefix(_PRIVATE).split("+", 2)
    if not text.startswith(_PRIVATE) or len(parts) != 3 or name_refused(parts[0]):
        raise KeyRefused("not a signing key: PRIVATE+KEY+<name>+<8 hex digits>+<base64>")
    type_, seed = _typed(_unb64(parts[2]))
    if type_ not in (ED25519, COSIGNATURE_V1) or len(seed) != 32:
        raise KeyRefused("the signing key is of a type that cannot be kept in a file here")
    found = SigningKey(parts[0], type_, Ed25519Key(seed))
    if found.verifier.id.hex() != parts[1]:
        raise KeyRefused("the signing key does not match its key id")
    return found


def new_signing_key(name: str, type_: bytes, seed: bytes) -> tuple[str, VerifierKey]:
    """The text form of a signing key made from 32 random bytes, and its public half. Raises KeyRefused for a bad name."""
    if name_refused(name):
        raise KeyRefused("a key's name is not empty and has no space and no plus sign")
    public = SigningKey(name, type_, Ed25519Key(seed)).verifier
    return f"{_PRIVATE}{name}+{public.id.hex()}+{_b64(type_ + seed)}", public


def command_key(public: VerifierKey, command: str) -> str:
    """The text form of a key that a command signs with, as a shell would split it: `COMMAND+<vkey>`, and the command."""
    return f"{_COMMAND}{public}\n{command}"


def _parse_command_key(text: str) -> SigningKey:
    vkey, _, command = text.strip().partition("\n")
    public = parse_vkey(vkey.removeprefix(_COMMAND))
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        words = ()
    if not words:
        raise KeyRefused("the signing key names no command that could be run")
    return SigningKey(public.name, public.type, CommandKey(public.public, words))


def read_signing_key(path: Path) -> SigningKey:
    """A signing key from its file. Raises OSError, and KeyRefused when it holds none."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise KeyRefused("not a signing key: not text") from None
    return _parse_command_key(text) if text.startswith(_COMMAND) else parse_signing_key(text)


def cosigned_message(text: bytes, at: int) -> bytes:
    """What a cosignature/v1 signs: a header, the time in POSIX seconds, and the checkpoint's whole text."""
    return b"cosignature/v1\ntime %d\n" % at + text


def cosigned_at(signature: bytes) -> int:
    """The time that a cosignature/v1 carries, POSIX seconds."""
    return int.from_bytes(signature[:8])


def _cosign(key: Key, text: bytes, at: int) -> bytes:
    return at.to_bytes(8) + key.sign(cosigned_message(text, at))


def _verify_cosignature(public: bytes, text: bytes, signature: bytes) -> bool:
    at = cosigned_at(signature)
    if len(signature) != 72 or at >= 2**63:
        return False
    return _verify_ed25519(public, cosigned_message(text, at), signature[8:])


def _verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


register(ED25519, 32, lambda key, text, at: key.sign(text), _verify_ed25519)
register(COSIGNATURE_V1, 32, _cosign, _verify_cosignature)


def _typed(data: bytes) -> tuple[bytes, bytes]:
    """Type identifier and key of a key's data."""
    for identifier, type_ in _TYPES.items():
        if data.startswith(identifier) and len(data) == len(identifier) + type_.public_size:
            return identifier, data[len(identifier) :]
    raise KeyRefused("a key of a type that is not known here")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise KeyRefused("the key is not base64") from None
