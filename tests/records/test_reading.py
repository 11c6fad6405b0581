"""How the ledger is read: each statement sees what is committed then, or, where it is asked for, all of them one snapshot."""

import pytest
from sqlalchemy import Connection, func, select

from records.engine import SNAPSHOT
from records.schema import acts
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
