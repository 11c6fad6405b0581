"""The digest chain: what is hashed, and how each record carries the digest of the one before."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

GENESIS = "0" * 64
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(data: Any) -> str:
    """The one way to write a record down: keys sorted, no spaces, UTF-8, no NaN (RFC 8785 for the JSON we use)."""
    return _ENCODER.encode(data)


def digest(previous: str, record: str) -> str:
    """SHA-256 over the previous digest and the canonical record, in hex."""
    return hashlib.sha256(f"{previous}\n{record}".encode()).hexdigest()


def first_break(links: Iterable[tuple[str, str, str]]) -> int | None:
    """Position of the first link (previous, record, digest) that does not follow from the one before, else None."""
    expected = GENESIS
    for position, (previous, record, own) in enumerate(links):
        if previous != expected or digest(previous, record) != own:
            return position
        expected = own
    return None
