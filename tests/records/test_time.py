"""Legal and recorded time in the ledger: lapses settle with whatever act comes, and time never runs backwards."""

from typing import Any

from sqlalchemy import Engine

from domain.actors import Actor, parse_actor
from domain.files import Command
from domain.moments import instant, stamp
from records.schema import acts, events
from tests.conftest import Soil
from tests.world import Office, line


def of(office: Office, stream: str, type_: str) -> dict[str, Any]:
    (row,) = [r for r in office.rows(events) if r["stream"] == stream and r["type"] == type_]
    return row


def test_a_lapse_is_dated_at_its_legal_end_whoever_comes_first(office: Office) -> None:
    filing = office.passed("dg")
    notice = office.published(filing)
    office.do("2026-04-20 10:00", "approver@dept", "consent", lines=[f"{filing}/1"])
    closed = of(office, notice, "NoticeClosed")
    assert closed["legal_at"] == stamp(instant("2026-04-18 00:00"))
    assert closed["recorded_at"] == stamp(instant("2026-04-20 10:00"))
    assert office.state(notice)["closed_at"] == stamp(instant("2026-04-18 00:00"))
    assert of(office, filing, "LinesNoticed")["legal_at"] == stamp(instant("2026-04-18 00:00"))
    office.check()


def test_what_lapsed_is_settled_even_when_the_act_is_refused(office: Office) -> None:
    filing = office.submitted()
    answer = office.act("2026-03-20 09:00", "clerk@tro", "ask-supplement", filing, items=["评价方案"])
    assert (answer["outcome"], answer["code"]) == ("refused", "deemed-accepted")
    row = of(office, filing, "FilingAccepted")
    assert row["legal_at"] == stamp(instant("2026-03-12 00:00"))
    assert answer["events"] == [f"{filing}#{row['seq'] - 1}", f"{filing}#{row['seq']}"], (
        "the card of the day before, too"
    )
    assert office.state(filing)["stage"] == "accepted"
    assert office.rows(acts)[-1]["outcome"] == "refused"
    office.check()


def test_an_act_that_may_not_be_done_settles_too_and_nothing_else(office: Office) -> None:
    filing = office.submitted()
    assert (
        office.act("2026-03-20 09:00", "filer@zh", "withdraw", filing, reason="x")["code"] == "wrong-agency"
    )
    assert office.state(filing)["stage"] == "accepted"
    assert office.lines(filing) == {"1": "filed"}
    office.check()


def test_lapses_settle_in_legal_order(office: Office) -> None:
    first, second = office.passed("dg"), office.passed("zh")
    one = office.published(first, at="2026-04-13 09:00")
    two = office.published(second, at="2026-04-14 09:00")
    office.consented(second, first, at="2026-04-27 09:00")
    dated = [(r["legal_at"], r["stream"]) for r in office.rows(events) if r["type"] == "NoticeClosed"]
    assert dated == [(stamp(instant("2026-04-18 00:00")), one), (stamp(instant("2026-04-21 00:00")), two)]
    office.check()


def test_recorded_time_never_runs_backwards(office: Office) -> None:
    filing = office.submitted(at="2026-03-04 10:12")
    # The machine's clock was put right, five minutes back: acts go on, and none seems older than the one before.
    office.accepted(filing, at="2026-03-04 10:07")
    office.panelled(filing, at="2026-03-04 10:06")
    rows = [row for row in office.rows(events) if row["stream"] == filing]
    for field in ("recorded_at", "legal_at"):
        times = [row[field] for row in rows]
        assert times == sorted(times)
    assert all(row["recorded_at"] >= row["legal_at"] for row in office.rows(events))
    office.check()


