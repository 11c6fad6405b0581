"""The docket: what waits for an agency or an office, soonest first, how much of it, and what of it is late."""

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, exists, false, func, select, true, tuple_

from domain.case import Case
from domain.kinds import filing_of
from records.projection import FAR
from records.schema import deadlines, docket, streams
from records.world import revive

View = dict[str, Any]
COUNT_CAP = 1_000
"""A docket's count is exact up to here and says `1000+` beyond, so that a page never waits for a count."""


def desk(
    engine: Engine,
    agency: str,
    role: str | None = None,
    *,
    limit: int = 50,
    after: str | None = None,
    kind: str | None = None,
    for_: str | None = None,
    late_at: str | None = None,
) -> View:
    """What waits for an agency (or one role there), soonest first, with a count capped at COUNT_CAP.

    `after` is the `next` of the page before; the last page has none. `kind`, `for_` and `late_at` (an instant: only what is
    late then) narrow it.
    """
    here = [docket.c.agency == agency] + ([docket.c.role == role] if role else [])
    here += [docket.c.kind == kind] if kind else []
    here += [docket.c.for_ == for_] if for_ else []
    here += [late(late_at)] if late_at else []
    with engine.connect().execution_options(reading=True) as connection:
        order = (docket.c.due, docket.c.case_id, docket.c.n)
        page = select(docket, lapses().label("lapses")).where(*here).order_by(*order).limit(limit)
        if after:
            due, _, rest = after.partition("/")
            case, _, n = rest.rpartition("/")
            page = page.where(tuple_(*order) > (due, case, int(n) if n.isdigit() else 0))
        found = connection.execute(page).all()
        rows = [
            {
                "case": r.case_id, "kind": r.kind, "stage": r.stage, "role": r.role, "agency": r.agency,
                "for": r.for_, "due": None if r.due == FAR else r.due, "round": r.round, "card": r.card, "officer": r.officer,
                "lapses": r.lapses,
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


_SILENCE = (
    deadlines.c.case_id == docket.c.case_id,
    deadlines.c.running,
    deadlines.c.lapses,
    deadlines.c.ends_at == docket.c.due,
)
"""Of a move on the docket: silence settles it at its end (deemed acceptance), so that past it the process is awaited, and no
officer is late."""


def lapses() -> ColumnElement[bool]:
    """Of a row that is shown: silence settles it. Looked up row by row: an EXISTS here makes PostgreSQL read all deadlines."""
    return func.coalesce(select(true()).where(*_SILENCE).limit(1).scalar_subquery(), false())


def late(now: str) -> ColumnElement[bool]:
    """Of rows that are sought: an officer should have made this move by now."""
    return and_(docket.c.due <= now, ~exists().where(*_SILENCE))


def desk_counts(engine: Engine, agency: str, role: str | None, now: str) -> View:
    """How much waits: by act, by kind, and how much of it is late, among the COUNT_CAP that are due soonest; `more`: there are others."""
    here = [docket.c.agency == agency] + ([docket.c.role == role] if role else [])
    # In the order of an index of the desk: what is late comes first, and no other agency's rows are read to find these.
    soonest = (
        select(docket.c.for_, docket.c.kind, and_(docket.c.due <= now, ~lapses()).label("late"))
        .where(*here)
        .order_by(docket.c.due)
    )
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
    """Of each of these cases the college it is about, and how many lines: for a row of a list."""
    found: dict[str, View] = {}
    with engine.connect().execution_options(reading=True) as connection:

        def load(wanted: set[str]) -> dict[str, Case]:
            query = select(streams.c.id, streams.c.head, streams.c.kind, streams.c.state)
            rows = connection.execute(query.where(streams.c.id.in_(sorted(wanted)))).all()
            return {r.id: revive(r.id, (r.head, r.kind, r.state)) for r in rows}

        cases = load(set(ids))
        parents = {id_: filing_of(case) for id_, case in cases.items()}
        cases |= load({parent for parent in parents.values() if parent} - cases.keys())
    for id_ in ids:
        if id_ in cases:
            filing = cases.get(parents.get(id_) or id_, cases[id_])
            college = getattr(filing, "college", None) or getattr(filing, "subject", "")
            lines_: Any = getattr(cases[id_], "lines", None) or getattr(cases[id_], "pending", None) or []
            found[id_] = {"college": college, "lines": len(lines_)}
    return found
