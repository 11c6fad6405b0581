"""The same command has the same answer, however often and however simultaneously it is sent."""

from typing import Any

from domain.moments import instant
from records.schema import acts, events
from tests.world import Office, line

from .crowd import at_once


def counts(office: Office) -> tuple[int, int]:
    return len(office.rows(acts)), len(office.rows(events))


def test_the_same_id_gets_the_same_receipt(office: Office) -> None:
    filed: dict[str, Any] = {"round": office.round, "lines": [line()]}
    first = office.act("2026-03-04 10:12", "filer@dg", "submit-filing", command="press", **filed)
    before = counts(office)
    for at in ("2026-03-04 10:12", "2026-03-04 10:13", "2026-05-01 10:00"):
        assert office.act(at, "filer@dg", "submit-filing", command="press", **filed) == first
    assert first["outcome"] == "accepted"
    assert counts(office) == before
    office.check()


def test_the_same_id_gets_the_same_refusal_even_when_it_would_be_lawful_by_now(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    consent: dict[str, Any] = {"lines": [f"{filing}/1"]}
    first = office.act("2026-04-17 10:00", "approver@dept", "consent", command="press", **consent)
    assert first["code"] == "notice-open"
    before = counts(office)
    assert office.act("2026-04-20 10:00", "approver@dept", "consent", command="press", **consent) == first
    assert counts(office) == before
    assert office.lines(filing) == {"1": "in-notice"}
    assert office.act("2026-04-20 10:00", "approver@dept", "consent", **consent)["outcome"] == "accepted"
    office.check()


def test_a_page_drawn_again_does_not_make_it_another_act(office: Office) -> None:
    filing = office.submitted()
    first = office.act(
        "2026-03-09 09:00", "clerk@tro", "accept", filing, command="press", read="2026-03-09 08:00"
    )
    again = office.act(
        "2026-03-09 09:01", "clerk@tro", "accept", filing, command="press", read="2026-03-09 09:00"
    )
    assert again == first


def test_the_same_id_for_another_act_is_refused_and_not_recorded(office: Office) -> None:
    filing = office.submitted()
    office.act("2026-03-09 09:00", "clerk@tro", "accept", filing, command="press")
    before = counts(office), office.views()
    others = [
        office.act("2026-03-09 09:01", "clerk@tro", "decline", filing, command="press", reason="x"),
        office.act("2026-03-09 09:01", "clerk@gz", "accept", filing, command="press"),
        office.act(
            "2026-03-09 09:01",
            "filer@zh",
            "submit-filing",
            command="press",
            round=office.round,
            lines=[line()],
        ),
        office.act("2026-03-09 09:01", "clerk@tro", "no-such-act", filing, command="press"),
        office.act("2026-03-09 09:01", "clerk@tro", "accept", filing, command="press", reason="x"),
    ]
    for answer in others:
        assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
        assert answer["reasons"][0]["field"] == "id"
    assert (counts(office), office.views()) == before
    office.check()


def test_an_id_that_was_refused_cannot_be_used_for_another_act_either(office: Office) -> None:
    filing = office.submitted()
    office.act("2026-03-09 09:00", "filer@dg", "accept", filing, command="press")
    before = counts(office)
    answer = office.act("2026-03-09 09:00", "clerk@tro", "accept", filing, command="press")
    assert (answer["code"], answer["reasons"][0]["field"]) == ("invalid", "id")
    assert counts(office) == before


def test_sixteen_presses_at_once_are_one_act(office: Office) -> None:
    office.now = instant("2026-03-04 10:12")
    filed: dict[str, Any] = {"round": office.round, "lines": [line()]}
    press = office.command("filer@dg", "submit-filing", command="press", **filed)
    before = counts(office)
    answers = at_once(office, [press] * 16, processes=4)
    assert answers == [answers[0]] * 16
    assert answers[0]["outcome"] == "accepted"
    assert counts(office) == (before[0] + 1, before[1] + 1)
    office.check()


def test_sixteen_refusals_at_once_are_one_refusal(office: Office) -> None:
    filing = office.submitted()
    office.now = instant("2026-03-05 10:12")
    press = office.command("filer@dg", "accept", filing, command="press")
    before = counts(office)
    answers = at_once(office, [press] * 16, processes=4)
    assert answers == [answers[0]] * 16
    assert answers[0]["code"] == "not-authorised"
    assert counts(office) == (before[0] + 1, before[1])
    office.check()


def test_sixteen_different_bodies_under_one_id_are_one_act(office: Office) -> None:
    office.now = instant("2026-03-04 10:12")
    commands = [
        office.command("filer@dg", "submit-filing", command="press", round=office.round, lines=[line(plan=n)])
        for n in range(1, 17)
    ]
    before = counts(office)
    answers = at_once(office, commands, processes=4)
    accepted = [answer for answer in answers if answer["outcome"] == "accepted"]
    assert len(accepted) == 1
    assert {a["reasons"][0].get("field") for a in answers if a["outcome"] == "refused"} == {"id"}
    assert counts(office) == (before[0] + 1, before[1] + 1)
    office.check()
