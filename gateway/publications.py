"""What was made public: notices, announcements and corrections, each line as it stood when it was published."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, func, select

from domain.cases.register import College
from domain.moments import instant, local_day
from gateway.views import NoSuchCase, View, newest, refold
from records.schema import events, streams
from records.world import revive

KINDS = ("notice", "announcement")
SHOWN = ("major", "entry", "years", "plan", "category", "score", "place", "grant")
"""What is made public of a line; which of it there is, its procedure says."""


def published(engine: Engine, kind: str, limit: int = 50, before: str | None = None) -> list[View]:
    """The publications of a kind, newest first, with nothing but what stands in them."""
    return [_outer(view) for view in newest(engine, kind, limit, before)]


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
