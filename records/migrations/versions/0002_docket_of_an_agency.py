"""The first page of an agency's docket and the filings of a round are read from an index, however many there are."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """An officer's docket in its full order, an agency's, a round's filings."""
    op.drop_index("docket_desk", "docket")
    op.create_index("docket_desk", "docket", ["agency", "role", "due", "case_id", "n"])
    op.create_index("docket_agency", "docket", ["agency", "due", "case_id", "n"])
    op.create_index("lines_college", "lines", ["college", "state"])
    op.create_index("streams_round", "streams", ["round", "kind"])
