"""Announcements over the years: corrections beside what they correct, and one programme for one line (CA-12)."""

import pytest

from tests.world import Office, line


def test_a_correction_stands_beside_what_it_corrects(office: Office) -> None:
    filing = office.passed("dg", line("1"), line("2", "DEMO-0105"))
    office.published(filing)
    office.consented(filing)
    first = office.announced(filing)
    told = office.state(first)
    correction = office.do(
        "2026-04-23 09:00", "publisher@dept", "correct", document_no="粤人社函〔2026〕91号", corrects="粤人社函〔2026〕88号",
        changes=[{"line": f"{filing}/1", "field": "plan", "to": 30}, {"line": f"{filing}/1", "field": "years", "to": 5}],
    )  # fmt: skip
    assert office.state(first) == told
    assert [(c["field"], c["from"], c["to"]) for c in office.state(correction)["changes"]] == [
        ("plan", 40, 30),
        ("years", 4, 5),
    ]
    assert office.state(filing)["lines"]["1"]["plan"] == 30
    programmes = [office.state(id_) for id_ in office.cases() if id_.startswith("programme-")]
    assert sorted((p["plan"], p["announced_in"]) for p in programmes) == [
        (30, ["粤人社函〔2026〕88号", "粤人社函〔2026〕91号"]), (40, ["粤人社函〔2026〕88号"]),
    ]  # fmt: skip
    office.check()


def test_the_number_that_is_corrected_may_be_written_like_any_other(office: Office) -> None:
    # domain.md §5.6: spaces and other brackets are brought into form
    filing = office.passed()
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    office.do(
        "2026-04-23 09:00", "publisher@dept", "correct", document_no="粤人社函[2026]91号", corrects="粤人社函 [2026] 88 号",
        changes=[{"line": f"{filing}/1", "field": "plan", "to": 30}],
    )  # fmt: skip


@pytest.mark.parametrize(
    "said", [[("plan", 20), ("plan", 30)], [("plan", 40)], [("years", 5), ("plan", 40)]], ids=["twice", "unchanged", "in-part"]
)  # fmt: skip
def test_a_correction_says_of_each_field_one_thing_that_is_new(
    office: Office, said: list[tuple[str, int]]
) -> None:
    # CA-12: what a 更正公告 tells is published; one that contradicts itself or changes nothing misleads its readers
    filing = office.passed()
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    before = office.state(filing)
    code = office.refused(
        "2026-04-23 09:00", "publisher@dept", "correct", document_no="粤人社函〔2026〕91号", corrects="粤人社函〔2026〕88号",
        changes=[{"line": f"{filing}/1", "field": field, "to": to} for field, to in said],
    )  # fmt: skip
    assert code == "invalid"
    assert office.state(filing) == before


def second_year(office: Office, major: str) -> str:
    """The same college files again in the next round; its line has the department's consent on 2026-05-25."""
    office.call("2026-05-06 09:00", "2026-12-31 17:30", 2027, 5)
    filing = office.submitted("dg", line("1", major), at="2026-05-07 09:00")
    office.accepted(filing, at="2026-05-08 09:00")
    office.panelled(filing, at="2026-05-11 09:00")
    office.scored(filing, at="2026-05-12 09:00")
    office.concluded(filing, at="2026-05-13 09:00")
    office.published(filing, at="2026-05-14 09:00")
    office.consented(filing, at="2026-05-25 09:00")
    return filing


def programmes(office: Office) -> list[str]:
    return [id_ for id_ in office.cases() if id_.startswith("programme-")]


def test_a_line_that_is_announced_again_renews_its_programme(office: Office) -> None:
    first = office.passed("dg", line("1"))
    office.published(first)
    office.consented(first)
    office.announced(first)
    second = second_year(office, "DEMO-0209")
    office.announced(second, at="2026-05-26 09:00", number=95)
    (programme,) = programmes(office)
    shown = office.state(programme)
    assert (shown["line"], shown["catalog"]) == (f"{second}/1", 2027)
    assert shown["announced_in"] == ["粤人社函〔2026〕88号", "粤人社函〔2026〕95号"]
    office.check()


def test_the_same_line_of_two_rounds_in_one_announcement(office: Office) -> None:
    # Consent of the first year was never announced; the second year's comes into the same document.
    first = office.passed("dg", line("1"))
    office.published(first)
    office.consented(first)
    second = second_year(office, "DEMO-0209")
    office.act(
        "2026-05-26 09:00", "publisher@dept", "announce",
        document_no="粤人社函〔2026〕95号", lines=[f"{first}/1", f"{second}/1"],
    )  # fmt: skip
    office.check()
    for id_ in office.cases():
        assert office.view(id_)
    assert len(programmes(office)) <= 1


def test_a_correction_into_a_programme_that_exists_is_refused(office: Office) -> None:
    # The college got DEMO-0101 announced last year; this year's DEMO-0105 cannot be corrected into it.
    first = office.passed("dg", line("1", "DEMO-0101"))
    office.published(first)
    office.consented(first)
    office.announced(first)
    second = second_year(office, "DEMO-0105")
    office.announced(second, at="2026-05-26 09:00", number=95)
    change = {"line": f"{second}/1", "field": "major", "to": "DEMO-0101"}
    answer = office.act(
        "2026-05-27 09:00", "publisher@dept", "correct",
        document_no="粤人社函〔2026〕96号", corrects="粤人社函〔2026〕95号", changes=[change],
    )  # fmt: skip
    assert (answer["outcome"], answer.get("code")) == ("refused", "duplicate-line")
    assert len(programmes(office)) == 2
    office.check()
