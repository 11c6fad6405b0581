"""A receipt as a proof: that an act, done or refused, stands on the record as its holder was told. Checked offline.

Needs neither a database nor a network: the standard library and cryptography.
"""

import json
from dataclasses import dataclass
from typing import Any

from domain.chain import canonical
from domain.chain import digest as chained
from domain.leaves import ACT, chained_entry
from proof.merkle import ProofRefused
from proof.tlog_proof import TlogProof, parse_proof
from proof.trust import Trust, Witnessed, check_proof


@dataclass(frozen=True)
class Receipt:
    """What a proof shows."""

    record: dict[str, Any]
    """The act as recorded: command, actor, act, case, outcome, answer; personal fields as they were sealed."""
    digest: str
    leaf: int
    witnessed: Witnessed


def extra_of(record: dict[str, Any], previous: str, position: int) -> bytes:
    """What goes into a proof beside the hashes, so that whoever checks it can make the log's entry from the act itself."""
    return canonical({"position": position, "previous": previous, "record": record}).encode()


def check_receipt(data: bytes, trust: Trust) -> Receipt:
    """Read and check a receipt's proof. `witnessed.enough` says whether enough witnesses stand behind it.

    Raises NotAProof, NoteRefused, ProofRefused.
    """
    proof: TlogProof = parse_proof(data)
    try:
        said: Any = json.loads(proof.extra or b"")
        record, previous, position = dict(said["record"]), str(said["previous"]), int(said["position"])
        own = chained(previous, canonical(record))
        entry = chained_entry(ACT, record["subject"], record["seq"], position, own)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ProofRefused("the proof does not say which act it is of") from None
    return Receipt(record, own, proof.index, check_proof(proof, entry, trust))
