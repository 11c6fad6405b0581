"""C2SP signed-note: a text with signature lines. Reading is strict; nothing in a note counts before a key verified it."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from proof.keys import KeyRefused, SigningKey, VerifierKey, name_refused

MOST_BYTES, MOST_SIGNATURES = 1_000_000, 100
"""What a reader takes; the format asks for at least 16 signatures."""
_DASH = "— "


class NoteRefused(ValueError):
    """Not a signed note, or a trusted key's signature on it is wrong; the text says which."""


@dataclass(frozen=True)
class Signature:
    """One signature line: who says to have signed, by which key id, and the bytes after the id."""

    name: str
    key_id: bytes
    body: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.body).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text (with its last newline) and its signature lines."""

    text: str
    signatures: tuple[Signature, ...] = field(default=())

    def encode(self) -> bytes:
        """The note as it is written."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}".encode()

    def signed(self, key: SigningKey, at: int = 0) -> "Note":
        """This note with one more signature. `at`: POSIX seconds, for a cosignature."""
        return self.with_signatures([sign(self.text, key, at)])

    def with_signatures(self, more: Iterable[Signature]) -> "Note":
        """This note with these signatures added; a later one of the same key takes the earlier one's place."""
        kept = {(one.name, one.key_id): one for one in (*self.signatures, *more)}
        return Note(self.text, tuple(kept.values()))

    def signature_of(self, key: VerifierKey) -> Signature | None:
        """The signature of a trusted key, None without one. Raises NoteRefused when a line of this key does not verify."""
        found: Signature | None = None
        for one in self.signatures:
            if (one.name, one.key_id) == (key.name, key.id):
                try:
                    good = key.verify(self.text.encode(), one.body)
                except KeyRefused as problem:
                    raise NoteRefused(f"the signature of {key.name}: {problem}") from None
                if not good:
                    raise NoteRefused(f"the signature of {key.name} does not verify")
                found = found or one
        return found


def sign(text: str, key: SigningKey, at: int = 0) -> Signature:
    """One signature line over a note's text. `at`: POSIX seconds, for a cosignature. Raises NoteRefused for no note's text."""
    _check_text(text)
    return Signature(key.name, key.verifier.id, key.sign(text.encode(), at))


def parse(data: bytes) -> Note:
    """Read a signed note. Raises NoteRefused when it is none."""
    if len(data) > MOST_BYTES:
        raise NoteRefused("the note is too long")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteRefused("the note is not UTF-8") from None
    text, separator, lines = whole.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NoteRefused("not a signed note: a text, an empty line, signature lines")
    text += "\n"
    _check_text(text)
    signatures = tuple(parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES:
        raise NoteRefused("the note has too many signatures")
    return Note(text, signatures)


def parse_signature(line: str) -> Signature:
    """Read one signature line, without its newline. Raises NoteRefused."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or name_refused(name):
        raise NoteRefused("a signature line is malformed")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteRefused("a signature is not base64") from None
    if len(data) < 5 or base64.b64encode(data).decode() != encoded:
        raise NoteRefused("a signature is malformed")
    return Signature(name, data[:4], data[4:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteRefused("a note's text ends with a newline")
    if re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", text):
        raise NoteRefused("the note has a control character")
