"""Every refusal code that the acts of a pilot round can give is given by some act."""

from typing import Any

import pytest

from domain.refusals import CODES
from gateway.packs import lay_before
from policies import load_pack
from tests.world import Office, line

from .refusals import Press, Row, Table, hold

LATER = {
    "frozen",
    "hearing-pending",
    "heavier-after-defence",
    "not-announced",
    "enrolment-not-filed",
    "over-plan",
    "grant-open",
    "not-ranked",
    "over-quota",
    "over-budget",
}
"""Codes of acts after the announcement (sanctions, enrolment), and of the funded selection: the stories give them."""

codes = Table()
NUMBER = "粤人社函〔2026〕88号"


@codes.row("a field is missing", "invalid")
def _(o: Office) -> Press:
    filing = o.submitted()
    return lambda: o.act("2026-03-05 09:00", "clerk@tro", "decline", filing)


@codes.row("another role's act", "not-authorised")
def _(o: Office) -> Press:
    filing = o.submitted()
    return lambda: o.act("2026-03-05 09:00", "filer@dg", "accept", filing)


@codes.row("another agency's case", "wrong-agency")
def _(o: Office) -> Press:
    filing = o.submitted()
    return lambda: o.act("2026-03-05 09:00", "clerk@sz", "accept", filing)


@codes.row("an expert who was employed there", "recused")
def _(o: Office) -> Press:
    filing = o.submitted()
    o.accepted(filing)
    panel: dict[str, Any] = {"experts": ["zhao", "qian", "zheng", "sun", "wu"], "chair": "zhao"}
    return lambda: o.act("2026-03-16 09:00", "organiser@tro", "form-panel", filing, **panel)


@codes.row("the clerk who accepted scores", "self-review")
def _(o: Office) -> Press:
    o.appoint("clerk@tro#zhao")
    filing = o.submitted()
    o.do("2026-03-09 09:00", "clerk@tro#zhao", "accept", filing)
    o.panelled(filing)
    return lambda: o.act("2026-03-18 09:00", "expert:zhao", "score", filing, line="1", marks={"overall": 90})


@codes.row("a page from before the change", "stale")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    ref = f"{filing}/1"
    o.do("2026-04-20 09:00", "approver@dept", "return", lines=[ref], reasons="补充考查")
    return lambda: o.act("2026-04-20 10:00", "approver@dept", "consent", lines=[ref], read="2026-04-20 08:59")


@codes.row("a notice into a year without a schedule", "calendar-missing")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing, at="2026-12-28 09:00")
    return lambda: o.act("2027-01-05 09:00", "approver@dept", "consent", lines=[f"{filing}/1"])


@codes.row("a supplement of which nobody knows whether it is late", "calendar-missing")
def _(o: Office) -> Press:
    o.call("2026-12-01 09:00", "2026-12-31 17:30", 2027, 99)
    filing = o.submitted(at="2026-12-30 09:00")
    return lambda: o.act("2027-01-20 09:00", "clerk@tro", "ask-supplement", filing, items=["协议"])


@codes.row("a plan that was put out for comment", "draft-rules")
def _(o: Office) -> Press:
    form = lay_before(o.engine, o.gateway.shelf, load_pack("guangdong/pilot-2024-draft"), {})
    return lambda: o.act("2026-03-05 09:00", "approver@dept", "adopt-pack", **form)


@codes.row("leading zeros", "document-no")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    o.consented(filing)
    given: dict[str, Any] = {"document_no": "粤人社函〔2026〕088号", "lines": [f"{filing}/1"]}
    return lambda: o.act("2026-04-22 09:00", "publisher@dept", "announce", **given)


@codes.row("the number of the call", "document-no-used")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    o.consented(filing)
    given: dict[str, Any] = {"document_no": "粤人社函[2026] 50号", "lines": [f"{filing}/1"]}
    return lambda: o.act("2026-04-22 09:00", "publisher@dept", "announce", **given)


@codes.row("asked a second time", "already-asked")
def _(o: Office) -> Press:
    filing = o.submitted()
    o.do("2026-03-05 09:00", "clerk@tro", "ask-supplement", filing, items=["协议"])
    o.do("2026-03-06 09:00", "filer@dg", "supply", filing, items=["协议"])
    return lambda: o.act("2026-03-09 09:00", "clerk@tro", "ask-supplement", filing, items=["师资表"])


@codes.row("after the silence", "deemed-accepted")
def _(o: Office) -> Press:
    filing = o.submitted()
    return lambda: o.act("2026-03-12 00:00", "clerk@tro", "decline", filing, reason="材料不全")


@codes.row("a mark after the signature", "signed")
def _(o: Office) -> Press:
    filing = o.passed()
    return lambda: o.act("2026-03-28 09:00", "expert:sun", "score", filing, line="1", marks={"overall": 60})


@codes.row("on the last day", "notice-open")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    return lambda: o.act("2026-04-17 23:59", "approver@dept", "consent", lines=[f"{filing}/1"])


@codes.row("an objection stands", "objection-open")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    o.objected(f"{filing}/1")
    return lambda: o.act("2026-04-20 09:00", "approver@dept", "refuse", lines=[f"{filing}/1"], reasons="布局")


