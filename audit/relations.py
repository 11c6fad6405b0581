"""Which other cases a case's facts name, and how near they are to it."""

import json
from collections.abc import Iterable
from typing import Any

from domain.chain import canonical

OWN = frozenset({"evaluation", "objection", "person"})
"""What happened there happened to the case: it exists for that case alone, or records that data of it was erased."""
SHARED = frozenset({"round", "notice", "approval", "announcement"})
"""Cases of many filings: their few facts belong to every one of them, the other filings do not."""
REGISTERS = ("agency", "calendar", "college", "expert", "policy", "routing", "suspensions")
"""Kinds of reference data, which deciding reads."""


def named_in(data: str) -> set[str]:
    """Every word of an event's data that may be a case's id; of `filing-x/1` the filing too."""
    found: set[str] = set()
    for text in _texts(json.loads(data)):
        if len(text) <= 120:
            found |= {text, text.rpartition("/")[0]}
        if text.startswith("p-"):
            found.add(f"person/{text}")
    return found - {""}


def mentions(body: str, case: str) -> bool:
    """Whether a recorded command speaks of a case or of one of its lines."""
    quoted = canonical(case)[:-1]
    return f'{quoted}"' in body or f"{quoted}/" in body


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        table: dict[str, Any] = value
        for key, part in table.items():
            yield key
            yield from _texts(part)
    elif isinstance(value, list):
        parts: list[Any] = value
        for part in parts:
            yield from _texts(part)
