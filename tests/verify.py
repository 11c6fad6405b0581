"""What must hold of a record at any time: it is what its events say, and every chain verifies up to its head."""

from typing import Any

from sqlalchemy import Connection, select

from domain.chain import GENESIS, first_break
from domain.kinds import fold
from records.projection import TABLES, Row, Rows, project
from records.rows import chain_links, fact
from records.schema import acts, events, streams
from records.world import revive


def faults(connection: Connection) -> list[str]:
    """What does not hold of a record: snapshots and read models against the events, chains against their heads."""
    wrong = broken_chains(connection)
    history: dict[str, list[Row]] = {}
    for row in connection.execute(select(events).order_by(events.c.stream, events.c.seq)).mappings():
        history.setdefault(row["stream"], []).append(dict(row))
    expected: Rows = {name: {} for name in TABLES}
    for row in connection.execute(select(streams)).mappings():
        id_ = row["id"]
        kept = revive(id_, (row["head"], row["kind"], row["state"]))
        told = fold(history[id_][0]["kind"], id_, [fact(entry) for entry in history[id_]])
        if kept != told or kept.view() != told.view():
            wrong.append(f"{id_} is not what its events say")
        if (row["stage"], row["final"], row["round"]) != (told.stage, told.final, told.round):
            wrong.append(f"{id_} is listed otherwise than it is")
        for name, rows in project(told).items():
            expected[name].update(rows)
    for name, table in TABLES.items():
        keys = [column.name for column in table.primary_key.columns]
        found = {tuple(r[k] for k in keys): dict(r) for r in connection.execute(select(table)).mappings()}
        if found != expected[name]:
            wrong.append(f"{name} is not what the events say")
    return wrong


def broken_chains(connection: Connection) -> list[str]:
    """Streams whose chain of events or of acts does not verify, or does not end at the head that is kept for it."""
    found: list[str] = []
    heads = {row["id"]: dict(row) for row in connection.execute(select(streams)).mappings()}
    for table, key, number, head, last in (
        (events, "stream", "seq", "head", "digest"),
        (acts, "subject", "seq", "acts_head", "acts_digest"),
    ):
        chains: dict[str, list[dict[str, Any]]] = {id_: [] for id_ in heads}
        for row in connection.execute(select(table).order_by(table.c[number])).mappings():
            chains.setdefault(row[key], []).append(dict(row))
        for id_, rows in chains.items():
            kept = heads.get(id_, {head: 0, last: GENESIS})
            broken = first_break(chain_links(rows))
            if broken is not None:
                found.append(f"{table.name} of {id_}: {broken + 1}")
            elif (len(rows), rows[-1]["digest"] if rows else GENESIS) != (kept[head], kept[last]):
                found.append(f"{table.name} of {id_}: the end")
    return found
