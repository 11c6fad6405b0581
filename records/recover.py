"""What came after the backup: the journal's rows, taken digest by digest, and what is known to be missing still.

Nothing is invented: a row is taken only when it continues its chain. What is known to have been there and is nowhere, by
the log's checkpoints, is named.
"""

import re
from dataclasses import dataclass, field
from itertools import batched

from sqlalchemy import Connection, Engine, func, select, text

from domain.chain import GENESIS
from domain.leaves import ACT, EVENT, LETTER, spoken_entry
from proof.checkpoint import read_checkpoint
from proof.note import NoteRefused
from proof.tiles import CHECKPOINT, WIDTH, TileReader, TileRefused
from records import journal
from records.dispatches import fall_due
from records.files import FileStore, PlainFolder
from records.journal import JournalBroken, Journaled
from records.keys import destroy_key
from records.leaves import SOURCES
from records.rebuild import rebuild
from records.rows import Row, standing
from records.schema import acts, checkpoints, dispatches, events, leaves, letters, person_keys
from records.sequencer import FOLDER as LOG
from records.sequencer import SIGNED
from records.statements import insert

_SEALED = re.compile(r'"person":"(p-[0-9a-f]{32})","sealed"')
_SOURCES = {source.what: source for source in SOURCES}
MOST = 200
"""So many missing rows are named; more are counted."""


@dataclass
class Recovered:
    """What was taken from the journal, and what is known to be missing still."""

    events: int = 0
    acts: int = 0
    kept: int = 0
    """Pack versions and attachments."""
    cases: set[str] = field(default_factory=set[str])
    letters_again: int = 0
    """Letters of recovered events of which nobody knows whether they went out: they go out (again), under the same id."""
    keys_lost: int = 0
    """Persons in recovered rows whose key was made after the backup: what is sealed under it stays sealed."""
    erased_again: int = 0
    size: int = 0
    """Leaves on record now."""
    log_size: int = 0
    """Leaves under the newest checkpoint found anywhere."""
    seen_at: str = ""
    missing: list[str] = field(default_factory=list[str])
    """Rows that the log names and that are nowhere, as far as its entries can be read."""


def recover(engine: Engine, store: FileStore, copies: dict[str, PlainFolder] | None = None) -> Recovered:
    """Take from the journal what the record lacks, then build the read models anew; say what is missing still.

    `copies`: the log as others keep it, by whose it is. Raises JournalBroken when a row contradicts the record: then
    nothing was taken.
    """
    found = Recovered()
    with engine.begin() as connection:
        size = _size(connection)
        heads: dict[tuple[str, str], tuple[int, str]] = {}
        caused: dict[str, Row] = {}
        for part in batched(journal.read(store.folder(journal.FOLDER), size), 500):
            _take(connection, list(part), heads, caused, found)
        found.size = _size(connection)
        _checkpoints(connection, store.folder(LOG), found.size)
        _numbering(connection)
        _letters(connection, caused, found)
    if found.events or found.acts:
        rebuild(engine)
    _missing(found, {"log": store.folder(LOG), **(copies or {})})
    return found


def _size(connection: Connection) -> int:
    newest = connection.execute(select(func.max(leaves.c.leaf))).scalar()
    return 0 if newest is None else newest + 1


def _take(
    connection: Connection,
    part: list[Journaled],
    heads: dict[tuple[str, str], tuple[int, str]],
    caused: dict[str, Row],
    found: Recovered,
) -> None:
    for what, source in _SOURCES.items():
        lines = [one for one in part if one.what == what]
        wanted = [one.row[source.key.name] for one in lines]
        there = {
            row[source.key.name]: dict(row)
            for row in connection.execute(select(source.table).where(source.key.in_(wanted))).mappings()
        }
        new = [one for one in lines if one.row[source.key.name] not in there]
        for one in lines:
            known = there.get(one.row[source.key.name])
            if known is not None and known != one.row:
                raise _contradiction(one)
        if what in (EVENT, ACT):
            for one in new:
                _continues(connection, one, heads)
        insert(connection, source.table, [one.row for one in new])
        if what == EVENT:
            found.events += len(new)
            found.cases |= {one.row["stream"] for one in new}
            caused |= {row["id"]: row for one in new for row in one.letters}
            _erase_again(connection, new, found)
        elif what == ACT:
            found.acts += len(new)
        elif what == LETTER:
            _standing_again(connection, {one.row["id"] for one in new})
        else:
            found.kept += len(new)
        _lost_keys(connection, new, found)
    places = [
        {
            "leaf": one.leaf,
            "what": one.what,
            "position": None,
            "hash": None,
            _SOURCES[one.what].known_by.name: one.row[_SOURCES[one.what].key.name],
        }
        for one in part
    ]
    insert(connection, leaves, places)


