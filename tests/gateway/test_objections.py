"""Objections: what is admitted, what it holds, and what becomes of its line (CA-10; FORMAT.md, Lines, notices, objections)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Soil
from tests.register import OBJECTOR
from tests.world import Office, line


@pytest.fixture
def noticed(office: Office) -> tuple[Office, str]:
    """Two lines in a notice that ends on 2026-04-17."""
    filing = office.passed("zh", line("A"), line("B", "DEMO-0105"))
    office.published(filing)
    return office, filing


UNIT = {"kind": "unit", "name": "某公司"}


@pytest.mark.parametrize(
    ("admitted", "given"),
    [
        (True, {}),
        (True, {"via": "letter"}),
        (True, {"who": {**UNIT, "sealed": True}}),
        (True, {"at": "2026-04-13 09:00"}),
        (True, {"at": "2026-04-17 23:59"}),
        (True, {"via": "post", "sent": "2026-04-17", "at": "2026-04-21 09:00"}),
        (True, {"via": "post", "sent": "2026-04-13", "at": "2026-04-13 16:00"}),
        (False, {"at": "2026-04-18 00:00"}),
        (False, {"at": "2026-04-18 09:00", "received": "2026-04-18 00:00"}),
        (False, {"via": "letter", "sent": "2026-04-17", "at": "2026-04-20 09:00"}),
        (False, {"via": "post", "sent": "2026-04-18", "at": "2026-04-20 09:00"}),
        (False, {"via": "post", "sent": "2026-04-12", "at": "2026-04-14 09:00"}),
        (False, {"who": {"kind": "anonymous"}}),
        (False, {"who": {"kind": "anonymous", "name": "某某"}}),
        (False, {"who": UNIT}),
        (False, {"who": {**UNIT, "sealed": False}}),
        *(
            (False, {"who": {k: v for k, v in OBJECTOR.items() if k != missing}})
            for missing in ("name", "id_no", "phone")
        ),
    ],
    ids=str,
)
def test_what_is_admitted(noticed: tuple[Office, str], admitted: bool, given: dict[str, Any]) -> None:
    office, filing = noticed
    objection = office.objected(f"{filing}/A", **given)
    shown = office.state(objection)
    assert shown["admissible"] is admitted
    assert shown["stage"] == ("verifying" if admitted else "not-admitted")
    late = given.get("at", "") > "2026-04-18"
    assert office.lines(filing) == {
        "A": "held" if admitted else "noticed" if late else "in-notice",
        "B": "noticed" if late else "in-notice",
    }
    office.check()


def test_an_objection_is_verified_within_ten_working_days_of_receipt(noticed: tuple[Office, str]) -> None:
    office, filing = noticed
    objection = office.objected(f"{filing}/A", at="2026-04-15 09:00", received="2026-04-14 09:00")
    assert office.state(objection)["deadlines"]["objection"]["date"] == "2026-04-28"


def test_a_posted_objection_comes_too_late_once_the_department_has_consented(
    noticed: tuple[Office, str],
) -> None:
    office, filing = noticed
    office.do("2026-04-20 09:00", "approver@dept", "consent", lines=[f"{filing}/A"])
    late = office.objected(f"{filing}/A", at="2026-04-21 09:00", via="post", sent="2026-04-17")
    assert office.state(late)["stage"] == "not-admitted"
    assert office.lines(filing)["A"] == "consented"
    in_time = office.objected(f"{filing}/B", at="2026-04-21 09:00", via="post", sent="2026-04-17")
    assert office.state(in_time)["stage"] == "verifying"
    assert office.lines(filing)["B"] == "held"
    approval = office.state(filing)["lines"]["A"]["approval"]
    assert office.state(approval)["stage"] == "done", "nothing is left before the department"
    office.check()


@pytest.mark.parametrize(
    ("when", "back"), [("2026-04-16 09:00", "in-notice"), ("2026-04-22 09:00", "noticed")]
)
def test_a_dismissed_objection_lets_its_line_go_where_the_notice_stands(
    noticed: tuple[Office, str], when: str, back: str
) -> None:
    office, filing = noticed
    objection = office.objected(f"{filing}/A")
    office.do(when, "notice-officer@tro", "decide-objection", objection, outcome="dismissed", finding="属实")
    assert office.lines(filing)["A"] == back
    office.do("2026-04-23 09:00", "approver@dept", "consent", lines=[f"{filing}/A", f"{filing}/B"])
    assert set(office.lines(filing).values()) == {"consented"}
    office.check()


def test_two_lines_released_one_after_the_other_when_the_notice_is_over(noticed: tuple[Office, str]) -> None:
    office, filing = noticed
    objections = [office.objected(f"{filing}/{id_}") for id_ in "AB"]
    for objection in objections:
        office.do(
            "2026-04-22 09:00",
            "notice-officer@tro",
            "decide-objection",
            objection,
            outcome="dismissed",
            finding="x",
        )
    office.do("2026-04-23 09:00", "approver@dept", "consent", lines=[f"{filing}/A", f"{filing}/B"])
    approvals = {found["approval"] for found in office.state(filing)["lines"].values()}
    assert len(approvals) == 2
    assert {office.state(approval)["stage"] for approval in approvals} == {"done"}
    office.check()


def test_an_upheld_objection_refuses_its_line_alone(noticed: tuple[Office, str]) -> None:
    office, filing = noticed
    objection = office.objected(f"{filing}/A")
    office.do(
        "2026-04-15 09:00",
        "notice-officer@tro",
        "decide-objection",
        objection,
        outcome="upheld",
        finding="设备不实",
    )
    assert office.lines(filing) == {"A": "refused", "B": "in-notice"}
    assert office.state(filing)["deadlines"]["reconsideration/A"]["date"] == "2026-06-15", (
        "sixty days end on a Sunday"
    )
    office.do("2026-04-20 09:00", "approver@dept", "consent", lines=[f"{filing}/B"])
    office.check()


def test_a_corrected_line_stands_in_a_new_notice(noticed: tuple[Office, str]) -> None:
    office, filing = noticed
    objection = office.objected(f"{filing}/A")
    correction = {"outcome": "upheld", "finding": "人数有误", "correction": {"plan": 30}}
    office.do("2026-04-15 09:00", "notice-officer@tro", "decide-objection", objection, **correction)
    assert office.state(filing)["lines"]["A"]["plan"] == 30
    assert office.lines(filing) == {"A": "passed", "B": "in-notice"}
    again = office.do("2026-04-16 09:00", "notice-officer@tro", "publish-notice", lines=[f"{filing}/A"])
    office.do("2026-04-20 09:00", "approver@dept", "consent", lines=[f"{filing}/B"])
    assert office.state(again)["stage"] == "open"
    office.check()


@pytest.mark.parametrize("outcome", ["dismissed", "upheld"])
def test_an_objection_that_outlives_its_line_changes_nothing(
    noticed: tuple[Office, str], outcome: str
) -> None:
    # CA-13: withdrawal is free until consent; what was withdrawn does not come back by an answer to somebody else.
    office, filing = noticed
    objection = office.objected(f"{filing}/A")
    office.do("2026-04-15 09:00", "filer@zh", "withdraw", filing, lines=["A"], reason="调整")
    office.do(
        "2026-04-16 09:00", "notice-officer@tro", "decide-objection", objection, outcome=outcome, finding="x"
    )
    assert office.lines(filing) == {"A": "withdrawn", "B": "in-notice"}
    office.check()


@pytest.mark.parametrize(("first", "second", "state"), [
    ("upheld", "dismissed", "refused"), ("dismissed", "upheld", "refused"), ("upheld", "upheld", "refused"), ("dismissed", "dismissed", "in-notice"),
])  # fmt: skip
def test_two_objections_to_one_line(noticed: tuple[Office, str], first: str, second: str, state: str) -> None:
    office, filing = noticed
    objections = [office.objected(f"{filing}/A", at=f"2026-04-14 0{n}:00") for n in (8, 9)]
    seen: list[str] = []
    for objection, outcome in zip(objections, (first, second), strict=True):
        office.do(
            "2026-04-16 09:00",
            "notice-officer@tro",
            "decide-objection",
            objection,
            outcome=outcome,
            finding="x",
        )
        seen.append(office.lines(filing)["A"])
    assert seen == ["refused" if first == "upheld" else "held", state]
    office.check()


@pytest.mark.parametrize(
    ("outcome", "correction", "state"),
    [("dismissed", None, "filed"), ("upheld", {"plan": 30}, "filed"), ("upheld", None, "refused")],
)
def test_a_late_tie_does_not_do_away_with_an_objection(
    noticed: tuple[Office, str], outcome: str, correction: dict[str, Any] | None, state: str
) -> None:
    # CA-05, CA-10: the panel's result falls, not what somebody else says of the line.
    office, filing = noticed
    objection = office.objected(f"{filing}/A")
    tie = {"expert": "zheng", "org": "zh", "until": "2024-01-31"}
    office.do("2026-04-15 09:00", "organiser@tro", "disclose-tie", filing, **tie)
    assert office.lines(filing) == {"A": "filed", "B": "filed"}
    said = {"outcome": outcome, "finding": "x", "correction": correction}
    office.do("2026-04-16 09:00", "notice-officer@tro", "decide-objection", objection, **said)
    assert office.lines(filing) == {"A": state, "B": "filed"}
    assert office.state(filing)["lines"]["A"]["plan"] == (30 if correction else 40)
    assert office.state(filing)["lines"]["A"]["held_by"] == []
    office.check()


def test_an_answered_objection_does_not_come_back_with_a_second_late_tie(noticed: tuple[Office, str]) -> None:
    office, filing = noticed
    objection = office.objected(f"{filing}/A")
    office.do("2026-04-15 09:00", "organiser@tro", "disclose-tie", filing, expert="zheng", org="zh")
    office.do("2026-04-15 10:00", "organiser@tro", "replace-expert", filing, **{"out": "zheng", "in": "feng"})
    office.do("2026-04-15 11:00", "expert:feng", "score", filing, line=["A", "B"], marks={"overall": 90})
    found = {"results": {"A": "failed", "B": "conditional"}, "reasons": {"A": "x", "B": "y"}}
    office.do("2026-04-15 12:00", "expert:zhao", "conclude", filing, **found)
    answer = {"outcome": "dismissed", "finding": "x"}
    office.do("2026-04-16 09:00", "notice-officer@tro", "decide-objection", objection, **answer)
    office.do("2026-04-17 09:00", "organiser@tro", "disclose-tie", filing, expert="qian", org="zh")
    assert office.lines(filing) == {"A": "filed", "B": "filed"}
    assert office.state(filing)["lines"]["A"]["held_by"] == [], "or it could never be noticed again"
    office.check()


# A grace for the post -----------------------------------------------------------------------------------------------------
def with_grace(engine: Any) -> None:
    """Three working days more for the post, and a notice that ends at half past five."""
    office = Office.found(engine, {"notice.postal_grace_working_days": 3, "notice.cut_off": "17:30"})
    office.register_all()
    office.call()


@pytest.fixture
def graceful(sqlite: Soil) -> Iterator[tuple[Office, str, str]]:
    """A line in a notice with a grace: 2026-04-17 17:30, and the post until 2026-04-22."""
    ground = sqlite.fresh(with_grace)
    office = Office(ground.engine)
    filing = office.passed()
    yield office, filing, office.published(filing)
    sqlite.clear(ground)


def test_a_notice_waits_for_the_post(graceful: tuple[Office, str, str]) -> None:
    office, filing, notice = graceful
    ref = f"{filing}/1"
    assert office.state(notice)["ends"] == "2026-04-17"
    assert office.act("2026-04-18 09:00", "approver@dept", "consent", lines=[ref])["code"] == "notice-open"
    shown = office.state(notice)
    assert (shown["stage"], shown["deadlines"]["postal-grace"]["date"]) == ("open", "2026-04-22")
    assert office.refused("2026-04-22 23:59", "approver@dept", "consent", lines=[ref]) == "notice-open"
    late = office.objected(ref, at="2026-04-22 09:00")
    assert office.state(late)["stage"] == "not-admitted"
    posted = office.objected(ref, at="2026-04-22 10:00", via="post", sent="2026-04-17")
    assert office.state(posted)["stage"] == "verifying"
    office.do(
        "2026-04-22 11:00", "notice-officer@tro", "decide-objection", posted, outcome="dismissed", finding="x"
    )
    assert office.lines(filing) == {"1": "in-notice"}
    office.do("2026-04-23 00:00", "approver@dept", "consent", lines=[ref])
    assert office.state(notice)["ends"] == "2026-04-17"
    office.check()


def test_an_objection_by_mail_after_closing_time_is_late(graceful: tuple[Office, str, str]) -> None:
    office, filing, _ = graceful
    assert office.state(office.objected(f"{filing}/1", at="2026-04-17 17:29"))["admissible"] is True
    assert office.state(office.objected(f"{filing}/1", at="2026-04-17 17:30"))["admissible"] is False
    office.check()
