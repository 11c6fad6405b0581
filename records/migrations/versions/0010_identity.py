"""Whom an identity provider vouches for: an account may be known by a provider's subject instead of a password."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """One column; accounts made before have a password and no subject."""
    op.add_column("accounts", sa.Column("subject", sa.String(length=400), nullable=True))
    op.create_index("accounts_subject", "accounts", ["subject"], unique=True)
