"""A round's board: its lines by state, to be picked for a notice or a consent; and the register of programmes."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement, literal, select

from console.fitting import LINE_ACT_STATE
from console.web.lines import majors
from console.web.lists import Column, spreadsheet, which_line
from console.web.place import Visit
from domain.moments import day as read_day
from gateway.counts import Count, count_each
from gateway.foresight import possible
from gateway.programmes import register_on
from gateway.sight import lines_seen
from gateway.views import NoSuchCase, newest
from records.schema import lines, streams

router = APIRouter(include_in_schema=False)
ORDER = (
    "filed", "conditional", "eligible", "reserve", "passed", "in-notice", "held", "noticed", "consented", "announced", "frozen", "returned",
    "voided", "failed", "refused", "withdrawn", "closed", "unselected",
)  # fmt: skip
PAGE, MOST_ROUNDS = 100, 50
MOST_COLLEGES = 300
"""Of more than these nobody chooses from a list: the college is typed."""
MOST_ROWS = 100_000
"""Of a workbook."""


@router.get("/rounds")
def rounds(request: Request) -> Response:
    """Every round."""
    visit = Visit(request)
    assert visit.me
    return visit.page("rounds.html", rounds=newest(visit.desk.engine, "round", MOST_ROUNDS))


@router.get("/rounds.xlsx")
def rounds_workbook(request: Request) -> Response:
    """The same as a workbook."""
    visit = Visit(request)
    assert visit.me
    v = visit.voice
    columns: list[Column] = [
        (v.t("年度", "Year"), lambda r: r["year"]), (v.t("文号", "Document"), lambda r: r["document_no"]),
        (v.t("开始", "Opens"), lambda r: v.at(r["window"]["opens"])), (v.t("截止", "Closes"), lambda r: v.end(r["window"]["closes"])),
        (v.t("阶段", "Stage"), lambda r: v.stage(r["stage"])), (v.t("专业数", "Majors"), lambda r: len(r["catalog"])), (v.t("案件", "Case"), lambda r: r["id"]),
    ]  # fmt: skip
    return spreadsheet(v.t("申报轮次", "Rounds"), columns, newest(visit.desk.engine, "round", MOST_ROUNDS))


class Board:
    """The round's lines, as far as this person may see them; counted and paged in the database, which may hold very many."""

    def __init__(self, visit: Visit, round_: str) -> None:
        self.visit, self.view = visit, visit.sight.standing(round_)
        if self.view["kind"] != "round":
            raise NoSuchCase(round_)
        self.own = lines.c.round == round_

    def seen(self, state: str = "") -> ColumnElement[bool]:
        """This round's lines that the person may see; of one state, when it is given."""
        mine = self.own & lines_seen(self.visit.me.actor, self.visit.desk.pack.agencies, state)
        return mine & (lines.c.state == state) if state else mine

    def counts(self) -> dict[str, Count]:
        """How many stand in each state."""
        wanted = {state: select(literal(1)).select_from(lines).where(self.seen(state)) for state in ORDER}
        with self.visit.desk.engine.connect().execution_options(reading=True) as connection:
            return {state: n for state, n in count_each(connection, wanted).items() if n}

    def colleges(self, everything: Count, most: int) -> list[str] | None:
        """The colleges that filed; None when they are more than a list to choose from may have."""
        if everything.more:  # no college files dozens of lines: do not read them all to see that
            return None
        query = (
            select(lines.c.college).where(self.seen()).distinct().order_by(lines.c.college).limit(most + 1)
        )
        with self.visit.desk.engine.connect().execution_options(reading=True) as connection:
            found = list(connection.execute(query).scalars())
        return found if len(found) <= most else None

    def count(self, state: str, college: str) -> Count:
        """How many lines of one state (empty: any) a college has."""
        query = select(literal(1)).select_from(lines).where(self.seen(state), lines.c.college == college)
        with self.visit.desk.engine.connect().execution_options(reading=True) as connection:
            return count_each(connection, {college: query})[college]

    def rows(self, state: str, college: str, offset: int, most: int) -> list[dict[str, Any]]:
        """Lines of one state and college (empty: any), each with its major's name, and in a selection its category."""
        here = select(lines).where(self.seen(state))
        query = here.order_by(lines.c.college, lines.c.ref).offset(offset).limit(most)
        if college:
            query = query.where(lines.c.college == college)
        names = {m["code"]: m["name"] for m in self.view["catalog"]}
        with self.visit.desk.engine.connect().execution_options(reading=True) as connection:
            found = [dict(row) for row in connection.execute(query).mappings()]
            filings = sorted({row["filing"] for row in found}) if "selections" in self.view else []
            filed: dict[str, dict[str, Any]] = {}
            for start in range(0, len(filings), 500):
                part = streams.c.id.in_(filings[start : start + 500])
                of = connection.execute(select(streams.c.id, streams.c.state).where(part))
                filed |= {row.id: json.loads(row.state) for row in of}
        return [
            {
                **row, "name": names.get(row["major"], ""),
                "category": filed[row["filing"]]["lines"][row["ref"].rpartition("/")[2]].get("category", "") if filed else "",
            }
            for row in found
        ]  # fmt: skip

    def category(self, code: str) -> str:
        """A category of a selection in words."""
        return self.visit.voice.category(self.visit.desk.pack_of(self.view["pack"]), code)


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
    found = Board(visit, round_)
    counts = found.counts()
    everything = sum(counts.values(), Count())
    total = counts.get(state, Count()) if state else everything
    if college:
        total = found.count(state, college)
    rows = found.rows(state, college, (page - 1) * PAGE, PAGE)
    acts = [act for act, of in LINE_ACT_STATE.items() if of == state and visit.may_try(act) and rows]
    wishes = [(act, None, _form(act, [rows[0]["ref"]])) for act in acts]
    return visit.page(
        "board.html", view=found.view, category=found.category, rows=rows, total=total, counts=counts.items(),
        everything=everything, state=state, college=college, colleges=found.colleges(everything, MOST_COLLEGES),
        acts=possible(visit.desk.gateway, visit.me.actor, wishes), page=page, last=-(-total.n // PAGE), further=len(rows) == PAGE and (page * PAGE < total.n or total.more), files=visit.may_try("submit-filing"),
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
    board = Board(visit, round_)
    category: Column = (v.t("类别", "Category"), lambda r: board.category(r["category"]))
    columns: list[Column] = [
        *which_line(v),
        *([category] if "selections" in board.view else []),
        (v.t("受理单位", "Receiving unit"), lambda r: v.agency(r["route"] or "")),
        (v.t("状态", "State"), lambda r: v.state(r["state"])),
    ]
    return spreadsheet(v.t("专业线", "Lines"), columns, board.rows("", "", 0, MOST_ROWS))


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
