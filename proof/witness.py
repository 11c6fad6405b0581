"""A witness of a transparency log: cosigns a checkpoint only when it continues the last one that it cosigned itself.

What it knows is its own folder, never the operator's word: the last checkpoint with its cosignature, and a whole copy of
the log up to there, which others may use to find out what was changed. Needs no database and no server.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from proof.checkpoint import Checkpoint, read_checkpoint
from proof.keys import SigningKey
from proof.merkle import EMPTY_ROOT, root
from proof.note import Note, Signature, sign
from proof.tiles import CHECKPOINT, WIDTH, Fetch, TileReader, grow
from proof.trust import Trust

_MOST_AT_ONCE = 64
"""Bundles read before their tiles are written: bounds memory, whatever the log's size."""


class Disputed(Exception):
    """The offered checkpoint contradicts one that this witness has cosigned. Both are kept, and named here."""

    def __init__(self, held: bytes, offered: bytes, why: str) -> None:
        self.held, self.offered, self.why = held, offered, why
        super().__init__(why)


class Outdated(Exception):
    """The offered checkpoint is an older one, consistent with what was cosigned since; there is nothing to sign."""


@dataclass(frozen=True)
class Witness:
    """A key, whom it trusts as a log, and its memory: a folder of its own."""

    key: SigningKey
    trust: Trust
    memory: Path

    def consider(self, offered: bytes, fetch: Fetch, at: int) -> Signature:
        """Cosign an offered checkpoint (a signed note). `fetch` reads the log's published files; `at`: POSIX seconds.

        What was cosigned is on this witness's disk before this returns. Raises Disputed; Outdated; NoteRefused for
        what is no checkpoint of a trusted log; FileNotFoundError and TileRefused when the log's files are not there.
        """
        checkpoint = self.trust.check(offered).checkpoint
        note = Note(read_checkpoint(offered)[0].text)
        with self._alone():
            kept = self.held()
            held = read_checkpoint(kept)[1] if kept else Checkpoint(checkpoint.origin, 0, EMPTY_ROOT)
            if held.origin != checkpoint.origin:
                self._dispute(kept, offered, "it is of another log than the one cosigned before")
            if checkpoint.size < held.size:
                if root(TileReader(self.read, held.size).node, checkpoint.size) != checkpoint.root:
                    self._dispute(kept, offered, "it contradicts the longer log cosigned before")
                raise Outdated(f"{checkpoint.size} < {held.size}")
            if self._continue(held, checkpoint.size, fetch) != checkpoint.root:
                self._dispute(kept, offered, "it does not continue the log cosigned before")
            signature = sign(note.text, self.key, at)
            self.write(CHECKPOINT, read_checkpoint(offered)[0].with_signatures([signature]).encode())
        return signature

    def held(self) -> bytes:
        """The last checkpoint that this witness cosigned, as a note; empty when there is none."""
        try:
            return self.read(CHECKPOINT)
        except FileNotFoundError:
            return b""

    def read(self, path: str) -> bytes:
        """A file of this witness's copy of the log. Raises FileNotFoundError."""
        return (self.memory / path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        """Write a file of the copy, whole or not at all."""
        goal = self.memory / path
        if goal.is_file() and goal.read_bytes() == data:
            return
        goal.parent.mkdir(parents=True, exist_ok=True)
        half = goal.with_name(f".{goal.name}.part")
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.replace(goal)

    def _continue(self, held: Checkpoint, size: int, fetch: Fetch) -> bytes:
        """The root that our own copy leads to with the log's new entries; they are copied on the way.

        What lies beyond the held checkpoint counts for nothing before the new one is written.
        """
        published = TileReader(fetch, size)
        grown, at = held.root, held.size
        while at < size:
            end = min(size, (at // WIDTH + _MOST_AT_ONCE) * WIDTH)
            entries: list[bytes] = []
            for index in range(at // WIDTH, -(-end // WIDTH)):
                entries += published.entries(index)[max(0, at - index * WIDTH) :]
            grown = grow(self.read, self.write, at, entries)
            at = end
        return grown

    def _dispute(self, held: bytes, offered: bytes, why: str) -> None:
        name = sha256(held + offered).hexdigest()[:16]
        self.write(f"refused/{name}/held", held)
        self.write(f"refused/{name}/offered", offered)
        raise Disputed(held, offered, why)

    @contextmanager
    def _alone(self) -> Generator[None]:
        """One at a time, also among processes: what was checked must be what is remembered (tlog-witness)."""
        self.memory.mkdir(parents=True, exist_ok=True)
        with (self.memory / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
