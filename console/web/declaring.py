"""Before judging, an expert says on the record that there is no tie to the applicant, or discloses it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from console.desk import DRAWN_ID, draw_id
from console.fitting import evaluation_of
from console.web.acting import DECLARE, JUDGING
from console.web.guard import token_fits
from console.web.place import NotForYou, Visit
from domain.files import Command

router = APIRouter(include_in_schema=False)


@router.get("/declare/{case}")
def declaration(request: Request, case: str, act: str = "score") -> Response:
    """Before judging, an expert says that there is no tie, or discloses it."""
    visit = Visit(request)
    view = visit.sight.standing(case)
    if visit.me.actor.role != "expert" or act not in JUDGING:
        raise NotForYou
    evaluation = evaluation_of(visit.desk, view)
    filing = visit.sight.standing(evaluation["filing"]) if evaluation else view
    return visit.page("declare.html", view=view, filing=filing, act=act, id=draw_id(), refusal=None)


@router.post("/declare/{case}")
def declare(
    request: Request,
    case: str,
    act: Annotated[str, Form()] = "score",
    id: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """No tie: an act on the record of this panel; only then the sheet opens."""
    visit = Visit(request)
    view = visit.sight.standing(case)
    evaluation = evaluation_of(visit.desk, view)
    if (
        visit.me.actor.role != "expert"
        or evaluation is None
        or act not in JUDGING
        or not DRAWN_ID.fullmatch(id)
        or not token_fits(request, csrf)
    ):
        raise NotForYou
    filing = evaluation["filing"]
    answer = visit.desk.gateway.act(Command(id=id, act=DECLARE, by=visit.me.actor, case=filing))
    declared = visit.sight.standing(evaluation["id"])["declared"]
    if answer["outcome"] != "accepted" and visit.me.actor.person not in declared:
        return visit.page(
            "declare.html",
            422,
            view=view,
            filing=visit.sight.standing(filing),
            act=act,
            id=draw_id(),
            refusal=answer,
        )
    return visit.go(f"/do/{act}?case={case}")
