"""A round's board: its lines by state, to be picked for a notice or a consent; and the register of programmes."""

import json
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement, select

from console.fitting import LINE_ACT_STATE
from console.web.lines import majors
from console.web.lists import Column, spreadsheet, which_line
from console.web.place import Visit
from domain.moments import day as read_day
from gateway.foresight import possible
from gateway.programmes import register_on
from gateway.sight import seen_lines
from gateway.views import NoSuchCase, lines_of, newest
from records.schema import streams

router = APIRouter(include_in_schema=False)
ORDER = (
    "filed", "conditional", "eligible", "reserve", "passed", "in-notice", "held", "noticed", "consented", "announced", "frozen", "returned",
    "voided", "failed", "refused", "withdrawn", "closed", "unselected",
)  # fmt: skip
PAGE = 200


@router.get("/rounds")
def rounds(request: Request) -> Response:
    """Every round."""
    visit = Visit(request)
    assert visit.me
    return visit.page("rounds.html", rounds=newest(visit.desk.engine, "round", 50))


def lines_seen(visit: Visit, round_: str) -> list[dict[str, Any]]:
    """The round's lines, as far as this person may see them, each with its major's name."""
    view = visit.sight.view(round_)
    if view["kind"] != "round":
        raise NoSuchCase(round_)
    names = {m["code"]: m["name"] for m in view["catalog"]}
    rows = lines_of(visit.desk.engine, round_)
    if not visit.sight.everything:
        rows = seen_lines(rows, visit.me.actor, _routes(visit, streams.c.round == round_))
    return [{**row, "name": names.get(row["major"], "")} for row in rows]


def _routes(visit: Visit, which: ColumnElement[bool]) -> dict[str, str | None]:
    """To which unit each of these filings was routed."""
    query = select(streams.c.id, streams.c.state).where(which, streams.c.kind == "filing")
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        return {row.id: json.loads(row.state).get("route") for row in connection.execute(query)}


def _with_routes(visit: Visit, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    filings = sorted({row["filing"] for row in rows})
    routes: dict[str, str | None] = {}
    for start in range(0, len(filings), 500):
        routes |= _routes(visit, streams.c.id.in_(filings[start : start + 500]))
    return [{**row, "route": routes.get(row["filing"])} for row in rows]


@router.get("/rounds/{round_}")
def board(
    request: Request,
    round_: str,
    state: Annotated[str, Query(max_length=20)] = "",
    college: Annotated[str, Query(max_length=40)] = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Lines by state; those of one state can be picked for the act that it waits for."""
    visit = Visit(request)
    rows = lines_seen(visit, round_)
    counts = Counter(row["state"] for row in rows)
    colleges = sorted({row["college"] for row in rows})
    chosen = [
        r for r in rows if (not state or r["state"] == state) and (not college or r["college"] == college)
    ]
    acts = [act for act, of in LINE_ACT_STATE.items() if of == state and visit.may_try(act) and chosen]
    wishes = [(act, None, _form(act, [chosen[0]["ref"]])) for act in acts]
    return visit.page(
        "board.html", view=visit.sight.view(round_), rows=_with_routes(visit, chosen[(page - 1) * PAGE : page * PAGE]), total=len(chosen),
        counts=[(s, counts[s]) for s in ORDER if counts[s]], everything=len(rows), state=state, college=college,
        colleges=colleges, acts=possible(visit.desk.gateway, visit.me.actor, wishes), page=page, last=-(-len(chosen) // PAGE),
        files=visit.may_try("submit-filing"),
    )  # fmt: skip


def _form(act: str, lines: list[str]) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "refuse": {"reasons": "…"}, "return": {"reasons": "…"}, "announce": {"document_no": "粤人社函〔2026〕999号"},
    }  # fmt: skip
    return {"lines": lines, **more.get(act, {})}


@router.get("/rounds/{round_}/lines.xlsx")
def board_workbook(request: Request, round_: str) -> Response:
    """The whole board as a workbook."""
    visit = Visit(request)
    v = visit.voice
    columns: list[Column] = [
        *which_line(v),
        (v.t("受理单位", "Receiving unit"), lambda r: v.agency(r["route"] or "")),
        (v.t("状态", "State"), lambda r: v.state(r["state"])),
    ]
    return spreadsheet(v.t("专业线", "Lines"), columns, _with_routes(visit, lines_seen(visit, round_)))


@router.get("/register")
def register(request: Request, on: Annotated[str, Query(max_length=10)] = "") -> Response:
    """The programmes as they stood at the end of a day."""
    visit = Visit(request)
    day, rows = _register(visit, on)
    return visit.page("register.html", rows=rows, on=day, today=visit.desk.today, names=_names(visit))


@router.get("/register.xlsx")
def register_workbook(request: Request, on: Annotated[str, Query(max_length=10)] = "") -> Response:
    """The same as a workbook."""
    visit = Visit(request)
    v = visit.voice
    columns: list[Column] = [
        (v.t("院校", "College"), lambda r: r["college_name"]),
        (v.t("专业", "Major"), lambda r: r["major"]),
        (v.t("生源", "Entry"), lambda r: v.choice(r["entry"])),
        (v.t("学制", "Years"), lambda r: r["years"]),
        (v.t("计划", "Plan"), lambda r: r["plan"]),
        (v.t("状态", "Status"), lambda r: v.stage(r["status"])),
        (v.t("公布文号", "Announced in"), lambda r: "；".join(r["announced_in"])),
    ]
    day, rows = _register(visit, on)
    return spreadsheet(v.t(f"登记册 {day}", f"Register {day}"), columns, rows)


def _register(visit: Visit, on: str) -> tuple[str, list[dict[str, Any]]]:
    own, today = visit.me.actor.agency, visit.desk.today
    try:
        day = min(read_day(on), today) if on else today  # nobody knows a day to come
    except ValueError:
        day = today
    rows = register_on(visit.desk.engine, day, today)
    if own not in visit.desk.pack.agencies:
        rows = [row for row in rows if row["college"] == own]
    return day.isoformat(), rows


def _names(visit: Visit) -> dict[str, str]:
    found = newest(visit.desk.engine, "round", 1)
    return majors(visit, found[0]["id"]) if found else {}
