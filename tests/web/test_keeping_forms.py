"""What is typed into a form is kept, whichever button was pressed and however the page was left; what is ended is forgotten."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from gateway import sessions
from gateway.accounts import add_account
from gateway.sessions import IDLE, SEEN_EVERY, keep, kept
from tests.conftest import Ground
from tests.web.conftest import Reader, Web

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


@pytest.fixture
def filer(web: Web) -> Iterator[Reader]:
    """A college's officer with nothing kept."""
    yield web("filer@dg")
    for act in ("submit-filing", "save-draft"):
        keep(web.office.engine, "filer@dg", f"draft/{act}/{web.cases['round']}", None)


@pytest.mark.parametrize("pressed", ["look", "keep", "more:lines", "do", "attach"])
def test_what_was_typed_is_there_again_whichever_button_was_pressed(
    web: Web, filer: Reader, pressed: str
) -> None:
    form = filer.form("submit-filing", web.cases["round"], **{"lines.0.id": "7", "lines.0.years": "9"})
    files = [("_files", ("实训条件.pdf", PDF))] if pressed == "attach" else None
    filer.client.post("/do/submit-filing", data={**form, "_press": pressed}, files=files)
    again = filer.page(f"/do/submit-filing?case={web.cases['round']}")
    assert 'name="lines.0.years" inputmode="decimal" size="6" value="9"' in again
    assert ("实训条件.pdf" in again) == (pressed == "attach")
    assert "这样会被拒绝" in again, "what it would do is said at once, for nothing may change any more"


def test_what_came_in_by_a_workbook_is_kept_too(web: Web) -> None:
    officer, engine = web("catalog-officer@dept"), web.office.engine
    sent = officer.form("issue-call", _press="sheet:majors")
    book = load_workbook(io.BytesIO(officer.post("/do/issue-call", sent).content))
    for place, value in enumerate(("DEMO-0999", "无人机应用"), 1):
        book.worksheets[0].cell(2, place, value)
    made = io.BytesIO()
    book.save(made)
    form = officer.form("issue-call", _press="fill:majors")
    officer.client.post("/do/issue-call", data=form, files={"_sheet:majors": ("专业.xlsx", made.getvalue())})
    assert "DEMO-0999" in officer.page("/do/issue-call")
    keep(engine, "catalog-officer@dept", "draft/issue-call/", None)


def test_to_begin_anew_is_the_empty_form_and_not_another_page(web: Web, filer: Reader) -> None:
    here = f"/do/submit-filing?case={web.cases['round']}"
    form = filer.form("submit-filing", web.cases["round"], **{"lines.0.years": "9"})
    filer.post("/do/submit-filing", {**form, "_press": "look"})
    assert 'value="anew"' in filer.page(here)
    answer = filer.post(
        "/do/submit-filing", {**filer.form("submit-filing", web.cases["round"]), "_press": "anew"}
    )
    assert answer.headers["location"] == here
    assert 'value="anew"' not in filer.page(here)


def test_what_a_page_sends_after_its_form_was_given_up_or_done_is_not_kept(web: Web, filer: Reader) -> None:
    for act, press in (("submit-filing", "leave"), ("submit-filing", "anew"), ("save-draft", "do")):
        major = {"lines.0.id": "1", "lines.0.major": "DEMO-0101", "round": web.cases["round"]}
        web.office.now = web.office.now.replace(month=3, day=20)
        form = filer.form(act, web.cases["round"], **major)
        assert filer.post(f"/do/{act}", {**form, "_press": press}).status_code == 303
        late = filer.post(f"/do/{act}", {**form, "_press": "look"})
        web.office.now = web.office.now.replace(month=4, day=14)
        assert "自动暂存" not in late.text
        assert f'href="/do/{act}?case={web.cases["round"]}"' not in filer.page("/desk").partition("发起")[0]


def test_nothing_is_said_to_be_kept_where_nothing_was_typed(web: Web) -> None:
    clerk = web("clerk@gz")
    form = clerk.form("decline", web.cases["submitted"])
    assert "自动暂存" not in clerk.post("/do/decline", {**form, "_press": "look"}).text
    assert "已存下" not in clerk.post("/do/decline", {**form, "_press": "keep"}).text


def test_a_session_that_ended_leads_by_the_login_back_to_the_form(web: Web) -> None:
    case = web.cases["submitted"]
    form = web("clerk@gz").form("decline", case, reason="缺一份协议", _press="do")
    with TestClient(web.app, follow_redirects=False) as client:
        sent = Reader(client).post("/do/decline", form)
    assert sent.headers["location"] == "/login?next=" + quote(f"/do/decline?case={case}", safe="")


def test_a_page_that_asks_by_itself_keeps_no_session_awake(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    now = sessions.system_time()
    monkeypatch.setattr(sessions, "system_time", lambda: now)
    password = add_account(web.office.engine, "away@gz", "clerk@gz", temporary=False)
    with TestClient(web.app, follow_redirects=False) as client:
        away = Reader(client)
        away.post("/login", {"name": "away@gz", "password": password})
        live = {"HX-Request": "true", "HX-Target": "waiting", "HX-Current-URL": "http://testserver/desk"}
        now += IDLE / 2 + SEEN_EVERY
        assert "hx-redirect" not in away.get("/desk", headers=live).headers
        now += IDLE / 2
        assert away.get("/desk", headers=live).headers["hx-redirect"] == "/login?next=%2Fdesk"


def test_a_form_that_is_kept_twice_at_once_is_kept(ground: Ground) -> None:
    add_account(ground.engine, "clerk@gz", "clerk@gz", temporary=False)

    def typed(n: int) -> None:
        keep(ground.engine, "clerk@gz", "draft/x/", {"n": n})

    with ThreadPoolExecutor(8) as several:
        list(several.map(typed, range(40)))
    assert kept(ground.engine, "clerk@gz", "draft/")["draft/x/"]["n"] in range(40)
