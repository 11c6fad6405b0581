"""At the door: unknown acts, forms that are none, stale pages, rules by the day in China."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.moments import instant
from domain.policy import Dated, Pack
from gateway.clock import ClockFace
from gateway.founding import found
from policies import load_pack
from records.engine import migrate, open_engine
from records.schema import acts
from tests.conftest import Soil
from tests.world import BEGINNING, Office, line, schedules


@pytest.mark.parametrize(
    "name", ["", "Accept", "accept ", "acept", "drop table", "接受", "accept (internal)", "x" * 200]
)
def test_an_act_that_nobody_knows(office: Office, name: str) -> None:
    filing = office.submitted()
    answer = office.act("2026-03-05 09:00", "clerk@tro", name, filing, reason="x")
    assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
    assert answer["reasons"][0]["field"] == "act"
    assert office.rows(acts)[-1]["outcome"] == "refused"
    office.check()


@pytest.mark.parametrize(
    ("with_", "fields"),
    [
        ({}, {"items"}),
        ({"items": "协议"}, {"items"}),
        ({"items": {"1": "协议"}}, {"items"}),
        ({"items": [1, None]}, {"items.0", "items.1"}),
        ({"items": []}, {"items"}),
        ({"items": None}, {"items"}),
        ({"items": ["协议"], "reason": "x"}, {"reason"}),
        ({"items": ["协议"] * 101}, {"items"}),
        ({"items": ["协议"], "materials": "x"}, {"materials"}),
    ],
)
def test_a_form_that_is_none_is_told_field_by_field(
    office: Office, with_: dict[str, Any], fields: set[str]
) -> None:
    filing = office.submitted()
    answer = office.act("2026-03-05 09:00", "clerk@tro", "ask-supplement", filing, **with_)
    assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
    assert {reason["field"] for reason in answer["reasons"]} == fields
    office.check()


@pytest.mark.parametrize(
    "case",
    [
        None,
        "",
        "filing-0000000000",
        "round",
        "college/dg",
        "agency/tro",
        "policy/current",
        "calendar/cn",
        "expert/zhao",
    ],
)
def test_a_case_that_is_not_there_or_of_another_kind(office: Office, case: str | None) -> None:
    named = office.round if case == "round" else case
    answer = office.act("2026-03-05 09:00", "clerk@tro", "accept", named)
    assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
    assert answer["reasons"][0]["field"] == "case"
    office.check()


def test_a_case_where_none_is_meant(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    answer = office.act("2026-04-20 09:00", "approver@dept", "consent", filing, lines=[f"{filing}/1"])
    assert (answer["code"], answer["reasons"][0]["field"]) == ("invalid", "case")


def test_an_evaluation_may_be_named_for_its_filing(office: Office) -> None:
    filing = office.submitted()
    office.accepted(filing)
    office.panelled(filing)
    evaluation = office.state(filing)["evaluation"]
    office.do("2026-03-18 09:00", "expert:zhao", "score", evaluation, line="1", marks={"overall": 90})
    assert set(office.state(evaluation)["scores"]["1"]) == {"zhao"}
    office.check()


# Stale pages ------------------------------------------------------------------------------------------------------------------
def test_a_page_drawn_after_the_last_change_is_fresh(office: Office) -> None:
    filing = office.submitted(at="2026-03-04 10:12")
    office.do("2026-03-05 09:00", "clerk@tro", "accept", filing, read="2026-03-04 10:12")


def test_a_case_that_moved_on_is_stale(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "clerk@tro", "ask-supplement", filing, items=["协议"])
    office.do("2026-03-06 09:00", "filer@dg", "supply", filing, items=["协议"])
    assert (
        office.refused("2026-03-06 10:00", "clerk@tro", "accept", filing, read="2026-03-06 08:59") == "stale"
    )
    office.do("2026-03-06 10:00", "clerk@tro", "accept", filing, read="2026-03-06 09:30")


def test_a_lapse_makes_a_page_stale_too(office: Office) -> None:
    filing = office.submitted()
    answer = office.act("2026-03-12 09:00", "organiser@tro", "form-panel", filing, read="2026-03-11 17:00",
                        experts=["zhao", "qian", "zheng", "sun", "zhou"], chair="zhao")  # fmt: skip
    assert answer["code"] == "stale"
    assert office.state(filing)["stage"] == "accepted"


def test_only_the_lines_that_are_named_must_be_fresh(office: Office) -> None:
    filing = office.passed("zh", line("A"), line("B", "DEMO-0105"))
    office.published(filing)
    office.objected(f"{filing}/B", at="2026-04-14 09:00")
    drawn = "2026-04-14 08:00"
    late = "2026-04-20 09:00"
    answer = office.act(
        late, "approver@dept", "consent", lines=[f"{filing}/A", f"{filing}/B"], read="2026-04-18 08:00"
    )
    assert answer["code"] == "objection-open", "nothing changed since that page"
    answer = office.act(late, "approver@dept", "consent", lines=[f"{filing}/B"], read=drawn)
    assert (answer["code"], answer["reasons"][0]["line"]) == ("stale", f"{filing}/B")


@pytest.mark.parametrize("act", ["object", "correct"])
def test_a_line_that_is_named_alone_must_be_fresh_too(office: Office, act: str) -> None:
    # “If a line or case that the act names has changed since, the act is refused with `stale`” (FORMAT.md)
    filing = office.passed()
    office.published(filing)
    ref = f"{filing}/1"
    if act == "object":
        answer = office.act("2026-04-14 09:00", "notice-officer@tro", "object", read="2026-04-01 09:00", line=ref, via="phone",
                            received="2026-04-14 08:00", who={"kind": "anonymous"}, statement="x")  # fmt: skip
    else:
        office.consented(filing)
        office.announced(filing)
        answer = office.act("2026-04-23 09:00", "publisher@dept", "correct", read="2026-04-21 09:00", document_no="粤人社函〔2026〕91号",
                            corrects="粤人社函〔2026〕88号", changes=[{"line": ref, "field": "plan", "to": 30}])  # fmt: skip
    assert answer.get("code", answer["outcome"]) == "stale"


# The rules of the day ---------------------------------------------------------------------------------------------------------
def bare(_: Engine) -> None:
    """A database with its schema and nothing in it."""


def amended(key: str, value: Any, since: str) -> Pack:
    """The pilot's pack with one rule that changes on a day."""
    pack = load_pack("guangdong/pilot")
    rule = pack.rules[key]
    values = [*rule.values, Dated(since=date.fromisoformat(since), value=value)]
    return pack.model_copy(update={"rules": {**pack.rules, key: rule.model_copy(update={"values": values})}})


