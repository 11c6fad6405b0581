"""Reassignment: the one officer to whom a case was given stands on the docket."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """A column of a derived table; no case of an earlier release has an officer of its own."""
    op.add_column("docket", sa.Column("officer", sa.String(length=80), nullable=True))
