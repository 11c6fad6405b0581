"""For the operator: where time goes, how much there is by week, whether promises are kept, what falls due; who serves whom.

The figures are those of `huiqian ops statistics` (`gateway.statistics`): the whole record is folded for them, so they are
counted beside the requests and the page says as of when. Plots are drawn here, as SVG.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import TypeAdapter
from sqlalchemy import Connection, func, literal, select

from console.web.guard import token_fits
from console.web.jobs import Job, Task
from console.web.lists import Column, spreadsheet
from console.web.place import NotForYou, Visit
from console.web.voice import Voice
from domain.moments import day as read_day
from domain.moments import stamp
from gateway.counts import count_each
from gateway.presence import last_seen, served
from gateway.statistics import Spent, Week, acts_by_week, time_spent
from records.projection import FAR
from records.schema import deadlines, docket, letters

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Counts:
    """What a count of the whole record found: of which cases, and when (legal time)."""

    since: date | None
    at: str
    spent: list[Spent]
    load: list[Week]


TASK = Task("statistics", TypeAdapter(Counts))
AHEAD = 60
AT_ONCE = 0.05
"""Seconds that a page waits for a count that it begins: a small record is counted by then."""


@router.get("/ops/statistics")
def statistics(request: Request) -> Response:
    """All of it on one page; whoever looks first begins the count."""
    visit = _operator(request)
    jobs = visit.place.jobs
    if jobs.get(TASK) is None:
        _count(visit, None)
    jobs.wait(TASK, AT_ONCE)
    job = jobs.get(TASK)
    assert job
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


def _count(visit: Visit, since: date | None) -> None:
    gateway = visit.desk.gateway

    def work() -> Counts:
        at = stamp(gateway.clock.now())
        return Counts(since, at, time_spent(gateway, since), acts_by_week(gateway))

    visit.place.jobs.start(TASK, str(visit.me.actor), work)


def _counted(v: Voice, job: Job[Counts]) -> dict[str, Any]:
    """What the count found: moves and clocks, most time first, and the moves that were to be made by a day."""
    rows = job.result.spent if job.result else []
    moves = [row for row in rows if row.what == "move"]

    def named(row: Spent) -> str:
        return v.deadline(row.name) if row.what == "clock" else v.act(row.name)

    return {
        "job": job, "moves": moves, "clocks": [row for row in rows if row.what == "clock"],
        "named": named,
        "most": max((day for row in rows for day in (row.p90, row.promised, row.median) if day), default=0),
        "promises": [row for row in moves if row.kept + row.late + row.lapsed + row.ahead],
    }  # fmt: skip


@router.get("/ops/statistics.xlsx")
def statistics_workbook(request: Request) -> Response:
    """The last count as a workbook: moves and clocks on one sheet, acts by week on another."""
    visit = _operator(request)
    v, job = visit.voice, visit.place.jobs.get(TASK)
    if job is None or job.result is None:
        return visit.go("/ops/statistics")
    columns: list[Column] = [
        (v.t("内容", "What"), lambda r: v.t("环节", "move") if r["what"] == "move" else v.t("期限", "clock")),
        (v.t("名称", "Name"), lambda r: v.act(r["name"]) if r["what"] == "move" else v.deadline(r["name"])),
        (v.t("类别", "Kind"), lambda r: v.kind(r["kind"])), (v.t("机构", "Agency"), lambda r: v.agency(r["agency"]) if r["agency"] else ""),
        (v.t("中位（工作日）", "Median (working days)"), lambda r: r["median"]), (v.t("九成", "p90"), lambda r: r["p90"]),
        (v.t("最长", "Longest"), lambda r: r["longest"]), (v.t("承诺", "Promised"), lambda r: r["promised"]),
        (v.t("办结", "Ended"), lambda r: r["ended"]), (v.t("在办", "Open"), lambda r: r["running"]),
        (v.t("按期", "Kept"), lambda r: r["kept"]), (v.t("逾期", "Late"), lambda r: r["late"]),
        (v.t("到期自动发生", "Lapsed"), lambda r: r["lapsed"]), (v.t("期限内", "Ahead"), lambda r: r["ahead"]),
    ]  # fmt: skip
    weeks: list[Column] = [
        (v.t("周一", "Monday"), lambda r: r["begins"].isoformat()), (v.t("办理", "Done"), lambda r: r["done"]), (v.t("拒绝", "Refused"), lambda r: r["refused"]),
    ]  # fmt: skip
    load = (v.t("每周办理", "Acts by week"), weeks, [asdict(week) for week in job.result.load])
    return spreadsheet(v.t("统计", "Statistics"), columns, [row.about() for row in job.result.spent], load)


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
    agencies = visit.desk.pack.agencies
    waits = {
        agency: select(literal(1)).select_from(docket).where(docket.c.agency == agency) for agency in agencies
    }
    waiting = count_each(connection, waits)
    late = count_each(
        connection, {agency: query.where(docket.c.due <= now) for agency, query in waits.items()}
    )
    unsent_query = (
        select(letters.c.sender, func.count()).where(letters.c.status != "sent").group_by(letters.c.sender)
    )
    unsent = dict(connection.execute(unsent_query).all())
    seen, there = last_seen(visit.desk.engine), served(visit.desk.engine)
    return [
        {
            "agency": agency, "seen": seen.get(f"{prefix}.{agency}"), "waiting": waiting[agency], "late": late[agency],
            "unsent": unsent.get(agency, 0),
            "there": f"{prefix}.{agency}" in there,
        }
        for agency in agencies
    ]  # fmt: skip
