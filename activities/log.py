"""The transparency log's own hands: the operator integrates and publishes, each agency cosigns as a witness."""

from contextlib import suppress
from hashlib import sha256

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.messages import Cosign, Cosigned, Integrated, Publish, Published
from domain.actors import SYSTEM, Actor
from domain.files import Command
from gateway.custody import LOG, Custody
from gateway.gateway import Gateway
from gateway.settings import Settings
from proof.checkpoint import read_checkpoint
from proof.keys import KeyRefused
from proof.note import Note, NoteRefused, parse_signature
from proof.trust import TrustRefused
from proof.witness import Disputed, Outdated
from records.files import FileStore
from records.sequencer import FOLDER, LogBroken, add_cosignatures, integrate


class LogKeeper:
    """Integrates and publishes with the log's key, on the operator's queue; cosigns on the queue of an agency."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self._published = FileStore(settings.files).folder(FOLDER)
        self._custody = Custody(settings.keys_folder)

    @activity.defn(name="integrate")
    def integrate(self, whole: bool) -> Integrated:
        """Make new rows leaves and sign a checkpoint over them. `whole`: look through all rows."""
        try:
            done = integrate(self._gateway.engine, self._published, self._custody.key(LOG), whole=whole)
            witnesses = list(self._custody.trust().witnesses) if self._custody.trust_file.is_file() else []
        except (LogBroken, KeyRefused, TrustRefused) as problem:
            raise ApplicationError(str(problem), non_retryable=True) from problem
        return Integrated(done.added, done.size, done.checkpoint.decode(), witnesses)

    @activity.defn(name="cosign")
    def cosign(self, ask: Cosign) -> Cosigned:
        """Check a checkpoint against what this agency has cosigned, and cosign it; a contradiction goes on the record."""
        if not self._custody.has(ask.agency):
            return Cosigned(problem="no key")
        at = int(self._gateway.clock.real().timestamp())
        try:
            witness = self._custody.witness(ask.agency)
            line = str(witness.consider(ask.checkpoint.encode(), self._published.get, at))
        except Outdated:
            return Cosigned(problem="outdated")
        except Disputed as dispute:
            self._alarm(ask.agency, dispute)
            return Cosigned(problem=f"disputed: {dispute.why}")
        except (NoteRefused, KeyRefused, TrustRefused, FileNotFoundError) as problem:
            return Cosigned(problem=f"{type(problem).__name__}: {problem}"[:200])
        return Cosigned(line=line.rstrip("\n"))

    @activity.defn(name="publish-checkpoint")
    def publish(self, ask: Publish) -> Published:
        """Put cosignatures beside the checkpoint; with enough of them it becomes the log's published one."""
        trust = self._custody.trust()
        signed, _ = read_checkpoint(self._published.get(f"checkpoints/{ask.size}"))
        good: list[Note] = []
        for line in ask.lines:
            one = Note(signed.text, (parse_signature(line),))
            with suppress(NoteRefused):  # what does not verify is nobody's cosignature
                good += [one] if any(one.signature_of(key) for key in trust.witnesses.values()) else []
        done = add_cosignatures(self._published, ask.size, good, trust)
        return Published(sorted(done.cosigned), done.enough)

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
