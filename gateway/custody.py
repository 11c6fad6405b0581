"""Where this process keeps what only its owner may have: the log's key, an agency's witness key and memory, trust roots.

`HUIQIAN_KEYS` is a folder of the machine's own, never in the database: `log.key` on the operator's, `witness/<agency>.key`
and `witness/<agency>/` (what it has cosigned) on each agency's, `trust.policy` wherever somebody verifies.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from proof.keys import (
    COSIGNATURE_V1,
    ED25519,
    KeyRefused,
    SigningKey,
    VerifierKey,
    command_key,
    name_refused,
    new_signing_key,
    read_signing_key,
)
from proof.sm2 import read_public
from proof.trust import Group, Trust, parse_trust
from proof.witness import Witness

LOG = "log"
"""Whose key it is, when it is not an agency's."""


@dataclass(frozen=True)
class Custody:
    """One such folder."""

    folder: Path

    def key_file(self, who: str) -> Path:
        """Where the key of the log, or of an agency as witness, lies. Raises ValueError for what is no agency's id."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", who):
            raise ValueError("不是机构代码 / not an agency's id")
        return self.folder / "log.key" if who == LOG else self.folder / "witness" / f"{who}.key"

    def has(self, who: str) -> bool:
        """Whether this key is kept here."""
        return self.key_file(who).is_file()

    def key(self, who: str) -> SigningKey:
        """A key that is kept here. Raises FileNotFoundError, and KeyRefused when the file holds none."""
        if not self.has(who):
            raise FileNotFoundError(self.key_file(who).name)
        return read_signing_key(self.key_file(who))

    def make(self, who: str, origin: str) -> VerifierKey:
        """Make a key unless it is there; returns its public half. `origin` names the log. Raises KeyRefused for a bad name."""
        if self.has(who):
            return self.key(who).verifier
        name, type_ = (origin, ED25519) if who == LOG else (f"{origin}/witness/{who}", COSIGNATURE_V1)
        text, public = new_signing_key(name, type_, os.urandom(32))
        self._write(who, text)
        return public

    def adopt(self, who: str, origin: str, pem: str, command: str) -> VerifierKey:
        """Have this command sign from now on, by the key whose public half `pem` is; tried once. Returns the public half.

        Raises FileExistsError when there is a key, and KeyRefused for a bad one, or a command that signs otherwise.
        """
        type_, public = read_public(pem, witness=who != LOG)
        verifier = VerifierKey(origin if who == LOG else f"{origin}/witness/{who}", type_, public)
        text = command_key(verifier, command)
        if name_refused(verifier.name) or "\n" in command:
            raise KeyRefused("the key's name or the command cannot be written down")
        self._write(who, text)
        try:
            self.key(who).sign(b"does this key sign?\n", 1)
        except KeyRefused:
            self.key_file(who).unlink()
            raise
        return verifier

    def _write(self, who: str, text: str) -> None:
        path = self.key_file(who)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{text}\n")

    @property
    def trust_file(self) -> Path:
        """The trust roots that this machine's owner holds."""
        return self.folder / "trust.policy"

    def trust(self) -> Trust:
        """The trust roots. Raises FileNotFoundError and TrustRefused."""
        return parse_trust(self.trust_file.read_text(encoding="utf-8"))

    def witness(self, agency: str) -> Witness:
        """An agency as witness, with its own key and its own memory. Raises as `key` and `trust` do."""
        return Witness(self.key(agency), self.trust(), self.memory(agency))

    def memory(self, agency: str) -> Path:
        """The folder of what an agency has cosigned: a whole copy of the log."""
        return self.key_file(agency).with_suffix("")


def trust_roots(log: VerifierKey, witnesses: dict[str, VerifierKey], needed: int) -> Trust:
    """Trust roots for one log whose checkpoints need so many of these witnesses. Raises ValueError for too few of them."""
    if not 0 <= needed <= len(witnesses):
        raise ValueError(
            f"须 {needed} 家联署，只有 {len(witnesses)} 家 / {needed} of {len(witnesses)} witnesses"
        )
    groups = {"cosigned": Group(needed, tuple(witnesses))} if needed else {}
    return Trust({log.name: log}, witnesses, groups, "cosigned" if needed else "none")
