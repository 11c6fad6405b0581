"""Opening the records database: SQLite by default, PostgreSQL by URL; migrations; where it is, secrets left out."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url

from records.schema import APPEND_ONLY, metadata

SILENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""libpq's settings by which a PostgreSQL that is gone without a word (its machine, the network between) is known to be gone in
half a minute, not when the system gives up in a quarter of an hour: seconds, and of the last one milliseconds. A URL may say other."""

SNAPSHOT = "snapshot"
"""What `reading` says of a connection whose statements all see one snapshot, and that reads rows as they come."""
READING = {True: "AUTOCOMMIT", SNAPSHOT: "REPEATABLE READ"}


def open_engine(url: str) -> Engine:
    """An engine for a records database, whose errors quote no values. SQLite: one writer at a time, durable, waits for its turn."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            url, pool_size=20, max_overflow=60, isolation_level="READ COMMITTED", pool_pre_ping=False, hide_parameters=True,
            connect_args={name: value for name, value in SILENCE.items() if name not in parsed.query},
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
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


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
