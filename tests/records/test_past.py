"""A letter that is written late speaks of the cases as they stood when its act was done."""

import pytest
from sqlalchemy import Connection, select

from domain.case import Case
from domain.kinds import fold
from records.reading import Past, facts
from records.schema import events
from tests.world import Office, line


@pytest.fixture
def told(office: Office) -> tuple[Office, str, str]:
    """Two filings, so that the facts of one lie between those of the other."""
    filing = office.submitted("dg", line("1"), line("2", "DEMO-0105"))
    other = office.submitted("zh")
    office.accepted(filing)
    office.accepted(other)
    office.panelled(filing)
    return office, filing, other


@pytest.mark.parametrize("prepared", [False, True])
def test_a_case_is_read_as_it_stood_at_every_position_of_the_ledger(
    told: tuple[Office, str, str], prepared: bool
) -> None:
    office, *filings = told
    with office.engine.connect() as connection:
        query = select(events.c.stream, events.c.seq, events.c.position).order_by(events.c.position)
        rows = connection.execute(query).all()
        past = Past(connection)
        if prepared:
            past.prepare([(row.stream, row.seq) for row in rows if row.stream == filings[0]], filings)
        seen: set[int] = set()
        for position in (row.position for row in rows):
            for id_ in filings:
                known = sum(row.stream == id_ and row.position <= position for row in rows)
                case = past.case(id_, position)
                assert case == (_folded(connection, id_, known) if known else None)
                seen.add(known)
        assert len(seen) > 3


def _folded(connection: Connection, id_: str, until: int) -> Case:
    kind, found = facts(connection, id_, until)
    return fold(kind, id_, found)