def test_a_process_causes_the_same_lapse_and_says_it_once(office: Office) -> None:
    filing = office.submitted()
    hand = Actor(role="process", agency="tro", person="process@tro")
    lapse: dict[str, Any] = {"act": "lapse", "by": hand, "case": filing}
    office.now = instant("2026-03-11 09:00")
    office.gateway.act(Command(id=f"{filing}/card", **lapse), internal=True)
    office.now = instant("2026-03-11 23:59")
    early = office.gateway.act(Command(id=f"{filing}/completeness/1", **lapse), internal=True)
    assert (early["outcome"], early["events"]) == ("accepted", [])
    assert office.state(filing)["stage"] == "submitted"
    office.now = instant("2026-03-12 00:00")
    for _ in range(2):
        answer = office.gateway.act(Command(id=f"{filing}/completeness/1", **lapse), internal=True)
        assert answer["outcome"] == "accepted"
    assert of(office, filing, "FilingAccepted")["legal_at"] == stamp(instant("2026-03-12 00:00"))
    office.check()


def test_a_window_that_opens_later_opens_at_its_hour(office: Office) -> None:
    at = "2026-12-01 09:00"
    round_ = office.do(
        at, "catalog-officer@dept", "issue-call", year=2027, document_no="粤人社函〔2026〕99号",
        window={"opens": "2026-12-07 09:00", "closes": "2026-12-18 17:30"}, majors=[{"code": "DEMO-0101", "name": "数控加工"}],
    )  # fmt: skip
    given: dict[str, Any] = {"round": round_, "lines": [line(major="DEMO-0101")]}
    assert office.refused("2026-12-07 08:59", "filer@dg", "submit-filing", **given) == "window-closed"
    office.do("2026-12-07 09:00", "filer@dg", "submit-filing", **given)
    assert of(office, round_, "WindowOpened")["legal_at"] == stamp(instant("2026-12-07 09:00"))
    office.do("2026-12-18 17:29", "filer@zh", "submit-filing", **given)
    assert office.act("2026-12-18 17:30", "filer@gm", "submit-filing", **given)["code"] == "window-closed"
    assert office.state(round_)["stage"] == "closed"
    office.check()


def test_a_new_schedule_reaches_every_running_deadline(office: Office) -> None:
    filings = [office.submitted(college) for college in ("dg", "zh", "jia")]
    office.accepted(filings[1])
    office.do("2026-03-09 09:00", "clerk@tro", "ask-supplement", filings[2], items=["协议"])
    before = {filing: office.state(filing)["deadlines"] for filing in filings}
    # Two working days in March are taken off, and 2025, which no deadline asks any more, is published again.
    off = [f"2026-03-{day}" for day in (10, 16)]
    office.do("2026-03-09 10:00", "catalog-officer@dept", "publish-calendar", year=2026, holidays=off)
    hand, steps = parse_actor("process@dept"), 0
    while office.state("calendar/cn")["stage"] == "rolling-out":
        steps += 1
        wish = Command(id=f"roll-{steps}", act="roll-out", by=hand, case="calendar/cn")
        assert office.gateway.act(wish, internal=True)["outcome"] == "accepted"
        assert steps < 10
    after = {filing: office.state(filing)["deadlines"] for filing in filings}
    version = office.state("calendar/cn")["revision"]
    for filing in filings:
        for name, deadline in after[filing].items():
            assert deadline["calendar"] == f"cn/{version}"
            assert deadline["date"] >= before[filing][name]["date"]
    assert after[filings[0]]["completeness"]["date"] == "2026-03-12"
    assert after[filings[2]]["supplement"]["date"] == "2026-03-25"
    again = office.gateway.act(
        Command(id="roll-again", act="roll-out", by=hand, case="calendar/cn"), internal=True
    )
    assert again["events"] == []
    office.check()


def test_silence_accepts_only_where_the_rule_says_so(soil: Soil) -> None:
    ground = soil.fresh(patient)
    office = Office(ground.engine)
    filing = office.submitted()
    office.do("2026-03-20 09:00", "clerk@tro", "ask-supplement", filing, items=["协议"])
    assert office.state(filing)["stage"] == "supplementing"
    office.check()
    soil.clear(ground)


def patient(engine: Engine) -> None:
    """An environment in which silence is not acceptance."""
    office = Office.found(engine, {"completeness.deemed_accepted": False})
    office.register_all()
    office.call()
