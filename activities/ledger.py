"""`follow` and `act`: how a process reads the ledger and does what falls to it, through the same gateway as everybody."""

from sqlalchemy import case as either
from sqlalchemy import select, update
from temporalio import activity

from activities.messages import Act, Bearing, Due, Follow, Slip
from domain.actors import SYSTEM, Actor
from domain.files import Command
from domain.moments import stamp
from gateway.gateway import Gateway
from records.schema import events, letters, streams
from records.world import revive


class LedgerHand:
    """The processes' access to the ledger; runs where the records database is (the workflow worker)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @activity.defn(name="follow")
    def follow(self, ask: Follow) -> Bearing:
        """Where the stream stands and what happened after an event; notes that the process has read so far."""
        with self._gateway.engine.begin() as connection:
            row = connection.execute(
                select(streams.c.head, streams.c.kind, streams.c.state).where(streams.c.id == ask.stream)
            ).one()
            news = connection.execute(
                select(events.c.seq, events.c.type, events.c.digest)
                .where(events.c.stream == ask.stream, events.c.seq > ask.after, events.c.seq <= row.head)
                .order_by(events.c.seq)
            ).all()
            post = connection.execute(
                select(letters.c.sender)
                .where(letters.c.stream == ask.stream, letters.c.status == "due")
                .distinct()
            ).scalars()
            senders = sorted(post)
            connection.execute(
                update(streams)
                .where(streams.c.id == ask.stream)
                .values(followed=either((streams.c.followed > row.head, streams.c.followed), else_=row.head))
            )
        file = revive(ask.stream, (row.head, row.kind, row.state))
        waiting = file.waiting()
        due = [
            Due(d.name, d.ends_at.isoformat(), d.revision)
            for d in sorted(file.deadlines.values(), key=lambda d: (d.ends_at, d.name))
            if d.lapses and not d.stalled and not d.paused and not file.final
        ]
        first = waiting[0] if waiting else None
        return Bearing(
            head=row.head,
            stage=file.stage,
            final=file.final,
            round=file.round,
            due=due,
            waiting_for=first.for_ if first else "",
            agency=first.agency if first else "",
            by_when=stamp(first.due) if first and first.due else None,
            post=senders,
            slips=[Slip(n, type_, digest) for n, type_, digest in news],
        )

    @activity.defn(name="act")
    def act(self, ask: Act) -> str:
        """Do an act of a process; returns its outcome. What is not due yet changes nothing and may be asked again."""
        by = Actor(role=SYSTEM, agency=ask.by, person=f"{SYSTEM}@{ask.by}")
        command = Command(id=ask.id, act=ask.act, by=by, case=ask.case)
        return str(self._gateway.act(command, internal=True)["outcome"])
