"""What was known at an instant, and what was true then as the record knows it now: two clocks, never mixed.

Known: the facts that had been put on record by then (`recorded_at`), so that nobody is judged by what came to light later.
True: the facts whose legal time had come by then (`legal_at`), also those recorded later, such as a lapse that nobody had
noticed. A correction changes neither: it is listed beside, with the document that made it (CA-12: never overwrite).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from audit.dossier import Row
from domain.case import Case
from domain.cases.announcement import CorrectionIssued
from domain.cases.line_facts import LineCorrected
from domain.cases.programme import Programme
from domain.cases.programme_facts import ProgrammeCorrected
from domain.kinds import fold
from domain.moments import stamp
from records.projection import FAR, project
from records.rows import fact
from records.schema import events, streams

View = dict[str, Any]


@dataclass
class AsOf:
    """A case at an instant. Views are None where the case had not begun by that clock."""

    known: View | None
    true: View | None
    docket: list[View] = field(default_factory=list[View])
    """Whose move it was on this case and those near it, as the desks showed it then."""
    register: list[View] = field(default_factory=list[View])
    """The college's programmes as known then; `true` beside a row where the truth was another."""
    came_to_light: list[View] = field(default_factory=list[View])
    """Facts whose legal time had come and that were recorded only afterwards."""
    corrected: list[View] = field(default_factory=list[View])
    """Corrections made afterwards: what was said, what is right, by which fact and document."""

    @property
    def differences(self) -> list[View]:
        """Fields that were not as they were known to be: {field, known, true}."""
        return _differences(self.known or {}, self.true or {})


def as_of(connection: Connection, case: str, near: list[str], at: datetime) -> AsOf:
    """The case, its docket and its college's register at an instant; `near` are the cases told with it."""
    rows = _events(connection, [case, *near])
    mine = rows[case]
    known, true = _folded(mine, at, "recorded_at"), _folded(mine, at, "legal_at")
    found = AsOf(known.view() if known else None, true.view() if true else None)
    for history in rows.values():
        state = _folded(history, at, "recorded_at")
        found.docket += [] if state is None else [_move(row) for row in project(state)["docket"].values()]
    college = str((found.known or found.true or {}).get("college") or "")
    found.register = _register(connection, college, at) if college else []
    for row in (row for history in rows.values() for row in history):
        if row["legal_at"] <= stamp(at) < row["recorded_at"]:
            found.came_to_light.append(_named(row))
        elif row["legal_at"] > stamp(at):
            found.corrected += _corrections(row)
    return found


def _events(connection: Connection, ids: list[str]) -> dict[str, list[Row]]:
    query = select(events).where(events.c.stream.in_(ids)).order_by(events.c.stream, events.c.seq)
    found: dict[str, list[Row]] = {id_: [] for id_ in ids}
    for row in connection.execute(query).mappings():
        found[row["stream"]].append(dict(row))
    return found


def _folded(rows: list[Row], at: datetime, clock: str) -> Case | None:
    """The state by one of the two clocks; both only ever go forward within a stream, so it is a beginning of it."""
    until = [row for row in rows if row[clock] <= stamp(at)]
    return fold(until[0]["kind"], until[0]["stream"], (fact(row) for row in until)) if until else None


def _move(row: Row) -> View:
    named = {name: row[name] for name in ("case_id", "stage", "role", "agency", "for_")}
    return {**named, "due": None if row["due"] == FAR else row["due"]}


def _named(row: Row) -> View:
    names = ("type", "legal_at", "recorded_at", "actor", "act")
    return {"id": f"{row['stream']}#{row['seq']}", **{name: row[name] for name in names}}


def _register(connection: Connection, college: str, at: datetime) -> list[View]:
    query = select(streams.c.id, streams.c.state).where(streams.c.kind == "programme").order_by(streams.c.id)
    ids = [
        r.id for r in connection.execute(query) if Programme.model_validate_json(r.state).college == college
    ]
    rows: list[View] = []
    for history in _events(connection, ids).values():
        known, true = _folded(history, at, "recorded_at"), _folded(history, at, "legal_at")
        told = {"id": history[0]["stream"], **(known.about() if known else {"status": "unknown"})}
        if other := _differences(known.about() if known else {}, true.about() if true else {}):
            told["true"] = other
        if corrected := [c for row in history if row["legal_at"] > stamp(at) for c in _corrections(row)]:
            told["corrected_later"] = corrected
        if known or true:
            rows.append(told)
    return rows


_MADE: dict[type, Callable[[Any], list[View]]] = {
    LineCorrected: lambda e: [{"line": e.line, "changes": e.changes, "by": e.by}],
    ProgrammeCorrected: lambda e: [{"changes": e.changes, "by": e.document_no}],
    CorrectionIssued: lambda e: [{"changes": e.changes, "by": e.document_no, "corrects": e.corrects}],
}


def _corrections(row: Row) -> list[View]:
    if row["type"] not in {made.__name__ for made in _MADE}:
        return []
    event, _ = fact(row)
    return [{**told, **_named(row)} for told in _MADE[type(event)](event)]


def _differences(known: View, true: View, path: str = "") -> list[View]:
    """Leaf by leaf; `version` only counts facts and says nothing by itself."""
    found: list[View] = []
    for key in sorted(known.keys() | true.keys(), key=str):
        before, after, where = known.get(key), true.get(key), f"{path}{key}"
        if isinstance(before, dict) and isinstance(after, dict):
            found += _differences(before, after, f"{where}.")
        elif before != after and where != "version":
            found.append({"field": where, "known": before, "true": after})
    return found
