"""The lines that a case is about, with college, major and state; and lists of them and of rankings that leave as workbooks."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from console.web.choosing import labels
from console.web.lists import Column, spreadsheet, which_line
from console.web.place import Visit
from console.web.voice import Voice
from gateway.views import NoSuchCase
from records.schema import lines

router = APIRouter(include_in_schema=False)


@router.get("/cases/{id_:path}/lines.xlsx")
def lines_workbook(request: Request, id_: str) -> Response:
    """The lines of a case as a workbook."""
    visit = Visit(request)
    v, view = visit.voice, visit.sight.standing(id_)
    columns: list[Column] = [
        *which_line(v),
        (v.t("学制", "Years"), lambda r: r.get("years")),
        (v.t("计划", "Plan"), lambda r: r.get("plan")),
        (v.t("状态", "State"), lambda r: v.state(r["state"])),
    ]
    return spreadsheet(v.t(f"专业线 {id_}", f"Lines {id_}"), columns, line_rows(visit, view, 10_000))


@router.get("/cases/{id_:path}/ranking.xlsx")
def ranking_workbook(request: Request, id_: str) -> Response:
    """A ranking as a workbook."""
    visit = Visit(request)
    v, view = visit.voice, visit.sight.standing(id_)
    if view["kind"] != "selection":
        raise NoSuchCase(id_)
    named = labels(v, [row["line"] for row in view["ranking"]])
    columns: list[Column] = [
        (v.t("名次", "Place"), lambda r: r["place"]), (v.t("专业线", "Line"), lambda r: named[r["line"]]),
        (v.t("编号", "Id"), lambda r: r["line"]), (v.t("得分", "Score"), lambda r: r["score"]),
        (v.t("签号", "Lot"), lambda r: r["lot"]), (v.t("结果", "Standing"), lambda r: r["standing"]),
    ]  # fmt: skip
    return spreadsheet(v.t(f"排序 {id_}", f"Ranking {id_}"), columns, view["ranking"])


def line_rows(visit: Visit, view: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """The lines that a case is about, each with its college, major and state."""
    kind = view["kind"]
    if kind == "filing":
        names = majors(visit, view.get("round"))
        return [
            {**_so_far(line), "ref": f"{view['id']}/{id_}", "college": view["college"], "name": names.get(line.get("major") or "", "")}
            for id_, line in view["lines"].items()
        ]  # fmt: skip
    if kind == "evaluation":  # what its panel judges
        refs = [f"{view['filing']}/{id_}" for id_ in view["pending"] or view["scores"]]
    elif kind in ("round", "selection") or not isinstance(view.get("lines"), list):
        return []
    else:
        refs = view["lines"]
    query = select(lines).where(lines.c.ref.in_(refs[:most])).order_by(lines.c.college, lines.c.ref)
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        found = [dict(row._mapping) for row in connection.execute(query)]  # pyright: ignore[reportPrivateUsage]
    names = majors(visit, found[0]["round"]) if found else {}
    return [
        {**row, "name": names.get(row["major"], ""), "outcome": (view.get("outcomes") or {}).get(row["ref"])}
        for row in found
    ]


def _so_far(line: dict[str, Any]) -> dict[str, Any]:
    """A line as it is filed; a draft's, which stands in no state, as far as the college has written it down."""
    return line if line["state"] else {"state": "draft", **{k: x for k, x in line.items() if x is not None}}


def college_of(v: Voice, filing: str) -> str:
    """Whose filing this is; empty for a draft."""
    query = select(lines.c.college).where(lines.c.filing == filing).limit(1)
    with v.desk.engine.connect().execution_options(reading=True) as connection:
        return connection.execute(query).scalar() or ""


def majors(visit: Visit, round_: str | None) -> dict[str, str]:
    """Code to name, of a round's catalog."""
    try:
        return {m["code"]: m["name"] for m in visit.sight.standing(round_)["catalog"]} if round_ else {}
    except NoSuchCase:
        return {}
