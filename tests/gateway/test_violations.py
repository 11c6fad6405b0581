"""A violation waits for whoever can do something: the college while it may be heard, then the department."""

from typing import Any

import pytest

from tests.world import Office

OFFICERS = ["inspector@dept", "inspector/2@dept"]
SUSPEND: dict[str, Any] = {"measure": "suspend", "scope": "college", "reasons": "超范围招生"}


def notified(office: Office, at: str, *, college: str = "dg") -> str:
    """A case of which the college was told at `at`."""
    for who in (*OFFICERS, "inspector/3@dept", "sanctions-approver@dept"):
        office.appoint(who)
    case = office.do(at, "public", "report-violation", subject=college, offence="other", statement="x")
    office.do(at, "inspector@dept", "open-violation", case, officers=OFFICERS)
    office.do(at, "inspector@dept", "record-evidence", case, finding="x", officers=OFFICERS)
    return office.do(at, "inspector@dept", "notify-measure", case, **SUSPEND)


def waits(office: Office, case: str) -> list[tuple[str, str]]:
    return [(w["agency"], w["for"]) for w in office.state(case)["waiting"]]


def nudge(office: Office, case: str, at: str) -> None:
    """What the process does when its alarm rings; any other act on the case does the same."""
    office.act(at, "inspector@dept", "open-violation", case, officers=OFFICERS)


def test_nobody_is_asked_to_decide_before_it_may_be_done(office: Office) -> None:
    case = notified(office, "2026-04-03 09:00")  # five working days: to 2026-04-13, past the holiday
    assert waits(office, case) == [("dg", "state-defence")]
    office.do("2026-04-08 09:00", "filer@dg", "state-defence", case, statement="x")
    assert waits(office, case) == [("dg", "request-hearing")]
    nudge(office, case, "2026-04-14 00:00")
    assert waits(office, case) == [("dept", "decide-sanction")]
    late = office.act("2026-04-14 00:01", "filer@dg", "request-hearing", case, statement="x")
    assert late["code"] == "wrong-stage"
    office.check()


def test_a_hearing_that_was_asked_for_is_held_first(office: Office) -> None:
    case = notified(office, "2026-04-03 09:00")
    office.do("2026-04-08 09:00", "filer@dg", "request-hearing", case, statement="x")
    assert waits(office, case) == [("dept", "announce-hearing"), ("dept", "hold-hearing")]
    hearing: dict[str, Any] = {"date": "2026-04-20", "chair": "inspector/3@dept", "record": "x"}
    office.do("2026-04-20 16:00", "inspector/3@dept", "hold-hearing", case, **hearing)
    assert waits(office, case) == [("dept", "decide-sanction")]


def test_a_period_into_an_unpublished_year_waits_for_its_schedule(office: Office) -> None:
    case = notified(office, "2026-12-29 09:00")
    assert waits(office, case) == [("dg", "state-defence")]
    nudge(office, case, "2027-01-20 09:00")
    assert waits(office, case) == [("dept", "publish-calendar")]
    decide = {**SUSPEND, "from": "2027-09-01", "until": "2028-09-01", "review_on": "2028-03-01"}
    refused = office.act("2027-01-20 10:00", "sanctions-approver@dept", "decide-sanction", case, **decide)
    assert refused["code"] == "calendar-missing"
    office.do("2027-01-21 09:00", "filer@dg", "request-hearing", case, statement="x")
    assert ("dept", "publish-calendar") in waits(office, case)
    assert ("dept", "hold-hearing") not in waits(office, case), "its earliest day is not known either"
    office.do(
        "2027-01-22 09:00", "catalog-officer@dept", "publish-calendar", year=2027, holidays=["2027-01-01"]
    )
    nudge(office, case, "2027-02-08 09:00")
    assert waits(office, case) == [("dept", "announce-hearing"), ("dept", "hold-hearing")]
    office.check()


@pytest.mark.parametrize("end", ["lift-suspension", "overturn-sanction"])
def test_what_ended_in_a_college_before_its_measure_does_is_settled_first(office: Office, end: str) -> None:
    """A programme's year that ended without enrolment while the measure held it has its reason: the measure."""
    filing = office.passed("dg")
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    year: dict[str, Any] = {"programme": f"{filing}/1", "year": 2026}
    office.do("2026-05-06 09:00", "filer@dg", "file-enrolment", **year, plan=40, fees=[])
    office.do("2026-05-07 09:00", "approver@dept", "accept-enrolment", **year)
    case = notified(office, "2026-05-08 09:00")
    decided = {**SUSPEND, "from": "2026-09-01", "until": "2027-09-01", "review_on": "2027-03-01"}
    office.do("2026-06-01 09:00", "sanctions-approver@dept", "decide-sanction", case, **decided)
    nudge(office, case, "2026-09-01 00:00")
    given = {"from": "2027-01-11", "reasons": "x"} if end == "lift-suspension" else {"reasons": "x"}
    office.do("2027-01-11 09:00", "sanctions-approver@dept", end, case, **given)
    (programme,) = [id_ for id_ in office.cases() if id_.startswith("programme-")]
    told = [event["type"] for event in office.view(programme)["events"]]
    assert told.index("EnrolmentYearEnded") < told.index("SuspensionEnded")
    assert office.state(programme)["unexplained_stops"] == []
    office.check()
