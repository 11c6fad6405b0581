"""Somebody with the database's superuser and the log's own key, who makes everything fit that these can make fit."""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, select, text, update

from domain.chain import GENESIS, canonical
from domain.chain import digest as chained
from domain.events import UnknownEvent
from records.rebuild import rebuild
from records.rows import chain_links
from records.schema import APPEND_ONLY, acts, checkpoints, dispatches, events, leaves, letters, streams
from tests.log.agencies import Agencies

CHAINS = ((events, "stream"), (acts, "subject"))


def unlock(engine: Engine) -> None:
    """No trigger stands in the way."""
    with engine.begin() as connection:
        for table in APPEND_ONLY:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))


def make_it_fit(agencies: Agencies, *, keep_cosigned: bool) -> None:
    """Chain, fold, number and sign everything anew; `keep_cosigned`: still show the last checkpoint that was cosigned."""
    with agencies.engine.begin() as connection:
        for table, by in CHAINS:
            _rechain(connection, table, by)
        alive = select(events.c.stream).distinct()
        connection.execute(delete(streams).where(streams.c.id.not_in(alive)))
        connection.execute(delete(leaves))
        connection.execute(delete(checkpoints))
    with suppress(UnknownEvent, ValueError, LookupError, AttributeError, TypeError):
        rebuild(
            agencies.engine
        )  # when what was changed no longer folds, the attacker has to leave the snapshots
    with agencies.engine.begin() as connection:
        beyond = streams.c.followed > streams.c.head
        connection.execute(update(streams).where(beyond).values(followed=streams.c.head))
    log = agencies.folder / "files" / "log"
    cosigned = (log / "checkpoint").read_bytes()
    shutil.rmtree(log)
    agencies.integrate()
    if keep_cosigned:
        (log / "checkpoint").write_bytes(cosigned)


def _rechain(connection: Connection, table: Table, by: str) -> None:
    rows = [
        dict(row)
        for row in connection.execute(
            select(table).order_by(table.c[by], table.c.seq, table.c.position)
        ).mappings()
    ]
    expected: dict[str, tuple[int, str]] = {}
    changed: list[dict[str, Any]] = []
    for row in rows:
        seq, previous = expected.get(row[by], (0, GENESIS))
        row |= {"seq": seq + 1, "previous": previous}
        ((_, record, _),) = chain_links(iter([row]))
        row["digest"] = chained(previous, record)
        expected[row[by]] = row["seq"], row["digest"]
        changed.append(row)
    # Aside first, so that renumbering meets no number that is still taken.
    connection.execute(update(table).values(seq=table.c.seq + 1_000_000))
    for row in changed:
        connection.execute(update(table).where(table.c.position == row["position"]).values(row))


def _row(connection: Connection, table: Table, *where: Any) -> dict[str, Any]:
    query = select(table).where(*where).order_by(table.c.position)
    return dict(connection.execute(query).mappings().all()[-1])


def cut_tail(connection: Connection) -> None:
    """The last acts and facts never happened."""
    for table, _ in CHAINS:
        newest = select(table.c.position).order_by(table.c.position.desc()).limit(5).scalar_subquery()
        connection.execute(delete(table).where(table.c.position.in_(newest)))


def drop_stream(connection: Connection) -> None:
    """A whole case never was."""
    stream = _row(connection, events, events.c.kind == "filing")["stream"]
    connection.execute(delete(events).where(events.c.stream == stream))
    connection.execute(delete(acts).where(acts.c.subject == stream))


def drop_refusal(connection: Connection) -> None:
    """Nobody was ever refused this."""
    row = _row(connection, acts, acts.c.outcome == "refused")
    connection.execute(delete(acts).where(acts.c.position == row["position"]))


def insert_act(connection: Connection) -> None:
    """An act is slipped in before others of its subject."""
    row = _row(connection, acts, acts.c.seq == 1, acts.c.subject.like("round-%"))
    last = _row(connection, acts)["position"]
    answer = canonical({**json.loads(row["answer"]), "command": "slipped-in"})
    connection.execute(update(acts).where(acts.c.subject == row["subject"]).values(seq=acts.c.seq + 1000))
    slipped = {**row, "position": last + 1, "command": "slipped-in", "seq": 1, "answer": answer}
    connection.execute(acts.insert().values(slipped))


def reorder(connection: Connection) -> None:
    """Two facts of a case change places."""
    row = _row(connection, events, events.c.kind == "round", events.c.seq == 1)
    both = (events.c.stream == row["stream"]) & events.c.seq.in_((1, 2))
    connection.execute(update(events).where(both).values(seq=1003 - events.c.seq))
    connection.execute(update(events).where(events.c.seq.in_((1001, 1002))).values(seq=events.c.seq - 1000))


def rewrite_chain(connection: Connection) -> None:
    """Another person did everything on one case."""
    stream = _row(connection, events, events.c.kind == "filing")["stream"]
    connection.execute(update(events).where(events.c.stream == stream).values(actor="filer@zh"))


def backdate(connection: Connection) -> None:
    """A decision was taken a month earlier."""
    row = _row(connection, events, events.c.kind == "approval")
    connection.execute(
        update(events)
        .where(events.c.position == row["position"])
        .values(legal_at="2026-01-01T00:00:00.000000Z")
    )


def tell_another(connection: Connection) -> None:
    """A letter went to somebody else, as book and table both say."""
    row = _row(connection, dispatches)
    for table in (dispatches, letters):
        connection.execute(update(table).where(table.c.id == row["id"]).values(recipient="filer@nobody"))


def never_told(connection: Connection) -> None:
    """There never was such a letter."""
    row = _row(connection, dispatches)
    for table in (dispatches, letters):
        connection.execute(delete(table).where(table.c.id == row["id"]))


ATTACKS: dict[str, Callable[[Connection], None]] = {
    "cut tail": cut_tail, "dropped stream": drop_stream, "dropped refusal": drop_refusal, "inserted act": insert_act,
    "reordered facts": reorder, "rewritten chain": rewrite_chain, "backdated": backdate,
    "told to another": tell_another, "never told": never_told,
}  # fmt: skip
