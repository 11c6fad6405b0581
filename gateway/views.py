"""What people and programs may look at: one case, its events, the lines of a round. Reading only; nothing is decided."""

import json
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, exists, or_, select

from domain.actors import SYSTEM
from domain.kinds import KINDS, fold
from records.reading import facts
from records.schema import acts, deadlines, events, letters, lines, streams
from records.statements import dicts
from records.world import revive

View = dict[str, Any]


class NoSuchCase(LookupError):
    """No case has this id."""


def show(engine: Engine, case_id: str) -> View:
    """The published JSON view of a case (rehearsals/FORMAT.md) with its events. Raises NoSuchCase."""
    with engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(
            select(streams.c.head, streams.c.kind, streams.c.state).where(streams.c.id == case_id)
        ).first()
        if row is None:
            raise NoSuchCase(case_id)
        view = revive(case_id, (row.head, row.kind, row.state)).view()
        view["events"] = timeline(connection, case_id)
        if row.kind == "round":
            view["filings"] = _filings(connection, case_id)
    return view


def standing(engine: Engine, case_id: str) -> View:
    """The view of a case as it stands, without its events, and of a round without its filings. Raises NoSuchCase."""
    query = select(streams.c.head, streams.c.kind, streams.c.state).where(streams.c.id == case_id)
    with engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NoSuchCase(case_id)
    return revive(case_id, (row.head, row.kind, row.state)).view()


def timeline(connection: Connection, case_id: str) -> list[View]:
    """The events of a case, newest last, without their sealed parts."""
    columns = ("seq", "type", "legal_at", "recorded_at", "actor", "act", "command", "digest")
    query = select(*(events.c[n] for n in columns)).where(events.c.stream == case_id).order_by(events.c.seq)
    return [
        {
            "n": r.seq, "type": r.type, "at": r.legal_at, "recorded_at": r.recorded_at, "by": r.actor, "act": r.act,
            "command": r.command, "digest": r.digest,
        }
        for r in connection.execute(query)
    ]  # fmt: skip


def lapsed(by: str, at: str, recorded_at: str) -> bool:
    """Whether a fact came about by itself: whoever acted next brought it to light, and did not do it."""
    return by.startswith(f"{SYSTEM}@") or at < recorded_at


def _filings(connection: Connection, round_id: str) -> list[str]:
    query = (
        select(streams.c.id)
        .where(streams.c.round == round_id, streams.c.kind == "filing", streams.c.stage != "draft")
        .order_by(streams.c.opened_at, streams.c.id)
    )
    return [id_ for (id_,) in connection.execute(query)]


def newest(
    engine: Engine, kind: str, limit: int, before: str | None = None, *, after: str | None = None
) -> list[View]:
    """The published views of a kind of case, the one that changed last first; `before` is the last `changed_at`.

    `after`: only cases to which this fact (an event's type) has happened.
    """
    query = (
        select(
            streams.c.id,
            streams.c.head,
            streams.c.kind,
            streams.c.state,
            streams.c.changed_at,
            streams.c.opened_at,
        )
        .where(streams.c.kind == kind)
        .order_by(streams.c.changed_at.desc())
        .limit(limit)
    )
    if before:
        query = query.where(streams.c.changed_at < before)
    if after:
        query = query.where(exists().where(events.c.stream == streams.c.id, events.c.type == after))
    with engine.connect().execution_options(reading=True) as connection:
        return [
            {
                **revive(r.id, (r.head, r.kind, r.state)).view(), "changed_at": r.changed_at, "opened_at": r.opened_at,
            }
            for r in connection.execute(query)
        ]  # fmt: skip


def lines_of(engine: Engine, round_id: str) -> list[View]:
    """Every line of a round with its state."""
    query = select(lines).where(lines.c.round == round_id).order_by(lines.c.college, lines.c.ref)
    with engine.connect().execution_options(reading=True) as connection:
        return dicts(connection.execute(query))


def refold(engine: Engine, case_id: str, until: int | None = None) -> View:
    """The view of a case as its events alone say, up to an event."""
    with engine.connect().execution_options(reading=True) as connection:
        kind, history = facts(connection, case_id, until)
    return fold(kind, case_id, history).view()


def unsettled(engine: Engine, now: str) -> list[str]:
    """Cases with a lapse that is due and not yet on the record."""
    query = select(deadlines.c.case_id).where(deadlines.c.running, deadlines.c.rings_at <= now).distinct()
    with engine.connect().execution_options(reading=True) as connection:
        return [id_ for (id_,) in connection.execute(query)]


def in_passing() -> ColumnElement[bool]:
    """Of a stream: it is in a stage that its process leaves without anybody's act."""
    stages = [
        (streams.c.kind == kind) & streams.c.stage.in_(cls.passing_stages)
        for kind, cls in KINDS.items()
        if cls.passing_stages
    ]
    return or_(*stages)


def in_motion(engine: Engine) -> list[str]:
    """Cases in a stage that a process leaves without anybody's act, and rounds that only have to be said to be over."""
    with engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(_in_motion()).scalars())


@cache
def _in_motion() -> Select[str]:
    # Asked again and again while one waits for rest: building it costs more than PostgreSQL's answer.
    filing = streams.alias()
    of_it = (filing.c.round == streams.c.id) & (filing.c.kind == "filing") & (filing.c.stage != "draft")
    over = (
        (streams.c.kind == "round")
        & (streams.c.stage == "closed")
        & exists().where(of_it)
        & ~exists().where(of_it & ~filing.c.final)
    )
    return select(streams.c.id).where(or_(in_passing(), over))


def behind(engine: Engine) -> dict[str, int]:
    """Streams whose process has not read up to the head, with the head."""
    query = select(streams.c.id, streams.c.head).where(streams.c.followed < streams.c.head)
    with engine.connect().execution_options(reading=True) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def letters_of(engine: Engine, stream: str | None = None) -> list[View]:
    """Letters and what became of them."""
    query = select(letters).order_by(letters.c.stream, letters.c.seq, letters.c.id)
    if stream:
        query = query.where(letters.c.stream == stream)
    with engine.connect().execution_options(reading=True) as connection:
        return dicts(connection.execute(query))


def last_answer(engine: Engine, command: str) -> View | None:
    """The stored answer to a command."""
    with engine.connect().execution_options(reading=True) as connection:
        answer = connection.execute(select(acts.c.answer).where(acts.c.command == command)).scalar()
    return json.loads(answer) if answer else None


def receipt_of(engine: Engine, command: str) -> View | None:
    """The receipt of an act that was done, with its digest and who did it."""
    query = select(acts.c.answer, acts.c.digest, acts.c.actor).where(
        acts.c.command == command, acts.c.outcome == "accepted"
    )
    with engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(query).first()
    return {**json.loads(row.answer), "digest": row.digest, "actor": row.actor} if row else None
