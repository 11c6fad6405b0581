"""The record only grows: the application cannot change what it wrote, whatever it tries."""

import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from deploy.postgres import APP
from records.engine import migrate, open_engine, where
from records.people import logins
from records.schema import APPEND_ONLY, attachments, checkpoints, leaves, metadata
from tests.conftest import Ground
from tests.world import Office


@pytest.fixture
def filled(office: Office) -> Office:
    """Every append-only table holds something."""
    office.submitted()
    row = {"sha256": "a" * 64, "name": "方案.pdf", "size": 1, "media_type": "application/pdf"}
    with office.engine.begin() as connection:
        connection.execute(attachments.insert().values(**row, agency="dg", stored_at="2026"))
        connection.execute(leaves.insert().values(leaf=0, what="attachment", hash="a" * 64))
        connection.execute(checkpoints.insert().values(size=1, note="…"))
        connection.execute(logins.insert().values(at="2026", account="x", address="127.0.0.1", outcome="in"))
    return office


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the append-only tables."""
    with engine.connect() as connection:
        return {
            name: [
                tuple(row) for row in connection.execute(select(metadata.tables[name]).order_by(text("1")))
            ]
            for name in APPEND_ONLY
        }


def is_refused(engine: Engine, statement: str) -> bool:
    """Whether the database refuses a statement (and was right to understand it)."""
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
    except DBAPIError as error:
        said = str(error.orig)
        assert "append-only" in said or "permission denied" in said or "must be owner" in said, said
        return True
    return False


def changing(dialect: str, table: str) -> list[str]:
    """Statements that change or remove what a table holds."""
    names = metadata.tables[table].columns.keys()
    last = names[-1]
    copied = (
        f"INTO {table} ({', '.join(names)}) SELECT {', '.join([*names[:-1], f"'x' AS {last}"])} FROM {table}"
    )
    statements = [
        f"UPDATE {table} SET {last} = {last}",
        f"UPDATE {table} SET {last} = 'x' WHERE 1 = 0 OR 1 = 1",
        f"DELETE FROM {table}",
        f"DELETE FROM {table} WHERE {last} IS NOT NULL",
        f"INSERT {copied} WHERE true ON CONFLICT ({names[0]}) DO UPDATE SET {last} = 'x'",
    ]
    if dialect == "sqlite":
        # SQLite deletes the row that is in the way of a REPLACE without asking a trigger for DELETE.
        return [
            *statements,
            f"INSERT OR REPLACE {copied}",
            f"REPLACE {copied}",
            f"UPDATE OR REPLACE {table} SET {last} = 'x'",
        ]
    return [
        *statements, f"TRUNCATE {table}", f"TRUNCATE {table} CASCADE", f"DROP TABLE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL", f"ALTER TABLE {table} DROP COLUMN {last}",
    ]  # fmt: skip


def test_nothing_recorded_can_be_changed_removed_or_written_over(filled: Office) -> None:
    before = contents(filled.engine)
    assert all(before.values())
    statements = [s for table in APPEND_ONLY for s in changing(filled.engine.dialect.name, table)]
    assert [statement for statement in statements if not is_refused(filled.engine, statement)] == []
    assert contents(filled.engine) == before


def test_the_application_owns_nothing_and_cannot_take_it(filled: Office) -> None:
    if filled.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no roles: whoever has the file has all of it")
    with filled.engine.begin() as connection:  # PostgreSQL only warns of this one
        connection.exec_driver_sql(f"GRANT ALL ON events TO {APP}")
    for statement in (
        f"ALTER TABLE events OWNER TO {APP}",
        "CREATE RULE quiet AS ON DELETE TO events DO INSTEAD NOTHING",
        "CREATE TABLE mine (id int)",
        "UPDATE alembic_version SET version_num = 'x'",
    ):
        with pytest.raises(ProgrammingError), filled.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert is_refused(filled.engine, "DELETE FROM events")


def test_migrating_again_changes_nothing(ground: Ground) -> None:
    before = contents(ground.owner)
    role = APP if ground.kind == "postgres" else None
    for _ in range(2):
        migrate(ground.owner, app_role=role)
    assert contents(ground.owner) == before
    assert set(inspect(ground.owner).get_table_names()) == {*metadata.tables, "alembic_version"}
    office = Office(ground.engine)
    office.submitted()
    office.check()
    assert is_refused(ground.engine, "DELETE FROM events")


def test_where_the_records_are_is_told_without_the_password(ground: Ground) -> None:
    told = where(ground.engine)
    password = ground.engine.url.password
    assert str(ground.engine.url.database) in told
    if ground.kind == "postgres":
        assert password
        assert APP in told
        assert password not in told
    for url in ("me:s3cret%40x@db.example/records", "me@db.example/records?password=s3cret"):
        assert "s3cret" not in where(open_engine(f"postgresql+psycopg://{url}"))


def test_a_role_named_later_may_do_the_same(ground: Ground) -> None:
    if ground.kind == "sqlite":
        pytest.skip("SQLite has no roles: whoever has the file has all of it")
    later = "pg_monitor"  # any role that exists and owns nothing here
    migrate(ground.owner, app_role=later)
    with ground.owner.begin() as connection:
        for table in metadata.tables:
            may = f"SELECT has_table_privilege('{later}', '{table}', '{{}}')"
            assert connection.exec_driver_sql(may.format("INSERT")).scalar() is True
            changes = connection.exec_driver_sql(may.format("UPDATE")).scalar()
            assert changes is (table not in APPEND_ONLY)


def test_what_the_application_needs_it_may_do(office: Office) -> None:
    # Destroying a person's key, and bringing read models up to date, are its own business.
    with office.engine.begin() as connection:
        for name in sorted(set(metadata.tables) - set(APPEND_ONLY)):
            connection.execute(select(func.count()).select_from(metadata.tables[name]))
        connection.exec_driver_sql("DELETE FROM person_keys WHERE person = 'nobody'")
