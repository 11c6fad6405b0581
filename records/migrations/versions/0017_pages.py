"""What pages need: counts found by an index (a bureau's lines of a round, what falls due next), and long work that outlives
the process that does it and is known to every other.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Two indexes of derived tables, and a table of its own; what ran before was nowhere."""
    op.create_index("lines_route", "lines", ["round", "route", "state"])
    running = sa.text("running")
    op.create_index(
        "deadlines_ahead", "deadlines", ["ends_at"], postgresql_where=running, sqlite_where=running
    )
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
