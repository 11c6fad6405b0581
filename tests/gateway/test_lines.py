"""Lines go their own ways: routing, partial results, return, late ties, corrections, clocks that stop (CA-03 … CA-13)."""

import pytest

from tests.world import Office, line


@pytest.mark.parametrize(
    ("college", "route"), [("szjs", "sz"), ("gm", "gz"), ("jx", "tro"), ("dg", "tro"), ("by", None)]
)
def test_the_receiving_unit_follows_affiliation(office: Office, college: str, route: str | None) -> None:
    shown = office.state(office.submitted(college))
    assert (shown["route"], shown["stage"]) == (route, "submitted" if route else "unrouted")


def test_a_human_rule_routes_later_filings_of_the_same_kind_only(office: Office) -> None:
    first = office.submitted("by")
    office.do(
        "2026-03-05 09:00",
        "approver@dept",
        "route",
        first,
        to="tro",
        reason="民办由省教研室受理",
        as_rule=True,
    )
    second = office.submitted("by", line("1", "DEMO-0101"), at="2026-03-06 09:00")
    assert office.state(second)["route"] == "tro"
    assert "民办由省教研室受理" in office.state(second)["route_basis"]
    office.do(
        "2026-03-06 09:00",
        "approver@dept",
        "amend-register",
        college="gm",
        changes={"affiliation": "district"},
        **{"from": "2026-03-06"},
    )
    assert office.state(office.submitted("gm", at="2026-03-09 09:00"))["route"] is None
    office.check()


def test_a_college_that_moves_its_owner_between_draft_and_submission(office: Office) -> None:
    draft = office.do("2026-03-04 09:00", "filer@szjs", "save-draft", round=office.round, lines=[line()])
    moved = {"college": "szjs", "changes": {"affiliation": "provincial"}}
    office.do("2026-03-05 09:00", "approver@dept", "amend-register", **moved, **{"from": "2026-03-10"})
    before = office.submitted("szjs", line("1", "DEMO-0101"), at="2026-03-09 23:59")
    assert office.state(before)["route"] == "sz"
    office.do("2026-03-10 00:00", "filer@szjs", "submit-filing", draft)
    assert office.state(draft)["route"] == "tro"
    # a filing stays with the unit that received it
    office.do("2026-03-11 09:00", "clerk@sz", "accept", before)
    assert office.refused("2026-03-11 09:00", "clerk@sz", "accept", draft) == "wrong-agency"
    office.check()


def test_a_draft_that_is_refused_stays_as_it_was(office: Office) -> None:
    draft = office.do("2026-03-04 09:00", "filer@dg", "save-draft", round=office.round, lines=[line(years=3)])
    before = office.state(draft)
    assert office.refused("2026-03-05 09:00", "filer@dg", "submit-filing", draft) == "study-years"
    assert (
        office.refused("2026-03-05 09:00", "filer@dg", "submit-filing", draft, lines=[line(plan=0)])
        == "invalid"
    )
    assert office.state(draft) == before
    office.do("2026-03-05 09:00", "filer@dg", "submit-filing", draft, lines=[line()])
    office.check()


def test_segments_that_add_up_and_the_exploratory_track(office: Office) -> None:
    filing = office.submitted(
        "dg", line("1", "DEMO-0101", "junior-middle", 6, segments=[3, 2, 1]), line("2", "DEMO-0101", "undergraduate", 1),
        line("3", "DEMO-0105", "title-holder", 0.5), line("4", "DEMO-0105", "junior-middle", 6.5, segments=[3, 3.5]),
    )  # fmt: skip
    tracks = {id_: found["track"] for id_, found in office.state(filing)["lines"].items()}
    assert tracks == {"1": "regular", "2": "exploratory", "3": "exploratory", "4": "regular"}
    assert office.state(filing)["lines"]["1"]["years"] == 6
    assert office.state(filing)["lines"]["4"]["years"] == 6.5


def test_a_line_may_be_filed_again_once_the_first_is_over(office: Office) -> None:
    filing = office.submitted()
    assert (
        office.refused("2026-03-05 09:00", "filer@dg", "submit-filing", round=office.round, lines=[line()])
        == "duplicate-line"
    )
    office.do("2026-03-05 10:00", "filer@dg", "withdraw", filing, reason="误操作")
    assert office.state(filing)["stage"] == "withdrawn"
    again = office.submitted(at="2026-03-06 09:00")
    office.do("2026-03-09 09:00", "clerk@tro", "decline", again, reason="材料不实")
    assert office.lines(again) == {"1": "closed"}
    office.submitted(at="2026-03-10 09:00")
    office.check()


