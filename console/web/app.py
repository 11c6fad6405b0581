"""The application: its parts put together, and what a reader is told when something is not there or goes wrong."""

import hmac
import secrets
from hashlib import sha256

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from console.web import (
    acting,
    api,
    audit,
    board,
    bulk,
    case,
    checking,
    codec,
    declaring,
    docket,
    entry,
    evidence,
    files,
    filing,
    help,
    identity,
    law,
    lines,
    objecting,
    ops,
    personal,
    public,
    receipts,
    rehearsing,
    statistics,
)  # fmt: skip
from console.web.guard import guard
from console.web.place import HERE, Elsewhere, NotForYou, Place, Visit
from gateway.clock import Environment
from gateway.gateway import Busy, Gateway
from gateway.settings import Settings
from gateway.views import NoSuchCase
from records.files import FileStore
from records.keys import PEPPER

log = structlog.get_logger("web")


def make_place(
    settings: Settings, gateway: Gateway, environment: Environment, *, secure: bool = False
) -> Place:
    """What requests work with. Cookies are signed with a key that only this environment has."""
    with gateway.engine.connect().execution_options(reading=True) as connection:
        pepper = gateway.keys.get(connection, PEPPER) or secrets.token_bytes(32)
    signing = hmac.new(pepper, b"huiqian.web.cookies", sha256).digest()
    return Place(settings, gateway, environment, FileStore(settings.files), signing, secure)


def make_app(place: Place) -> FastAPI:
    """The console of one environment."""
    app = FastAPI(title="会签 Huiqian", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.place = place
    app.middleware("http")(guard)
    parts = (  # what ends in a fixed word before what takes any path
        entry, docket, bulk, lines, case, acting, receipts, declaring, board, filing, files, checking, objecting, public, audit, evidence, personal, law, help, statistics, rehearsing, ops, api, codec,
    )  # fmt: skip
    for part in parts:
        app.include_router(part.router)
    identity.join(app, place)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(Elsewhere, _elsewhere)
    app.add_exception_handler(Exception, _broken)
    known: tuple[type[Exception], ...] = (NotForYou, NoSuchCase, HTTPException, RequestValidationError, Busy)
    for kind in known:
        app.add_exception_handler(kind, _told)
    return app


def _elsewhere(request: Request, error: Exception) -> Response:
    assert isinstance(error, Elsewhere)
    visit = Visit(request)
    if visit.swap:  # htmx would swap the login into the page
        return Response(status_code=204, headers={"HX-Redirect": error.path})
    return visit.go(error.path)


def _told(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else STATUSES.get(type(error), 404)
    if request.url.path.startswith("/api/"):
        return api.problem(status, *WORDS.get(status, WORDS[404]))
    visit = Visit(request)
    return visit.page("trouble.html", status, code=status, says=WORDS.get(status, WORDS[404]))


STATUSES: dict[type[Exception], int] = {
    NotForYou: 403,
    NoSuchCase: 404,
    RequestValidationError: 422,
    Busy: 503,
}
WORDS = {
    403: ("此页面不归现在的岗位办理", "This page is not for the office you act in"),
    404: ("没有这个页面或案件，或不在您的查看范围内", "There is no such page or case, or it is not yours to see"),
    405: ("此地址不接受这种请求", "This address does not take such a request"),
    422: ("请求的内容不完整", "The request is not complete"),
    500: ("系统出错，已记入日志；什么也没有办理", "The system failed; it is in the log, and nothing was done"),
    503: ("同一案件此刻办理过于集中，未办理；请稍后用同一页面再次提交",
          "Too many acts on the same cases; nothing was done. Send the same page again"),
}  # fmt: skip


def _broken(request: Request, error: Exception) -> Response:
    """A fault of ours: the kind is logged, never what somebody sent."""
    log.error("fault", path=request.url.path, kind=type(error).__name__)
    if request.url.path.startswith("/api/"):
        return api.problem(500, *WORDS[500])
    return PlainTextResponse(" · ".join(WORDS[500]), 500)
