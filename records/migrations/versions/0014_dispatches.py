"""The book of dispatches: what fell due to be told to whom, and each outcome, as rows that only grow and become leaves."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0010"
_SAME = "stream, seq, letter, sender, recipient, document, status, attempts, problem"


def upgrade() -> None:
    """Letters that were sent before stand in it as this migration found them."""
    op.create_table(
        "dispatches",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=200), nullable=False, comment="of the letter"),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=60), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column(
            "at", sa.String(length=32), nullable=False, comment="legal time; empty: before this book was kept"
        ),
        sa.PrimaryKeyConstraint("position"),
        comment="The record: each letter when it fell due, and each outcome of sending it. Append-only.",
    )
    op.create_index("dispatches_stream", "dispatches", ["stream", "id", "position"])
    op.execute(
        f"INSERT INTO dispatches (id, {_SAME}, at) SELECT id, {_SAME}, coalesce(sent_at, '') FROM letters ORDER BY stream, seq, id"
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER dispatches_no_{verb.lower()} BEFORE {verb} ON dispatches "
                f"BEGIN SELECT RAISE(ABORT, 'dispatches is append-only'); END"
            )
