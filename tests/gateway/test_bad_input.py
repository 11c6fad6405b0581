"""Bad input to CA-01 … CA-06, row by row of domain.md §4.1: refused with the right code, and the case as it was."""

from typing import Any

import pytest

from tests.register import MAJORS, PANEL
from tests.world import Office, line

from .refusals import Press, Row, Table, hold

rows = Table()
DAY = "2026-03-05 09:00"
PARTNER = {"uscc": "91440300MADEM00700", "name": "示例激光公司", "posts": 20, "agreement_until": "2029-12-31"}


def call(o: Office, **changed: Any) -> Press:
    """A call for 2027 with something wrong in it."""
    at = "2027-03-01 09:00"
    given: dict[str, Any] = {
        "year": 2027, "document_no": "粤人社函〔2027〕5号", "window": {"opens": at, "closes": "2027-03-31 17:30"},
        "majors": [{"code": code, "name": name} for code, name in MAJORS.items()],
    }  # fmt: skip
    return lambda: o.act(at, "catalog-officer@dept", "issue-call", **{**given, **changed})


def file(o: Office, *lines: Any, at: str = DAY, by: str = "filer@dg", **more: Any) -> Press:
    """A filing with something wrong in it."""
    given: dict[str, Any] = {"round": o.round, "lines": list(lines) or [line()], **more}
    return lambda: o.act(at, by, "submit-filing", **given)


def in_evaluation(o: Office, **with_: Any) -> str:
    filing = o.submitted("dg", line("1"), line("2", "DEMO-0105"), **with_)
    o.accepted(filing)
    o.panelled(filing)
    return filing


# CA-01: the yearly call ---------------------------------------------------------------------------------------------------
BAD_CALLS: dict[str, dict[str, Any]] = {
    "a major without code": {"majors": [{"code": "", "name": "数控加工"}]},
    "a major without a name": {"majors": [{"code": "DEMO-0101", "name": " "}]},
    "one code twice": {
        "majors": [{"code": "DEMO-0101", "name": "数控加工"}, {"code": "DEMO-0101", "name": "数控加工"}]
    },
    "last year's code for another major": {"majors": [{"code": "DEMO-0101", "name": "烹饪"}]},
    "a predecessor that never was": {
        "majors": [{"code": "DEMO-0111", "name": "数控加工", "was": "DEMO-7777"}]
    },
    "no majors": {"majors": []},
    "a window in the past": {"window": {"opens": "2027-02-01", "closes": "2027-03-31"}},
    "a window that closes before it opens": {"window": {"opens": "2027-03-31", "closes": "2027-03-02"}},
    "a second call for the same year": {"year": 2026},
    "the year as text": {"year": "2027"},
}
for name, changed in BAD_CALLS.items():
    rows.row(f"CA-01 {name}", "invalid")(lambda o, changed=changed: call(o, **changed))
rows.row("CA-01 a document number that is none", "document-no")(
    lambda o: call(o, document_no="粤人社函〔2027〕第5号")
)
rows.row("CA-01 the number of last year's call", "document-no-used")(
    lambda o: call(o, document_no="粤人社函〔2026〕50号")
)


# CA-02, CA-14: the filing ---------------------------------------------------------------------------------------------------
BAD_LINES: dict[str, tuple[str, dict[str, Any]]] = {
    "CA-02 no places": ("invalid", {"plan": 0}),
    "CA-02 fewer than no places": ("invalid", {"plan": -1}),
    "CA-02 half a place": ("invalid", {"plan": 1.5}),
    "CA-02 a line without major": ("invalid", {"major": ""}),
    "CA-02 an unknown field": ("invalid", {"studyyears": 4}),
    "CA-02 a line id that breaks references": ("invalid", {"id": "1/2"}),
    "CA-02 junior-middle entrants for five years": ("study-years", {"entry": "junior-middle", "years": 5}),
    "CA-02 a major that is not in the catalog": ("major-not-in-catalog", {"major": "DEMO-0209x"}),
    "CA-14 five and a half years": ("study-years", {"entry": "junior-middle", "years": 5.5}),
    "CA-14 six years as text": ("invalid", {"entry": "junior-middle", "years": "6年"}),
    "CA-14 six as text": ("invalid", {"entry": "junior-middle", "years": "6"}),
    "CA-14 segments of five years": ("study-years", {"entry": "junior-middle", "years": 6, "segments": [3, 2]}),
    "CA-14 mixed entrants": ("mixed-entry", {"entry": ["junior-middle", "senior-high"], "years": 6}),
    "CA-14 no entrants": ("mixed-entry", {"entry": []}),
    "CA-14 entrants from primary school": ("invalid", {"entry": "primary"}),
    "CA-14 senior-technical entrants for a year and a half": ("study-years", {"entry": "senior-technical", "years": 1.5}),
    "CA-14 yes for a number": ("invalid", {"years": True}),
}  # fmt: skip
for name, (code, changed) in BAD_LINES.items():
    rows.row(name, code)(lambda o, changed=changed: file(o, {**line(), **changed}))

