"""The codec endpoint that Temporal's own pages ask to open payloads: for operators, and of cases that they may see.

The contract is Temporal's remote codec: POST /codec/decode and /codec/encode with `{"payloads": [...]}`, from the one origin
in HUIQIAN_TEMPORAL_UI. Who asks is known by the session of our own pages (the same site) or by a token; what they may not
see comes back as it came, sealed.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from starlette.concurrency import run_in_threadpool
from temporalio.api.common.v1 import Payload

from console.web.place import Visit
from domain.actors import Actor
from gateway.codec import CaseCodec, case_of, converter
from gateway.payload_keys import SealRefused
from gateway.sessions import actor_of_token
from gateway.sight import Sight

router = APIRouter(prefix="/codec", include_in_schema=False)
MOST = 1000
"""Payloads in one request."""


@router.options("/{what}")
def preflight(request: Request, what: str) -> Response:
    """What a browser asks before it sends another origin's request."""
    return _answer(request, Response(status_code=204))


@router.post("/decode")
async def decode(request: Request) -> Response:
    """Open what the asker may see."""
    return await _each(request, opening=True)


@router.post("/encode")
async def encode(request: Request) -> Response:
    """Seal, for a signal or an input that an operator types; under no case's key, since none is named."""
    return await _each(request, opening=False)


async def _each(request: Request, *, opening: bool) -> Response:
    visit = Visit(request)
    settings = visit.place.settings
    if not settings.payload_keys or not settings.temporal_ui:
        return _told(request, 404, "此处未设密钥或 Temporal 界面 / no keys, or no Temporal UI, are set here")
    actor = await run_in_threadpool(_actor, visit)
    if actor is None:
        return _told(
            request, 401, "请先登录会签页面，或附接口令牌 / log in to Huiqian's pages, or send a token"
        )
    if actor.role != "ops":
        return _told(request, 403, "只供运维人员 / for operators only")
    try:
        body: Any = await request.json()
        payloads = [ParseDict(one, Payload()) for one in body["payloads"][:MOST]]
    except (ValueError, KeyError, TypeError, ParseError):
        return _told(request, 400, "应为 payloads / expected payloads")
    return _answer(request, await run_in_threadpool(_answered, visit, actor, payloads, opening))


def _answered(visit: Visit, actor: Actor, payloads: list[Payload], opening: bool) -> Response:
    settings = visit.place.settings
    prefix, sight = f"{settings.prefix}/", Sight(visit.desk.engine, actor)
    seen: dict[str, bool] = {}

    def may(workflow: str) -> bool:
        if workflow not in seen:
            kind, case = workflow.partition("-")[0], workflow.removeprefix(prefix)
            mine = workflow.startswith(prefix)
            seen[workflow] = not workflow or (mine and (kind == f"{prefix}log" or sight.may(case)))
        return seen[workflow]

    try:
        codec = converter(settings.payload_keys).payload_codec
        assert isinstance(codec, CaseCodec)
        if opening:
            found = [
                codec.open(one) if (c := case_of(one)) is not None and may(c) else one for one in payloads
            ]
        else:
            found = [codec.seal(one) for one in payloads]
    except SealRefused as refused:
        return JSONResponse({"error": str(refused)}, 422)
    return JSONResponse({"payloads": [MessageToDict(one) for one in found]})


def _actor(visit: Visit) -> Actor | None:
    scheme, _, token = visit.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.isascii() and 0 < len(token) <= 200:
        return actor_of_token(visit.desk.engine, token)
    session = visit.session
    return None if session is None or session.account.temporary else session.actor


def _told(request: Request, status: int, text: str) -> Response:
    return _answer(request, JSONResponse({"error": text}, status))


def _answer(request: Request, response: Response) -> Response:
    """Any answer, with leave to be read by the one other origin, and by no further."""
    origin = request.app.state.place.settings.temporal_ui
    if origin and request.headers.get("origin") == origin:
        response.headers.update(
            {
                "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
                "Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "600",
                "Access-Control-Allow-Headers": "content-type, authorization, x-namespace",
                "Cross-Origin-Resource-Policy": "same-site",
            }
        )  # fmt: skip
    return response
