"""For the operator: where time goes, how much there is by week, whether promises are kept, what falls due; who serves whom.

Taken from the record itself, the newest cases first and a stated number of them; plots are drawn here, as SVG.
"""

import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection, func, select

from console.web.lists import Column, spreadsheet
from console.web.place import NotForYou, Visit
from domain.moments import instant
from gateway.presence import last_seen, served
from records.projection import FAR
from records.schema import acts, deadlines, docket, events, letters

router = APIRouter(include_in_schema=False)
NEWEST = 20_000
"""Facts that are read for the plots."""
WEEKS = 16
AHEAD = 60
STEPS = (
    ("FilingSubmitted", "提交", "filed"), ("FilingAccepted", "受理", "accepted"), ("EvaluationBegan", "组成专家组", "panel formed"),
    ("LinesConcluded", "评估结论", "judged"), ("LinesPublished", "公示", "noticed"), ("LinesConsented", "省厅同意", "consented"),
    ("LinesAnnounced", "公布", "announced"),
)  # fmt: skip
PROMISES = {
    "FilingSubmitted": ("completeness", "FilingAccepted"), "ObjectionAdmitted": ("objection", "ObjectionDecided"),
}  # fmt: skip
"""The fact that begins a period, the period's name in it, and the fact by which it is kept."""


@router.get("/ops/statistics")
def statistics(request: Request) -> Response:
    """All of it on one page."""
    visit = _operator(request)
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        shown: dict[str, Any] = {
            "spent": _spent(connection), "load": _load(connection, visit.desk.today), "kept": _kept(connection, visit.desk.gateway.clock.now()),
            "ahead": _ahead(connection, visit.now), "health": _health(visit, connection),
        }  # fmt: skip
    return visit.page("statistics.html", weeks=WEEKS, newest=NEWEST, **shown)


@router.get("/ops/deadlines.xlsx")
def deadlines_workbook(request: Request) -> Response:
    """What falls due next, as a workbook."""
    visit = _operator(request)
    v = visit.voice
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        rows = _ahead(connection, visit.now, 2000)
    columns: list[Column] = [
        (v.t("到期", "Due"), lambda r: v.end(r["ends_at"])), (v.t("期限", "Period"), lambda r: v.deadline(r["name"])),
        (v.t("案件", "Case"), lambda r: r["case_id"]),
    ]  # fmt: skip
    return spreadsheet(v.t("到期事项", "Deadlines"), columns, rows)


def _operator(request: Request) -> Visit:
    visit = Visit(request)
    if visit.me.actor.role not in ("ops", "auditor"):
        raise NotForYou
    return visit


def _spent(connection: Connection) -> list[dict[str, Any]]:
    """Median calendar days from each step of a filing to the next, with how many filings went that way."""
    names = [type_ for type_, _, _ in STEPS]
    query = (
        select(events.c.stream, events.c.type, events.c.legal_at)
        .where(events.c.kind == "filing", events.c.type.in_(names))
        .order_by(events.c.position.desc())
        .limit(NEWEST)
    )
    first: dict[str, dict[str, datetime]] = defaultdict(dict)
    for row in connection.execute(query):
        first[row.stream][row.type] = instant(
            row.legal_at
        )  # newest first, so that the earliest of a kind stays
    days: dict[str, list[float]] = defaultdict(list)
    for at in first.values():
        there = [name for name in names if name in at]
        for before, after in pairwise(there):
            if names.index(after) == names.index(before) + 1:
                days[after].append((at[after] - at[before]).total_seconds() / 86_400)
    return [
        {"zh": f"{STEPS[n][1]} → {zh}", "en": f"{STEPS[n][2]} → {en}", "days": round(median(days[type_]), 1), "count": len(days[type_])}
        for n, (type_, zh, en) in enumerate(STEPS[1:])
        if days[type_]
    ]  # fmt: skip


def _load(connection: Connection, today: date) -> list[dict[str, Any]]:
    """Acts by week, done and refused, the weeks beginning on Monday."""
    monday = today - timedelta(days=today.weekday())
    since = monday - timedelta(weeks=WEEKS - 1)
    day = func.substr(acts.c.legal_at, 1, 10)
    query = (
        select(day, acts.c.outcome, func.count())
        .where(acts.c.legal_at >= since.isoformat())
        .group_by(day, acts.c.outcome)
    )
    counts: Counter[tuple[date, str]] = Counter()
    for text, outcome, many in connection.execute(query):
        on = date.fromisoformat(text)
        counts[on - timedelta(days=on.weekday()), outcome] += many
    found = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    return [{"week": w, "done": counts[w, "accepted"], "refused": counts[w, "refused"]} for w in found]


def _kept(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    """Promised periods of the newest cases: kept by an act in time, not kept, and still running."""
    wanted = [*PROMISES, *(done for _, done in PROMISES.values())]
    query = (
        select(events.c.stream, events.c.type, events.c.legal_at, events.c.actor, events.c.data)
        .where(events.c.type.in_(wanted))
        .order_by(events.c.position.desc())
        .limit(NEWEST)
    )
    rows = list(connection.execute(query))[::-1]
    found: list[dict[str, Any]] = []
    for begins, (name, done) in PROMISES.items():
        ends = {r.stream: _end(r.data, name) for r in rows if r.type == begins}
        by_hand = {
            r.stream: instant(r.legal_at)
            for r in rows
            if r.type == done and not r.actor.startswith("process@")
        }
        over = {r.stream for r in rows if r.type == done}
        count: Counter[str] = Counter()
        for stream, end in ends.items():
            if end is None:
                continue
            at = by_hand.get(stream)
            count[
                "kept" if at and at <= end else "late" if at or stream in over or now > end else "open"
            ] += 1
        found.append({"name": name, **{word: count[word] for word in ("kept", "late", "open")}})
    return found


def _end(data: str, name: str) -> datetime | None:
    """The end of a period as its first fact named it."""
    period = json.loads(data).get(name)
    return instant(period["ends_at"]) if isinstance(period, dict) and period.get("ends_at") else None


def _ahead(connection: Connection, now: str, most: int = AHEAD) -> list[dict[str, Any]]:
    query = (
        select(deadlines)
        .where(deadlines.c.running, deadlines.c.ends_at > now, deadlines.c.ends_at < FAR)
        .order_by(deadlines.c.ends_at)
        .limit(most)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _health(visit: Visit, connection: Connection) -> list[dict[str, Any]]:
    """Each agency: whether its worker is there, what waits for it and how much of that is late, letters not gone out."""
    prefix, now = visit.desk.settings.prefix, visit.now
    waiting = dict(connection.execute(select(docket.c.agency, func.count()).group_by(docket.c.agency)).all())
    late_query = select(docket.c.agency, func.count()).where(docket.c.due <= now).group_by(docket.c.agency)
    late = dict(connection.execute(late_query).all())
    unsent_query = (
        select(letters.c.sender, func.count()).where(letters.c.status != "sent").group_by(letters.c.sender)
    )
    unsent = dict(connection.execute(unsent_query).all())
    seen, there = last_seen(visit.desk.engine), served(visit.desk.engine)
    return [
        {
            "agency": agency, "seen": seen.get(f"{prefix}.{agency}"), "waiting": waiting.get(agency, 0), "late": late.get(agency, 0),
            "unsent": unsent.get(agency, 0),
            "there": f"{prefix}.{agency}" in there,
        }
        for agency in visit.desk.pack.agencies
    ]  # fmt: skip
