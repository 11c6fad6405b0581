"""Which runs of processes there were, and where each one's history is kept once the run is over."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """One row a run, from its first reading of the ledger on: none can be forgotten."""
    op.create_table(
        "runs",
        sa.Column("run", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("workflow", sa.String(length=200), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("checked_at", sa.String(length=32), nullable=False),
        sa.Column("ended", sa.String(length=20), nullable=True),
        sa.Column("history", sa.String(length=64), nullable=True),
        sa.Column("length", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("run"),
        comment="Every run of a process, noted when it first read the ledger; its history once it is over.",
    )
    op.create_index("runs_stream", "runs", ["stream"], unique=False)
    op.create_index(
        "runs_open", "runs", ["checked_at"], unique=False,
        postgresql_where=sa.text("ended IS NULL"), sqlite_where=sa.text("ended IS NULL"),
    )  # fmt: skip
