"""Proofs from the published log: that a recorded act is a leaf under the newest cosigned checkpoint."""

from typing import Any

from sqlalchemy import Connection, or_, select

from proof.checkpoint import read_checkpoint
from proof.merkle import inclusion_proof
from proof.tiles import CHECKPOINT, TileReader
from proof.tlog_proof import TlogProof
from records.files import PlainFolder
from records.leaves import SOURCES
from records.receipts import extra_of
from records.schema import acts, leaves

_OWN = ("position", "previous", "digest")


class NoSuchAct(LookupError):
    """No act on record has this command id or digest."""


class NotYet(Exception):
    """The act is on record, and not yet under a checkpoint with enough cosignatures."""


def prove_act(connection: Connection, published: PlainFolder, which: str) -> TlogProof:
    """The proof of an act by its command id or the digest on its receipt. Raises NoSuchAct and NotYet."""
    source = next(source for source in SOURCES if source.table is acts)
    query = (
        select(acts, leaves.c.leaf)
        .outerjoin(leaves, source.joined())
        .where(or_(acts.c.command == which, acts.c.digest == which))
    )
    found = connection.execute(query).mappings().first()
    if found is None:
        raise NoSuchAct(which)
    row: dict[str, Any] = dict(found)
    leaf = row.pop("leaf")
    try:
        note = published.get(CHECKPOINT)
    except FileNotFoundError:
        raise NotYet(which) from None
    size = read_checkpoint(note)[1].size
    if leaf is None or leaf >= size:
        raise NotYet(which)
    record = {name: value for name, value in row.items() if name not in _OWN}
    extra = extra_of(record, row["previous"], row["position"])
    return TlogProof(
        leaf, tuple(inclusion_proof(TileReader(published.get, size).node, leaf, size)), note, extra
    )