@pytest.mark.parametrize(
    ("at", "days"),
    [
        ("2026-03-04 23:59", "2026-03-11"),
        ("2026-03-05 00:00", "2026-03-16"),
        ("2026-03-05 07:59", "2026-03-16"),
    ],
)
def test_a_rule_holds_from_midnight_in_china(sqlite: Soil, at: str, days: str) -> None:
    # From 2026-03-05 on the receiving unit has seven working days instead of five.
    ground = sqlite.fresh(bare)
    face = ClockFace(real=instant(BEGINNING), legal=instant(BEGINNING))
    pack = amended("completeness.working_days", 7, "2026-03-05")
    found(ground.engine, id_="test", pack=pack, settings={}, face=face, schedules=schedules())
    office = Office(ground.engine)
    office.register_all()
    office.call()
    filing = office.submitted(at=at)
    assert office.state(filing)["deadlines"]["completeness"]["date"] == days
    sqlite.clear(ground)


def test_the_schema_and_the_founding_are_all_that_an_environment_needs(tmp_path: Any) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/deep/er/records.db")
    migrate(engine)
    office = Office.found(engine, settings={"notice.working_days": 3, "notice.cut_off": "17:30"})
    office.register_all()
    office.call()
    filing = office.passed()
    notice = office.published(filing)
    shown = office.state(notice)["deadlines"]["notice"]
    assert (shown["date"], shown["ends_at"]) == ("2026-04-15", "2026-04-15T09:30:00.000000Z")
    assert (
        office.refused("2026-04-15 17:29", "approver@dept", "consent", lines=[f"{filing}/1"]) == "notice-open"
    )
    office.do("2026-04-15 17:30", "approver@dept", "consent", lines=[f"{filing}/1"])
    office.check()
    engine.dispose()
