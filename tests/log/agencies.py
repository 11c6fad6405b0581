"""A log with its operator and four witnesses, each with a folder of its own, on some records database."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from gateway.custody import LOG, Custody, trust_roots
from proof.checkpoint import Checkpoint, read_checkpoint
from proof.note import Note, Signature
from proof.trust import Trust
from records.files import FileStore, PlainFolder
from records.sequencer import FOLDER, Integrated, add_cosignatures, integrate

ORIGIN = "huiqian.example/test"
AGENCIES = ("dept", "gz", "sz", "tro")
NEEDED = 2


@dataclass
class Agencies:
    """Everybody's keys, and the published log."""

    folder: Path
    engine: Engine
    clock: Iterator[int] = field(default_factory=lambda: itertools.count(1_800_000_000, 60))

    def __post_init__(self) -> None:
        made = {who: self.custody(who).make(who, ORIGIN) for who in (LOG, *AGENCIES)}
        log = made.pop(LOG)
        self.trust: Trust = trust_roots(log, made, NEEDED)
        for who in (LOG, *AGENCIES):
            self.custody(who).trust_file.write_text(self.trust.encode())

    def custody(self, who: str) -> Custody:
        """The folder of one of them; nobody else has it."""
        return Custody(self.folder / "keys" / who)

    @property
    def published(self) -> PlainFolder:
        """What everybody may copy."""
        return FileStore(str(self.folder / "files")).folder(FOLDER)

    def integrate(self, *, whole: bool = False) -> Integrated:
        """The operator's part of a round."""
        return integrate(self.engine, self.published, self.custody(LOG).key(LOG), whole=whole)

    def cosign(self, who: str, checkpoint: bytes) -> Signature:
        """An agency's part."""
        return self.custody(who).witness(who).consider(checkpoint, self.published.get, next(self.clock))

    def round(self, witnesses: Sequence[str] = AGENCIES) -> Checkpoint:
        """A whole round in which these agencies are up; the checkpoint it ends with."""
        done = self.integrate()
        note, checkpoint = read_checkpoint(done.checkpoint)
        signed = [Note(note.text, (self.cosign(who, done.checkpoint),)) for who in witnesses]
        add_cosignatures(self.published, done.size, signed, self.trust)
        return checkpoint
