"""Programmes over the years: the register on any day, and what a call or another pack would change, before it does."""

import copy
from datetime import date
from typing import Any

import pytest

from domain.policy import Pack
from gateway.previews import preview_call
from gateway.programmes import register_on
from gateway.rule_changes import preview_policy
from policies import load_pack
from records.schema import acts, events
from tests.register import MAJORS
from tests.world import Office, line


@pytest.fixture
def announced(office: Office) -> tuple[Office, str]:
    """Two announced lines of one college, one of them with a running cohort; another college's filing waits."""
    office.submitted("zh", line("1"))
    filing = office.passed("dg", line("1"), line("2", "DEMO-0105"))
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    year: dict[str, Any] = {"programme": f"{filing}/1", "year": 2026}
    office.do("2026-05-06 09:00", "filer@dg", "file-enrolment", **year, plan=40, fees=[])
    office.do("2026-05-07 09:00", "approver@dept", "accept-enrolment", **year)
    office.do("2026-05-08 09:00", "filer@dg", "open-cohort", **year, students=38)
    return office, filing


def rows(office: Office) -> tuple[int, int]:
    return len(office.rows(events, "seq")), len(office.rows(acts, "seq"))


def test_the_register_says_what_stood_on_a_day(announced: tuple[Office, str]) -> None:
    office, filing = announced
    office.do(
        "2026-06-01 09:00", "publisher@dept", "correct", document_no="粤人社函〔2026〕91号", corrects="粤人社函〔2026〕88号",
        changes=[{"line": f"{filing}/1", "field": "plan", "to": 30}],
    )  # fmt: skip
    today = date(2026, 6, 1)
    assert register_on(office.engine, date(2026, 4, 1), today) == []
    with pytest.raises(ValueError, match="still to come"):
        register_on(office.engine, date(2026, 6, 2), today)
    before = {row["major"]: row for row in register_on(office.engine, date(2026, 5, 31), today)}
    after = {row["major"]: row for row in register_on(office.engine, today, today)}
    first = next(m for m in before if m != "DEMO-0105")
    assert (before[first]["plan"], after[first]["plan"]) == (40, 30)
    assert before[first]["announced_in"] == ["粤人社函〔2026〕88号"]
    (later,) = before[first]["corrected_later"]
    assert (later["document_no"], later["changes"]) == ("粤人社函〔2026〕91号", {"plan": 30})
    assert after[first]["corrected_later"] == []
    assert (before[first]["enrolment"], before["DEMO-0105"]["enrolment"]) == ("open", "blocked")
    office.check()


def test_a_call_can_be_looked_at_before_it_is_issued(announced: tuple[Office, str]) -> None:
    office, filing = announced
    office.do(
        "2026-05-09 09:00", "filer@zh", "save-draft", round=office.round, lines=[line("1", "DEMO-0101"), line("2", "DEMO-0203")]
    )  # fmt: skip
    kept = {
        code: name for code, name in MAJORS.items() if code not in ("DEMO-0209", "DEMO-0105", "DEMO-0101")
    }
    majors = [{"code": code, "name": name} for code, name in kept.items()]
    majors.append({"code": "DEMO-0205", "name": MAJORS["DEMO-0105"], "was": "DEMO-0105"})
    majors.append({"code": "DEMO-0999", "name": "新专业"})
    window = {"opens": "2026-11-02 09:00", "closes": "2026-11-30 17:30"}
    wish = office.command(
        "catalog-officer@dept", "issue-call", year=2027, document_no="粤人社函〔2026〕150号", window=window, majors=majors
    )  # fmt: skip
    before = rows(office)
    found = preview_call(office.gateway, wish)
    assert rows(office) == before, "a preview records nothing"
    assert found.refused is None
    (sunset,) = found.sunset
    assert (sunset["college"], sunset["major"], sunset["students"]) == ("dg", "DEMO-0209", 38)
    assert sunset["status"] == "active"  # as it stands now; what becomes of it is what the list says
    assert [id_[:7] for id_ in sunset["cohorts"]] == ["cohort-"]
    assert found.added == [{"major": "DEMO-0999", "name": "新专业"}]
    (renamed,) = found.renamed
    assert (renamed["major"], renamed["to"]) == ("DEMO-0105", "DEMO-0205")
    assert [(d["college"], d["line"], d["major"]) for d in found.drafts] == [("zh", "1", "DEMO-0101")]
    # and it does what was shown
    office.now = office.now.replace(month=11, day=2)
    office.act("2026-11-02 09:00", "catalog-officer@dept", "issue-call", **wish.with_)
    programmes = [office.state(id_) for id_ in office.cases() if id_.startswith("programme-")]
    assert sorted(p["status"] for p in programmes) == ["active", "sunset"]
    assert office.state(filing)["lines"]["1"]["state"] == "announced"
    office.check()


def test_a_call_that_would_be_refused_says_so_beforehand(announced: tuple[Office, str]) -> None:
    office, _ = announced
    wish = office.command("clerk@tro", "issue-call", year=2027, document_no="x", window={}, majors=[])
    before = rows(office)
    refused = preview_call(office.gateway, wish).refused
    assert refused is not None
    assert refused["code"] == "invalid"
    assert rows(office) == before


def changed(**values: object) -> Pack:
    """The shipped pack with other values."""
    pack = copy.deepcopy(load_pack("guangdong/pilot").model_dump(mode="json"))
    for key, value in values.items():
        pack["rules"][key.replace("__", ".")]["values"][-1]["value"] = value
    return Pack.model_validate(pack)


