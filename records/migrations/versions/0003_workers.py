"""Workers say that they are there, so that a stuck case can be told from an absent worker."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Who serves which queue, and when it was last heard of."""
    op.create_table(
        "workers",
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("queue", "worker"),
    )
