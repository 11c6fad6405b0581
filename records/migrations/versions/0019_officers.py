"""Who is named by which agency, and how much the records of the colleges grew: two questions of every page, each of which read
a row of every college and of its agency.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """A derived table, filled from the agencies as they stand, and an index."""
    officers = op.create_table(
        "officers",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("agency", sa.String(80), primary_key=True),
    )
    of_colleges = sa.text("kind = 'college'")
    op.create_index(
        "streams_colleges", "streams", ["head"], postgresql_where=of_colleges, sqlite_where=of_colleges
    )
    found = op.get_bind().execute(sa.text("SELECT id, state FROM streams WHERE kind = 'agency'")).all()
    rows = [{"person": person, "agency": id_} for id_, state in found for person in _named(json.loads(state))]
    op.bulk_insert(officers, rows)


def _named(agency: dict[str, dict[str, object]]) -> set[str]:
    held = {str(person) for people in agency.get("offices", {}).values() for person in people}  # pyright: ignore
    return held | {str(given["delegate"]) for given in agency.get("delegations", {}).values()}  # pyright: ignore
