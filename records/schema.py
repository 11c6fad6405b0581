"""The tables. `events` and `acts` are the record and only ever grow; everything marked derived can be rebuilt from them.

Instants are written as UTC text (domain.moments.stamp), so that both databases hold, sort and hash the same bytes.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from records import people as people  # its tables stand in `metadata` too
from records.metadata import BigKey, Id
from records.metadata import metadata as metadata

environment = Table(
    "environment", metadata,
    Column("id", String(40), primary_key=True),
    Column("clock_real", String(32), nullable=False),
    Column("clock_legal", String(32), nullable=False),
    Column("clock_rate", String(20), nullable=False),
    comment="One row: which environment this is, and how its legal clock runs against the real one.",
)  # fmt: skip

events = Table(
    "events", metadata,
    Column("position", BigKey, primary_key=True, autoincrement=True),
    Column("stream", Id, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("legal_at", String(32), nullable=False),
    Column("recorded_at", String(32), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("act", String(40), nullable=False),
    Column("command", String(120), nullable=False),
    Column("pack", String(64), nullable=False),
    Column("calendar", String(20), nullable=False),
    Column("data", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("stream", "seq", name="events_stream_seq"),
    comment="The record: facts, chained per stream. Append-only.",
)  # fmt: skip

acts = Table(
    "acts", metadata,
    Column("position", BigKey, primary_key=True, autoincrement=True),
    Column("command", String(120), nullable=False, unique=True),
    Column("subject", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("act", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("case_id", String(200)),
    Column("legal_at", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("body_mac", String(64), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("code", String(40)),
    Column("answer", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("subject", "seq", name="acts_subject_seq"),
    comment="The record: every act, done or refused, with its answer, chained per subject. Append-only.",
)  # fmt: skip

streams = Table(
    "streams", metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("final", Boolean, nullable=False),
    Column("round", Id),
    Column("head", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("acts_head", Integer, nullable=False),
    Column("acts_digest", String(64), nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("changed_at", String(32), nullable=False),
    Column("recorded_at", String(32), nullable=False),
    Column("followed", Integer, nullable=False),
    Index("streams_behind", "id", postgresql_where=text("followed < head"), sqlite_where=text("followed < head")),
    Index("streams_open", "round", "kind", postgresql_where=text("NOT final"), sqlite_where=text("NOT final")),
    Index("streams_round", "round", "kind"),
    Index("streams_kind", "kind", "changed_at"),
    Index("streams_colleges", "head", postgresql_where=text("kind = 'college'"), sqlite_where=text("kind = 'college'")),
    comment="Derived: the head and the folded state of each stream. `followed`: how far its process has read.",
)  # fmt: skip

docket = Table(
    "docket", metadata,
    Column("case_id", Id, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("role", String(80), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("for_", String(40), nullable=False),
    Column("due", String(32), nullable=False, comment="9999 when nothing says by when"),
    Column("round", Id),
    Column("card", String(10), comment="the gravest card that stands: warning, yellow, red"),
    Column("officer", String(80), comment="the one officer of the office to whom the case was given"),
    Index("docket_desk", "agency", "role", "due", "case_id", "n"),
    Index("docket_agency", "agency", "due", "case_id", "n"),
    comment="Derived: whose move it is, and by when.",
)  # fmt: skip

deadlines = Table(
    "deadlines", metadata,
    Column("case_id", Id, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("ends_at", String(32), nullable=False),
    Column("lapses", Boolean, nullable=False),
    Column("running", Boolean, nullable=False),
    Column("rings_at", String(32), comment="when something falls by itself: its end, where it lapses, or a card before that"),
    Column("open", Boolean, nullable=False, comment="the case is not final, so a newer calendar may move it"),
    Column("first_year", Integer, nullable=False),
    Column("last_year", Integer, nullable=False),
    Column("calendar", Integer, nullable=False, comment="revision of the calendar it was computed by"),
    Index("deadlines_due", "running", "rings_at"),
    Index("deadlines_ahead", "ends_at", postgresql_where=text("running"), sqlite_where=text("running")),
    Index("deadlines_calendar", "open", "calendar"),
    comment="Derived: every running period.",
)  # fmt: skip

claims = Table(
    "claims", metadata,
    Column("key", String(200), primary_key=True),
    Column("stream", Id, nullable=False),
    Index("claims_stream", "stream"),
    comment="Derived: what only one case may hold (a document number, a line of a round).",
)  # fmt: skip

lines = Table(
    "lines", metadata,
    Column("ref", String(120), primary_key=True),
    Column("filing", Id, nullable=False),
    Column("round", Id, nullable=False),
    Column("college", String(40), nullable=False),
    Column("major", String(40), nullable=False),
    Column("entry", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("route", String(40), comment="The receiving unit; none until the filing is routed."),
    Index("lines_state", "state", "ref"),
    Index("lines_round", "round", "state"),
    Index("lines_route", "round", "route", "state"),
    Index("lines_filing", "filing"),
    Index("lines_college", "college", "state"),
    Index("lines_major", "major"),
    comment="Derived: the lines of all submitted filings.",
)  # fmt: skip

officers = Table(
    "officers", metadata,
    Column("person", String(200), primary_key=True),
    Column("agency", Id, primary_key=True, comment="the stream of the agency"),
    comment="Derived: by which agencies somebody is named, as the holder of an office or as a delegate.",
)  # fmt: skip


def _of_a_letter() -> list[Column[Any]]:
    return [
        Column("stream", Id, nullable=False),
        Column("seq", Integer, nullable=False),
        Column("letter", String(60), nullable=False),
        Column("sender", String(40), nullable=False),
        Column("recipient", String(120), nullable=False),
        Column("document", String(40)),
        Column("status", String(12), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("problem", Text),
    ]


letters = Table(
    "letters", metadata,
    Column("id", String(200), primary_key=True, comment="stream/seq/letter/recipient: one letter has one id for ever"),
    *_of_a_letter(),
    Column("sent_at", String(32)),
    Column("again_at", String(32), nullable=False, comment="not to be tried before; real time, UTC; empty: at once"),
    Index("letters_due", "stream", "status"),
    Index("letters_post", "sender", "again_at", postgresql_where=text("status = 'due'"), sqlite_where=text("status = 'due'")),
    comment="How each letter stands: what `dispatches` says of it last.",
)  # fmt: skip

dispatches = Table(
    "dispatches", metadata,
    Column("position", BigKey, primary_key=True, autoincrement=True),
    Column("id", String(200), nullable=False, comment="of the letter"),
    *_of_a_letter(),
    Column("at", String(32), nullable=False, comment="legal time; empty: before this book was kept"),
    Index("dispatches_stream", "stream", "id", "position"),
    comment="The record: each letter when it fell due, and each outcome of sending it. Append-only.",
)  # fmt: skip

person_keys = Table(
    "person_keys", metadata,
    Column("person", String(80), primary_key=True),
    Column("key", LargeBinary, nullable=False),
    comment="One key a person. Destroying a row makes that person's data unreadable; the ledger still verifies.",
)  # fmt: skip

packs = Table(
    "packs", metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("body", Text, nullable=False),
    comment="Every pack version a case has pinned, by content hash. Append-only.",
)  # fmt: skip

attachments = Table(
    "attachments", metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("stored_at", String(32), nullable=False),
    comment="What lies in the file store, by content hash. Append-only.",
)  # fmt: skip

workers = Table(
    "workers", metadata,
    Column("queue", String(120), primary_key=True),
    Column("worker", String(80), primary_key=True),
    Column("since", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False, comment="real time, UTC"),
    comment="Which worker serves which queue, and when it was last heard of. Of the moment only; nothing rests on it.",
)  # fmt: skip

leaves = Table(
    "leaves", metadata,
    Column("leaf", BigKey, primary_key=True, autoincrement=False),
    Column("what", String(12), nullable=False, comment="event, act, pack, attachment"),
    Column("position", BigKey, comment="of the event or act"),
    Column("hash", String(64), comment="of the pack or attachment"),
    UniqueConstraint("what", "position", name="leaves_position"),
    UniqueConstraint("what", "hash", name="leaves_hash"),
    comment="The transparency log's order: which row is which leaf, from 0. Append-only.",
)  # fmt: skip

checkpoints = Table(
    "checkpoints", metadata,
    Column("size", BigKey, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False, comment="as signed by the log; cosignatures stand in the published files"),
    comment="Every checkpoint the log has signed. Append-only.",
)  # fmt: skip

runs = Table(
    "runs", metadata,
    Column("run", String(80), primary_key=True),
    Column("stream", Id, nullable=False),
    Column("workflow", String(200), nullable=False),
    Column("seen_at", String(32), nullable=False),
    Column("checked_at", String(32), nullable=False, comment="when it was last known to run: it read, or Temporal was asked"),
    Column("ended", String(20), comment="how it ended; `lost` when the server had forgotten it"),
    Column("history", String(64), comment="content hash of its compressed history in the file store"),
    Column("length", Integer, comment="events of that history"),
    Index("runs_stream", "stream"),
    Index("runs_open", "checked_at", postgresql_where=text("ended IS NULL"), sqlite_where=text("ended IS NULL")),
    comment="Every run of a process, noted when it first read the ledger; its history once it is over.",
)  # fmt: skip

APPEND_ONLY = ("events", "acts", "dispatches", "packs", "attachments", "leaves", "checkpoints", "logins")
NOT_THE_RECORD = {
    "workers": "which worker serves which queue at this moment; written anew every few seconds",
    "runs": "where the histories of processes lie; `audit replay` holds each history itself against the record, and a "
    "bundle carries what there is and says what is lacking",
    "accounts": "who may log in now; the account that acted stands in each act, and who held which office in the facts",
    "logins": "attempts to log in; an act names its account whether or not anybody logged in for it",
    "sessions": "who is logged in now; gone at the end of the session",
    "tokens": "which systems may act by the API now; what they did stands in the acts, under their office",
    "jottings": "what people keep for themselves: forms half filled in, saved views",
    "jobs": "long work begun on a page and what it found; it can be run again",
}
"""Tables that prove nothing of what was decided, told or destroyed, each with the reason; `audit verify` does not read them."""
