"""Cards: the gravest one on the docket, and of each deadline when something falls by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Two columns of derived tables; no case of an earlier release has a card."""
    op.add_column("docket", sa.Column("card", sa.String(length=10), nullable=True))
    op.add_column("deadlines", sa.Column("rings_at", sa.String(length=32), nullable=True))
    op.execute("UPDATE deadlines SET rings_at = ends_at WHERE lapses")
    op.drop_index("deadlines_due", table_name="deadlines")
    op.create_index("deadlines_due", "deadlines", ["running", "rings_at"])
