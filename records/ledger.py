"""Writing to the record: one act, with its events, read models and letters, in one transaction, or nothing at all."""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from domain.actors import Actor
from domain.case import Case
from domain.cases.filing import DRAFT_STAGES, Filing
from domain.cases.remedy_facts import PostRetried
from domain.chain import GENESIS, canonical, digest
from domain.files import Added, Files
from domain.kinds import DRIVEN
from domain.moments import stamp
from domain.steering import steering
from records.dispatches import due_again, fall_due
from records.engine import from_here_on_writing
from records.projection import Row, apply_changes, project, stream_row
from records.schema import acts, events, streams
from records.statements import insert, marks, run, update
from records.world import Cached, LedgerWorld, Standing

POST = "post/"
"""Before an agency's id: its post, among the processes that have news."""


class Moved(Exception):
    """A stream that the decision rests on moved on meanwhile; decide again."""

    def __init__(self, ids: list[str], locked: list[str]) -> None:
        self.ids = ids
        self.locked = locked
        """All streams of the act, the moved ones among them."""
        super().__init__(", ".join(ids))


class Head(NamedTuple):
    """Where a stream's two chains stand."""

    head: int = 0
    digest: str = GENESIS
    acts_head: int = 0
    acts_digest: str = GENESIS
    recorded_at: str = ""
    followed: int = 0


UNWRITTEN = Head()
"""Of a stream that this act opens."""


@dataclass(frozen=True)
class Written:
    """What a transaction added: the answer, and which processes have news."""

    answer: dict[str, Any]
    heads: dict[str, int]
    states: dict[str, Cached]
    stand: list[Standing]
    """The touched cases, for whoever acts on them next."""


class Entry:
    """One act on its way into the ledger."""

    def __init__(self, connection: Connection, world: LedgerWorld, files: Files, subject: str) -> None:
        self.connection, self.world, self.files, self.subject = connection, world, files, subject
        self.heads = self._check_heads()
        self.event_rows: list[Row] = []

    def _check_heads(self) -> dict[str, Head]:
        """Lock the streams this act rests on, in id order, and see that none moved since it was read."""
        files, shared = self.files, self.world.shared_ids
        existing = [
            c for c in files.seen.values() if not (c.id in files.touched and self.world.before[c.id] == {})
        ]
        from_here_on_writing(self.connection)
        locked = sorted({c.id for c in existing if c.id not in shared} | {self.subject})
        read = sorted(shared - {self.subject})
        rows = run(
            self.connection,
            _heads_sql(self.connection.dialect.name, len(locked), len(read)),
            [*locked, *read],
        )
        heads = {row[0]: Head(*row[1:]) for row in rows}
        added: dict[str, int] = {}
        for fact in files.added:
            added[fact.stream] = added.get(fact.stream, 0) + 1
        moved = [c.id for c in existing if c.seq - added.get(c.id, 0) != heads.get(c.id, UNWRITTEN).head]
        if moved:
            raise Moved(moved, sorted({*locked, *moved}))
        return heads

    def events(self, calendar: str) -> list[str]:
        """Chain and number the facts; returns their ids."""
        latest = {id_: (head.head, head.digest, head.recorded_at) for id_, head in self.heads.items()}
        for fact in self.files.added:
            seq, previous, before = latest.get(fact.stream, (0, GENESIS, ""))
            recorded = max(stamp(self.files.now), stamp(fact.moment.at), before)
            row = event_row(
                fact, seq + 1, recorded, self.files.command.by, self.files.command.id, calendar, previous
            )
            latest[fact.stream] = (row["seq"], row["digest"], recorded)
            self.event_rows.append(row)
        if self.event_rows:
            insert(self.connection, events, self.event_rows)
        self.latest = latest
        return [f"{row['stream']}#{row['seq']}" for row in self.event_rows]

    def act(self, body: str, body_mac: str, outcome: str, code: str | None, answer: dict[str, Any]) -> str:
        """Chain the act itself, done or refused, on its subject. Returns the digest that its receipt carries."""
        head = self.heads.get(self.subject, UNWRITTEN)
        row: Row = {
            "command": self.files.command.id,
            "subject": self.subject,
            "seq": head.acts_head + 1,
            "act": self.files.command.act[:40],
            "actor": str(self.files.command.by),
            "case_id": (self.files.command.case or "")[:200] or None,
            "legal_at": stamp(self.files.now),
            "body": body,
            "body_mac": body_mac,
            "outcome": outcome,
            "code": code,
            "answer": canonical(answer),
        }
        own = digest(head.acts_digest, canonical(row))
        insert(self.connection, acts, [{**row, "previous": head.acts_digest, "digest": own}])
        self.act_digest = own
        return own

    def finish(self, letter_rows: list[Row]) -> Written:
        """Bring heads, snapshots and read models up to the new facts."""
        touched = {fact.stream for fact in self.files.added}
        new: list[Row] = []
        old: list[Row] = []
        states: dict[str, Cached] = {}
        stand: list[Standing] = []
        wake: dict[str, int] = {}
        for id_ in sorted(touched):
            file = self.files.seen[id_]
            row = self._stream_row(file)
            states[id_] = (row["head"], row["kind"], row["state"])
            stand.append(Standing(file, project(file), steering(file)))
            followed = self._followed(stand[-1], row["head"])
            if followed < row["head"]:
                wake[id_] = row["head"]
            (old if self.world.before[id_] else new).append({**row, "followed": followed})
        insert(self.connection, streams, new)
        update(self.connection, streams, old)
        if self.subject not in touched:
            head = self.heads[self.subject]
            row = {"id": self.subject, "acts_head": head.acts_head + 1, "acts_digest": self.act_digest}
            update(self.connection, streams, [row])
        apply_changes(
            self.connection,
            [(self.world.before[now.case.id], now.rows) for now in stand],
        )
        fall_due(self.connection, letter_rows, stamp(self.files.now))
        senders = {row["sender"] for row in letter_rows}
        for fact in self.files.added:
            if isinstance(fact.event, PostRetried):
                senders |= due_again(self.connection, fact.stream, stamp(self.files.now))
        return Written({}, wake | {f"{POST}{sender}": 0 for sender in senders}, states, stand)

    def _stream_row(self, file: Case) -> Row:
        seq, chained, recorded = self.latest[file.id]
        head = self.heads.get(file.id, UNWRITTEN)
        own = file.id == self.subject
        return {
            "id": file.id,
            **stream_row(file),
            "head": seq,
            "digest": chained,
            "acts_head": head.acts_head + own,
            "acts_digest": self.act_digest if own else head.acts_digest,
            "recorded_at": recorded,
        }

    def _followed(self, now: Standing, head: int) -> int:
        """Up to which fact the process has read, or has nothing to do about: no process follows registers, drafts, or what
        was final before, and facts that steer nothing wait for the next news.
        """
        file = now.case
        drafting = isinstance(file, Filing) and (
            file.stage in DRAFT_STAGES or (file.final and not file.lines)
        )
        before = self.world.steering.get(file.id)
        if file.kind not in DRIVEN or drafting or (before and before.final):
            return head
        had = self.heads.get(file.id, UNWRITTEN)
        summoned = any(fact.event.summons for fact in self.files.added if fact.stream == file.id)
        news = summoned or had.followed < had.head or before != now.steering
        return had.followed if news else head


