"""The docket: what waits for the person in their office, soonest first, with counts, filters, saved views and a list."""

import hashlib
import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from console.fitting import BEGINNINGS, fitted
from console.web.bulk import alone
from console.web.guard import token_fits
from console.web.lists import Column, spreadsheet
from console.web.place import NotForYou, Visit
from domain.actors import Actor
from gateway.docket import desk, desk_counts, subjects
from gateway.foresight import possible
from gateway.sessions import keep, kept
from gateway.views import newest

router = APIRouter(include_in_schema=False)
PAGE = 30
VIEW = "view/docket/"


def role_of(actor: Actor) -> str:
    """The role under which work waits for somebody."""
    return f"expert:{actor.person}" if actor.role == "expert" else actor.role


@router.get("/desk")
def docket(
    request: Request,
    kind: str = "",
    act: str = "",
    late: bool = False,
    whole: bool = False,
    after: Annotated[str, Query(max_length=200)] = "",
    seen: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What waits for me, or with `whole` for all of my agency.

    The list asks for itself from time to time, and says which it shows (`seen`): it is drawn anew only when it is another.
    """
    visit = Visit(request)
    me, engine = visit.me, visit.desk.engine
    role = None if whole and me.actor.role != "expert" else role_of(me.actor)
    now = visit.now
    chosen = {"kind": kind, "act": act, "late": late}
    found = desk(
        engine, me.actor.agency, role, limit=PAGE, after=after or None, kind=kind or None, for_=act or None,
        late_at=now if late else None,
    )  # fmt: skip
    counts = desk_counts(engine, me.actor.agency, role, now)
    about = subjects(engine, [row["case"] for row in found["rows"]])
    wanted = {k: v for k, v in {**chosen, "whole": whole}.items() if v}
    bulk = {act for act in counts["acts"] if alone(act)}
    listed: dict[str, Any] = {
        "found": found, "about": about, "whole": whole, "narrowed": any(chosen.values()), "query": urlencode(wanted), "first": not after, "bulk": bulk,
        "picks": not whole and sum(row["for"] in bulk for row in found["rows"]) > 1, "counts": counts,
        "shows": _digest(visit.desk.today, found["rows"], counts),
    }  # fmt: skip
    if visit.swap and request.headers.get("hx-target") == "waiting":
        if seen == listed["shows"]:
            return Response(status_code=204)
        return visit.page("docket_rows.html", swapped=True, **listed)
    rounds = newest(engine, "round", 5) if me.actor.role != "expert" else []
    own = f"agency/{me.actor.agency}"
    return visit.page(
        "docket.html", **listed, chosen=chosen, rounds=rounds, views=kept(engine, me.account.name, VIEW),
        beginnings=beginnings(visit), own=own if visit.sight.may(own) else "", drafts=[(act, case) for _, act, case in (key.split("/", 2) for key in kept(engine, me.account.name, "draft/")) if visit.may_try(act)],
    )  # fmt: skip


def _digest(*shown: Any) -> str:
    return hashlib.sha256(json.dumps(shown, default=str, sort_keys=True).encode()).hexdigest()[:16]


def beginnings(visit: Visit) -> list[str]:
    """What this person may begin that belongs to no case."""
    excluded = ("delegate",) if visit.me.actor.role == "expert" else ()
    wishes = [
        fitted(visit.desk, act, None, None, visit.me.actor)
        for act in BEGINNINGS
        if visit.may_try(act) and act not in excluded
    ]
    return possible(visit.desk.gateway, visit.me.actor, wishes)


@router.post("/desk/views")
def save_view(
    request: Request,
    name: Annotated[str, Form(max_length=40)],
    query: Annotated[str, Form(max_length=300)] = "",
    forget: Annotated[str, Form(max_length=2)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Keep the filters as a view of one's own, or forget one."""
    visit = Visit(request)
    if not token_fits(request, csrf) or not name.strip():
        raise NotForYou
    keep(visit.desk.engine, visit.me.account.name, VIEW + name.strip(), None if forget else query)
    return visit.go(f"/desk?{query}")


@router.post("/desk/drafts")
def forget_draft(
    request: Request,
    act: Annotated[str, Form(max_length=40)],
    case: Annotated[str, Form(max_length=200)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Give up a form that was kept for later; also where its case is no longer to be seen."""
    visit = Visit(request)
    if not token_fits(request, csrf):
        raise NotForYou
    keep(visit.desk.engine, visit.me.account.name, f"draft/{act}/{case}", None)
    return visit.go("/desk")


@router.get("/desk.xlsx")
def as_workbook(
    request: Request, kind: str = "", act: str = "", late: bool = False, whole: bool = False
) -> Response:
    """The docket as a workbook, as the page filters it, up to a thousand rows."""
    visit = Visit(request)
    v, actor = visit.voice, visit.me.actor
    role = None if whole and actor.role != "expert" else role_of(actor)
    late_at = visit.now if late else None
    found = desk(
        visit.desk.engine,
        actor.agency,
        role,
        limit=1000,
        kind=kind or None,
        for_=act or None,
        late_at=late_at,
    )
    about = subjects(visit.desk.engine, [row["case"] for row in found["rows"]])
    columns: list[Column] = [
        (v.t("期限", "Due"), lambda r: v.end(r["due"])),
        (v.t("要办", "To do"), lambda r: v.act(r["for"])),
        (v.t("岗位", "Office"), lambda r: v.office(r["role"], r["agency"])),
        (v.t("案件", "Case"), lambda r: r["case"]),
        (v.t("类别", "Kind"), lambda r: v.kind(r["kind"])),
        (
            v.t("院校", "College"),
            lambda r: v.agency(about[r["case"]]["college"]) if r["case"] in about else "",
        ),
        (v.t("阶段", "Stage"), lambda r: v.stage(r["stage"])),
    ]
    return spreadsheet(v.t("待办", "Docket"), columns, found["rows"])
