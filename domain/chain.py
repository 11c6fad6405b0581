"""The digest chain: what is hashed, and how each record carries the digest of the one before."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from json.encoder import encode_basestring as _QUOTE
from typing import Any

GENESIS = "0" * 64
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(data: Any) -> str:
    """The one way to write a record down: keys sorted, no spaces, UTF-8, no NaN (RFC 8785 for the JSON we use)."""
    return _ENCODER.encode(data)


def row_writer(names: Sequence[str]) -> Callable[[Sequence[Any]], str]:
    """`canonical` of flat rows whose values come in the order of these sorted names: the same text, several times as fast."""
    if list(names) != sorted(names):
        raise ValueError("the names are not sorted")
    heads = [f"{_QUOTE(name)}:" for name in names]

    text = f"{{{','.join(f'{head.replace("%", "%%")}%s' for head in heads)}}}"
    count = len(heads)

    def write(values: Sequence[Any]) -> str:
        return text % tuple(
            [
                _QUOTE(value)
                if type(value) is str
                else repr(value)
                if type(value) is int
                else canonical(value)
                for value in values[:count]
            ]
        )

    return write


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
