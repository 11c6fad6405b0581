"""At the same instant: every act is decided rightly, on what is true when it is written."""

from typing import Any

import pytest

from domain.moments import instant
from records.schema import events, person_keys
from tests.register import OBJECTOR, PANEL
from tests.world import Office, line

from .crowd import at_once, outcomes


def test_two_clerks_on_one_filing(office: Office) -> None:
    office.appoint("clerk@tro#wang")
    filing = office.submitted()
    office.now = instant("2026-03-05 09:00")
    answers = at_once(
        office,
        [
            office.command("clerk@tro", "accept", filing),
            office.command("clerk@tro#wang", "decline", filing, reason="材料不实"),
        ],
    )
    assert outcomes(answers) == ["accepted", "wrong-stage"]
    won = "accepted" if answers[0]["outcome"] == "accepted" else "declined"
    assert office.state(filing)["stage"] == won
    office.check()


def test_five_experts_score_at_once_and_every_mark_counts(office: Office) -> None:
    filing = office.submitted()
    office.accepted(filing)
    office.panelled(filing)
    office.now = instant("2026-03-18 10:00")
    score: dict[str, Any] = {"line": "1", "marks": {"overall": 90}}
    answers = at_once(office, [office.command(f"expert:{e}", "score", filing, **score) for e in PANEL])
    assert outcomes(answers) == ["accepted"] * 5
    assert set(office.state(office.state(filing)["evaluation"])["scores"]["1"]) == set(PANEL)
    office.concluded(filing)
    office.check()


