"""What every request passes through: who it is, whether it may come from where it comes, how large it may be, headers."""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from itsdangerous import BadSignature, Signer
from starlette.concurrency import run_in_threadpool

from console.web.place import Place
from console.web.throttle import READING, WRITING
from domain.moments import local_day
from gateway.sessions import open_session

log = structlog.get_logger("web")
COOKIE = "huiqian"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_BYTES = 25 * 1024 * 1024
"""A request larger than this is not read: attachments have their own limit in the rules."""
MOST_PLAIN_BYTES = 2 * 1024 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}  # fmt: skip
Next = Callable[[Request], Awaitable[Response]]


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy, uvicorn has put the client's own address here."""
    return request.client.host if request.client else "unknown"


async def guard(request: Request, call_next: Next) -> Response:
    """The one middleware."""
    place: Place = request.app.state.place
    refused = _too_large(request) or _from_elsewhere(request) or _too_often(request, place)
    if refused is None:
        request.state.session = await run_in_threadpool(_session, request, place)
        response = await call_next(request)
    else:
        response = refused
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if place.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if not request.url.path.startswith(("/static/", "/public")):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _session(request: Request, place: Place) -> object:
    cookie = request.cookies.get(COOKIE)
    if not cookie or request.url.path.startswith("/static/"):
        return None
    try:
        secret = signer(place).unsign(cookie).decode()
    except BadSignature:
        return None
    by_itself = request.method in SAFE and "hx-request" in request.headers  # live updates
    today = local_day(place.gateway.clock.now())
    return open_session(place.gateway.engine, secret, today, by_itself=by_itself)


def signer(place: Place) -> Signer:
    """Signs the session's cookie, so that nobody tries cookies on the database."""
    return Signer(place.signing, salt="huiqian.session")


def _too_large(request: Request) -> Response | None:
    length = request.headers.get("content-length", "")
    kind = request.headers.get("content-type", "")
    most = MOST_BYTES if kind.startswith("multipart/") else MOST_PLAIN_BYTES
    if request.method in SAFE or (length.isdigit() and int(length) <= most):
        return None
    if not length and "transfer-encoding" not in request.headers:
        return None
    return PlainTextResponse("内容过大或未说明长度 · too large, or without a length", 413)


def _from_elsewhere(request: Request) -> Response | None:
    """A browser says where a form was sent from; only our own pages may."""
    if request.method in SAFE or request.url.path.startswith("/api/"):
        return None
    ui = request.app.state.place.settings.temporal_ui
    if request.url.path.startswith("/codec/") and ui and request.headers.get("origin") == ui:
        return None
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if ours and site in (None, "same-origin", "none"):
        return None
    return PlainTextResponse("请求来自别的网站，未受理 · sent from another site", 403)


def _too_often(request: Request, place: Place) -> Response | None:
    path = request.url.path
    if not path.startswith("/public") and path != "/":
        return None
    wait = place.throttle.wait(address_of(request), READING if request.method in SAFE else WRITING)
    if not wait:
        return None
    text = f"请求过于频繁，请{wait}秒后再试 · too many requests: wait {wait} s"
    return PlainTextResponse(text, 429, {"Retry-After": str(wait)})


def token_fits(request: Request, given: str | None) -> bool:
    """Whether a form carries its session's own token."""
    session = request.state.session
    return session is not None and hmac.compare_digest(session.csrf, given or "")
