"""What a page counts or lists first is found by an index: a bureau's lines of a round, and what falls due next."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Two indexes of derived tables."""
    op.create_index("lines_route", "lines", ["round", "route", "state"])
    running = sa.text("running")
    op.create_index(
        "deadlines_ahead", "deadlines", ["ends_at"], postgresql_where=running, sqlite_where=running
    )