@codes.row("after the last minute", "window-closed")
def _(o: Office) -> Press:
    filed: dict[str, Any] = {"round": o.round, "lines": [line()]}
    return lambda: o.act("2026-03-31 17:30", "filer@dg", "submit-filing", **filed)


@codes.row("a senior technical school", "not-a-technician-college")
def _(o: Office) -> Press:
    return lambda: o.act("2026-03-05 09:00", "filer@gj", "submit-filing", round=o.round, lines=[line()])


@codes.row("a college of another province", "outside-jurisdiction")
def _(o: Office) -> Press:
    return lambda: o.act("2026-03-05 09:00", "filer@hnjs", "submit-filing", round=o.round, lines=[line()])


@codes.row("a major of nobody's", "major-not-in-catalog")
def _(o: Office) -> Press:
    filed: dict[str, Any] = {"round": o.round, "lines": [line(major="DEMO-9999")]}
    return lambda: o.act("2026-03-05 09:00", "filer@dg", "submit-filing", **filed)


@codes.row("a major that has a new code", "code-changed")
def _(o: Office) -> Press:
    new = o.do(
        "2027-03-01 09:00", "catalog-officer@dept", "issue-call", year=2027, document_no="粤人社函〔2027〕5号",
        window={"opens": "2027-03-01 09:00", "closes": "2027-03-31 17:30"},
        majors=[{"code": "DEMO-0211", "name": "工业机器人应用与维护", "was": "DEMO-0209"}],
    )  # fmt: skip
    return lambda: o.act("2027-03-05 09:00", "filer@dg", "submit-filing", round=new, lines=[line()])


@codes.row("two kinds of entrants in one line", "mixed-entry")
def _(o: Office) -> Press:
    mixed = {**line(), "entry": ["junior-middle", "senior-technical"]}
    return lambda: o.act("2026-03-05 09:00", "filer@dg", "submit-filing", round=o.round, lines=[mixed])


@codes.row("too short", "study-years")
def _(o: Office) -> Press:
    filed: dict[str, Any] = {"round": o.round, "lines": [line(years=3.5)]}
    return lambda: o.act("2026-03-05 09:00", "filer@dg", "submit-filing", **filed)


@codes.row("filed before", "duplicate-line")
def _(o: Office) -> Press:
    o.submitted()
    return lambda: o.act("2026-03-05 09:00", "filer@dg", "submit-filing", round=o.round, lines=[line()])


@codes.row("four members", "panel-composition")
def _(o: Office) -> Press:
    filing = o.submitted()
    o.accepted(filing)
    panel: dict[str, Any] = {"experts": ["zhao", "qian", "zheng", "sun"], "chair": "zhao"}
    return lambda: o.act("2026-03-16 09:00", "organiser@tro", "form-panel", filing, **panel)


@codes.row("one has not scored", "panel-incomplete")
def _(o: Office) -> Press:
    filing = o.submitted()
    o.accepted(filing)
    o.panelled(filing)
    return lambda: o.act("2026-03-18 09:00", "expert:zhao", "conclude", filing, results={"1": "passed"})


@codes.row("more than full marks", "score-out-of-range")
def _(o: Office) -> Press:
    filing = o.submitted()
    o.accepted(filing)
    o.panelled(filing)
    return lambda: o.act(
        "2026-03-18 09:00", "expert:sun", "score", filing, line="1", marks={"overall": 100.5}
    )


@codes.row("one visitor", "visitors")
def _(o: Office) -> Press:
    filing = o.submitted()
    o.accepted(filing)
    o.panelled(filing)
    seen: dict[str, Any] = {
        "date": "2026-03-17",
        "visitors": ["赵工"],
        "places": ["实训楼"],
        "finding": "属实",
    }
    return lambda: o.act("2026-03-17 09:00", "organiser@tro", "visit", filing, **seen)


@codes.row("accepted twice", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.submitted()
    o.accepted(filing)
    return lambda: o.act("2026-03-10 09:00", "clerk@tro", "accept", filing)


def test_every_code_is_given() -> None:
    assert {row.code for row in codes.rows} == set(CODES) - LATER


@pytest.mark.parametrize("row", codes.parameters())
def test_a_refusal_says_why_and_what_next_and_changes_nothing(office: Office, row: Row) -> None:
    hold(office, row)


def test_a_refusal_names_everything_that_is_wrong_at_once(office: Office) -> None:
    lines = [
        line("1", "DEMO-9999"), line("2", years=1), line("3"), line("4"),
        {**line("5", "DEMO-0101"), "entry": ["senior-high", "junior-middle"]},
    ]  # fmt: skip
    answer = office.act("2026-03-05 09:00", "filer@gj", "submit-filing", round=office.round, lines=lines)
    assert answer["code"] == "not-a-technician-college"
    told = {(reason["code"], reason.get("line")) for reason in answer["reasons"]}
    assert told >= {
        ("not-a-technician-college", None), ("major-not-in-catalog", "1"), ("study-years", "2"),
        ("mixed-entry", "5"), ("duplicate-line", "4"),
    }  # fmt: skip
