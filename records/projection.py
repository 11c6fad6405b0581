"""Read models as a pure function of a case's state: what stands in the tables for it, and what an act changed there."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table

from domain.calendars import revision_of
from domain.case import Case, Waiting
from domain.cases.filing import DRAFT_STAGES, Filing
from domain.cases.register import Agency
from domain.chain import canonical
from domain.moments import stamp
from records.schema import claims, deadlines, docket, lines, officers
from records.statements import Row, delete, insert

FAR = "9999-12-31T00:00:00.000000Z"
"""A due date for what has none, so that it sorts last in both databases."""

Rows = dict[str, dict[tuple[Any, ...], Row]]
"""Table name to its rows by primary key."""

TABLES: dict[str, Table] = {t.name: t for t in (docket, deadlines, claims, lines, officers)}
_KEYS = {name: [c.name for c in table.primary_key.columns] for name, table in TABLES.items()}


def project(case: Case) -> Rows:
    """The derived rows of one case."""
    return {
        "docket": _keyed("docket", _docket(case)),
        "deadlines": _keyed("deadlines", _deadlines(case)),
        "claims": _keyed("claims", [{"key": key, "stream": case.id} for key in sorted(case.claims())]),
        "lines": _keyed("lines", _lines(case)),
        "officers": _keyed("officers", _officers(case)),
    }


def stream_row(case: Case) -> Row:
    """What `streams` says of a case beside heads and digests."""
    return {
        "kind": case.kind,
        "stage": case.stage,
        "final": case.final,
        "round": case.round,
        "state": canonical(case.model_dump(mode="json", exclude_defaults=True)),
        "opened_at": stamp(case.opened_at) if case.opened_at else "",
        "changed_at": stamp(case.changed_at) if case.changed_at else "",
    }


def apply_changes(connection: Connection, changes: Iterable[tuple[Rows, Rows]]) -> None:
    """Write the difference between what stood there and what stands there now, table by table.

    A claim taken by another case raises IntegrityError: that is the rule that only one may hold it.
    """
    for name, table in TABLES.items():
        gone: list[tuple[Any, ...]] = []
        new: list[Row] = []
        for before, after in changes:
            old, now = before.get(name, {}), after[name]
            gone += [key for key in old if key not in now]
            new += [row for key, row in now.items() if old.get(key) != row]
        if not gone and not new:
            continue
        # What one case of the act gives up and another takes is one row that changes hands.
        taken = {tuple(row[k] for k in _KEYS[name]) for row in new} & set(gone)
        handed = [row for row in new if tuple(row[k] for k in _KEYS[name]) in taken]
        delete(connection, table, [key for key in gone if key not in taken])
        insert(connection, table, handed, replace=True)
        fresh = [row for row in new if row not in handed] if handed else new
        insert(connection, table, fresh, replace=table is not claims)


def _keyed(name: str, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[k] for k in _KEYS[name]): row for row in rows}


def _docket(case: Case) -> list[Row]:
    if case.final:
        return []
    waiting = case.waiting()
    if case.stalled():
        waiting = [Waiting(role="catalog-officer", agency="dept", for_="publish-calendar"), *waiting]
    return [
        {
            "case_id": case.id,
            "n": n,
            "kind": case.kind,
            "stage": case.stage,
            "role": w.role,
            "agency": w.agency,
            "for_": w.for_,
            "due": stamp(w.due) if w.due else FAR,
            "round": case.round,
            "card": case.standing_card(w.clock),
            "officer": case.assigned.get(w.who),
        }
        for n, w in enumerate(waiting)
    ]


def _deadlines(case: Case) -> list[Row]:
    rings = {d.name: d.ends_at for d in case.deadlines.values() if d.lapses}
    for at, d, _ in case.falling():
        rings[d.name] = min(at, rings.get(d.name, at))
    return [
        {
            "case_id": case.id,
            "name": d.name,
            "ends_at": stamp(d.ends_at),
            "lapses": d.lapses,
            "running": not d.paused and not d.stalled and not case.final,
            "rings_at": stamp(rings[d.name]) if d.name in rings else None,
            "open": not case.final,
            "first_year": d.start.year - 1,
            "last_year": d.date.year + 1,
            # An appointed end is counted by no calendar, so no newer one can move it.
            "calendar": revision_of(d.calendar) if d.period.amount else 2**31 - 1,
        }
        for d in case.deadlines.values()
    ]


def _lines(case: Case) -> list[Row]:
    if not isinstance(case, Filing) or case.stage in DRAFT_STAGES:
        return []
    return [
        {
            "ref": f"{case.id}/{line.id}",
            "filing": case.id,
            "round": case.round,
            "college": case.college,
            "major": line.major,
            "entry": line.entry,
            "state": line.state,
            "route": case.route,
        }
        for line in case.lines.values()
    ]


def _officers(case: Case) -> list[Row]:
    if not isinstance(case, Agency):
        return []
    return [{"person": person, "agency": case.id} for person in sorted(case.named())]
