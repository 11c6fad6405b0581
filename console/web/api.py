"""The API for other systems: every act by its schema, cases and dockets as JSON; refusals as problem+json (RFC 9457).

A token stands for one office. `Idempotency-Key` is the command's id: sent again, the same request gets the same answer.
"""

import json
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from console.temporal import connect
from console.web.openapi import document
from console.web.place import Visit
from domain.actors import Actor
from domain.acts.base import ACTS
from domain.files import Command
from domain.moments import instant
from gateway.accounts import offices_of
from gateway.causes import CAUSES
from gateway.docket import desk
from gateway.foresight import foresee
from gateway.sessions import actor_of_token
from gateway.sight import Sight
from gateway.statistics import told
from gateway.stuck import find_stuck
from gateway.views import NoSuchCase

router = APIRouter(prefix="/api/v1")
PROBLEM = "application/problem+json"
FORBIDDEN = frozenset({"not-authorised", "wrong-agency", "recused", "self-review"})
LONGEST_KEY = 80


def problem(status: int, zh: str, en: str, **more: Any) -> JSONResponse:
    """A refusal in words, with whatever else is known of it."""
    body = {"type": "about:blank", "title": en, "title_zh": zh, "status": status, **more}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse(body, status, media_type=PROBLEM, headers=headers)


def _actor(request: Request) -> Actor | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 200 or not token.isascii():
        return None
    return actor_of_token(Visit(request).desk.engine, token)


def _no_token() -> JSONResponse:
    return problem(401, "须有有效的接口令牌", "a valid token is required")


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """This interface, described."""
    return JSONResponse(document(*Visit(request).desk.packs))


@router.get("/docket")
def docket(request: Request, limit: str = "50", after: str = "") -> Response:
    """What waits for the token's office."""
    actor = _actor(request)
    if actor is None:
        return _no_token()
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= 200):
        return problem(422, "limit 应为1至200", "limit is from 1 to 200")
    if after and (after.count("/") < 2 or len(after) > 200 or "\x00" in after):
        return problem(422, "after 应为上一页的 next", "after is the `next` of the page before")
    role = f"expert:{actor.person}" if actor.role == "expert" else actor.role
    return JSONResponse(
        desk(Visit(request).desk.engine, actor.agency, role, limit=int(limit), after=after or None)
    )


def _no_operator(request: Request) -> Response | None:
    """The refusal of whoever does not hold the operator's office."""
    actor = _actor(request)
    if actor is None:
        return _no_token()
    if actor.role == "ops" and actor in offices_of(Visit(request).desk.engine, actor.person):
        return None
    return problem(403, "由系统管理岗查看", "for the operator's office", code="not-authorised")


@router.get("/statistics")
def statistics(request: Request, since: str = "") -> Response:
    """Where time goes, by move, clock and agency; for the operator's office alone. The whole record is folded for it."""
    if refusal := _no_operator(request):
        return refusal
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        return problem(422, "since 应为日期，如 2026-03-01", "since is a day, as 2026-03-01")
    return JSONResponse(told(Visit(request).desk.gateway, day))


@router.get("/stuck")
async def stuck(request: Request, cause: str = "", limit: str = "100") -> Response:
    """What does not move, why, and what may be done; for the operator's office alone."""
    if refusal := await run_in_threadpool(_no_operator, request):
        return refusal
    desk_ = Visit(request).desk
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= 1000) or (
        cause and cause not in CAUSES
    ):
        known = ", ".join(CAUSES)
        return problem(
            422, f"limit 应为1至1000，cause 应为：{known}", f"limit is from 1 to 1000, causes are: {known}"
        )
    client = await connect(desk_)
    only = [cause] if cause else []
    found = await find_stuck(desk_.gateway, client, desk_.settings.prefix, only=only, limit=int(limit))
    return JSONResponse({"temporal": client is not None, "stuck": [row.about() for row in found]})


@router.get("/cases/{id_:path}")
def case(request: Request, id_: str) -> Response:
    """One case as the published view."""
    actor = _actor(request)
    if actor is None:
        return _no_token()
    if "\x00" in id_:
        raise NoSuchCase("")
    return JSONResponse(Sight(Visit(request).desk.engine, actor).view(id_))


@router.post("/acts/{act}")
async def do(request: Request, act: str, preview: bool = False) -> Response:
    """Do an act, or with `preview` only say what it would do."""
    body = await request.body()
    return await run_in_threadpool(_do, request, act, body, preview)


def _do(request: Request, act: str, body: bytes, preview: bool) -> Response:
    actor = _actor(request)
    if actor is None:
        return _no_token()
    if act not in ACTS or ACTS[act].internal:
        return problem(404, "没有这种行为", "there is no such act")
    key = request.headers.get("idempotency-key", "")
    if not preview and not (8 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        return problem(
            400, "须有 Idempotency-Key（8至80个字符）", "an Idempotency-Key of 8 to 80 characters is required"
        )
    try:
        given: Any = json.loads(body)
        if (
            not isinstance(given, dict)
            or given.keys() - {"case", "with", "read"}
            or not isinstance(given.get("with", {}), dict)
        ):
            raise ValueError("an object of case, with and read")
        read = instant(given["read"]) if given.get("read") is not None else None
        command = Command(
            id=key or "preview",
            act=act,
            by=actor,
            case=given.get("case"),
            with_=given.get("with", {}),
            read=read,
        )
    except (ValueError, ValidationError, RecursionError) as error:
        said = (
            "; ".join(e["msg"] for e in error.errors()) if isinstance(error, ValidationError) else str(error)
        )
        return problem(
            422, "请求内容不是所要求的 JSON", "the body is not the JSON that is asked for", detail=said[:400]
        )
    gateway = Visit(request).desk.gateway
    if preview:
        seen = foresee(gateway, command)
        if seen.refused:
            return _refused(seen.refused)
        shown = {
            "events": seen.events,
            "deadlines": seen.deadlines,
            "waiting": seen.waiting,
            "told": seen.told,
        }
        return JSONResponse({"outcome": "foreseen", **shown})
    answer = gateway.act(command)
    return JSONResponse(answer) if answer["outcome"] == "accepted" else _refused(answer)


def _refused(answer: dict[str, Any]) -> JSONResponse:
    code = str(answer["code"])
    status = 403 if code in FORBIDDEN else 422 if code == "invalid" else 409
    says = answer.get("says") or {"zh": "未办理", "en": "refused"}
    more = {k: v for k, v in answer.items() if k not in ("says",) and v is not None}
    return problem(status, says["zh"], says["en"], **more)