def test_a_mass_of_objections_to_one_line(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    at = "2026-04-14 09:00"
    office.now = instant(at)
    objection = {"line": f"{filing}/1", "via": "email", "received": at, "statement": "同文"}
    commands = [
        office.command("public", "object", **objection, who={**OBJECTOR, "phone": f"1380000{n:04}"})
        for n in range(16)
    ]
    answers = at_once(office, commands)
    assert outcomes(answers) == ["accepted"] * 16
    assert set(office.state(filing)["lines"]["1"]["held_by"]) == {answer["case"] for answer in answers}
    office.check()


def test_a_person_named_in_many_filings_at_once_has_one_key(office: Office) -> None:
    mentor = {"name": "高师傅", "id_no": "440303200802290016", "employer": "示例激光公司"}
    office.now = instant("2026-03-04 09:00")
    before = len(office.rows(person_keys))
    colleges = ("szjs", "dg", "zh", "jx", "gm", "by", "jia", "bing")
    filed: dict[str, Any] = {"round": office.round, "lines": [line()], "mentors": [mentor]}
    answers = at_once(office, [office.command(f"filer@{c}", "submit-filing", **filed) for c in colleges])
    assert outcomes(answers) == ["accepted"] * 8
    assert len(office.rows(person_keys)) == before + 1
    office.check()


def test_one_line_by_two_filers_of_one_college(office: Office) -> None:
    office.appoint("filer@dg#wang")
    majors = ["DEMO-0101", "DEMO-0105", "DEMO-0203", "DEMO-0209"]
    entries = [
        "senior-high",
        "secondary-technical",
        "secondary-vocational",
        "senior-technical",
        "higher-vocational",
    ]
    for major in majors:
        for entry in entries:
            office.now = instant("2026-03-04 09:00")
            filed: dict[str, Any] = {"round": office.round, "lines": [line("1", major, entry)]}
            answers = at_once(
                office, [office.command(by, "submit-filing", **filed) for by in ("filer@dg", "filer@dg#wang")]
            )
            assert outcomes(answers) == ["accepted", "duplicate-line"]
            won, lost = sorted(answers, key=lambda answer: answer["outcome"])
            assert [(r["line"], r["other"]) for r in lost["reasons"]] == [("1", won["case"])]
    assert len([id_ for id_ in office.cases() if id_.startswith("filing-")]) == 20
    office.check()


def test_different_lines_at_once_hinder_nobody(office: Office) -> None:
    office.now = instant("2026-03-04 09:00")
    colleges = ("szjs", "dg", "zh", "jx", "gm", "by", "jia", "bing")
    answers = at_once(
        office,
        [office.command(f"filer@{c}", "submit-filing", round=office.round, lines=[line()]) for c in colleges],
        processes=4,
    )
    assert outcomes(answers) == ["accepted"] * 8
    assert set(office.view(office.round)["filings"]) == {answer["case"] for answer in answers}
    office.check()


def test_the_first_two_filings_of_a_window_open_it_once(office: Office) -> None:
    round_ = office.do(
        "2026-12-01 09:00", "catalog-officer@dept", "issue-call", year=2027, document_no="粤人社函〔2026〕99号",
        window={"opens": "2026-12-07 09:00", "closes": "2026-12-18 17:30"},
        majors=[{"code": "DEMO-0101", "name": "数控加工"}],
    )  # fmt: skip
    office.now = instant("2026-12-07 09:00")
    filed: dict[str, Any] = {"round": round_, "lines": [line(major="DEMO-0101")]}
    answers = at_once(
        office, [office.command(f"filer@{c}", "submit-filing", **filed) for c in ("dg", "zh", "gm")]
    )
    assert outcomes(answers) == ["accepted"] * 3
    assert [r["type"] for r in office.rows(events) if r["stream"] == round_] == ["CallIssued", "WindowOpened"]
    office.check()


def test_one_document_number_for_two_announcements(office: Office) -> None:
    office.appoint("publisher@dept#wang")
    one, two = office.passed("dg"), office.passed("zh")
    office.published(one, two)
    office.consented(one, two)
    office.now = instant("2026-04-22 09:00")
    number = "粤人社函〔2026〕88号"
    answers = at_once(
        office,
        [
            office.command("publisher@dept", "announce", document_no=number, lines=[f"{one}/1"]),
            office.command("publisher@dept#wang", "announce", document_no=number, lines=[f"{two}/1"]),
        ],
    )
    assert outcomes(answers) == ["accepted", "document-no-used"]
    (announced,) = [id_ for id_ in office.cases() if id_.startswith("announcement-")]
    (lost,) = [answer for answer in answers if answer["outcome"] == "refused"]
    assert lost["reasons"][0]["other"] == announced
    assert sorted([*office.lines(one).values(), *office.lines(two).values()]) == ["announced", "consented"]
    office.check()


@pytest.mark.parametrize("rivals", [("consent", "refuse"), ("consent", "consent"), ("return", "consent")])
def test_two_approvers_on_one_line(office: Office, rivals: tuple[str, str]) -> None:
    office.appoint("approver@dept#wang")
    filing = office.passed()
    office.published(filing)
    office.now = instant("2026-04-20 09:00")
    commands = [
        office.command(
            by, act, lines=[f"{filing}/1"], **({} if act == "consent" else {"reasons": "布局饱和"})
        )
        for by, act in zip(("approver@dept", "approver@dept#wang"), rivals, strict=True)
    ]
    answers = at_once(office, commands)
    assert outcomes(answers) == ["accepted", "wrong-stage"]
    word = {"consent": "consented", "refuse": "refused", "return": "conditional"}
    (won,) = [answer["act"] for answer in answers if answer["outcome"] == "accepted"]
    assert office.lines(filing) == {"1": word[won]}
    assert len([r for r in office.rows(events) if r["type"] == "NoticeClosed"]) == 1
    office.check()


def test_a_withdrawal_meets_the_consent_to_a_batch(office: Office) -> None:
    filings = [office.passed(college) for college in ("dg", "zh", "jia")]
    office.published(*filings)
    office.now = instant("2026-04-20 09:00")
    answers = at_once(
        office,
        [
            office.command("approver@dept", "consent", lines=office.refs(*filings)),
            office.command("filer@zh", "withdraw", filings[1], reason="校内调整"),
        ],
    )
    assert outcomes(answers) == ["accepted", "wrong-stage"]
    states = [office.lines(filing)["1"] for filing in filings]
    assert states in (["consented"] * 3, ["noticed", "withdrawn", "noticed"])
    office.check()
