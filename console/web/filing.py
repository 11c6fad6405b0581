"""A college's filing from the Excel form: the empty form out, the filled one in, what is wrong by sheet, row and column."""

import io
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from console.desk import draw_id
from console.importing import attached, cell_of, missing
from console.web.guard import token_fits
from console.web.lists import XLSX, attachment
from console.web.place import NotForYou, Visit
from console.workbook import Location, Problem, read_workbook
from console.workbook_sheets import categories_of, sheets_of, title_of
from console.workbook_template import build
from domain.files import Command
from gateway.foresight import foresee
from gateway.views import NoSuchCase

router = APIRouter(include_in_schema=False)
MOST_BYTES = 10 * 1024 * 1024


def _round(visit: Visit, id_: str) -> dict[str, Any]:
    if not visit.may_try("submit-filing"):
        raise NotForYou
    view = visit.sight.standing(id_)
    if view["kind"] != "round":
        raise NoSuchCase(id_)
    return view


@router.get("/rounds/{round_}/form.xlsx")
def template(request: Request, round_: str) -> Response:
    """The empty form with the majors to choose from."""
    visit = Visit(request)
    view = _round(visit, round_)
    made = io.BytesIO()
    pack = visit.desk.pack_of(view["pack"])
    rules, title = pack.on(visit.desk.today), title_of(pack)
    majors = list(visit.desk.majors_open(view["id"]).items())
    build(view["id"], majors, sheets=sheets_of(rules), categories=categories_of(rules), title=title).save(
        made
    )
    return attachment(made.getvalue(), f"{title[0]}{view['year']}.xlsx", XLSX)


@router.get("/rounds/{round_}/import")
def import_page(request: Request, round_: str, case: str = "") -> Response:
    """Where the form is handed in."""
    visit = Visit(request)
    return visit.page(
        "import.html",
        view=_round(visit, round_),
        case=case,
        problems=[],
        refusal=None,
        draft=None,
        id=draw_id(),
    )


@router.post("/rounds/{round_}/import")
def bring_in(
    request: Request,
    round_: str,
    file: Annotated[UploadFile, File()],
    press: Annotated[str, Form(max_length=10)] = "check",
    case: Annotated[str, Form(max_length=80)] = "",
    id: Annotated[str, Form(max_length=40)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Read the form; check it against the law without recording anything, or keep it as a draft."""
    visit = Visit(request)
    view, me = _round(visit, round_), visit.me
    if not token_fits(request, csrf):
        raise NotForYou
    sheets = sheets_of(visit.desk.pack_of(view["pack"]).on(visit.desk.today))
    reading = read_workbook(file.file.read(MOST_BYTES + 1)[: MOST_BYTES + 1], sheets)
    names = list(reading.with_.get("materials") or [])
    found = attached(visit.desk.engine, me.actor.agency, names)
    problems = reading.problems or missing(reading, names, found)
    refusal = None
    if not problems:
        given = {**reading.with_, "materials": [found[name] for name in names], "round": round_}
        seen = foresee(
            visit.desk.gateway,
            Command(
                id=f"check/{draw_id()}", act="submit-filing", by=me.actor, case=case or None, with_=given
            ),
        )
        refusal = seen.refused
        problems = [_located(reading, reason) for reason in (refusal or {}).get("reasons", [])]
        if press == "draft":
            answer = visit.desk.gateway.act(
                Command(id=id or draw_id(), act="save-draft", by=me.actor, case=case or None, with_=given)
            )
            if answer["outcome"] == "accepted":
                return visit.go(f"/cases/{answer['case']}")
            refusal, problems = answer, [_located(reading, reason) for reason in answer["reasons"]]
    return visit.page(
        "import.html", 422 if problems else 200, view=view, case=case, problems=problems, refusal=refusal,
        draft=None if problems else reading.with_, id=draw_id(),
    )  # fmt: skip


def _located(reading: Any, reason: dict[str, Any]) -> Problem:
    at = cell_of(reading, reason) or Location("", 0, "")
    return Problem(at.sheet, at.row, at.column, reason["zh"], reason["en"])
