"""Whom a verifier trusts: the keys of logs and witnesses and how many must have cosigned, in a C2SP tlog-policy file.

The file is the verifier's own. Nothing in it is ever taken from the operator's database.
"""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from proof.checkpoint import Checkpoint, read_checkpoint
from proof.keys import KeyRefused, VerifierKey, cosigned_at, parse_vkey
from proof.merkle import leaf_hash, verify_inclusion
from proof.note import Note, NoteRefused
from proof.sm2 import LOGS, WITNESSES
from proof.tlog_proof import TlogProof


class TrustRefused(ValueError):
    """The file of trust roots is wrong; the text names the line."""


@dataclass(frozen=True)
class Group:
    """So many of these witnesses or groups."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint that a trusted log signed, and which trusted witnesses cosigned it, when (UTC)."""

    note: Note
    checkpoint: Checkpoint
    cosigned: dict[str, datetime]
    enough: bool
    """Whether the quorum is met."""


@dataclass(frozen=True)
class Trust:
    """The trust roots."""

    logs: dict[str, VerifierKey]
    """By origin."""
    witnesses: dict[str, VerifierKey]
    """By the name they have in the file."""
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    quorum: str = "none"

    def check(self, data: bytes) -> Witnessed:
        """Read a signed checkpoint and check every signature on it by a key we trust.

        Raises NoteRefused when it is no checkpoint, of no log we trust, or bears a trusted name with a bad signature.
        """
        note, checkpoint = read_checkpoint(data)
        log = self.logs.get(checkpoint.origin)
        if log is None:
            raise NoteRefused(f"the log {checkpoint.origin!r} is not among the trusted ones")
        if note.signature_of(log) is None:
            raise NoteRefused(f"the checkpoint is not signed by the log {checkpoint.origin!r}")
        cosigned: dict[str, datetime] = {}
        for name, key in self.witnesses.items():
            signature = note.signature_of(key)
            if signature is not None:
                cosigned[name] = _moment(cosigned_at(signature.body))
        return Witnessed(note, checkpoint, cosigned, self._met(self.quorum, cosigned))

    def _met(self, name: str, cosigned: dict[str, datetime]) -> bool:
        if name == "none":
            return True
        group = self.groups.get(name)
        if group is None:
            return name in cosigned
        return sum(self._met(member, cosigned) for member in group.members) >= group.needed

    def needed(self) -> str:
        """The quorum in words, as the file says it."""
        group = self.groups.get(self.quorum)
        return f"{group.needed}/{len(group.members)}" if group else self.quorum

    def encode(self) -> str:
        """The file's text."""
        lines = [f"log {key}" for key in self.logs.values()]
        lines += [f"witness {name} {key}" for name, key in self.witnesses.items()]
        lines += [f"group {name} {one.needed} {' '.join(one.members)}" for name, one in self.groups.items()]
        return "".join(f"{line}\n" for line in (*lines, f"quorum {self.quorum}"))


def check_proof(proof: TlogProof, entry: bytes, trust: Trust) -> Witnessed:
    """Check that a proof proves an entry, by these trust roots; `enough` of the answer says whether the quorum is met.

    Raises NoteRefused and ProofRefused.
    """
    witnessed = trust.check(proof.checkpoint)
    checkpoint = witnessed.checkpoint
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return witnessed


def parse_trust(text: str) -> Trust:
    """Read a tlog-policy file. Raises TrustRefused, naming the line."""
    logs: dict[str, VerifierKey] = {}
    witnesses: dict[str, VerifierKey] = {}
    groups: dict[str, Group] = {}
    quorum: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line):
                raise TrustRefused("a control character")
            match words:
                case ["log", vkey, *rest] if len(rest) <= 1:
                    key = _key(vkey, LOGS, logs.values())
                    logs[_new(key.name, logs)] = key
                case ["witness", name, vkey, *rest] if len(rest) <= 1:
                    _new(name, witnesses, groups)
                    witnesses[name] = _key(vkey, WITNESSES, witnesses.values())
                case ["group", name, count, *members] if members:
                    _new(name, witnesses, groups)
                    taken = [member for one in groups.values() for member in one.members]
                    for place, member in enumerate(members):
                        _known(member, witnesses, groups)
                        if member in taken or member in members[:place]:
                            raise TrustRefused(f"{member} is in a group already")
                    groups[name] = Group(_needed(count, len(members)), tuple(members))
                case ["quorum", name] if quorum is None:
                    if name != "none":
                        _known(name, witnesses, groups)
                    quorum = name
                case _:
                    raise TrustRefused("not a line of a tlog-policy file")
        except (TrustRefused, KeyRefused) as problem:
            raise TrustRefused(f"line {number}: {problem}") from None
    if quorum is None:
        raise TrustRefused("there is no quorum line")
    return Trust(logs, witnesses, groups, quorum)


def _key(vkey: str, types: tuple[bytes, ...], others: Iterable[VerifierKey]) -> VerifierKey:
    key = parse_vkey(vkey)
    if key.type not in types:
        raise TrustRefused(
            "a log signs by type 01 and a witness by type 04, or both by SM2: this key is of another"
        )
    if any(key.public == other.public for other in others):
        raise TrustRefused("the same public key twice")
    return key


def _new(name: str, *known: Container[str]) -> str:
    if name == "none" or any(name in one for one in known):
        raise TrustRefused(f"{name} is named twice")
    return name


def _known(name: str, *known: Container[str]) -> None:
    if not any(name in one for one in known):
        raise TrustRefused(f"{name} is not defined before")


def _needed(count: str, members: int) -> int:
    needed = {"any": 1, "all": members}.get(count) or (
        int(count) if count.isascii() and count.isdigit() else 0
    )
    if not 1 <= needed <= members:
        raise TrustRefused(f"{count} of {members} cannot be")
    return needed


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise NoteRefused("a cosignature's time is beyond any calendar") from None
