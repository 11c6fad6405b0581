"""`follow` and `act`: how a process reads the ledger and does what falls to it, through the same gateway as everybody."""

from temporalio import activity

from activities.messages import CARD, Act, Bearing, Due, Follow, Slip
from domain.actors import SYSTEM, Actor
from domain.cases.announcement import Announcement
from domain.files import Command
from domain.moments import stamp
from gateway.gateway import Gateway
from records.statements import run
from records.world import revive

_READ = """UPDATE streams SET followed = CASE WHEN followed > head THEN followed ELSE head END
WHERE id = ? RETURNING head, kind, state"""
_NEWS = "SELECT seq, type, digest FROM events WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq"
_RUN = """INSERT INTO runs (run, stream, workflow, seen_at, checked_at) VALUES (?, ?, ?, ?, '')
ON CONFLICT (run) DO NOTHING"""
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

        A run is noted in the very transaction of its first reading, so that no history can be missed by the archive.
        """
        with self._gateway.engine.begin() as connection:
            ((head, kind, state),) = run(connection, _READ, [ask.stream])
            news = run(connection, _NEWS, [ask.stream, ask.after, head])
            papers = run(connection, _PAPERS, [ask.stream]) if kind == Announcement.kind else []
            own = activity.info()
            if (run_id := own.workflow_run_id) and self._noted.get(ask.stream) != run_id:
                now = stamp(self._gateway.clock.now())
                run(connection, _RUN, [run_id, ask.stream, own.workflow_id, now])
        if len(self._noted) >= MOST_NOTED:  # a run that is noted twice is one row all the same
            self._noted.clear()
        self._noted[ask.stream] = run_id or ""
        file = revive(ask.stream, (head, kind, state))
        waiting = file.waiting()
        ends = [
            (d.ends_at, d.name, d.revision)
            for d in file.deadlines.values()
            if d.lapses and not d.stalled and not d.paused and not file.final
        ]
        cards = [(at, f"{CARD}/{d.name}/{card}", d.revision) for at, d, card in file.falling()]
        due = [Due(name, at.isoformat(), revision) for at, name, revision in sorted(ends + cards)]
        first = waiting[0] if waiting else None
        return Bearing(
            head=head,
            stage=file.stage,
            final=file.final,
            round=file.round,
            due=due,
            waiting_for=first.for_ if first else "",
            agency=first.agency if first else "",
            by_when=stamp(first.due) if first and first.due else None,
            unwritten=any(f"{ask.stream}#{seq}/{paper}" not in file.documents for seq, paper in papers),
            slips=[Slip(n, type_, digest) for n, type_, digest in news],
        )

    @activity.defn(name="act")
    def act(self, ask: Act) -> str:
        """Do an act of a process; returns its outcome. What is not due yet changes nothing and may be asked again."""
        by = Actor(role=SYSTEM, agency=ask.by, person=f"{SYSTEM}@{ask.by}")
        command = Command(id=ask.id, act=ask.act, by=by, case=ask.case)
        return str(self._gateway.act(command, internal=True)["outcome"])
