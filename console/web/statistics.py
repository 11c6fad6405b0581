"""For the operator: where time goes, how much there is by week, whether promises are kept, what falls due; who serves whom.

The figures are those of `huiqian ops statistics` (`gateway.statistics`): the whole record is folded for them, so they are
counted beside the requests and the page says as of when. Plots are drawn here, as SVG.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import Connection, func, select

from console.web.guard import token_fits
from console.web.jobs import Job
from console.web.lists import Column, spreadsheet
from console.web.place import NotForYou, Visit
from console.web.voice import Voice
from domain.moments import day as read_day
from domain.moments import stamp
from gateway.presence import last_seen, served
from gateway.statistics import Spent, acts_by_week, time_spent
from records.projection import FAR
from records.schema import deadlines, docket, letters

router = APIRouter(include_in_schema=False)
JOB = "statistics"
AHEAD = 60
AT_ONCE = 0.05
"""Seconds that a page waits for a count that it begins: a small record is counted by then."""


@router.get("/ops/statistics")
def statistics(request: Request) -> Response:
    """All of it on one page; whoever looks first begins the count."""
    visit = _operator(request)
    job = visit.place.jobs.get(JOB) or _count(visit, None)
    job.wait(AT_ONCE)
    if visit.swap:
        return visit.page("statistics_job.html", **_counted(visit.voice, job))
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        shown = {"ahead": _ahead(connection, visit.now), "health": _health(visit, connection)}
    return visit.page("statistics.html", today=visit.desk.today, **shown, **_counted(visit.voice, job))


@router.post("/ops/statistics")
def count_again(
    request: Request,
    since: Annotated[str, Form(max_length=10)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Count anew: every case, or those that changed on or after a day."""
    visit = _operator(request)
    if not token_fits(request, csrf):
        raise NotForYou
    try:
        day = read_day(since) if since else None
    except ValueError:
        day = None
    _count(visit, day)
    return visit.go("/ops/statistics")


def _count(visit: Visit, since: date | None) -> Job:
    gateway = visit.desk.gateway

    def work() -> dict[str, Any]:
        at = stamp(gateway.clock.now())
        return {"since": since, "at": at, "spent": time_spent(gateway, since), "load": acts_by_week(gateway)}

    return visit.place.jobs.start(JOB, str(visit.me.actor), work)


def _counted(v: Voice, job: Job) -> dict[str, Any]:
    """What the count found: moves and clocks, most time first, and the moves that were to be made by a day."""
    rows: list[Spent] = job.result["spent"] if job.state == "done" else []
    moves = [row for row in rows if row.what == "move"]

    def named(row: Spent) -> str:
        return v.deadline(row.name) if row.what == "clock" else v.act(row.name)

    return {
        "job": job, "moves": moves, "clocks": [row for row in rows if row.what == "clock"],
        "named": named,
        "most": max((day for row in rows for day in (row.p90, row.promised, row.median) if day), default=0),
        "promises": [row for row in moves if row.kept + row.late + row.lapsed + row.ahead],
    }  # fmt: skip


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
    are_late = func.count().filter(docket.c.due <= now)
    moves = connection.execute(
        select(docket.c.agency, func.count(), are_late).group_by(docket.c.agency)
    ).all()
    waiting = {agency: (many, late) for agency, many, late in moves}
    unsent_query = (
        select(letters.c.sender, func.count()).where(letters.c.status != "sent").group_by(letters.c.sender)
    )
    unsent = dict(connection.execute(unsent_query).all())
    seen, there = last_seen(visit.desk.engine), served(visit.desk.engine)
    return [
        {
            "agency": agency, "seen": seen.get(f"{prefix}.{agency}"), "waiting": waiting.get(agency, (0, 0))[0], "late": waiting.get(agency, (0, 0))[1],
            "unsent": unsent.get(agency, 0),
            "there": f"{prefix}.{agency}" in there,
        }
        for agency in visit.desk.pack.agencies
    ]  # fmt: skip
