"""Another pack is put in force by an act: for new cases only, never a draft, whoever asks and however it got there."""

import json

import pytest
from sqlalchemy import select, update

from domain.cases.environment import POLICY
from gateway.founding import found, from_now
from gateway.packs import lay_before
from policies import load_pack
from records.schema import streams
from tests.world import Office, line

DRAFT = load_pack("guangdong/pilot-2024-draft")
PILOT = load_pack("guangdong/pilot")


def test_new_cases_follow_the_new_rules_and_open_ones_their_own(office: Office) -> None:
    old = office.submitted()
    form = lay_before(office.engine, office.gateway.shelf, PILOT, {"completeness.working_days": 3})
    office.do("2026-03-04 10:00", "approver@dept", "adopt-pack", **form)
    new = office.submitted("zh", line("1", "DEMO-0105"), at="2026-03-04 11:00")
    ends = [office.state(filing)["deadlines"]["completeness"]["date"] for filing in (old, new)]
    assert ends == ["2026-03-11", "2026-03-09"]
    assert office.state(old)["pack"] != office.state(new)["pack"]
    again = office.act("2026-03-05 10:00", "approver@dept", "adopt-pack", **form)
    assert (again["code"], again["reasons"][0]["field"]) == ("invalid", "pack"), "it is in force already"
    office.check()


@pytest.mark.parametrize(
    ("settings", "field"),
    [({"eligibility.kinds": []}, "settings.eligibility.kinds"), ({"notice.working_days": 0}, "settings.notice.working_days")],
)  # fmt: skip
def test_settings_that_do_not_fit_are_named(office: Office, settings: dict[str, object], field: str) -> None:
    pack = lay_before(office.engine, office.gateway.shelf, PILOT, {})["pack"]
    answer = office.act("2026-03-04 10:00", "approver@dept", "adopt-pack", pack=pack, settings=settings)
    assert [reason["field"] for reason in answer["reasons"]] == [field]


def test_a_draft_is_never_put_in_force(office: Office) -> None:
    form = lay_before(office.engine, office.gateway.shelf, DRAFT, {})
    before = office.views()
    answer = office.act("2026-03-04 10:00", "approver@dept", "adopt-pack", **form)
    assert (answer["outcome"], answer["code"]) == ("refused", "draft-rules")
    assert "第五条第二款" in answer["clause"]
    assert "policy preview" in answer["next"]["zh"]
    assert office.views() == before


def test_an_environment_is_not_founded_on_a_draft(office: Office) -> None:
    with pytest.raises(ValueError, match="draft"):
        found(office.engine, id_="t", pack=DRAFT, settings={}, face=from_now(office.now), schedules=[])


def test_a_draft_decides_nothing_though_it_stands_in_the_records(office: Office) -> None:
    """Whoever writes past the gateway gains nothing: neither a draft in force nor one that a case pins decides."""
    lay_before(office.engine, office.gateway.shelf, DRAFT, {})
    filing = office.submitted()
    for stream in (filing, POLICY):
        with office.engine.begin() as connection:
            row = streams.c.id == stream
            state = json.loads(connection.execute(select(streams.c.state).where(row)).scalar_one())
            forged = json.dumps({**state, "pack": DRAFT.hash}, ensure_ascii=False)
            connection.execute(update(streams).where(row).values(state=forged))
        office.gateway = office.another_gateway()
        answer = office.act("2026-03-05 09:00", "clerk@tro", "accept", filing)
        assert answer["code"] == "draft-rules"
