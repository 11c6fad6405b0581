"""Coming in and going out: login, logout, password, office, language."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from console.web.guard import COOKIE, address_of, signer, token_fits
from console.web.place import NotForYou, Visit
from console.web.voice import LANGUAGES
from gateway.accounts import Account, AccountProblem, change_password, log_in
from gateway.sessions import (
    LONGEST,
    begin_session,
    choose_office,
    end_others,
    end_session,
)

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=400)]


@router.get("/login")
def login_page(request: Request, next: str = "/desk") -> Response:
    """The login."""
    return _login(Visit(request), 200, next)


@router.post("/login")
def login(request: Request, name: Text, password: Text, next: Text = "/desk") -> Response:
    """Log in; the answer is the same for a wrong name and a wrong password."""
    visit = Visit(request)
    attempt = log_in(visit.desk.engine, name, password, address_of(request))
    if attempt.account is None:
        return turned_away(visit, attempt.outcome, next, name)
    return let_in(visit, attempt.account, next)


def let_in(visit: Visit, account: Account, next: str) -> Response:
    """Begin the session of somebody who has proved who they are."""
    try:
        secret = begin_session(visit.desk.engine, account, visit.desk.today)
    except AccountProblem as none:
        return _login(visit, 401, next, account.name, visit.voice.t(none.zh, none.en))
    response = visit.go(next)
    response.set_cookie(
        COOKIE, signer(visit.place).sign(secret).decode(), max_age=int(LONGEST.total_seconds()), httponly=True,
        samesite="lax", secure=visit.place.secure, path="/",
    )  # fmt: skip
    return response


def turned_away(visit: Visit, outcome: str, next: str, name: str = "") -> Response:
    """The login again, with what was wrong; `name` is what they gave, or whom the provider named."""
    t = visit.voice.t
    problem = {
        "wrong": t("账号或密码不对", "The account or the password is wrong"),
        "closed": t("账号已停用，请联系系统管理岗", "This account is closed; ask the operator"),
        "wait": t("多次失败，请15分钟后再试", "Too many failures; try again in 15 minutes"),
        "away": t(
            "统一身份认证暂时不可用，请稍后再试，或用本系统的账号登录",
            "The identity provider does not answer; try again later, or use an account of this system",
        ),
        "unproved": t(
            "统一身份认证未完成或已超时，请重新登录",
            "The identity provider did not confirm who you are, or it took too long; log in again",
        ),
        "unknown": t(
            f"您的统一身份（{name}）在本系统尚无账号，请把括号中的标识告诉系统管理岗",
            f"Your identity ({name}) has no account here; give the operator what stands in the brackets",
        ),
    }[outcome]
    status = {"wait": 429, "away": 503}.get(outcome, 401)
    return _login(visit, status, next, "" if outcome == "unknown" else name, problem)


def _login(visit: Visit, status: int, next: str, name: str = "", problem: str = "") -> Response:
    return visit.page(
        "login.html", status, next=next, problem=problem, name=name,
        provider=visit.place.settings.oidc_issuer and visit.place.settings.oidc_name,
    )  # fmt: skip


@router.post("/logout")
def logout(request: Request, csrf: Text = "") -> Response:
    """End the session."""
    visit = Visit(request)
    if visit.session and token_fits(request, csrf):
        end_session(visit.desk.engine, visit.session, address_of(request))
    response = visit.go("/")
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/password")
def password_page(request: Request) -> Response:
    """Change one's password."""
    visit = Visit(request)
    return visit.page("password.html", problem="", must=visit.me.account.temporary)


@router.post("/password")
def password(request: Request, old: Text, new: Text, again: Text, csrf: Text = "") -> Response:
    """Change it; every other session of the account ends."""
    visit = Visit(request)
    me = visit.me
    if not token_fits(request, csrf):
        raise NotForYou
    try:
        if new != again:
            raise AccountProblem("两次输入的新密码不同", "the new password was typed differently")
        change_password(visit.desk.engine, me.account.name, old, new)
    except AccountProblem as wrong:
        problem = visit.voice.t(wrong.zh, wrong.en)
        return visit.page("password.html", 422, problem=problem, must=me.account.temporary)
    end_others(visit.desk.engine, me)
    return visit.go("/desk")


@router.post("/office")
def office(request: Request, office: Text, csrf: Text = "") -> Response:
    """Act in another office that one holds."""
    visit = Visit(request)
    if not token_fits(request, csrf) or not choose_office(visit.desk.engine, visit.me, office):
        raise NotForYou
    return visit.go("/desk")


@router.get("/language/{lang}")
def language(request: Request, lang: str, next: str = "/") -> Response:
    """Read on in this language."""
    visit = Visit(request)
    response = visit.go(next)
    if lang in LANGUAGES:
        response.set_cookie("lang", lang, max_age=31_536_000, samesite="lax", secure=visit.place.secure)
    return response
