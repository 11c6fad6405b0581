"""A large record is verified by several processes at once: they see one instant, and find what one process finds."""

import itertools

import pytest
from sqlalchemy import insert, select, update

from records import verify_range
from records.schema import acts, events, streams
from records.verify import verify
from records.verify_log import Brought
from tests.conftest import Ground
from tests.log.agencies import Agencies


@pytest.fixture
def split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_range, "ALONE", 0)
    monkeypatch.setattr(verify_range, "MOST", 7)


@pytest.mark.usefixtures("split")
def test_several_processes_find_what_one_finds(
    agencies_on: Agencies, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    agencies_on.round()
    brought = Brought(agencies_on.trust, agencies_on.published)
    with ground.unlocked() as connection:
        first, *_, last = connection.execute(select(streams.c.id).order_by(streams.c.id)).scalars()
        for stream in (first, last):
            connection.execute(
                update(events).where(events.c.stream == stream, events.c.seq == 1).values(actor="x")
            )
        stray = dict(
            connection.execute(select(acts).order_by(acts.c.position.desc())).mappings().first() or {}
        )
        stray |= {"position": stray["position"] + 1, "subject": "zzz", "command": "stray", "seq": 1}
        connection.execute(insert(acts).values(stray))
    by_many = verify(agencies_on.engine, brought)
    monkeypatch.setattr(verify_range, "ALONE", 10_000)
    alone = verify(agencies_on.engine, brought)
    assert (by_many.events, by_many.acts) == (alone.events, alone.acts)
    assert sorted(by_many.problems) == sorted(alone.problems)
    for named in (first, last, "zzz"):
        assert any(str(named) in problem for problem in by_many.problems)


@pytest.mark.parametrize("bounds", [("a", "m", "z"), ()])
def test_every_row_belongs_to_one_part(bounds: tuple[str, ...]) -> None:
    edges = [None, *bounds, None]
    parts = [verify_range.Part(a, b) for a, b in itertools.pairwise(edges)]
    holds = [part.within("id") for part in parts]
    assert sum("IS NULL" in where for where, _ in holds) == (1 if bounds else 0)
    assert [values for _, values in holds] == [[v for v in (a, b) if v] for a, b in itertools.pairwise(edges)]
