"""How much Temporal keeps of a whole filing: few enough events, and few enough bytes (issue 3, Speed)."""

from typing import Any

import pytest

from tests.processes.house import House
from tests.register import MAJORS, PANEL

A_SIXTH_OF_A_DAY = str(4 * 60 * 60)
"""Legal time a second: a notice runs out, and a busy machine has forty seconds before silence accepts a filing."""
MOST_EVENTS = 200
MOST_BYTES = 150 * 1024


async def run_to_the_announcement(house: House) -> dict[str, str]:
    """A filing of five lines, with everything in its course; every act is driven to rest before the next one."""
    async with house.served():
        await house.becomes(house.round, "open")
        filing = house.filed("dg", *MAJORS)
        await house.at_rest()
        house.done("clerk@tro", "accept", filing)
        await house.at_rest()
        evaluation = house.panel(filing)
        await house.at_rest()
        house.done(
            "organiser@tro", "visit", filing, date=f"{house.gateway.clock.now():%Y-%m-%d}",
            visitors=["赵工", "孙老师"], places=["实训楼"], finding="属实",
        )  # fmt: skip
        await house.at_rest()
        for expert in PANEL:
            house.scored(filing, expert)
            await house.at_rest()
        lines = list(house.view(filing)["lines"])
        house.done(f"expert:{PANEL[0]}", "conclude", filing, results=dict.fromkeys(lines, "passed"))
        await house.at_rest()
        refs = [f"{filing}/{line}" for line in lines]
        notice = house.done("notice-officer@tro", "publish-notice", lines=refs)
        await house.becomes(notice, "closed")  # by its own timer
        await house.at_rest()
        approval = house.done("approver@dept", "consent", lines=refs)
        await house.at_rest()
        announcement = house.done(
            "publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=refs
        )
        await house.at_rest()
        assert house.view(filing)["stage"] == "completed"
    return {
        "filing": filing, "evaluation": evaluation, "notice": notice, "approval": approval, "announcement": announcement,
    }  # fmt: skip


@pytest.mark.parametrize("rate", [A_SIXTH_OF_A_DAY], ids=["days-pass"])
async def test_a_filing_of_five_lines_fits_into_a_short_history(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = await run_to_the_announcement(house)
    events, size, table = 0, 0, [""]
    for kind, case in cases.items():
        about: Any = (await house.process(case).describe()).raw_description.workflow_execution_info
        events, size = events + about.history_length, size + about.history_size_bytes
        table.append(f"  {kind:13} {about.history_length:4} events {about.history_size_bytes:7} bytes")
    table.append(
        f"  {'together':13} {events:4} events {size:7} bytes (at most {MOST_EVENTS} and {MOST_BYTES})"
    )
    with capsys.disabled():
        print("\n".join(table))
    assert events <= MOST_EVENTS
    assert size <= MOST_BYTES