def lock_streams(connection: Connection, ids: list[str]) -> None:
    """Wait for these streams, in id order. SQLite's one writer has them all."""
    from_here_on_writing(connection)
    if connection.dialect.name == "postgresql":
        run(connection, f"SELECT id FROM streams WHERE id IN ({marks(len(ids))}) ORDER BY id FOR UPDATE", ids)


@cache
def _heads_sql(dialect: str, locked: int, read: int) -> str:
    """Heads of the streams to lock (in id order) and of those only to be checked, in one statement."""
    columns = "id, head, digest, acts_head, acts_digest, recorded_at, followed"
    if dialect == "sqlite":  # its one writer holds the lock already
        return f"SELECT {columns} FROM streams WHERE id IN ({marks(locked + read)})"
    lock = f"SELECT {columns} FROM streams WHERE id IN ({marks(locked)}) ORDER BY id FOR UPDATE"
    if not read:
        return lock
    return f"WITH own AS MATERIALIZED ({lock}) SELECT * FROM own UNION ALL SELECT {columns} FROM streams WHERE id IN ({marks(read)})"


def event_row(
    fact: Added, seq: int, recorded: str, actor: Actor, command: str, calendar: str, previous: str
) -> Row:
    """One event as it is written and hashed: every column but its own digest and position is under the digest."""
    row: Row = {
        "stream": fact.stream,
        "kind": fact.kind,
        "seq": seq,
        "type": type(fact.event).__name__,
        "version": fact.event.version,
        "legal_at": stamp(fact.moment.at),
        "recorded_at": recorded,
        "actor": str(actor),
        "act": fact.moment.act,
        "command": command,
        "pack": fact.pack,
        "calendar": calendar,
        "data": canonical(fact.event.model_dump(mode="json")),
    }
    return {**row, "digest": digest(previous, canonical(row)), "previous": previous}
