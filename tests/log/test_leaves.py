"""The table that says which row is which leaf can hide no row and break no verification."""

import json

import pytest
from sqlalchemy import func, insert, select, update

from audit.trees import look
from records.schema import events, leaves, packs
from records.verify import verify
from records.verify_log import Brought
from tests.conftest import Ground
from tests.log.agencies import Agencies
from tests.world import Office


@pytest.mark.parametrize("leaf", [-1, 9_000_000_000, 2**62])
def test_a_new_fact_that_is_numbered_out_of_the_log_is_told(
    agencies_on: Agencies, ground: Ground, leaf: int
) -> None:
    agencies_on.round()
    office = Office(agencies_on.engine)
    office.do("2026-05-08 09:00", "ops@dept", "appoint", agency="tro", role="clerk", person="new@tro")
    brought = Brought(agencies_on.trust, agencies_on.published)
    before = verify(agencies_on.engine, brought)
    assert before.holds
    assert before.log
    assert before.log.behind
    with ground.unlocked() as connection:
        newest = connection.execute(select(func.max(events.c.position))).scalar_one()
        connection.execute(insert(leaves).values(leaf=leaf, what="event", position=newest))
    found = verify(agencies_on.engine, brought)
    assert any("逐一相连" in problem for problem in found.problems)


def test_rules_changed_under_their_hash_are_told_before_what_was_found_by_them(
    agencies_on: Agencies, ground: Ground
) -> None:
    agencies_on.round()
    assert look(agencies_on.engine).problems == []
    with ground.unlocked() as connection:
        body = json.loads(connection.execute(select(packs.c.body)).scalars().first() or "")
        connection.execute(update(packs).values(body=json.dumps({**body, "duties": []})))
    assert any("与其摘要不符" in problem for problem in look(agencies_on.engine).problems)
