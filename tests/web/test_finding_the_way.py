"""Nobody loses their place: not by logging in again, not by changing the language; what was kept can be given up."""

from urllib.parse import quote

from fastapi.testclient import TestClient

from gateway.sessions import keep
from tests.web.conftest import Reader, Web


def test_a_login_leads_back_to_the_very_page_that_was_asked_for(web: Web) -> None:
    with TestClient(web.app, follow_redirects=False) as client:
        stranger, form = Reader(client), f"/do/accept?case={web.cases['submitted']}"
        sent = stranger.get(form)
        assert sent.headers["location"] == f"/login?next={quote(form, safe='')}"
        form_of_login = stranger.page(sent.headers["location"])
        assert f'name="next" value="{form}"' in form_of_login
        # A session that ends while a case's page asks for itself: the page comes back, not the part of it.
        case = f"/cases/{web.cases['submitted']}"
        asked = stranger.get(
            f"{case}/live?version=1",
            headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{case}"},
        )
        assert asked.headers["hx-redirect"] == f"/login?next={quote(case, safe='')}"


def test_the_language_changes_on_the_very_page_that_is_read(web: Web) -> None:
    receipt = f"/public/status?receipt={web.cases['objection']}"
    assert f'href="/language/en?next={quote(receipt)}"' in web().page(receipt)
    clerk, form = web("clerk@gz"), f"/do/decline?case={web.cases['submitted']}"
    assert f'href="/language/en?next={quote(form)}"' in clerk.page(form)
    looked = clerk.post("/do/decline", {**clerk.form("decline", web.cases["submitted"]), "_press": "look"})
    assert f'href="/language/en?next={quote(form)}"' in looked.text


def test_a_form_kept_for_later_says_so_and_can_be_given_up(web: Web) -> None:
    clerk, case = web("clerk@gz"), web.cases["submitted"]
    said = "材料里缺一份协议"
    clerk.post("/do/decline", {**clerk.form("decline", case, reason=said), "_press": "keep"})
    again = clerk.page(f"/do/decline?case={case}")
    assert said in again
    assert "已填回您上次填写的内容" in again
    given_up = {"csrf": clerk.csrf, "act": "decline", "case": case}
    assert clerk.post("/desk/drafts", {**given_up, "csrf": "x"}).status_code == 403
    assert f'href="/do/decline?case={case}"' in clerk.page("/desk")
    assert clerk.post("/desk/drafts", given_up).status_code == 303
    assert f'href="/do/decline?case={case}"' not in clerk.page("/desk")
    assert said not in clerk.page(f"/do/decline?case={case}")


def test_what_is_typed_is_kept_as_the_page_looks_ahead_and_giving_up_forgets_it(web: Web) -> None:
    clerk, case, said = web("clerk@gz"), web.cases["submitted"], "尚未想好的理由"
    form = clerk.form("decline", case, reason=said)
    assert "自动暂存" in clerk.post("/do/decline", {**form, "_press": "look"}).text
    assert said in clerk.page(f"/do/decline?case={case}")
    left = clerk.post("/do/decline", {**form, "_press": "leave"})
    assert (left.status_code, left.headers["location"]) == (303, f"/cases/{case}")
    assert said not in clerk.page(f"/do/decline?case={case}")
    assert f'href="/do/decline?case={case}"' not in clerk.page("/desk")


def test_nobody_is_called_late_on_any_page_for_what_silence_settles(web: Web) -> None:
    clerk, case = web("clerk@gz"), web.cases["submitted"]
    for path in ("/desk", f"/cases/{case}"):
        assert "期满自行生效" in clerk.page(path), path
        assert "逾期6天" not in clerk.page(path), path
    assert "逾期6天" not in web("ops@dept").page("/ops/statistics")


def test_a_docket_that_is_filtered_empty_does_not_say_that_nothing_waits(web: Web) -> None:
    clerk = web("clerk@gz")
    assert web.cases["submitted"] in clerk.page("/desk")
    filtered = clerk.page("/desk?late=true")
    assert "没有待办事项" not in filtered
    assert "没有符合筛选条件的事项" in filtered
    assert "没有待办事项" in web("expert:li").page("/desk")


def test_forms_of_another_office_are_listed_in_that_office_alone(web: Web) -> None:
    clerk, case = web("clerk@gz"), web.cases["submitted"]
    keep(web.office.engine, "clerk@gz", f"draft/decline/{case}", {"reason": "缺一份协议"})
    keep(web.office.engine, "clerk@gz", "draft/issue-call/", {"year": 2027})
    docket = clerk.page("/desk")
    assert f'href="/do/decline?case={case}"' in docket
    assert 'href="/do/issue-call"' not in docket, "it would only say that this is not for this office"
    for form in (f"decline/{case}", "issue-call/"):
        keep(web.office.engine, "clerk@gz", f"draft/{form}", None)
