"""Files about one person, sealed under that person's key before they are stored, as what the ledger says of them is.

The content hash is over the sealed form: whoever has no key can check that the file is the one, and when the key is destroyed
the file is gone with everything else. Name and type are sealed with it, for they say who it is about as well.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.chain import canonical

SEALED = "application/vnd.huiqian.sealed"
"""The media type that the record gives such a file."""
_MAGIC = b"huiqian-sealed/1 "
_NONCE = 12


class NotSealed(ValueError):
    """The bytes are no sealed file, or do not open with this key."""


@dataclass(frozen=True)
class Opened:
    """A sealed file in clear."""

    name: str
    media_type: str
    data: bytes


def seal_file(key: bytes, person: str, clear: Opened) -> bytes:
    """AES-256-GCM under the person's key; the same file of the same person gives the same bytes, so it is stored once."""
    head = _MAGIC + person.encode() + b"\n"
    about = canonical({"media_type": clear.media_type, "name": clear.name}).encode()
    inner = base64.b64encode(about) + b"\n" + clear.data
    nonce = hmac.new(key, b"file\n" + inner, hashlib.sha256).digest()[:_NONCE]
    return head + nonce + AESGCM(key).encrypt(nonce, inner, head)


def sealed_for(data: bytes) -> str:
    """The pseudonym of whom a sealed file is about. Raises NotSealed."""
    head, newline, _ = data.partition(b"\n")
    if not head.startswith(_MAGIC) or not newline or not head.isascii():
        raise NotSealed("not a sealed file")
    return head.removeprefix(_MAGIC).decode()


def open_file(key: bytes, data: bytes) -> Opened:
    """The file in clear. Raises NotSealed."""
    start = len(_MAGIC) + len(sealed_for(data)) + 1
    try:
        inner = AESGCM(key).decrypt(data[start : start + _NONCE], data[start + _NONCE :], data[:start])
    except (InvalidTag, ValueError):
        raise NotSealed("it does not open with this key") from None
    about, _, content = inner.partition(b"\n")
    said = json.loads(base64.b64decode(about))
    return Opened(said["name"], said["media_type"], content)
