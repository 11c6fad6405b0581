"""The receiving unit stands beside each line: a bureau's board of a large round is found without opening every filing."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """A column of a derived table, filled from the filings as they stand."""
    op.add_column("lines", sa.Column("route", sa.String(40), nullable=True))
    json = (
        "(state::json ->> 'route')"
        if op.get_bind().dialect.name == "postgresql"
        else "json_extract(state, '$.route')"
    )
    op.execute(f"UPDATE lines SET route = (SELECT {json} FROM streams WHERE streams.id = lines.filing)")
