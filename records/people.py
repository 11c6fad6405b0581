"""The tables of those who log in: accounts, attempts, sessions, tokens, what each keeps for themselves, and work they began.

None of it is the record: the account that acted stands in each act.
"""

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from records.metadata import BigKey, metadata

accounts = Table(
    "accounts", metadata,
    Column("name", String(64), primary_key=True),
    Column("person", String(80), nullable=False),
    Column("secret", String(200), nullable=False, comment="argon2id; never the password; empty: a provider vouches"),
    Column("temporary", Boolean, nullable=False, comment="the password was made for them and must be changed"),
    Column("closed", Boolean, nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("subject", String(400), comment="issuer and subject of an identity provider that vouches for them"),
    Index("accounts_subject", "subject", unique=True),
    comment="Who may log in, and as which person of the registers; offices stand with the agencies.",
)  # fmt: skip

logins = Table(
    "logins", metadata,
    Column("position", BigKey, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("outcome", String(20), nullable=False),
    Index("logins_account", "account", "at"),
    Index("logins_address", "address", "at"),
    comment="Every attempt to log in, and every end of a session. Append-only.",
)  # fmt: skip

sessions = Table(
    "sessions", metadata,
    Column("id", String(64), primary_key=True, comment="digest of the cookie: the table opens no session"),
    Column("account", String(64), nullable=False),
    Column("office", String(120), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("begun_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),
    Index("sessions_account", "account"),
    comment="Who is logged in now.",
)  # fmt: skip

tokens = Table(
    "tokens", metadata,
    Column("digest", String(64), primary_key=True),
    Column("label", String(80), nullable=False),
    Column("office", String(120), nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("revoked_at", String(32)),
    comment="Other systems that act by the API, each for one office.",
)  # fmt: skip

jottings = Table(
    "jottings", metadata,
    Column("account", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", String(32), nullable=False),
    comment="What a person keeps for themselves: forms half filled in (never their personal fields), saved views.",
)  # fmt: skip

jobs = Table(
    "jobs", metadata,
    Column("name", String(40), primary_key=True),
    Column("run", String(40), nullable=False, unique=True),
    Column("by", String(200), nullable=False),
    Column("state", String(10), nullable=False, comment="running, done, failed"),
    Column("begun_at", String(32), nullable=False, comment="real time, UTC, as `seen_at`: its last sign of life, or its end"),
    Column("seen_at", String(32), nullable=False),
    Column("found", Text, nullable=False, comment="as JSON; of what failed, the kind of error"),
    comment="Long work begun on a page: of each name the latest, and what it found. Can be run again.",
)  # fmt: skip
