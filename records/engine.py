"""Opening the records database: SQLite by default, PostgreSQL by URL; migrations; where it is, secrets left out."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url

from records.schema import APPEND_ONLY, metadata
from records.statements import run

DRIVER = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "prepare_threshold": 1,
}
"""Settings of libpq by which a PostgreSQL that is gone without a word (its machine, the network between) is known to be gone in
half a minute, not when the system gives up in a quarter of an hour: seconds, and of the last of them milliseconds; and one of psycopg:
a statement is prepared when it comes the second time, since those that come twice come always. A URL may say other."""

SNAPSHOT = "snapshot"
"""What `reading` says of a connection whose statements all see one snapshot, and that reads rows as they come."""
READING = {True: "AUTOCOMMIT", SNAPSHOT: "REPEATABLE READ"}


def open_engine(url: str) -> Engine:
    """An engine for a records database, whose errors quote no values. SQLite: one writer at a time, durable, waits for its turn."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            url, pool_size=20, max_overflow=60, pool_use_lifo=True, isolation_level="READ COMMITTED", hide_parameters=True,
            connect_args={name: value for name, value in DRIVER.items() if name not in parsed.query},
        )  # fmt: skip

        @event.listens_for(engine, "set_connection_execution_options")
        def read(_: Any, options: dict[str, Any]) -> None:
            # Each statement reads what is committed then, in a transaction or without: without, there is nothing to begin
            # and to roll back, and psycopg keeps the statements that it has prepared, which it drops at each rollback.
            if reading := options.get("reading"):
                options.setdefault("isolation_level", READING[reading])

        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=20,
        max_overflow=60,
        hide_parameters=True,
        connect_args={"timeout": 30, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun by us, see below
        cursor = connection.cursor()
        # recursive_triggers: without it REPLACE would delete a recorded row behind the trigger that forbids it.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "recursive_triggers=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A reader that turns writer may find the file changed under it; taking the write lock first cannot fail so.
        options = connection.get_execution_options()
        if not options.get("deciding"):
            connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")

    return engine


def from_here_on_writing(connection: Connection) -> None:
    """Before the first write of a connection of an engine that is `deciding`: SQLite's one write lock is taken only here.

    What was read before may have changed since, as on PostgreSQL, whose transactions see at each statement what is committed:
    who decides by it looks again, at the heads of its streams (`records.ledger`). Nothing where it is writing already.
    """
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            run(connection, "BEGIN IMMEDIATE")


def in_byte_order(engine: Engine) -> bool:
    """Whether the database orders text by its bytes, as SQLite and Python do: the record is merged, paged and searched by that."""
    if engine.dialect.name == "sqlite":
        return True
    query = "SELECT datlocprovider, datcollate FROM pg_database WHERE datname = current_database()"
    with engine.connect().execution_options(reading=True) as connection:
        provider, collation = connection.exec_driver_sql(query).one()
    return provider == "c" and collation in ("C", "POSIX")


def migrate(engine: Engine, app_role: str | None = None) -> None:
    """Bring the schema up to date. On PostgreSQL run it as the owner; `app_role` is who may only read and append."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if app_role and connection.dialect.name == "postgresql":
            _grant(connection, app_role)


def _grant(connection: Connection, role: str) -> None:
    """What the application's role may do. Said anew at each migration, so that any role named later gets the same."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    for table in metadata.tables:
        may = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        connection.exec_driver_sql(f"GRANT {may} ON {table} TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")


def where(engine: Engine) -> str:
    """The database in use, for people and logs: no password in it, wherever the URL had it."""
    shown = engine.url.difference_update_query(["password", "passfile", "sslpassword"])
    return shown.render_as_string(hide_password=True)
