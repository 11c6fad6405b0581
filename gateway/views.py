"""What people and programs may look at: one case, a docket, the lines of a round. Reading only; nothing is decided."""

import json
from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, exists, func, or_, select, tuple_

from domain.actors import SYSTEM
from domain.case import Case
from domain.cases.evaluation import Evaluation
from domain.cases.objection import Objection
from domain.kinds import KINDS, fold
from records.projection import FAR
from records.reading import facts
from records.schema import acts, deadlines, docket, events, letters, lines, streams
from records.statements import dicts
from records.world import revive

View = dict[str, Any]
COUNT_CAP = 1_000
"""A docket's count is exact up to here and says `1000+` beyond, so that a page never waits for a count."""


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


def desk(
    engine: Engine,
    agency: str,
    role: str | None = None,
    *,
    limit: int = 50,
    after: str | None = None,
    kind: str | None = None,
    for_: str | None = None,
    due_by: str | None = None,
) -> View:
    """What waits for an agency (or one role there), soonest first, with a count capped at COUNT_CAP.

    `after` is the `next` of the page before; the last page has none. `kind`, `for_` and `due_by` (an instant) narrow it.
    """
    here = [docket.c.agency == agency] + ([docket.c.role == role] if role else [])
    here += [docket.c.kind == kind] if kind else []
    here += [docket.c.for_ == for_] if for_ else []
    here += [docket.c.due <= due_by] if due_by else []
    with engine.connect().execution_options(reading=True) as connection:
        order = (docket.c.due, docket.c.case_id, docket.c.n)
        page = select(docket).where(*here).order_by(*order).limit(limit)
        if after:
            due, _, rest = after.partition("/")
            case, _, n = rest.rpartition("/")
            page = page.where(tuple_(*order) > (due, case, int(n) if n.isdigit() else 0))
        found = connection.execute(page).all()
        rows = [
            {
                "case": r.case_id, "kind": r.kind, "stage": r.stage, "role": r.role, "agency": r.agency,
                "for": r.for_, "due": None if r.due == FAR else r.due, "round": r.round, "card": r.card, "officer": r.officer,
            }
            for r in found
        ]  # fmt: skip
        capped = select(docket.c.case_id).where(*here).limit(COUNT_CAP + 1).subquery()
        count = connection.execute(select(func.count()).select_from(capped)).scalar_one()
    last = found[-1] if len(found) == limit else None
    return {
        "rows": rows,
        "count": min(count, COUNT_CAP),
        "more": count > COUNT_CAP,
        "next": last and f"{last.due}/{last.case_id}/{last.n}",
    }


def desk_counts(engine: Engine, agency: str, role: str | None, now: str) -> View:
    """How much waits: by act, by kind, and how much of it is late, among the COUNT_CAP that are due soonest; `more`: there are others."""
    here = [docket.c.agency == agency] + ([docket.c.role == role] if role else [])
    # In the order of an index of the desk: what is late comes first, and no other agency's rows are read to find these.
    late = (docket.c.due <= now).label("late")
    soonest = select(docket.c.for_, docket.c.kind, late).where(*here).order_by(docket.c.due)
    part = soonest.limit(COUNT_CAP).subquery()
    query = select(part.c.for_, part.c.kind, part.c.late, func.count()).group_by(
        part.c.for_, part.c.kind, part.c.late
    )
    acts_: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    overdue = 0
    with engine.connect().execution_options(reading=True) as connection:
        for act, kind, is_late, many in connection.execute(query):
            acts_[act] += many
            kinds[kind] += many
            overdue += many if is_late else 0
    all_ = acts_.total()
    return {
        "all": all_,
        "more": all_ == COUNT_CAP,
        "acts": dict(acts_.most_common()),
        "kinds": dict(kinds),
        "late": overdue,
    }


def subjects(engine: Engine, ids: list[str]) -> dict[str, View]:
    """Of each of these cases the college it is about, the filing, and how many lines: for a row of a list."""
    found: dict[str, View] = {}
    with engine.connect().execution_options(reading=True) as connection:

        def load(wanted: set[str]) -> dict[str, Case]:
            query = select(streams.c.id, streams.c.head, streams.c.kind, streams.c.state)
            rows = connection.execute(query.where(streams.c.id.in_(sorted(wanted)))).all()
            return {r.id: revive(r.id, (r.head, r.kind, r.state)) for r in rows}

        cases = load(set(ids))
        parents = {id_: _filing_of(case) for id_, case in cases.items()}
        cases |= load({parent for parent in parents.values() if parent} - cases.keys())
    for id_ in ids:
        if id_ in cases:
            filing = cases.get(parents.get(id_) or id_, cases[id_])
            college = getattr(filing, "college", None) or getattr(filing, "subject", "")
            lines_: Any = getattr(cases[id_], "lines", None) or getattr(cases[id_], "pending", None) or []
            found[id_] = {"college": college, "filing": parents.get(id_), "lines": len(lines_)}
    return found


def _filing_of(case: Case) -> str | None:
    match case:
        case Evaluation():
            return case.filing
        case Objection():
            return case.line.rpartition("/")[0]
        case _:
            return None


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
    filing = streams.alias()
    of_it = (filing.c.round == streams.c.id) & (filing.c.kind == "filing") & (filing.c.stage != "draft")
    over = (
        (streams.c.kind == "round")
        & (streams.c.stage == "closed")
        & exists().where(of_it)
        & ~exists().where(of_it & ~filing.c.final)
    )
    with engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(select(streams.c.id).where(or_(in_passing(), over))).scalars())


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
