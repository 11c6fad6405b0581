"""One act over many filings is one transaction: all or none."""

import pytest

from records.schema import acts, events
from tests.register import MAJORS
from tests.world import Office, line

ENTRIES = ("senior-high", "secondary-technical")
SIXTY = [
    (college, line("1", major, entry))
    for college in ("szjs", "dg", "zh", "by", "jia", "bing")
    for major in MAJORS
    for entry in ENTRIES
]


@pytest.fixture
def sixty(office: Office) -> list[str]:
    """Sixty filings of one line that have passed."""
    filings = [office.submitted(college, wanted) for college, wanted in SIXTY]
    for filing in filings:
        if office.state(filing)["stage"] == "unrouted":
            office.do(
                "2026-03-05 09:00", "approver@dept", "route", filing, to="tro", reason="民办，由省教研室受理"
            )
    office.accepted(*filings)
    office.panelled(*filings)
    office.scored(*filings)
    office.concluded(*filings)
    return filings


def test_consent_to_sixty_filings_is_one_act_or_none(office: Office, sixty: list[str]) -> None:
    assert len(sixty) == 60
    notice = office.published(*sixty)
    office.objected(f"{sixty[7]}/1")
    office.do("2026-04-14 10:00", "filer@by", "withdraw", sixty[33], reason="校内调整")
    lines = [f"{filing}/1" for filing in sixty]

    # The first act after the notice ended settles that end, whatever becomes of the act itself.
    settling = office.act("2026-04-20 08:00", "approver@dept", "consent", lines=[lines[7]])
    assert settling["code"] == "objection-open"
    before, recorded, facts = office.views(), len(office.rows(acts)), len(office.rows(events))
    refused = office.act("2026-04-20 09:00", "approver@dept", "consent", lines=lines)
    assert (refused["outcome"], refused["code"]) == ("refused", "objection-open")
    assert [(r["code"], r["line"]) for r in refused["reasons"]] == [
        ("objection-open", lines[7]), ("wrong-stage", lines[33])
    ]  # fmt: skip
    rest = [ref for n, ref in enumerate(lines) if n not in (7, 33)]
    assert refused["rest"] == {"act": "consent", "lines": rest}
    assert office.views() == before
    assert (len(office.rows(acts)), len(office.rows(events))) == (recorded + 1, facts)

    # What it offers is an act that can be done as it stands.
    accepted = office.act("2026-04-20 09:05", "approver@dept", refused["rest"]["act"], lines=rest)
    assert accepted["outcome"] == "accepted"
    assert {office.lines(ref.partition("/")[0])["1"] for ref in rest} == {"consented"}
    assert office.lines(sixty[7])["1"] == "held"
    assert office.lines(sixty[33])["1"] == "withdrawn"
    assert {row["command"] for row in office.rows(events)[facts:]} == {accepted["command"]}
    assert (
        len({ref.partition("#")[0] for ref in accepted["events"]}) == 58 + 1
    )  # the filings and their approval
    assert office.state(notice)["stage"] == "closed"

    announced = office.act(
        "2026-04-22 09:00", "publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=rest
    )
    assert announced["outcome"] == "accepted"
    assert len([id_ for id_ in office.cases() if id_.startswith("programme-")]) == 58
    office.check()


def test_a_line_that_does_not_exist_or_comes_twice_stops_the_batch(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    ref, at = f"{filing}/1", "2026-04-20 09:00"
    for bad in ("no/1", "F", "/", "filing-0000000000/1"):
        answer = office.act(at, "approver@dept", "consent", lines=[ref, bad])
        assert (answer["code"], answer["reasons"][0]["line"]) == ("invalid", bad)
        assert answer["rest"] == {"act": "consent", "lines": [ref]}
    twice = office.act(at, "approver@dept", "consent", lines=[ref, ref])
    assert (twice["code"], twice["rest"]) == ("invalid", None)
    assert office.lines(filing)["1"] == "noticed"
    office.check()


def test_a_batch_has_a_stated_size(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    for many in (500, 70_000):  # one too many, and more than a database takes values in one statement
        lines = [f"{filing}/1", *(f"filing-{n}/1" for n in range(many))]
        answer = office.act("2026-04-20 09:00", "approver@dept", "consent", lines=lines)
        assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
        assert "at most" in answer["reasons"][0]["en"]
    office.check()
