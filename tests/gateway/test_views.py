"""What people and programs look at: the docket page by page, what lapsed, whom the processes must be told of, letters."""

from typing import Any

from domain.kinds import DRIVEN
from domain.moments import instant, stamp
from gateway.docket import desk, desk_counts
from gateway.views import View, behind, letters_of, unsettled
from records.ledger import POST
from records.schema import docket, streams
from tests.register import PANEL
from tests.world import Office, line


def paged(office: Office, agency: str, role: str | None = None) -> list[View]:
    """A docket read one row a page, as somebody does who presses “next”."""
    seen: list[View] = []
    after: str | None = None
    for _ in range(60):
        page = desk(office.engine, agency, role, limit=1, after=after)
        seen += page["rows"]
        if not (after := page["next"]):
            break
    return seen


def key(row: View) -> tuple[Any, ...]:
    return (row["case"], row["role"], row["for"])


def test_the_docket_says_whose_move_it_is_and_by_when(office: Office) -> None:
    filing = office.submitted()
    waiting = [("accept", "clerk", "2026-03-11T16:00:00.000000Z")]
    assert [(r["for"], r["role"], r["due"]) for r in desk(office.engine, "tro")["rows"]] == waiting
    office.accepted(filing)
    assert [(r["for"], r["role"]) for r in desk(office.engine, "tro")["rows"]] == [
        ("form-panel", "organiser")
    ]
    assert desk(office.engine, "tro", "clerk") == {
        "rows": [],
        "count": 0,
        "more": False,
        "next": None,
    }
    office.panelled(filing)
    assert {r["role"] for r in desk(office.engine, "experts")["rows"]} == {f"expert:{e}" for e in PANEL}
    assert desk(office.engine, "experts", "expert:zhao")["count"] == 1


def test_turning_pages_loses_nothing(office: Office) -> None:
    # One evaluation waits for five experts, with no date: five rows of one case and one due date.
    for college in ("dg", "zh"):
        filing = office.submitted(college, line("1"), line("2", "DEMO-0105"))
        office.accepted(filing)
        office.panelled(filing)
    for agency in ("experts", "tro", "dept"):
        whole = desk(office.engine, agency)
        assert sorted(map(key, paged(office, agency))) == sorted(map(key, whole["rows"]))
        assert whole["count"] == len(whole["rows"])


def test_what_is_over_waits_for_nobody(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    assert office.state(filing)["stage"] == "completed"
    assert [row for row in office.rows(docket) if row["case_id"] == filing] == []


def test_what_lapsed_and_is_not_on_the_record_yet(office: Office) -> None:
    filing = office.submitted()
    assert unsettled(office.engine, stamp(instant("2026-03-10 08:59"))) == []
    assert unsettled(office.engine, stamp(instant("2026-03-10 09:00"))) == [filing]  # a card is due
    assert office.act("2026-03-10 09:00", "clerk@gz", "accept", filing)["code"] == "wrong-agency"
    assert unsettled(office.engine, stamp(instant("2026-03-11 23:59"))) == []
    assert unsettled(office.engine, stamp(instant("2026-03-12 00:00"))) == [filing]
    office.act("2026-03-12 00:00", "clerk@tro", "accept", filing)
    assert unsettled(office.engine, stamp(instant("2026-03-12 00:00"))) == []


def test_what_silence_settles_makes_no_officer_late_and_what_it_does_not_settle_does(office: Office) -> None:
    filing = office.submitted()
    (row,) = desk(office.engine, "tro")["rows"]
    assert (row["for"], row["lapses"]) == ("accept", True), "silence accepts"
    after = stamp(instant("2026-03-12 00:00"))
    assert desk_counts(office.engine, "tro", None, after)["late"] == 0
    assert desk(office.engine, "tro", late_at=after)["rows"] == []
    office.accepted(filing)
    office.panelled(filing)
    office.scored(filing)
    office.concluded(filing)
    (row,) = desk(office.engine, "tro")["rows"]
    assert (row["for"], row["lapses"]) == ("publish-notice", False), "nobody's silence publishes"
    assert desk_counts(office.engine, "tro", None, row["due"])["late"] == 1
    assert desk(office.engine, "tro", late_at=row["due"])["rows"] == [row]


def test_processes_are_told_of_their_cases_and_of_no_others(office: Office) -> None:
    told: list[dict[str, int]] = []

    def on_commit(heads: dict[str, int]) -> None:  # agencies' posts are told too
        told.append({id_: head for id_, head in heads.items() if not id_.startswith(POST)})

    office.gateway.on_commit = on_commit
    office.do("2026-03-04 09:00", "filer@zh", "save-draft", round=office.round, lines=[line()])
    office.act("2026-03-04 09:30", "filer@dg", "accept", office.round)
    assert told == [], "a draft and a refusal are nobody's business yet"
    filing = office.submitted()
    assert told == [{filing: 1}]
    office.accepted(filing)
    office.panelled(filing)
    evaluation = office.state(filing)["evaluation"]
    assert told[1:] == [{filing: 2}, {filing: 3, evaluation: 1}]
    kinds = {row["id"]: row["kind"] for row in office.rows(streams)}
    heads = behind(office.engine)
    assert {kinds[id_] for id_ in heads} <= DRIVEN
    assert (heads[filing], heads[evaluation]) == (3, 1)


def test_a_letter_is_due_once_for_each_fact_and_none_for_a_refusal(office: Office) -> None:
    filing = office.submitted()
    before = letters_of(office.engine)
    assert {(row["recipient"], row["status"]) for row in letters_of(office.engine, filing)} == {
        ("filer@dg", "due"),
        ("clerk@tro", "due"),
    }
    office.act("2026-03-05 09:00", "filer@dg", "accept", filing, command="press")
    assert letters_of(office.engine) == before
    for _ in range(2):
        office.act("2026-03-05 10:00", "clerk@tro", "decline", filing, command="again", reason="材料不实")
    after = letters_of(office.engine, filing)
    assert len({row["id"] for row in after}) == len(after) > len(before) - 1
    assert [row["recipient"] for row in after if row["seq"] == 2] == ["filer@dg"]
