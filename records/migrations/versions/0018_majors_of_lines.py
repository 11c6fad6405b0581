"""A line is found by its major through an index: a search among 100,000 lines read them all."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """An index of a derived table."""
    op.create_index("lines_major", "lines", ["major"])
