"""How the ledger is read: each statement sees what is committed then, or, where it is asked for, all of them one snapshot."""

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from domain.cases.calendar import PublishedCalendar
from domain.moments import instant
from domain.steering import steering
from records.engine import SNAPSHOT, from_here_on_writing
from records.projection import project
from records.schema import acts
from records.world import Cache, Standing
from tests.world import Office


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(acts)).scalar_one()


def test_a_snapshot_sees_nothing_of_what_is_done_meanwhile(office: Office) -> None:
    office.submitted()
    with office.engine.connect().execution_options(reading=SNAPSHOT) as connection:
        before = count(connection)
        office.submitted("zh")
        assert count(connection) == before
    with office.engine.connect().execution_options(reading=SNAPSHOT) as connection:
        assert count(connection) > before


def test_on_postgresql_reading_needs_no_transaction_and_the_connection_writes_in_one_afterwards(
    office: Office,
) -> None:
    if office.engine.dialect.name != "postgresql":
        pytest.skip("SQLite reads in a transaction of its own")
    with office.engine.connect().execution_options(reading=True) as connection:
        count(connection)
        driver = connection.connection.driver_connection
        assert driver
        assert driver.info.transaction_status.name == "IDLE"
    with office.engine.begin() as connection:
        count(connection)
        driver = connection.connection.driver_connection
        assert driver
        assert driver.info.transaction_status.name == "INTRANS"


def test_who_decides_holds_up_no_other_writer_until_the_act_is_written(office: Office) -> None:
    if office.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has as many writers as it likes")
    filing = office.submitted()
    with office.engine.execution_options(deciding=True).begin() as deciding:
        before = count(deciding)
        office.accepted(filing)  # another writer, meanwhile
        assert count(deciding) > before
        from_here_on_writing(deciding)
        with office.engine.connect().execution_options(reading=True) as other:
            other.exec_driver_sql("PRAGMA busy_timeout=0")
            with pytest.raises(OperationalError, match="locked"):
                other.exec_driver_sql("UPDATE streams SET followed = followed")
            other.exec_driver_sql("PRAGMA busy_timeout=30000")


def test_a_case_that_another_process_moved_is_decided_on_as_it_stands_there(office: Office) -> None:
    filing = office.submitted()
    office.now = instant("2026-03-05 09:00")
    elsewhere = office.another_gateway()
    withdrawn = elsewhere.act(office.command("filer@dg", "withdraw", filing, reason="另行申报"))
    assert withdrawn["outcome"] == "accepted"
    assert office.refused("2026-03-05 10:00", "clerk@tro", "accept", filing) == "wrong-stage"
    office.check()


def test_a_refused_act_leaves_the_next_one_the_case_as_the_record_has_it(office: Office) -> None:
    filing = office.submitted()
    assert office.refused("2026-03-05 09:00", "clerk@gz", "accept", filing) == "wrong-agency"
    assert (
        office.refused("2026-03-05 10:00", "clerk@tro", "accept", filing, read="2026-03-01 09:00") == "stale"
    )
    office.accepted(filing)
    office.check()


def test_of_two_acts_only_one_gets_a_case_as_the_last_one_left_it() -> None:
    cache, case = Cache(), PublishedCalendar(id="calendar")
    standing = Standing(case, project(case), steering(case))
    cache.put(case.id, (case.seq, case.kind, "{}"))
    cache.give(standing)
    assert cache.take(case.id, case.seq) is standing
    assert cache.take(case.id, case.seq) is None
    cache.give(standing)
    assert cache.take(case.id, case.seq + 1) is None, "the case has moved on"
