"""The transparency log's hands: the operator integrates and publishes, each agency cosigns on its own queue."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.messages import Cosign, Cosigned, Integrated, Publish, Published
from gateway.gateway import Gateway
from gateway.log_rounds import LogRounds
from gateway.settings import Settings
from proof.keys import KeyRefused
from proof.trust import TrustRefused
from records.sequencer import LogBroken


class LogKeeper:
    """The parts of a round as activities (gateway.log_rounds)."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._rounds = LogRounds(gateway, settings)

    @activity.defn(name="integrate")
    def integrate(self, whole: bool) -> Integrated:
        """Make new rows leaves and sign a checkpoint over them. `whole`: look through all rows."""
        try:
            done = self._rounds.integrate(whole=whole)
            return Integrated(done.added, done.size, done.checkpoint.decode(), self._rounds.witnesses())
        except (LogBroken, KeyRefused, TrustRefused) as problem:
            raise ApplicationError(str(problem), non_retryable=True) from problem

    @activity.defn(name="cosign")
    def cosign(self, ask: Cosign) -> Cosigned:
        """Check a checkpoint against what this agency has cosigned, and cosign it, or say why not."""
        answer = self._rounds.cosign(ask.agency, ask.checkpoint.encode())
        return Cosigned(answer.line, answer.problem)

    @activity.defn(name="publish-checkpoint")
    def publish(self, ask: Publish) -> Published:
        """Put cosignatures beside the checkpoint; with enough of them it becomes the log's published one."""
        done = self._rounds.publish(ask.size, ask.lines)
        return Published(sorted(done.cosigned), done.enough)
