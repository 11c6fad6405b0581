"""An agency's post takes all its letters that are due: found by their sender, and when each is to be tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """What is due in an older database is due at once."""
    op.add_column("letters", sa.Column("again_at", sa.String(32), nullable=False, server_default=""))
    due = sa.text("status = 'due'")
    op.create_index("letters_post", "letters", ["sender", "again_at"], postgresql_where=due, sqlite_where=due)
