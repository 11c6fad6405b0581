"""Long work begun on a page outlives the process that does it, and is known to every other."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """A table of its own; what ran before was nowhere."""
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("run", sa.String(40), nullable=False, unique=True),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("begun_at", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("found", sa.Text, nullable=False),
    )