def test_one_line_passes_one_fails_one_is_seen_again(office: Office) -> None:
    filing = office.submitted("dg", line("A"), line("B", "DEMO-0105"), line("C", "DEMO-0101"))
    office.accepted(filing)
    office.panelled(filing)
    office.scored(filing)
    results = {"A": "passed", "B": "failed", "C": "conditional"}
    office.do(
        "2026-03-20 09:00",
        "expert:zhao",
        "conclude",
        filing,
        results=results,
        reasons={"B": "不足", "C": "再看"},
    )
    assert office.lines(filing) == results
    assert office.state(filing)["stage"] == "evaluating"
    assert (
        office.refused("2026-03-21 09:00", "expert:zhao", "conclude", filing, results={"C": "passed"})
        == "panel-incomplete"
    )
    office.scored(filing, at="2026-03-24 09:00", mark=90)
    office.concluded(filing)
    assert office.lines(filing) == {"A": "passed", "B": "failed", "C": "passed"}
    assert office.state(filing)["stage"] == "concluded"
    office.check()


def test_a_barred_experts_marks_do_not_count(office: Office) -> None:
    filing = office.submitted()
    office.accepted(filing)
    office.panelled(filing)
    for expert, mark in {"zhao": 80, "qian": 80, "zheng": 80, "sun": 80, "zhou": 0}.items():
        office.do("2026-03-18 09:00", f"expert:{expert}", "score", filing, line="1", marks={"overall": mark})
    assert (
        office.refused("2026-03-19 09:00", "expert:zhao", "conclude", filing, results={"1": "passed"})
        == "invalid"
    )
    # zhou is found to have left the college exactly three years before the panel was formed: that still bars
    office.do(
        "2026-03-19 10:00",
        "organiser@tro",
        "disclose-tie",
        filing,
        expert="zhou",
        org="dg",
        until="2023-03-16",
    )
    office.do("2026-03-19 11:00", "organiser@tro", "replace-expert", filing, **{"out": "zhou", "in": "li"})
    office.do("2026-03-20 09:00", "expert:li", "score", filing, line="1", marks={"overall": 80})
    office.do("2026-03-20 10:00", "expert:zhao", "conclude", filing, results={"1": "passed"})
    office.check()


def test_a_tie_that_ended_a_day_earlier_does_not_bar(office: Office) -> None:
    filing = office.passed()
    office.do(
        "2026-03-28 09:00",
        "organiser@tro",
        "disclose-tie",
        filing,
        expert="zhou",
        org="dg",
        until="2023-03-15",
    )
    assert office.lines(filing) == {"1": "passed"}
    assert "zhou" in office.state(office.state(filing)["evaluation"])["panel"]


def test_a_late_tie_takes_a_line_from_before_the_department(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    office.act("2026-04-20 08:00", "approver@dept", "consent", lines=[f"{filing}/x"])
    approval = office.state(filing)["lines"]["1"]["approval"]
    office.do(
        "2026-04-20 09:00",
        "organiser@tro",
        "disclose-tie",
        filing,
        expert="zheng",
        org="dg",
        until="2024-01-31",
    )
    assert (office.lines(filing), office.state(filing)["stage"]) == ({"1": "filed"}, "evaluating")
    assert office.state(approval)["stage"] == "done"
    assert (
        office.refused("2026-04-20 10:00", "approver@dept", "consent", lines=[f"{filing}/1"]) == "wrong-stage"
    )
    assert (
        office.refused("2026-04-20 10:00", "expert:zhao", "conclude", filing, results={"1": "passed"})
        == "panel-composition"
    )
    office.check()


def test_the_decision_clock_goes_on_when_the_last_open_line_is_withdrawn(office: Office) -> None:
    # It stands still during an evaluation; when nothing is left to evaluate, the promise to the other lines runs on.
    filing = office.submitted("dg", line("1"), line("2", "DEMO-0105"))
    office.accepted(filing)
    office.panelled(filing)
    office.scored(filing)
    office.do("2026-03-20 09:00", "expert:zhao", "conclude", filing, results={"1": "passed"})
    assert office.state(filing)["deadlines"]["decision"]["paused"] is True
    office.do("2026-03-23 09:00", "filer@dg", "withdraw", filing, lines=["2"], reason="调整")
    assert office.state(filing)["stage"] == "concluded"
    assert office.state(filing)["deadlines"]["decision"]["paused"] is False
    office.check()


def test_a_schedule_published_twice_during_an_evaluation_does_not_move_the_promise_by_a_century(
    office: Office,
) -> None:
    filing = office.submitted()
    office.accepted(filing)
    office.panelled(filing)
    for hour in (9, 10):
        office.do(
            f"2026-03-17 {hour:02}:00",
            "catalog-officer@dept",
            "publish-calendar",
            year=2026,
            holidays=["2026-04-06"],
        )
        office.scored(filing, at=f"2026-03-17 {hour:02}:30")
    office.concluded(filing)
    assert office.state(filing)["deadlines"]["decision"]["date"] < "2026-06"
