"""With Temporal and every worker stopped, officers act; when they return, processes catch up by legal time."""

from collections import Counter
from pathlib import Path

import pytest

from records.verify import verify
from tests.guards.house import Steadfast, mailbox
from tests.quiet import quiet as quiet

pytestmark = pytest.mark.slow


async def test_officers_act_while_temporal_is_away_and_the_processes_catch_up(tmp_path: Path) -> None:
    with mailbox() as box:
        house = Steadfast(tmp_path, box.url)
        async with house.powered():
            await house.becomes(house.round, "open")
            answered = house.filed("dg", "DEMO-0101")
            silent = house.filed("zh", "DEMO-0101")
            await house.at_rest()
        # Nothing runs now. Officers go on, whole stages of it, and two deadlines pass that no timer sees.
        completeness = house.view(silent)["deadlines"]["completeness"]["ends_at"]
        house.done("clerk@tro", "accept", answered)
        house.concluded(answered)
        notice = house.done("notice-officer@tro", "publish-notice", lines=[f"{answered}/1"])
        last_day = house.view(notice)["deadlines"]["notice"]["ends_at"]
        refused = house.act("approver@dept", "consent", lines=[f"{answered}/1"])
        assert refused["code"] == "notice-open"
        later = max(completeness, last_day)
        await house.until(later)
        assert house.view(notice)["stage"] == "open"  # nobody asked, so nothing was settled
        async with house.powered():
            await house.at_rest()
            # The timers that never fired: silence accepted and the notice ended, both dated at their legal end.
            accepted = next(e for e in house.view(silent)["events"] if e["type"] == "FilingAccepted")
            closed = next(e for e in house.view(notice)["events"] if e["type"] == "NoticeClosed")
            assert (accepted["at"], closed["at"]) == (completeness, last_day)
            assert min(accepted["recorded_at"], closed["recorded_at"]) >= later
            house.done("approver@dept", "consent", lines=[f"{answered}/1"])
            house.done(
                "publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=[f"{answered}/1"]
            )
            await house.at_rest()
        assert house.view(answered)["stage"] == "completed"
    letters = house.letters()
    assert {letter["status"] for letter in letters} == {"sent"}
    assert Counter(box.ids) == Counter(dict.fromkeys(box.ids, 1)), "somebody was told twice"
    assert len(box.ids) == len(letters)
    assert verify(house.engine).holds
    house.close()


async def test_lost_doubled_and_late_wakes_change_nothing(tmp_path: Path) -> None:
    house = Steadfast(tmp_path)
    async with house.powered():
        house.gateway.on_commit = lambda heads: None  # every wake of the fast path is lost; the sweep must do
        await house.becomes(house.round, "open")
        filing = house.filed("dg", "DEMO-0101")
        await house.at_rest()
        before = house.view(filing)
        for head in (1, 1, 0, 999):
            await house.process(filing).signal("wake", head)
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()
        after = house.view(filing)
        described = await house.process(filing).describe()
    assert before["stage"] == "submitted"
    assert after["stage"] == "accepted"
    assert described.search_attributes["HuiqianStage"] == ["accepted"]
    assert verify(house.engine).holds
    house.close()
