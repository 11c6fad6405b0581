"""The records system's first schema, with the locks that keep the record append-only."""

from alembic import context, op

from records.schema import APPEND_ONLY, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; nobody who works with them may change or remove what is recorded."""
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    role = context.config.attributes.get("app_role")
    if role:
        quoted = connection.dialect.identifier_preparer.quote(role)
        for table in metadata.tables:
            may = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
            connection.exec_driver_sql(f"GRANT {may} ON {table} TO {quoted}")
        connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
        connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")