def test_another_pack_can_be_looked_at_before_it_binds(announced: tuple[Office, str]) -> None:
    office, _ = announced
    waiting = next(
        id_ for id_ in office.cases() if id_.startswith("filing-") and office.state(id_)["college"] == "zh"
    )
    before = rows(office)
    assert preview_policy(office.gateway, load_pack("guangdong/pilot")) == []
    stricter = changed(completeness__working_days=3, **{"study_years__senior-high": 5})
    found = {(row["case"], row["what"]["en"]): row for row in preview_policy(office.gateway, stricter)}
    clock = found[(waiting, "deadline completeness")]
    assert (clock["now"]["zh"], clock["then"]["en"]) == ("2026-03-11", "2026-03-09")
    assert clock["deadline"] == "completeness"
    assert found[(waiting, "line 1")]["rule"] == "study_years.senior-high"
    programmes = [row for row in found.values() if row["kind"] == "programme"]
    assert [row["what"]["zh"] for row in programmes] == ["试点专业", "试点专业"]
    (cohort,) = [row for row in found.values() if row["kind"] == "cohort"]
    assert cohort["what"] == {"zh": "38名学生", "en": "38 students"}
    assert (cohort["rule"], cohort["then"]["zh"]) == ("study_years.senior-high", "4 < 5")
    assert rows(office) == before, "a preview records nothing"


def test_the_draft_shows_what_a_wider_catalog_would_mean_and_decides_nothing(
    announced: tuple[Office, str],
) -> None:
    office, filing = announced
    draft = load_pack("guangdong/pilot-2024-draft")
    office.do(
        "2026-10-01 09:00", "filer@zh", "save-draft", round=office.round, lines=[line("1", "DEMO-9999")]
    )
    assert [row["what"]["zh"] for row in preview_policy(office.gateway, draft)] == ["专业线1 DEMO-9999"]
    office.do(
        "2026-11-02 09:00", "catalog-officer@dept", "issue-call", year=2027, document_no="粤人社函〔2026〕150号",
        window={"opens": "2026-11-02 09:00", "closes": "2026-11-30 17:30"},
        majors=[{"code": "DEMO-0105", "name": MAJORS["DEMO-0105"]}],
    )  # fmt: skip
    before = rows(office)
    found = [row for row in preview_policy(office.gateway, draft) if row["kind"] in ("programme", "cohort")]
    assert sorted((row["what"]["en"], row["rule"], row["now"]["en"]) for row in found) == [
        ("38 students", "catalog.binding", "sunset, taught out"),
        ("programme", "catalog.binding", "sunset, taught out"),
    ]
    assert rows(office) == before
    refused = office.act("2026-11-03 09:00", "filer@dg", "file-enrolment", programme=f"{filing}/1", year=2027, plan=1, fees=[])  # fmt: skip
    assert refused["code"] == "major-not-in-catalog", "the draft is nobody's rule"


def test_a_panel_and_a_suspension_are_looked_at_under_both_packs(announced: tuple[Office, str]) -> None:
    office, _ = announced
    case = office.do(
        "2026-05-01 09:00", "public", "report-violation", subject="dg", offence="other", statement="x"
    )
    officers = ["inspector@dept", "inspector/2@dept"]
    for who in (*officers, "sanctions-approver@dept"):
        office.appoint(who)
    office.do("2026-05-02 09:00", "inspector@dept", "open-violation", case, officers=officers)
    office.do("2026-05-03 09:00", "inspector@dept", "record-evidence", case, finding="x", officers=officers)
    measure: dict[str, Any] = {"measure": "suspend", "scope": "college", "reasons": "x"}
    office.do("2026-05-04 09:00", "inspector@dept", "notify-measure", case, **measure)
    decided = {**measure, "from": "2026-09-01", "until": "2027-09-01", "review_on": "2027-03-01"}
    office.do("2026-05-20 09:00", "sanctions-approver@dept", "decide-sanction", case, **decided)
    stricter = changed(suspension__min_years=2, evaluation__pass_mark=87, panel__odd=False)
    found = {
        (row["kind"], row["what"]["en"], row["rule"]): row for row in preview_policy(office.gateway, stricter)
    }
    suspension = found[("violation", "suspension", "suspension.min_years")]
    assert suspension["then"] == {
        "zh": "2026-09-01 – 2027-09-01：< 2年",
        "en": "2026-09-01 – 2027-09-01: < 2 years",
    }
    marks = found[("evaluation", "line 1", "evaluation.pass_mark")]
    assert (marks["now"]["zh"], marks["then"]["zh"]) == ("86.00 ≥ 80", "86.00 < 87")
    assert not [key for key in found if key[2] == "panel.odd"], "five are odd, whether they must be or not"


def test_nobody_is_asked_to_accept_the_enrolment_of_a_year_that_is_over(
    announced: tuple[Office, str],
) -> None:
    office, filing = announced
    ref = f"{filing}/2"
    case = office.do(
        "2026-12-30 09:00", "filer@dg", "file-enrolment", programme=ref, year=2026, plan=40, fees=[]
    )
    asked = [w["for"] for w in office.state(case)["waiting"]]
    office.do(
        "2027-01-04 09:00", "filer@dg", "explain-no-enrolment", programme=ref, year=2027, reason="生源不足"
    )
    assert asked == ["accept-enrolment"]
    assert office.state(case)["waiting"] == []
