"""The records system's first schema, with the locks that keep the record append-only.

The tables stand here as they were released; `records/schema.py` is the schema of today, and a test compares the two.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = ("events", "acts", "packs", "attachments")


def upgrade() -> None:
    """Create the tables; nobody who works with them may change or remove what is recorded."""
    create_tables()
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


def create_tables() -> None:
    """The tables and indexes of this revision."""
    op.create_table(
        "acts",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("command", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=True),
        sa.Column("legal_at", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_mac", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("command"),
        sa.UniqueConstraint("subject", "seq", name="acts_subject_seq"),
        comment="The record: every act, done or refused, with its answer, chained per subject. Append-only.",
    )
    op.create_table(
        "attachments",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("stored_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
        comment="What lies in the file store, by content hash. Append-only.",
    )
    op.create_table(
        "claims",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        comment="Derived: what only one case may hold (a document number, a line of a round).",
    )
    op.create_index("claims_stream", "claims", ["stream"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("case_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("ends_at", sa.String(length=32), nullable=False),
        sa.Column("lapses", sa.Boolean(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column(
            "open",
            sa.Boolean(),
            nullable=False,
            comment="the case is not final, so a newer calendar may move it",
        ),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column(
            "calendar", sa.Integer(), nullable=False, comment="revision of the calendar it was computed by"
        ),
        sa.PrimaryKeyConstraint("case_id", "name"),
        comment="Derived: every running period.",
    )
    op.create_index("deadlines_calendar", "deadlines", ["open", "calendar"], unique=False)
    op.create_index("deadlines_due", "deadlines", ["lapses", "running", "ends_at"], unique=False)
    op.create_table(
        "docket",
        sa.Column("case_id", sa.String(length=80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("for_", sa.String(length=40), nullable=False),
        sa.Column("due", sa.String(length=32), nullable=False, comment="9999 when nothing says by when"),
        sa.Column("round", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "n"),
        comment="Derived: whose move it is, and by when.",
    )
    op.create_index("docket_desk", "docket", ["agency", "role", "due", "case_id"], unique=False)
    op.create_table(
        "environment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("clock_real", sa.String(length=32), nullable=False),
        sa.Column("clock_legal", sa.String(length=32), nullable=False),
        sa.Column("clock_rate", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="One row: which environment this is, and how its legal clock runs against the real one.",
    )
    op.create_table(
        "events",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("legal_at", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("command", sa.String(length=120), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=20), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("stream", "seq", name="events_stream_seq"),
        comment="The record: facts, chained per stream. Append-only.",
    )
    op.create_table(
        "letters",
        sa.Column(
            "id",
            sa.String(length=200),
            nullable=False,
            comment="stream/seq/letter/recipient: one letter has one id for ever",
        ),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=60), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Who is told what; due in the act's transaction, sent or failed by the agency's worker.",
    )
    op.create_index("letters_due", "letters", ["stream", "status"], unique=False)
    op.create_table(
        "lines",
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("filing", sa.String(length=80), nullable=False),
        sa.Column("round", sa.String(length=80), nullable=False),
        sa.Column("college", sa.String(length=40), nullable=False),
        sa.Column("major", sa.String(length=40), nullable=False),
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
        comment="Derived: the lines of all submitted filings.",
    )
    op.create_index("lines_filing", "lines", ["filing"], unique=False)
    op.create_index("lines_round", "lines", ["round", "state"], unique=False)
    op.create_index("lines_state", "lines", ["state", "ref"], unique=False)
    op.create_table(
        "packs",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        comment="Every pack version a case has pinned, by content hash. Append-only.",
    )
    op.create_table(
        "person_keys",
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
        comment="One key a person. Destroying a row makes that person's data unreadable; the ledger still verifies.",
    )
    op.create_table(
        "streams",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("round", sa.String(length=80), nullable=True),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("acts_head", sa.Integer(), nullable=False),
        sa.Column("acts_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("changed_at", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.Column("followed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Derived: the head and the folded state of each stream. `followed`: how far its process has read.",
    )
    op.create_index(
        "streams_behind",
        "streams",
        ["id"],
        unique=False,
        postgresql_where=sa.text("followed < head"),
        sqlite_where=sa.text("followed < head"),
    )
    op.create_index("streams_kind", "streams", ["kind", "changed_at"], unique=False)
    op.create_index(
        "streams_open",
        "streams",
        ["round", "kind"],
        unique=False,
        postgresql_where=sa.text("NOT final"),
        sqlite_where=sa.text("NOT final"),
    )
