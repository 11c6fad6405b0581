"""Decisions on violations are public, and withdrawn with the reason when they are set aside (处罚法 48); nothing else of a case is."""

from typing import Any

from tests.gateway.test_violations import SUSPEND, notified
from tests.web.conftest import Web

OFFICER = "sanctions-approver@dept"
REASON = "计划四十人，实招五十二人"


def decided(web: Web, college: str, **measure: Any) -> str:
    """A case that is decided on 6 May."""
    case = notified(web.office, "2026-04-20 09:00", college=college)
    web.office.do("2026-05-06 09:00", OFFICER, "decide-sanction", case, **{**measure, "reasons": REASON})
    return case


def test_a_decision_is_public_until_it_is_set_aside(web: Web) -> None:
    lead = notified(web.office, "2026-04-20 08:00", college="zh")
    days = {"from": "2026-06-01", "until": "2027-06-01", "review_on": "2027-01-04"}
    case = decided(web, "dg", **SUSPEND, **days)
    public = web()
    for page in ("/", "/public/violations"):
        assert "对东莞市技师学院的处理决定：停止试点" in public.page(page)
        assert "珠海市技师学院的处理决定" not in public.page(page), "a case that is not decided is nobody's"
    page = public.page(f"/public/{case}")
    assert REASON in page
    assert "自2026-06-01零时起，至2027-06-01零时止" in page
    told = public.get(f"/public/{case}.json").json()
    assert (told["measure"], told["college_name"], told["from"]) == (
        "suspend",
        "东莞市技师学院",
        "2026-06-01",
    )
    assert not {"officers", "statement", "finding"} & told.keys()
    assert f"/public/{case}" in public.get("/public/feed.atom").text
    assert public.get(f"/public/{lead}").status_code == 404
    assert public.get(f"/public/{case}.csv").status_code == 404
    web.office.do("2026-07-01 09:00", OFFICER, "overturn-sanction", case, reasons="复议决定撤销：事实不清")
    page = public.page(f"/public/{case}")
    assert REASON not in page + public.get(f"/public/{case}.json").text
    assert "停止试点</dd>" not in page
    assert "复议决定撤销：事实不清" in page
    assert "对东莞市技师学院的处理决定已撤销，撤回公开" in public.page("/public/violations")


def test_what_imposes_nothing_is_never_public(web: Web) -> None:
    case = decided(web, "gm", measure="none")
    assert web().get(f"/public/{case}").status_code == 404
    assert case not in web().page("/public/violations")
