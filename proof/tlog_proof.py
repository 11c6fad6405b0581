"""C2SP tlog-proof: that an entry is in a log and witnesses saw it there, in one text that is checked offline."""

import base64
import binascii
import re
from dataclasses import dataclass

from proof.merkle import HASH_SIZE

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
_MOST_HASHES = 63


class NotAProof(ValueError):
    """Not a tlog-proof; the text says why."""


@dataclass(frozen=True)
class TlogProof:
    """A proof as it is written: nothing in it is checked yet (`proof.trust.check_proof` does)."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    """The signed checkpoint, verbatim."""
    extra: bytes | None = None
    """Data of the application; not authenticated."""

    def encode(self) -> bytes:
        """The proof's text."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(one).decode() for one in self.hashes]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint


def parse_proof(data: bytes) -> TlogProof:
    """Read a proof. Raises NotAProof."""
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError:
        raise NotAProof("the proof is not text") from None
    if lines[0] != HEADER:
        raise NotAProof(f"the first line is not {HEADER}")
    if not separator or not checkpoint:
        raise NotAProof("the proof is cut off")
    rest = lines[1:]
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = _decode(rest.pop(0).removeprefix("extra "))
    if not rest or not (found := re.fullmatch(r"index (0|[1-9][0-9]{0,18})", rest[0])):
        raise NotAProof("the proof has no index")
    if len(rest) - 1 > _MOST_HASHES:
        raise NotAProof("the proof has too many hashes")
    hashes = tuple(_decode(line) for line in rest[1:])
    if any(len(one) != HASH_SIZE for one in hashes):
        raise NotAProof("the proof has something that is no hash")
    return TlogProof(int(found[1]), hashes, checkpoint, extra)


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if base64.b64encode(data).decode() != text:
        raise NotAProof("the proof has a line that is not base64")
    return data
