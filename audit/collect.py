"""Collects the dossier of a case from the records database."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from audit.dossier import Dossier, Row
from audit.relations import OWN, SHARED, mentions, named_in
from records.schema import acts, attachments, dispatches, events, packs, streams


class NoDossier(LookupError):
    """The record has no such case."""


def read_dossier(connection: Connection, case: str) -> Dossier:
    """Collect the dossier of a case. Raises NoDossier."""
    own = _rows(connection, events, events.c.stream == case, order="seq")
    if not own:
        raise NoDossier(case)
    found = Dossier(case, own[0]["kind"], {case: own})
    words = {word for row in own for word in named_in(row["data"])}
    done = _acts_of(connection, {row["command"] for row in own})
    for row in done:  # what the same acts wrote elsewhere: the receipt names it
        written = json.loads(row["answer"]).get("events") or []
        words |= {str(id_).rpartition("#")[0] for id_ in written}
    kinds = _kinds(connection, words - {case})
    siblings = {id_ for id_, kind in kinds.items() if kind == found.kind and not _named(own, id_)}
    found.related = {id_: kind for id_, kind in sorted(kinds.items()) if id_ not in siblings}
    near = [id_ for id_, kind in found.related.items() if kind in OWN | SHARED]
    for row in _rows(connection, events, events.c.stream.in_(near), order="stream, seq"):
        found.events.setdefault(row["stream"], []).append(row)
    found.acts = _acts_about(connection, found, done)
    told = _rows(connection, dispatches, dispatches.c.stream.in_([case, *near]), order="position")
    found.dispatches = [row for row in told if not _for_another(found, row)]
    used = sorted({r["pack"] for rows in found.events.values() for r in rows} - {""})
    found.packs = {
        r["hash"]: r["body"] for r in _rows(connection, packs, packs.c.hash.in_(used), order="hash")
    }
    digests = sorted(w for w in words if len(w) == 64)
    found.attachments = _rows(connection, attachments, attachments.c.sha256.in_(digests), order="sha256")
    return found


def _rows(connection: Connection, table: Table, where: Any, *, order: str) -> list[Row]:
    query = select(table).where(where).order_by(*(table.c[name.strip()] for name in order.split(",")))
    return [dict(row) for row in connection.execute(query).mappings()]


def _kinds(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    wanted, found = sorted(i for i in ids if len(i) <= 80), dict[str, str]()
    for start in range(0, len(wanted), 500):
        query = select(streams.c.id, streams.c.kind).where(streams.c.id.in_(wanted[start : start + 500]))
        found.update((row.id, row.kind) for row in connection.execute(query))
    return found


def _named(own: list[Row], id_: str) -> bool:
    return any(mentions(row["data"], id_) for row in own)


def _acts_of(connection: Connection, commands: Iterable[str]) -> list[Row]:
    wanted, found = sorted(commands), list[Row]()
    for start in range(0, len(wanted), 500):
        found += _rows(connection, acts, acts.c.command.in_(wanted[start : start + 500]), order="position")
    return found


def _acts_about(connection: Connection, found: Dossier, done: list[Row]) -> list[Row]:
    """The acts that wrote its events, those on its own record, and refusals elsewhere that speak of it.

    A refused act on lines of many filings stands on the record of the actor's agency, and nowhere else.
    """
    case = found.case
    own = [case, *(id_ for id_ in found.events if found.related.get(id_) in OWN)]
    rows = [*done, *_rows(connection, acts, acts.c.subject.in_(own), order="position")]
    shared = [id_ for id_ in found.events if id_ not in own]
    elsewhere = or_(
        acts.c.subject.in_(shared), acts.c.subject.like("agency/%"), acts.c.subject == "policy/current"
    )
    quoted = case.replace("%", "")
    query = select(acts).where(
        elsewhere, acts.c.outcome == "refused", acts.c.body.contains(quoted, autoescape=True)
    )
    rows += [dict(r) for r in connection.execute(query).mappings() if mentions(r["body"], case)]
    wrote = {row["command"] for id_ in shared for row in found.events[id_]}
    rows += _acts_of(connection, wrote - {row["command"] for row in rows})
    return sorted({row["command"]: row for row in rows}.values(), key=lambda row: row["position"])


def _for_another(found: Dossier, letter: Row) -> bool:
    """Whether a letter of a shared case went to another applicant."""
    role, _, place = str(letter["recipient"]).partition("@")
    college = next((json.loads(row["data"]).get("college") for row in found.own), None)
    shared = found.related.get(letter["stream"]) in SHARED
    return shared and role == "filer" and college is not None and place != college
