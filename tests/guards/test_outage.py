"""With Temporal and every worker stopped officers act; when they are back, processes catch up and nobody is told twice."""

from collections import Counter
from pathlib import Path

from aiosmtpd.controller import Controller

from deploy.process import free_ports
from domain.moments import instant, stamp
from gateway.views import letters_of, show
from records.verify import verify
from tests.guards.house import EXPERTS, Box, House


async def test_officers_act_while_temporal_is_away_and_the_processes_catch_up(tmp_path: Path) -> None:
    box = Box()
    (port,) = free_ports(1)
    post = Controller(box, hostname="127.0.0.1", port=port)
    post.start()
    house = House(tmp_path, f"smtp://127.0.0.1:{port}")
    try:
        async with house.served():
            round_ = house.people()
            answered = house.filed("dg", round_)
            silent = house.filed("zh", round_)
            await house.at_rest()
        # Nothing runs now. Officers go on, whole stages of it, and two deadlines pass that no timer sees.
        completeness = show(house.engine, silent)["deadlines"]["completeness"]["ends_at"]
        house.done("clerk@tro", "accept", answered)
        house.done("organiser@tro", "form-panel", answered, experts=list(EXPERTS), chair="zhao")
        for expert in EXPERTS:
            house.done(f"expert:{expert}", "score", answered, line="1", marks={"overall": 90})
        house.done("expert:zhao", "conclude", answered, results={"1": "passed"})
        await house.until("2026-03-09 09:00")
        notice = house.done("notice-officer@tro", "publish-notice", lines=[f"{answered}/1"])
        last_day = show(house.engine, notice)["deadlines"]["notice"]["ends_at"]
        refused = house.act("approver@dept", "consent", lines=[f"{answered}/1"])
        assert refused["code"] == "notice-open"
        await house.until("2026-03-17 00:00")
        assert show(house.engine, notice)["stage"] == "open"  # nobody asked, so nothing was settled
        async with house.served():
            await house.at_rest()
            # The timers that never fired: silence accepted and the notice ended, both dated at their legal end.
            accepted = next(e for e in show(house.engine, silent)["events"] if e["type"] == "FilingAccepted")
            closed = next(e for e in show(house.engine, notice)["events"] if e["type"] == "NoticeClosed")
            assert (accepted["at"], closed["at"]) == (completeness, last_day)
            assert min(accepted["recorded_at"], closed["recorded_at"]) >= stamp(instant("2026-03-17 00:00"))
            house.done("approver@dept", "consent", lines=[f"{answered}/1"])
            house.done(
                "publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=[f"{answered}/1"]
            )
            await house.at_rest()
        assert show(house.engine, answered)["stage"] == "completed"
    finally:
        post.stop()
    letters = letters_of(house.engine)
    assert {letter["status"] for letter in letters} == {"sent"}
    assert Counter(box.ids) == Counter(dict.fromkeys(box.ids, 1)), "somebody was told twice"
    assert len(box.ids) == len(letters)
    assert verify(house.engine).holds


async def test_lost_doubled_and_late_wakes_change_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, "")
    async with house.served() as client:
        house.gateway.on_commit = lambda heads: None  # every wake of the fast path is lost; the sweep must do
        round_ = house.people()
        filing = house.filed("dg", round_)
        await house.at_rest()
        before = show(house.engine, filing)
        handle = client.get_workflow_handle(f"outage/{filing}")
        for head in (1, 1, 0, 999):
            await handle.signal("wake", head)
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()
        after = show(house.engine, filing)
        described = await handle.describe()
    assert before["stage"] == "submitted"
    assert after["stage"] == "accepted"
    assert described.search_attributes["HuiqianStage"] == ["accepted"]
    assert verify(house.engine).holds
