"""C2SP tlog-checkpoint: which log, how many leaves, which root; the text of a signed note."""

import base64
import binascii
import re
from dataclasses import dataclass

from proof.merkle import HASH_SIZE
from proof.note import Note, NoteRefused, parse


@dataclass(frozen=True)
class Checkpoint:
    """A tree's head as its log states it."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text. Raises NoteRefused."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < 3 or not all(lines):
        raise NoteRefused("not a checkpoint: origin, size and root, each on a line")
    origin, size, encoded, *extensions = lines
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or int(size) >= 2**63:
        raise NoteRefused("the checkpoint's size is not a number")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != HASH_SIZE or base64.b64encode(root).decode() != encoded:
        raise NoteRefused("the checkpoint's root is not a hash")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def read_checkpoint(data: bytes) -> tuple[Note, Checkpoint]:
    """A signed checkpoint and what it says; no signature is looked at yet. Raises NoteRefused."""
    note = parse(data)
    return note, parse_checkpoint(note.text)
