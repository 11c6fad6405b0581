"""What stands in the transparency log for a row of the record: enough to name the row and to bind every byte of it.

No entry holds personal data or the content of an act: the log is public, the record is not.
"""

import json
from collections.abc import Mapping
from json.encoder import encode_basestring as _QUOTE
from typing import Any

from domain.chain import GENESIS, canonical, digest

EVENT, ACT, LETTER, PACK, ATTACHMENT = "event", "act", "letter", "pack", "attachment"


def chained_entry(what: str, stream: str, seq: int, position: int, own: str) -> bytes:
    """The entry of an event (`stream` is its case) or of an act, done or refused (`stream` is its subject).

    `own` is the row's digest, which covers the row and, through the one before, the chain up to it.
    """
    if (
        type(seq) is int and type(position) is int and type(stream) is str
    ):  # as every row is that nobody touched
        named = f'"position":{position},"seq":{seq},"stream":{_QUOTE(stream)}'
        return f'{{"digest":"{own}",{named},"what":"{what}"}}'.encode()
    entry = {"digest": own, "position": position, "seq": seq, "stream": stream, "what": what}
    return canonical(entry).encode()


def kept_entry(what: str, ref: str, row: Mapping[str, Any]) -> bytes:
    """The entry of a row that is in no chain: a pack version or an attachment by its content hash, a dispatch by its position."""
    return canonical({"digest": digest(GENESIS, canonical(dict(row))), "ref": ref, "what": what}).encode()


def spoken_entry(entry: bytes) -> str:
    """The row that an entry stands for, for people: `event filing-…#3`, `act case#7`, `pack 5f…`."""
    try:
        said: Any = json.loads(entry)
        return (
            f"{said['what']} {said['stream']}#{said['seq']}"
            if "stream" in said
            else f"{said['what']} {said['ref']}"
        )
    except (ValueError, KeyError, TypeError):
        return "?"
