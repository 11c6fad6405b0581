"""What was made public: notices, announcements, corrections, decisions on violations, each as it stood when it was published."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, func, select

from domain.cases.programme import Programme
from domain.cases.register import College
from domain.kinds import fold
from domain.moments import instant, local_day
from gateway.views import NoSuchCase, View, newest, refold
from records.reading import facts
from records.schema import events, streams
from records.world import revive

KINDS = ("notice", "announcement", "violation")
SHOWN = ("major", "entry", "years", "plan", "category", "score", "place", "grant")
"""What is made public of a line; which of it there is, its procedure says."""


def published(engine: Engine, kind: str, limit: int = 50, before: str | None = None) -> list[View]:
    """The publications of a kind, newest first, with nothing but what stands in them."""
    if kind != "violation":
        return [_outer(view) for view in newest(engine, kind, limit, before)]
    found: list[View] = []
    page: list[View] = []
    while len(found) < limit and (not found or len(page) == limit):
        page = newest(engine, kind, limit, before, after="SanctionDecided")
        found += [view for view in page if view["published_at"]]  # 不予处理 imposes nothing to make public
        if not page:
            break
        before = page[-1]["changed_at"]
    return [_decision(engine, view) for view in found[:limit]]


def publication(engine: Engine, id_: str) -> View:
    """One publication with its lines as they were published. Raises NoSuchCase for whatever else has this id."""
    query = select(
        streams.c.head, streams.c.kind, streams.c.state, streams.c.changed_at, streams.c.opened_at
    ).where(streams.c.id == id_, streams.c.kind.in_(KINDS))
    with engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NoSuchCase(id_)
    view = revive(id_, (row.head, row.kind, row.state)).view()
    if row.kind == "violation":
        if view["published_at"] is None:
            raise NoSuchCase(id_)
        return _decision(engine, {**view, "changed_at": row.changed_at})
    outer = _outer({**view, "changed_at": row.changed_at, "opened_at": row.opened_at})
    return {
        **outer,
        "lines": [dict(line) for line in _lines(engine, id_)],
        "corrections": _corrections(engine, view),
    }


def _outer(view: View) -> View:
    kept = (
        "id",
        "kind",
        "document_no",
        "published_at",
        "ends",
        "closed_at",
        "corrects",
        "changes",
        "round",
        "pack",
    )
    term = view["deadlines"].get("notice")
    return {
        **{name: view.get(name) for name in kept}, "at": view.get("published_at") or view["opened_at"],
        "changed_at": view["changed_at"], "open": view["kind"] == "notice" and view["stage"] == "open",
        "words": term["words"] if term else None, "count": len(view["lines"]),
    }  # fmt: skip


def _decision(engine: Engine, view: View) -> View:
    """A decision on a violation; of one that was set aside only that and why (处罚法 48(2): withdrawn, with the reason made public)."""
    day, withdrawn = local_day(instant(view["published_at"])), view["withdrawn_at"]
    shown = ("offence", "measure", "scope", "from", "until", "reasons")
    return {
        **{name: view[name] for name in ("id", "kind", "withdrawn_at", "withdrawn_why", "changed_at")},
        "at": view["published_at"],
        "college": view["subject"],
        "college_name": _name(engine, view["subject"], day),
        **{name: None if withdrawn else view[name] for name in shown},
        "lines": [] if withdrawn else [_programme(engine, id_, view["published_at"]) for id_ in view["programmes"]],
        "ended": view["outcome"] if view["outcome"] in ("expired", "lifted") else None,
    }  # fmt: skip


def _name(engine: Engine, college: str, day: date) -> str:
    """What a college was called on a day; its id where the register does not say."""
    query = select(streams.c.state).where(streams.c.id == f"college/{college}")
    with engine.connect().execution_options(reading=True) as connection:
        state = connection.execute(query).scalar()
    found = College.model_validate_json(state) if state else None
    return found.at(day).name if found and found.records else college


@lru_cache(maxsize=2_000)
def _programme(engine: Engine, id_: str, at: str) -> View:
    """A programme as it stood then."""
    query = select(func.max(events.c.seq)).where(events.c.stream == id_, events.c.legal_at <= at)
    with engine.connect().execution_options(reading=True) as connection:
        kind, history = facts(connection, id_, connection.execute(query).scalar())
    case = fold(kind, id_, history)
    assert isinstance(case, Programme)
    named = majors(engine, case.round) if case.round else {}
    return {"major": case.major, "major_name": named.get(case.major, ""), "entry": case.entry}


@lru_cache(maxsize=2_000)
def _lines(engine: Engine, id_: str) -> tuple[View, ...]:
    """The lines as published: what stood in each filing at the end of the act that published. It never changes."""
    with engine.connect().execution_options(reading=True) as connection:
        state = connection.execute(
            select(streams.c.head, streams.c.kind, streams.c.state).where(streams.c.id == id_)
        ).one()
        refs: list[str] = revive(id_, (state.head, state.kind, state.state)).view()["lines"]
        first = connection.execute(
            select(events.c.command, events.c.legal_at).where(events.c.stream == id_, events.c.seq == 1)
        ).one()
        heads = dict(
            connection.execute(
                select(events.c.stream, func.max(events.c.seq))
                .where(events.c.command == first.command, events.c.kind == "filing")
                .group_by(events.c.stream)
            ).all()
        )
        registered = connection.execute(
            select(streams.c.id, streams.c.state).where(streams.c.kind == College.kind)
        )
        day = local_day(instant(first.legal_at))
        colleges = {r.id: College.model_validate_json(r.state) for r in registered}
    views: dict[str, View] = {}
    rows: list[View] = []
    for ref in refs:
        filing, _, line = ref.rpartition("/")
        if filing not in views:
            views[filing] = refold(engine, filing, heads.get(filing))
        found: dict[str, Any] = views[filing]["lines"][line]
        college = colleges.get(f"college/{views[filing]['college']}")
        rows.append({
            "line": ref, "college": views[filing]["college"],
            "college_name": college.at(day).name if college and college.records else views[filing]["college"],
            **{name: found[name] for name in SHOWN if name in found},
            "major_name": majors(engine, views[filing]["round"]).get(found["major"], ""),
        })  # fmt: skip
    return tuple(sorted(rows, key=lambda r: (r["college"], r["line"])))


@lru_cache(maxsize=50)
def majors(engine: Engine, round_: str) -> dict[str, str]:
    """Code to name, of a round's catalog, which never changes once the call is issued."""
    return {major["code"]: major["name"] for major in refold(engine, round_)["catalog"]}


def _corrections(engine: Engine, view: View) -> list[View]:
    """Corrections of an announcement: they stand beside it, and never overwrite it."""
    number = view.get("document_no")
    if view["kind"] != "announcement" or view.get("corrects"):
        return []
    later = [v for v in newest(engine, "announcement", 500) if v.get("corrects") == number]
    return [{"id": v["id"], "document_no": v["document_no"], "changes": v["changes"]} for v in later]