def _continues(connection: Connection, one: Journaled, heads: dict[tuple[str, str], tuple[int, str]]) -> None:
    """A row is the next one of its chain, or nothing is taken at all."""
    table, by = (events, "stream") if one.what == EVENT else (acts, "subject")
    key = (one.what, one.row[by])
    if key not in heads:
        last = (
            select(table.c.seq, table.c.digest).where(table.c[by] == one.row[by]).order_by(table.c.seq.desc())
        )
        row = connection.execute(last.limit(1)).first()
        heads[key] = (row.seq, row.digest) if row else (0, GENESIS)
    if (one.row["seq"] - 1, one.row["previous"]) != heads[key]:
        raise _contradiction(one)
    heads[key] = (one.row["seq"], one.row["digest"])


def _contradiction(one: Journaled) -> JournalBroken:
    return JournalBroken(
        f"第 {one.leaf} 叶与账册不符，未取任何一行",
        f"leaf {one.leaf} does not fit the record; nothing was taken",
    )


def _standing_again(connection: Connection, ids: set[str]) -> None:
    """How these letters stand, by the book of dispatches as far as it is back."""
    wanted = dispatches.c.id.in_(sorted(ids))
    book = connection.execute(select(dispatches).where(wanted).order_by(dispatches.c.position)).mappings()
    insert(connection, letters, standing(dict(row) for row in book).values(), replace=True)


def _letters(connection: Connection, caused: dict[str, Row], found: Recovered) -> None:
    """Letters of recovered facts: those that the recovered book does not know are entered in it as they stood."""
    ids = sorted(caused)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        query = select(letters.c.id, letters.c.status).where(letters.c.id.in_(part))
        there: dict[str, str] = {row.id: row.status for row in connection.execute(query)}
        found.letters_again += sum(status == "due" for status in there.values())
        for id_ in part:
            if id_ not in there:
                row = dict(caused[id_])
                at = row.pop("sent_at") or ""
                fall_due(connection, [row], at)
                if row["status"] == "sent":
                    connection.execute(letters.update().where(letters.c.id == id_).values(sent_at=at))
                found.letters_again += row["status"] == "due"


def _erase_again(connection: Connection, new: list[Journaled], found: Recovered) -> None:
    """A key that was destroyed after the backup was made is destroyed again."""
    for one in new:
        if one.row["type"] == "PersonErased" and (
            person := re.search(r'"person":"([^"]+)"', one.row["data"])
        ):
            destroy_key(connection, person[1])
            found.erased_again += 1


def _lost_keys(connection: Connection, new: list[Journaled], found: Recovered) -> None:
    said = (str(one.row.get(name, "")) for one in new for name in ("data", "body"))
    people = {person for value in said for person in _SEALED.findall(value)}
    for part in batched(sorted(people), 500):
        kept = set(
            connection.execute(select(person_keys.c.person).where(person_keys.c.person.in_(part))).scalars()
        )
        found.keys_lost += len(set(part) - kept)


def _checkpoints(connection: Connection, published: PlainFolder, size: int) -> None:
    """What the log had signed over the recovered leaves is on record again, so that it is continued."""
    newest = connection.execute(select(func.max(checkpoints.c.size))).scalar() or 0
    for name in published.names("checkpoints"):
        if name.isdecimal() and newest < int(name) <= size:
            note, checkpoint = read_checkpoint(published.get(f"checkpoints/{name}"))
            own = [line for line in note.signatures if line.name == checkpoint.origin]
            signed = type(note)(note.text, tuple(own)).encode().decode()
            connection.execute(checkpoints.insert().values(size=checkpoint.size, note=signed))


def _numbering(connection: Connection) -> None:
    """New rows are numbered after the recovered ones; SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        for table in ("events", "acts", "dispatches"):
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'position'), max(position)) FROM {table}"
                )
            )


def _missing(found: Recovered, logs: dict[str, PlainFolder]) -> None:
    """What the newest checkpoint anywhere counts beyond the record, by name where its entries can be read."""
    for whose, folder in logs.items():
        for name in (SIGNED, CHECKPOINT):
            try:
                size = read_checkpoint(folder.get(name))[1].size
            except (FileNotFoundError, NoteRefused):
                continue
            if size > found.log_size:
                found.log_size, found.seen_at = size, whose
    if found.log_size <= found.size:
        return
    reader = TileReader(logs[found.seen_at].get, found.log_size)
    for index in range(found.size // WIDTH, -(-found.log_size // WIDTH)):
        try:
            entries = reader.entries(index)
        except (FileNotFoundError, TileRefused):
            return
        found.missing += [spoken_entry(e) for e in entries[max(0, found.size - index * WIDTH) :]]
        if len(found.missing) > MOST:
            return
