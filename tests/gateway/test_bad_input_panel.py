"""Bad input to CA-06 … CA-09, row by row of domain.md §4.1: refused with the right code, and the case as it was."""

from typing import Any

import pytest

from tests.world import Office, line

from .refusals import Press, Row, Table, hold

rows = Table()


def scored(o: Office) -> str:
    """A filing of two lines that all members have scored."""
    filing = o.submitted("dg", line("1"), line("2", "DEMO-0105"))
    o.accepted(filing)
    o.panelled(filing)
    o.scored(filing, mark=79.99)
    return filing


# CA-06, CA-07: conclusion and visits ----------------------------------------------------------------------------------------
BAD_CONCLUSIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "passed just below the mark": ("invalid", "expert:zhao", {"results": {"1": "passed"}}),
    "failed without a reason": ("invalid", "expert:zhao", {"results": {"1": "failed"}}),
    "conditional without a reason": (
        "invalid",
        "expert:zhao",
        {"results": {"1": "conditional"}, "reasons": {"2": "x"}},
    ),
    "a reason for nothing": (
        "invalid",
        "expert:zhao",
        {"results": {"1": "failed"}, "reasons": {"1": "x", "2": "y"}},
    ),
    "an empty reason": ("invalid", "expert:zhao", {"results": {"1": "failed"}, "reasons": {"1": " "}}),
    "an outcome that is none": ("invalid", "expert:zhao", {"results": {"1": "maybe"}}),
    "a line that does not exist": (
        "invalid",
        "expert:zhao",
        {"results": {"9": "failed"}, "reasons": {"9": "x"}},
    ),
    "no results": ("invalid", "expert:zhao", {"results": {}}),
    "a member who is not in the chair": (
        "not-authorised",
        "expert:sun",
        {"results": {"1": "failed"}, "reasons": {"1": "x"}},
    ),
    "the organiser": ("not-authorised", "organiser@tro", {"results": {"1": "failed"}, "reasons": {"1": "x"}}),
}
for name, (code, by, given) in BAD_CONCLUSIONS.items():

    @rows.row(f"CA-06 {name}", code)
    def _(o: Office, by: str = by, given: dict[str, Any] = given) -> Press:
        filing = scored(o)
        return lambda: o.act("2026-03-20 09:00", by, "conclude", filing, **given)


@rows.row("CA-06 signed twice", "signed")
def _(o: Office) -> Press:
    filing = o.passed()
    return lambda: o.act(
        "2026-03-30 09:00", "expert:zhao", "conclude", filing, results={"1": "failed"}, reasons={"1": "x"}
    )


@rows.row("CA-06 the signed result of one line with an open one", "signed")
def _(o: Office) -> Press:
    filing = scored(o)
    o.do("2026-03-20 09:00", "expert:zhao", "conclude", filing, results={"1": "failed"}, reasons={"1": "x"})
    both: dict[str, Any] = {"results": {"1": "failed", "2": "failed"}, "reasons": {"1": "x", "2": "x"}}
    return lambda: o.act("2026-03-21 09:00", "expert:zhao", "conclude", filing, **both)


BAD_VISITS: dict[str, tuple[str, dict[str, Any]]] = {
    "before it happened": ("invalid", {"date": "2026-03-21"}),
    "before the filing came in": ("invalid", {"date": "2026-03-03"}),
    "one visitor": ("visitors", {"visitors": ["赵工"]}),
    "one visitor, named twice": ("visitors", {"visitors": ["赵工", "赵工"]}),
    "one visitor, named twice with a space": ("visitors", {"visitors": ["赵工", " 赵工 "]}),
    "no visitor": ("visitors", {"visitors": []}),
    "nowhere": ("invalid", {"places": []}),
    "without a finding": ("invalid", {"finding": ""}),
}
for name, (code, changed) in BAD_VISITS.items():

    @rows.row(f"CA-07 {name}", code)
    def _(o: Office, changed: dict[str, Any] = changed) -> Press:
        filing = scored(o)
        seen: dict[str, Any] = {
            "date": "2026-03-19",
            "visitors": ["赵工", "孙老师"],
            "places": ["车间"],
            "finding": "属实",
            **changed,
        }
        return lambda: o.act("2026-03-20 09:00", "organiser@tro", "visit", filing, **seen)


@rows.row("CA-07 after the conclusion", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.passed()
    seen: dict[str, Any] = {
        "date": "2026-03-19",
        "visitors": ["赵工", "孙老师"],
        "places": ["车间"],
        "finding": "属实",
    }
    return lambda: o.act("2026-03-30 09:00", "organiser@tro", "visit", filing, **seen)


# CA-08, CA-09: notice ---------------------------------------------------------------------------------------------------------
def publish(o: Office, *lines: str, at: str = "2026-04-13 09:00", **more: Any) -> Press:
    return lambda: o.act(at, "notice-officer@tro", "publish-notice", lines=list(lines), **more)


@rows.row("CA-08 a line that was withdrawn", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.passed("dg", line("1"), line("2", "DEMO-0105"))
    o.do("2026-03-30 09:00", "filer@dg", "withdraw", filing, lines=["2"], reason="x")
    return publish(o, f"{filing}/1", f"{filing}/2")


@rows.row("CA-08 a line twice", "invalid")
def _(o: Office) -> Press:
    filing = o.passed()
    return publish(o, f"{filing}/1", f"{filing}/1")


@rows.row("CA-08 an opinion that is not signed", "wrong-stage")
def _(o: Office) -> Press:
    filing = scored(o)
    return publish(o, f"{filing}/1")


@rows.row("CA-08 all that are ready when none is", "invalid")
def _(o: Office) -> Press:
    scored(o)
    return lambda: o.act("2026-04-13 09:00", "notice-officer@tro", "publish-notice")


for name, at in {
    "a Saturday": "2026-04-18 09:00",
    "Qingming": "2026-04-06 09:00",
    "a weekday in a holiday": "2026-05-05 09:00",
}.items():

    @rows.row(f"CA-09 begins on {name}", "invalid")
    def _(o: Office, at: str = at) -> Press:
        filing = o.passed()
        return publish(o, f"{filing}/1", at=at)


@rows.row("CA-09 for fewer days than configured", "invalid")
def _(o: Office) -> Press:
    filing = o.passed()
    return publish(o, f"{filing}/1", working_days=3)


@rows.row("CA-09 a line that stands in a notice", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    return publish(o, f"{filing}/1", at="2026-04-14 09:00")


@rows.row("CA-09 changed after publication by filing it again", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    return lambda: o.act("2026-04-14 09:00", "filer@dg", "submit-filing", filing, lines=[line(plan=99)])


@rows.row("CA-09 changed after publication by a draft", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.passed()
    o.published(filing)
    return lambda: o.act(
        "2026-04-14 09:00", "filer@dg", "save-draft", filing, round=o.round, lines=[line(plan=99)]
    )


@pytest.mark.parametrize("row", rows.parameters())
def test_bad_input_is_refused_and_the_case_stays_as_it_was(office: Office, row: Row) -> None:
    hold(office, row)