BAD_FILINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "CA-02 a senior technical school": ("not-a-technician-college", {"by": "filer@gj"}),
    "CA-02 a college of another province": ("outside-jurisdiction", {"by": "filer@hnjs"}),
    "CA-02 a wrong check character": ("invalid", {"partners": [{**PARTNER, "uscc": "91440300MADEM00701"}]}),
    "CA-02 a number of the old kind": ("invalid", {"partners": [{**PARTNER, "uscc": "440300123456789"}]}),
    "CA-02 an expired agreement": ("invalid", {"partners": [{**PARTNER, "agreement_until": "2026-03-04"}]}),
    "CA-02 fewer than no posts": ("invalid", {"partners": [{**PARTNER, "posts": -1}]}),
    "CA-02 a mentor's number with a wrong check": (
        "invalid", {"mentors": [{"name": "某", "id_no": "440106197810014567", "employer": "示例激光公司"}]}),
    "CA-02 material that nobody took in": ("invalid", {"materials": ["0" * 64]}),
    "CA-02 material by its name": ("invalid", {"materials": ["方案.docm"]}),
    "CA-02 no lines": ("invalid", {"lines": []}),
    "CA-02 a round that does not exist": ("invalid", {"round": "round-0000000000"}),
    "CA-02 another kind of case for a round": ("invalid", {"round": "college/dg"}),
    "CA-02 at half past five of the closing day": ("window-closed", {"at": "2026-03-31 17:30"}),
    "CA-02 the day after": ("window-closed", {"at": "2026-04-01 09:00"}),
}  # fmt: skip
for name, (code, changed) in BAD_FILINGS.items():
    rows.row(name, code)(lambda o, changed=changed: file(o, **changed))
rows.row("CA-02 one line twice in a filing", "duplicate-line")(lambda o: file(o, line("1"), line("2")))
rows.row("CA-02 one line id twice", "invalid")(lambda o: file(o, line("1"), line("1", "DEMO-0105")))


# CA-03: routing and acceptance --------------------------------------------------------------------------------------------
@rows.row("CA-03 a college without affiliation", "invalid")
def _(o: Office) -> Press:
    new = {"id": "new", "name": "示例技师学院丁", "kind": "technician-college", "city": "4401"}
    return lambda: o.act(DAY, "approver@dept", "register-college", **new)


for taken in ("tro", "city-4406", "hn"):

    @rows.row(f"a college by the id of another agency: {taken}", "invalid")
    def _(o: Office, taken: str = taken) -> Press:
        new = {
            "name": "示例技师学院丁",
            "kind": "technician-college",
            "city": "4406",
            "affiliation": "municipal",
        }
        return lambda: o.act(DAY, "approver@dept", "register-college", id=taken, **new)


@rows.row("CA-03 an affiliation without an effective date", "invalid")
def _(o: Office) -> Press:
    return lambda: o.act(
        DAY, "approver@dept", "amend-register", college="dg", changes={"affiliation": "provincial"}
    )


@rows.row("CA-03 a Shenzhen filing at the teaching-research office", "wrong-agency")
def _(o: Office) -> Press:
    filing = o.submitted("szjs")
    return lambda: o.act(DAY, "clerk@tro", "accept", filing)


@rows.row("CA-03 a filing that waits for a human rule is nobody's to accept", "wrong-agency")
def _(o: Office) -> Press:
    filing = o.submitted("by")
    return lambda: o.act(DAY, "clerk@gz", "accept", filing)


@rows.row("CA-03 routed without a reason", "invalid")
def _(o: Office) -> Press:
    filing = o.submitted("by")
    return lambda: o.act(DAY, "approver@dept", "route", filing, to="tro")


@rows.row("CA-03 routed to who receives nothing", "invalid")
def _(o: Office) -> Press:
    filing = o.submitted("by")
    return lambda: o.act(DAY, "approver@dept", "route", filing, to="city-4419", reason="x")


