"""`follow` and `act`: how a process reads the ledger and does what falls to it, through the same gateway as everybody."""

from temporalio import activity

from activities.messages import Act, Bearing, Due, Follow, Slip
from domain.actors import SYSTEM, Actor
from domain.files import Command
from domain.kinds import KINDS
from domain.moments import stamp
from domain.steering import steering
from gateway.clock import system_time
from gateway.gateway import Gateway
from records.statements import run
from records.world import revive

_READ = """UPDATE streams SET followed = CASE WHEN followed > head THEN followed ELSE head END
WHERE id = ? RETURNING head, kind, state"""
_NEWS = "SELECT seq, type, digest FROM events WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq"
_RUN = """INSERT INTO runs (run, stream, workflow, seen_at, checked_at)
SELECT ?, id, ?, ?, ? FROM streams WHERE id = ? ON CONFLICT (run) DO NOTHING"""
_PAPERS = "SELECT seq, document FROM letters WHERE stream = ? AND document IS NOT NULL"
MOST_NOTED = 20_000


class LedgerHand:
    """The processes' access to the ledger; runs where the records database is (the workflow worker)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._noted: dict[str, str] = {}
        """Stream to the run that was noted last: only the first reading of a run writes its row."""

    @activity.defn(name="follow")
    def follow(self, ask: Follow) -> Bearing:
        """Where the stream stands and what happened after an event; notes that this run has read so far.

        A run is noted before its first reading, so that no history can be missed by the archive. Each statement stands for
        itself: what was read up to a head stays as it is, and none of them waits for this program with SQLite's lock in hand.
        """
        own = activity.info()
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            if (run_id := own.workflow_run_id) and self._noted.get(ask.stream) != run_id:
                seen_at, checked_at = stamp(self._gateway.clock.now()), stamp(system_time())
                run(connection, _RUN, [run_id, own.workflow_id, seen_at, checked_at, ask.stream])
            ((head, kind, state),) = run(connection, _READ, [ask.stream])
            news = run(connection, _NEWS, [ask.stream, ask.after, head])
            papers = run(connection, _PAPERS, [ask.stream]) if KINDS[kind].waits_for_papers else []
        if len(self._noted) >= MOST_NOTED:  # a run that is noted twice is one row all the same
            self._noted.clear()
        self._noted[ask.stream] = run_id or ""
        file = revive(ask.stream, (head, kind, state))
        now = steering(file)
        return Bearing(
            head=head,
            stage=now.stage,
            final=now.final,
            round=now.round,
            due=[Due(name, at.isoformat(), revision) for at, name, revision in now.falls],
            waiting_for=now.waiting_for,
            agency=now.agency,
            by_when=stamp(now.by_when) if now.by_when else None,
            unwritten=any(f"{ask.stream}#{seq}/{paper}" not in file.documents for seq, paper in papers),
            slips=[Slip(n, type_, digest) for n, type_, digest in news],
        )

    @activity.defn(name="act")
    def act(self, ask: Act) -> str:
        """Do an act of a process; returns its outcome. What is not due yet changes nothing and may be asked again."""
        by = Actor(role=SYSTEM, agency=ask.by, person=f"{SYSTEM}@{ask.by}")
        command = Command(id=ask.id, act=ask.act, by=by, case=ask.case)
        return str(self._gateway.act(command, internal=True)["outcome"])
