"""The first page of a whole agency's docket is read from an index, however much waits there."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One index for an officer's docket in its full order, one for an agency's."""
    op.drop_index("docket_desk", "docket")
    op.create_index("docket_desk", "docket", ["agency", "role", "due", "case_id", "n"])
    op.create_index("docket_agency", "docket", ["agency", "due", "case_id", "n"])
