"""The transparency log: which row is which leaf, and every checkpoint signed. Both only grow, like the record itself."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Create the two tables, with the same locks as the record's."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "leaves",
        sa.Column("leaf", big, autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False, comment="event, act, pack, attachment"),
        sa.Column("position", big, nullable=True, comment="of the event or act"),
        sa.Column("hash", sa.String(length=64), nullable=True, comment="of the pack or attachment"),
        sa.PrimaryKeyConstraint("leaf"),
        sa.UniqueConstraint("what", "position", name="leaves_position"),
        sa.UniqueConstraint("what", "hash", name="leaves_hash"),
        comment="The transparency log's order: which row is which leaf, from 0. Append-only.",
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", big, autoincrement=False, nullable=False),
        sa.Column(
            "note", sa.Text(), nullable=False,
            comment="as signed by the log; cosignatures stand in the published files",
        ),
        sa.PrimaryKeyConstraint("size"),
        comment="Every checkpoint the log has signed. Append-only.",
    )  # fmt: skip
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for table in ("leaves", "checkpoints"):
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
