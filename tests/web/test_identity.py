"""People log in by an identity provider: a real one on loopback says who they are, the agencies say what they may."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from console.web.app import make_app
from gateway.accounts import (
    AccountProblem,
    add_account,
    change_password,
    close_account,
    log_in,
    reset_password,
    subject_of,
)
from records.people import logins
from tests.web.conftest import Reader, Web
from tests.web.provider import CLIENT, SECRET, pass_through, provider

BACK = "http://testserver/login/identity/back"
PEOPLE = ["u-100", "u-200", "u-300"]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider's address."""
    with provider(tmp_path_factory.mktemp("provider"), PEOPLE, BACK) as address:
        yield address


@pytest.fixture(scope="module")
def vouched(web: Web, issuer: str) -> Web:
    """The pages, when a provider is configured: u-100 is a clerk, u-200 had an account, u-300 has none."""
    settings = web.place.settings.model_copy(
        update={"oidc_issuer": issuer, "oidc_client": CLIENT, "oidc_secret": SECRET, "oidc_name": "统一身份"}
    )
    web = Web(web.office, web.files, web.cases, web.passwords)
    web.app = make_app(replace(web.place, settings=settings))
    add_account(web.office.engine, "li", "clerk@tro", subject=subject_of(issuer, "u-100"))
    add_account(web.office.engine, "gone", "clerk@gz", subject=subject_of(issuer, "u-200"))
    close_account(web.office.engine, "gone")
    return web


@pytest.fixture
def browser(vouched: Web) -> Iterator[Reader]:
    """A browser that nobody has logged in with."""
    with TestClient(vouched.app, follow_redirects=False) as client:
        yield Reader(client)


def sent(browser: Reader, next: str = "/desk") -> str:
    """Where the button of the login page leads."""
    answer = browser.get(f"/login/identity?next={next}")
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def back(browser: Reader, address: str) -> Response:
    """Come back from the provider with what it sent along."""
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def test_somebody_whom_the_provider_vouches_for_works_in_the_office_they_hold(browser: Reader) -> None:
    assert "统一身份" in browser.page("/login")
    answer = back(browser, pass_through(sent(browser, "/password"), "u-100"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/password")
    assert "/logout" in browser.page("/desk")


def test_a_wrong_password_at_the_provider_lets_nobody_in(browser: Reader) -> None:
    assert pass_through(sent(browser), "u-100", "guessed") == ""
    assert browser.get("/desk").status_code == 303


def test_somebody_without_an_account_is_told_what_to_give_the_operator(browser: Reader, vouched: Web) -> None:
    answer = back(browser, pass_through(sent(browser), "u-300"))
    assert answer.status_code == 401
    assert "u-300" in answer.text
    with vouched.office.engine.connect() as connection:
        last = connection.execute(select(logins.c.outcome).order_by(logins.c.position.desc())).scalar()
    assert last == "unknown"


def test_a_closed_account_stays_closed_whoever_vouches(browser: Reader) -> None:
    answer = back(browser, pass_through(sent(browser), "u-200"))
    assert answer.status_code == 401
    assert "停用" in answer.text


def test_an_answer_that_this_browser_did_not_ask_for_is_no_login(vouched: Web, browser: Reader) -> None:
    stolen = pass_through(sent(browser), "u-100")
    with TestClient(vouched.app, follow_redirects=False) as other:
        assert back(Reader(other), stolen).status_code == 401


def test_an_answer_serves_once(browser: Reader) -> None:
    address = pass_through(sent(browser), "u-100")
    assert back(browser, address).status_code == 303
    assert back(browser, address).status_code == 401


def test_an_invented_code_is_no_login(browser: Reader) -> None:
    state = parse_qs(urlsplit(sent(browser)).query)["state"][0]
    assert browser.get(f"/login/identity/back?code=invented&state={state}").status_code == 401


def test_the_provider_is_asked_with_pkce_and_a_nonce(browser: Reader) -> None:
    asked = parse_qs(urlsplit(sent(browser)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"][0]
    assert asked["scope"] == ["openid"]


def test_after_the_login_nobody_is_sent_elsewhere_in_the_world(browser: Reader) -> None:
    answer = back(browser, pass_through(sent(browser, "https://elsewhere.example/"), "u-100"))
    assert answer.headers["location"] == "/"


def test_such_an_account_has_no_password_to_try_or_change(vouched: Web) -> None:
    engine = vouched.office.engine
    assert log_in(engine, "li", "", "here").outcome == "wrong"
    with pytest.raises(AccountProblem, match="provider"):
        change_password(engine, "li", "", "a new password, long enough")


def test_one_identity_is_one_account(vouched: Web, issuer: str) -> None:
    with pytest.raises(AccountProblem, match="li"):
        add_account(vouched.office.engine, "li-again", "clerk@tro", subject=subject_of(issuer, "u-100"))


def test_a_new_password_ends_what_the_provider_vouched_for(
    vouched: Web, issuer: str, browser: Reader
) -> None:
    add_account(vouched.office.engine, "wu", "clerk@gz", subject=subject_of(issuer, "u-300"))
    reset_password(vouched.office.engine, "wu")
    assert back(browser, pass_through(sent(browser), "u-300")).status_code == 401


def test_where_no_provider_is_configured_there_is_no_such_way(web: Web) -> None:
    assert web().get("/login/identity").status_code == 404


def test_a_provider_that_does_not_answer_leaves_the_passwords(web: Web) -> None:
    settings = web.place.settings.model_copy(
        update={"oidc_issuer": "http://127.0.0.1:9/", "oidc_client": "x"}
    )
    with TestClient(make_app(replace(web.place, settings=settings)), follow_redirects=False) as client:
        answer = client.get("/login/identity")
    assert answer.status_code == 503
    assert 'name="password"' in answer.text