@rows.row("CA-03 routed though the text routes it", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.submitted("szjs")
    return lambda: o.act(DAY, "approver@dept", "route", filing, to="tro", reason="x")


# CA-04: supplement ------------------------------------------------------------------------------------------------------------
def asked(o: Office) -> str:
    filing = o.submitted()
    o.do(DAY, "clerk@tro", "ask-supplement", filing, items=["校企合作协议", "评价方案"])  # ends 2026-03-19
    return filing


@rows.row("CA-04 a second list while the first is awaited", "already-asked")
def _(o: Office) -> Press:
    filing = asked(o)
    return lambda: o.act("2026-03-06 09:00", "clerk@tro", "ask-supplement", filing, items=["师资表"])


@rows.row("CA-04 a second list after a partial reply", "already-asked")
def _(o: Office) -> Press:
    filing = asked(o)
    o.do("2026-03-09 09:00", "filer@dg", "supply", filing, items=["评价方案"])
    return lambda: o.act("2026-03-10 09:00", "clerk@tro", "ask-supplement", filing, items=["校企合作协议"])


@rows.row("CA-04 an empty list", "invalid")
def _(o: Office) -> Press:
    filing = o.submitted()
    return lambda: o.act(DAY, "clerk@tro", "ask-supplement", filing, items=["评价方案", "  "])


@rows.row("CA-04 an answer from another college", "wrong-agency")
def _(o: Office) -> Press:
    filing = asked(o)
    return lambda: o.act("2026-03-19 23:59", "filer@zh", "supply", filing, items=["评价方案"])


@rows.row("CA-04 an answer a minute late", "wrong-stage")
def _(o: Office) -> Press:
    filing = asked(o)
    return lambda: o.act("2026-03-20 00:00", "filer@dg", "supply", filing, items=["评价方案"])


@rows.row("CA-04 an answer nobody asked for", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.submitted()
    return lambda: o.act(DAY, "filer@dg", "supply", filing, items=["评价方案"])


@rows.row("CA-04 accepted while the supplement is awaited", "wrong-stage")
def _(o: Office) -> Press:
    filing = asked(o)
    return lambda: o.act("2026-03-06 09:00", "clerk@tro", "accept", filing)


# CA-05, CA-06: panel and scores --------------------------------------------------------------------------------------------
BAD_PANELS: dict[str, tuple[str, list[str], str]] = {
    "an even number": ("panel-composition", ["zhao", "qian", "zheng", "sun"], "zhao"),
    "six": ("panel-composition", ["zhao", "qian", "zheng", "sun", "zhou", "c-1"], "zhao"),
    "all from industry": ("panel-composition", ["zhao", "qian", "zheng", "i-1", "i-2"], "zhao"),
    "three": ("panel-composition", ["zhao", "qian", "sun"], "zhao"),
    "industry has less than a third": ("panel-composition", ["zhao", "sun", "zhou", "li", "c-1"], "zhao"),
    "an expert of the college": ("recused", ["zhao", "qian", "zheng", "sun", "wu"], "zhao"),
    "an expert of a partner": ("recused", ["zhao", "qian", "he", "sun", "zhou"], "zhao"),
    "an expert who is a mentor": ("recused", ["zhao", "qian", "feng", "sun", "zhou"], "zhao"),
    "one expert twice": ("invalid", ["zhao", "zhao", "zheng", "sun", "zhou"], "zhao"),
    "an expert whom nobody knows": ("invalid", ["zhao", "qian", "zheng", "sun", "nobody"], "zhao"),
    "a chair from outside": ("invalid", list(PANEL), "feng"),
    "nobody": ("invalid", [], "zhao"),
}
for name, (code, experts, chair) in BAD_PANELS.items():

    @rows.row(f"CA-05 {name}", code)
    def _(o: Office, experts: list[str] = experts, chair: str = chair) -> Press:
        for id_, side, org in (
            ("c-1", "college", "gm"),
            ("i-1", "industry", "甲厂"),
            ("i-2", "industry", "乙厂"),
        ):
            o.do(
                DAY, "organiser@tro", "register-expert", id=id_, name=id_, side=side, employers=[{"org": org}]
            )
        mentor = {"name": "冯工", "employer": "示例数控公司"}
        filing = o.submitted(partners=[PARTNER], mentors=[mentor])
        o.accepted(filing)
        return lambda: o.act(
            "2026-03-16 09:00", "organiser@tro", "form-panel", filing, experts=experts, chair=chair
        )


BAD_MARKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "too many points": ("score-out-of-range", "expert:sun", {"line": "1", "marks": {"overall": 101}}),
    "fewer than none": ("score-out-of-range", "expert:sun", {"line": "1", "marks": {"overall": -1}}),
    "an item that does not exist": ("invalid", "expert:sun", {"line": "1", "marks": {"overall": 90, "looks": 5}}),
    "a missing item": ("invalid", "expert:sun", {"line": "1", "marks": {}}),
    "points as text": ("invalid", "expert:sun", {"line": "1", "marks": {"overall": "90"}}),
    "a line that does not exist": ("invalid", "expert:sun", {"line": "9", "marks": {"overall": 90}}),
    "a line twice": ("invalid", "expert:sun", {"line": ["1", "1"], "marks": {"overall": 90}}),
    "somebody who is not on the panel": ("not-authorised", "expert:feng", {"line": "1", "marks": {"overall": 90}}),
    "an officer": ("not-authorised", "organiser@tro", {"line": "1", "marks": {"overall": 90}}),
    "the chair for somebody else": (
        "invalid", "expert:zhao", {"line": "1", "marks": {"overall": 90}, "expert": "sun"}),
}  # fmt: skip
for name, (code, by, given) in BAD_MARKS.items():

    @rows.row(f"CA-06 {name}", code)
    def _(o: Office, by: str = by, given: dict[str, Any] = given) -> Press:
        filing = in_evaluation(o)
        return lambda: o.act("2026-03-18 09:00", by, "score", filing, **given)


@pytest.mark.parametrize("row", rows.parameters())
def test_bad_input_is_refused_and_the_case_stays_as_it_was(office: Office, row: Row) -> None:
    hold(office, row)
