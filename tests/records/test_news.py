"""A process is woken by what steers it; what changes nothing for it (a score, a written document) it reads with the next news."""

from sqlalchemy import update

from audit.following import compare
from audit.replay import rows_of
from domain.actors import SYSTEM, Actor
from records.schema import streams
from tests.world import Office


def read(office: Office) -> None:
    """Every process has read its stream."""
    with office.engine.begin() as connection:
        connection.execute(update(streams).values(followed=streams.c.head))


def told(office: Office) -> dict[str, int]:
    """Which streams' processes are told of news from now on."""
    heard: dict[str, int] = {}
    office.gateway.on_commit = heard.update
    return heard


def behind(office: Office) -> set[str]:
    return {
        row["id"] for row in office.rows(streams, "id", "head", "followed") if row["followed"] < row["head"]
    }


def test_a_score_is_no_news_and_the_conclusion_is(office: Office) -> None:
    filing = office.submitted()
    office.accepted(filing)
    office.panelled(filing)
    evaluation = office.state(filing)["evaluation"]
    assert {filing, evaluation} <= behind(office)
    read(office)
    heard = told(office)
    office.do("2026-03-18 10:00", "expert:qian", "score", filing, line="1", marks={"overall": 86})
    assert not behind(office)
    assert not {filing, evaluation} & set(heard)
    office.scored(filing)
    office.concluded(filing)
    assert {filing, evaluation} <= behind(office)
    assert {filing, evaluation} <= set(heard)


def test_what_is_no_news_waits_with_what_was_not_read(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "ops@dept", "nudge", filing, **{"for": "accept"})
    (row,) = (row for row in office.rows(streams, "id", "head", "followed") if row["id"] == filing)
    assert row["followed"] == 0 < row["head"]


def test_a_document_is_no_news_for_a_notice_but_an_announcement_waits_for_its_own(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    read(office)
    for kind, news in (("notice", False), ("announcement", True)):
        (case,) = (row["id"] for row in office.rows(streams, "id", "kind") if row["kind"] == kind)
        written = {"paper": "x", "sha256": "0" * 64, "name": "x", "for_event": f"{case}#1"}
        by_post = Actor(role=SYSTEM, agency="dept", person=f"{SYSTEM}@dept")
        office.gateway.act(office.command(by_post, "issue-document", case, **written), internal=True)
        assert (case in behind(office)) is news


def test_a_process_that_is_to_begin_anew_is_told_so(office: Office) -> None:
    filing = office.submitted()
    read(office)
    office.do("2026-03-05 09:01", "ops@dept", "restart-process", filing, reason="x")
    assert behind(office) == {filing}


def test_the_auditor_misses_no_fact_that_steered_nothing_and_every_other(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "ops@dept", "nudge", filing, **{"for": "accept"})
    office.accepted(filing)
    with office.engine.connect() as connection:
        rows = rows_of(connection, filing)
    lacking = {int(f.fact.rpartition("#")[2]) for f in compare(rows, []) if f.kind == "history-lacks"}
    quiet = {row["seq"] for row in rows if row["type"] == "Nudged"}
    assert quiet
    assert lacking == {row["seq"] for row in rows} - quiet
