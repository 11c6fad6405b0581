"""What is done about a stuck case is an act like any other: on the record, with its own authority, and it changes no decision."""

import asyncio
from typing import Any

from sqlalchemy import update

from domain.acts.base import ACTS
from domain.moments import instant
from gateway.presence import Presence, relay_sign
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
    assert row["evidence"]["zh"] == "应于2026-04-02 24:00前办理，已逾期8天", (
        "in days of the calendar, as on the case's page"
    )
    told = [r for r in letters_of(office.engine, filing) if r["letter"] == "nudged"]
    assert [r["recipient"] for r in told] == ["organiser@tro"]
    given = {"office": "organiser@tro", "to": "organiser@tro", "reason": "x"}
    office.do("2026-04-10 09:01", "ops@dept", "reassign", filing, **given)
    (row,) = [row for row in stuck(office) if row["cause"] == "overdue"]
    assert row["evidence"]["en"].endswith(", 8 days ago, given to organiser@tro"), (
        "who it is, not only which office"
    )


def test_nobody_is_late_with_what_silence_has_settled(office: Office) -> None:
    filing = office.submitted()
    office.now = instant(
        "2026-03-16 09:00"
    )  # the period has ended, and no process has noted yet that it is accepted
    assert office.state(filing)["waiting"][0]["for"] == "accept"
    assert {row["cause"] for row in stuck(office) if row["case"] == filing} == {"agency-down", "no-worker"}
    assert (
        office.act("2026-03-16 09:00", "ops@dept", "nudge", filing, **{"for": "accept"})["code"]
        == "wrong-stage"
    )


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


def tried_in_vain(office: Office, filing: str) -> None:
    """All letters of a filing were tried once and wait; the agencies' workers are there, and its process has read."""
    with office.engine.begin() as connection:
        waits = {"attempts": 1, "again_at": "2199-01-01T00:00:00.000000Z", "problem": "connection refused"}
        connection.execute(update(letters).where(letters.c.stream == filing).values(**waits))
        connection.execute(update(streams).values(followed=streams.c.head))


def test_letters_that_wait_for_their_next_attempt_are_tried_at_once_by_an_act_on_the_record(
    office: Office,
) -> None:
    filing = office.submitted()
    Presence(office.engine, ["t", "t.tro", "t.dept", relay_sign("t")]).beat()
    tried_in_vain(office, filing)
    office.act("2026-03-05 09:00", "public", "nothing")  # the clock moves on
    (row,) = [row for row in stuck(office) if row["case"] == filing]
    assert (row["cause"], "retry-post" in row["remedies"]) == ("post-failing", True)
    assert office.refused("2026-03-05 09:01", "clerk@tro", "retry-post", filing) == "not-authorised"
    office.do("2026-03-05 09:02", "ops@dept", "retry-post", filing)
    told = letters_of(office.engine, filing)
    assert {(r["status"], r["attempts"], r["again_at"]) for r in told} == {("due", 0, "")}
    office.check()


def test_letters_that_nobody_tried_wait_for_whoever_hands_them_out_and_not_for_the_mail_server(
    office: Office,
) -> None:
    def why() -> set[str]:
        return {row["cause"] for row in stuck(office) if row["case"] == filing}

    filing = office.submitted()
    with office.engine.begin() as connection:
        connection.execute(update(streams).values(followed=streams.c.head))
    office.act("2026-03-05 09:00", "public", "nothing")  # the clock moves on
    assert why() == {"agency-down"}
    Presence(office.engine, ["t.tro", "t.dept"]).beat()
    assert why() == {"no-worker"}
    Presence(office.engine, ["t", relay_sign("t")]).beat()
    assert why() == {"temporal-away"}, "the board while Temporal is away"


def test_what_is_late_is_not_offered_an_extension_that_would_be_refused(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "clerk@tro", "accept", filing)
    office.act("2026-04-10 09:00", "public", "nothing")  # the clock moves on
    (row,) = [row for row in stuck(office) if row["cause"] == "overdue"]
    for remedy in row["remedies"]:
        assert remedy in ACTS, "each is an act"
    assert "extend" not in row["remedies"]
    assert (
        office.act("2026-04-10 09:01", "approver@dept", "extend", filing, reason="x")["code"] == "wrong-stage"
    )


def test_a_remedy_makes_no_page_stale(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "ops@dept", "nudge", filing, **{"for": "accept"})
    office.do("2026-03-05 09:01", "ops@dept", "restart-process", filing, reason="x")
    answer = office.act("2026-03-05 10:00", "clerk@tro", "accept", filing, read="2026-03-05 08:00")
    assert answer["outcome"] == "accepted"
