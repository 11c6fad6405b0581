"""Several rows of the docket at once, where the act asks for nothing: one act for each case, each with an answer of its own."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from console.desk import DRAWN_ID, draw_id
from console.fitting import named_case
from console.forms import fields
from console.web.case import title_of
from console.web.guard import token_fits
from console.web.place import NotForYou, Visit
from domain.acts.base import ACTS
from domain.files import Command
from domain.moments import instant
from gateway.foresight import foresee
from gateway.views import NoSuchCase

router = APIRouter(include_in_schema=False)
MOST = 50


def alone(act: str) -> bool:
    """Whether an act is for one case and asks for nothing, so that many may be done by one press."""
    found = ACTS.get(act)
    return found is not None and not found.internal and found.on is not None and not fields(found)


@router.post("/desk/bulk")
async def bulk(request: Request) -> Response:
    """What it would do to each, then, confirmed, what it did; a case that is refused does not stop the others."""
    async with request.form(max_fields=200, max_files=0) as posted:
        return await run_in_threadpool(_bulk, request, posted)


def _bulk(request: Request, posted: FormData) -> Response:
    visit = Visit(request)
    if not token_fits(request, str(posted.get("csrf", ""))):
        raise NotForYou
    picked = list(dict.fromkeys(str(row) for row in posted.getlist("row")))[:MOST]
    id_, do = str(posted.get("id", "")) or draw_id(), posted.get("press") == "do"
    if not DRAWN_ID.fullmatch(id_):
        raise NotForYou
    drawn = str(posted.get("drawn", "")) or visit.now
    rows = [_one(visit, row, id_, drawn, do) for row in picked]
    return visit.page("bulk.html", rows=rows, id=id_, drawn=drawn, done=do, line_label=str)


def _one(visit: Visit, row: str, id_: str, drawn: str, do: bool) -> dict[str, Any]:
    act, _, case = row.partition(" ")
    if not alone(act) or not visit.may_try(act):
        raise NoSuchCase(row)
    view = visit.sight.standing(case)
    own = draw_id(id_, row)
    command = Command(id=own, act=act, by=visit.me.actor, case=named_case(act, view), read=instant(drawn))
    told: dict[str, Any] = {
        "row": row,
        "act": act,
        "case": case,
        "title": title_of(visit.voice, view),
        "seen": None,
    }
    if do:
        answer = visit.desk.gateway.act(command)
        return {**told, "command": own, "refused": None if answer["outcome"] == "accepted" else answer}
    seen = foresee(visit.desk.gateway, command)
    return {**told, "seen": seen, "refused": seen.refused}
