"""The parts of a round of the transparency log: integrate, cosign as an agency, publish; on a schedule or by hand."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from domain.actors import SYSTEM, Actor
from domain.cases.environment import POLICY
from domain.files import Command
from domain.moments import local_day
from gateway.custody import LOG, Custody
from gateway.gateway import Gateway
from gateway.settings import Settings
from proof.checkpoint import read_checkpoint
from proof.keys import KeyRefused
from proof.note import Note, NoteRefused, parse_signature
from proof.tiles import TileRefused
from proof.trust import TrustRefused, Witnessed
from proof.witness import Disputed, Outdated
from records.files import FileStore
from records.sequencer import FOLDER, Integrated, add_cosignatures, integrate
from records.world import LedgerWorld

RULE = "log.cosignatures"


@dataclass(frozen=True)
class Answer:
    """A witness's answer: its signature line, or why there is none."""

    line: str = ""
    problem: str = ""


class LogRounds:
    """One per process: with the keys that this machine has, it can do the parts that these keys allow."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self.published = FileStore(settings.files).folder(FOLDER)
        self.custody = Custody(settings.keys_folder)

    def integrate(self, *, whole: bool = False) -> Integrated:
        """The operator's part. Raises LogBroken, FileNotFoundError (no key), KeyRefused."""
        return integrate(self._gateway.engine, self.published, self.custody.key(LOG), whole=whole)

    def cosign(self, agency: str, checkpoint: bytes) -> Answer:
        """An agency's part. A contradiction to what it has cosigned goes on the record, with both checkpoints."""
        if not self.custody.has(agency):
            return Answer(problem="no key")
        at = int(self._gateway.clock.real().timestamp())
        try:
            signature = self.custody.witness(agency).consider(checkpoint, self.published.get, at)
        except Outdated:
            return Answer(problem="outdated")
        except Disputed as dispute:
            self._alarm(agency, dispute)
            return Answer(problem=f"disputed: {dispute.why}")
        except (NoteRefused, KeyRefused, TrustRefused, TileRefused, FileNotFoundError) as problem:
            return Answer(problem=f"{type(problem).__name__}: {problem}"[:200])
        return Answer(line=str(signature).rstrip("\n"))

    def publish(self, size: int, lines: Iterable[str]) -> Witnessed:
        """The operator's part again: with enough good cosignatures the checkpoint becomes the log's published one.

        Raises FileNotFoundError without trust roots, and TrustRefused.
        """
        trust = self.custody.trust()
        signed, _ = read_checkpoint(self.published.get(f"checkpoints/{size}"))
        good: list[Note] = []
        for line in lines:
            with suppress(NoteRefused):  # what does not verify is nobody's cosignature
                one = Note(signed.text, (parse_signature(line),))
                good += [one] if any(one.signature_of(key) for key in trust.witnesses.values()) else []
        return add_cosignatures(self.published, size, good, trust, needed(self._gateway))

    def witnesses(self) -> list[str]:
        """Who may cosign, by this machine's trust roots; nobody without them. Raises TrustRefused."""
        return list(self.custody.trust().witnesses) if self.custody.trust_file.is_file() else []

    def _alarm(self, agency: str, dispute: Disputed) -> None:
        by = Actor(role=SYSTEM, agency=agency, person=f"{SYSTEM}@{agency}")
        said = {"held": dispute.held.decode(), "offered": dispute.offered.decode(), "why": dispute.why}
        # One alarm for what this agency holds, however long the log goes on contradicting it.
        same = sha256(read_checkpoint(dispute.held)[0].text.encode()).hexdigest()[:32]
        command = Command(
            id=f"dispute/{agency}/{same}",
            act="dispute-checkpoint",
            by=by,
            case=f"agency/{agency}",
            with_=said,
        )
        self._gateway.act(command, internal=True)


def needed(gateway: Gateway) -> int:
    """How many cosignatures a checkpoint needs, by the pack in force today; 0 for a pack that does not say."""
    with gateway.engine.connect().execution_options(reading=True) as connection:
        pack = gateway.shelf.get(
            connection, LedgerWorld(connection, gateway.cache).load([POLICY])[POLICY].pack
        )
    return pack.on(local_day(gateway.clock.now())).int(RULE) if RULE in pack.rules else 0
