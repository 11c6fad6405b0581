"""What is done about a stuck case is an act like any other: on the record, with its own authority, and it changes no decision."""

import asyncio
from typing import Any

from sqlalchemy import update

from gateway.stuck import find_stuck
from gateway.views import letters_of
from records.schema import letters, streams
from tests.world import Office


def stuck(office: Office) -> list[dict[str, Any]]:
    """The board while Temporal is away."""
    return [row.about() for row in asyncio.run(find_stuck(office.gateway, None, "t"))]


def test_a_late_officer_is_shown_with_the_deadline_and_may_be_reminded(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "clerk@tro", "accept", filing)
    assert not [row for row in stuck(office) if row["cause"] == "overdue"]
    office.do("2026-04-10 09:00", "approver@dept", "nudge", filing, **{"for": "form-panel"})
    (row,) = [row for row in stuck(office) if row["cause"] == "overdue"]
    assert (row["case"], row["what"], row["whose"]) == (filing, "form-panel", "organiser@tro")
    assert "nudge" in row["remedies"]
    told = [r for r in letters_of(office.engine, filing) if r["letter"] == "nudged"]
    assert [r["recipient"] for r in told] == ["organiser@tro"]


def test_every_expert_who_is_awaited_is_reminded(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "clerk@tro", "accept", filing)
    panel = ["zhao", "qian", "sun", "zhou", "zheng"]
    office.do("2026-03-06 09:00", "organiser@tro", "form-panel", filing, experts=panel, chair="zhao")
    evaluation = office.state(filing)["evaluation"]
    office.do("2026-03-09 09:00", "approver@dept", "nudge", evaluation, **{"for": "score"})
    told = [r["recipient"] for r in letters_of(office.engine, evaluation) if r["letter"] == "nudged"]
    assert sorted(told) == sorted(f"expert:{expert}" for expert in panel)


def test_letters_that_were_given_up_go_out_again_also_when_the_case_is_over(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "filer@dg", "withdraw", filing, reason="x")
    with office.engine.begin() as connection:
        connection.execute(update(letters).values(status="failed", attempts=8, problem="550"))
        connection.execute(update(streams).values(followed=streams.c.head))
    given_up = [row for row in stuck(office) if row["case"] == filing]
    assert [row["cause"] for row in given_up] == ["undelivered"]
    told: dict[str, int] = {}
    office.gateway.on_commit = told.update
    office.do("2026-03-06 09:00", "ops@dept", "retry-post", filing)
    assert {(r["status"], r["attempts"]) for r in letters_of(office.engine, filing)} == {("due", 0)}
    assert list(told) == ["post/tro"], (
        "the agency that sends them is told, and no process of a case that is over"
    )
    assert office.refused("2026-03-06 09:01", "ops@dept", "retry-post", filing) == "wrong-stage"
    office.check()


def test_a_remedy_makes_no_page_stale(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "ops@dept", "nudge", filing, **{"for": "accept"})
    office.do("2026-03-05 09:01", "ops@dept", "restart-process", filing, reason="x")
    answer = office.act("2026-03-05 10:00", "clerk@tro", "accept", filing, read="2026-03-05 08:00")
    assert answer["outcome"] == "accepted"
