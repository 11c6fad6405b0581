"""Reading the record back: a stream's events as facts that can be folded again."""

import json
from bisect import bisect_right
from collections.abc import Iterable

from sqlalchemy import Connection, select, tuple_

from domain.case import Case
from domain.events import Event, Moment
from domain.kinds import fold
from records.rows import Row, fact
from records.schema import acts, events, streams
from records.statements import dicts
from records.world import Cached, revive


def facts(
    connection: Connection, stream: str, until: int | None = None
) -> tuple[str, list[tuple[Event, Moment]]]:
    """The kind of a stream and its facts in order, up to an event number. Raises LookupError for an unknown stream."""
    query = select(events).where(events.c.stream == stream).order_by(events.c.seq)
    if until is not None:
        query = query.where(events.c.seq <= until)
    rows = dicts(connection.execute(query))
    if not rows:
        raise LookupError(stream)
    return rows[0]["kind"], [fact(row) for row in rows]


class Past:
    """Facts and cases as they stood when an act had been done, for several readers within one transaction.

    Each row is read once. A case that has not moved since is taken from its snapshot, any other is folded from its
    facts; either is shared: nobody may change it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._facts: dict[tuple[str, int], tuple[Row, int]] = {}
        self._first: int | None = None
        """The lowest position among these: what has not moved since then is as its snapshot says."""
        self._snapshots: dict[str, Cached] = {}
        self._moved_at: dict[str, int] = {}
        self._histories: dict[str, list[Row]] = {}
        self._cases: dict[tuple[str, int], Case] = {}

    def prepare(self, facts_: Iterable[tuple[str, int]], ids: Iterable[str] = ()) -> None:
        """Read these facts (stream, number) and what there is of their streams, and of other cases, at once."""
        self._read_facts([key for key in dict.fromkeys(facts_) if key not in self._facts])
        self._read_snapshots([id_ for id_ in dict.fromkeys(ids) if id_ not in self._moved_at])

    def fact(self, stream: str, seq: int) -> tuple[Row, int]:
        """A fact's row, and the position of the last fact of its act."""
        self.prepare([(stream, seq)])
        return self._facts[stream, seq]

    def of_same_act(self, row: Row) -> list[Row]:
        """All facts of the act that a fact came about by, in their order."""
        keys = _of_act(row)
        self.prepare(keys)
        return [self._facts[key][0] for key in keys]

    def case(self, id_: str, position: int) -> Case | None:
        """A case as it stood at a position of the ledger; None when it had not begun."""
        self.prepare([], [id_])
        if not (moved := self._moved_at[id_]):
            return None
        head, kind, _ = self._snapshots[id_]
        seq = head if moved <= position else self._seq_at(id_, position)
        if seq and (id_, seq) not in self._cases:
            self._cases[id_, seq] = (
                revive(id_, self._snapshots[id_])
                if seq == head
                else fold(kind, id_, (fact(row) for row in self._histories[id_][:seq]))
            )
        return self._cases.get((id_, seq))

    def _seq_at(self, id_: str, position: int) -> int:
        self._read_histories([id_])
        return bisect_right(self._histories[id_], position, key=lambda row: row["position"])

    def _read_facts(self, keys: list[tuple[str, int]]) -> None:
        if not keys:
            return
        query = select(events, acts.c.answer).join(acts, acts.c.command == events.c.command, isouter=True)
        query = query.where(tuple_(events.c.stream, events.c.seq).in_(keys))
        rows = dicts(self._connection.execute(query))
        last = {(row["stream"], row["seq"]): _of_act(row)[-1] for row in rows}
        ends = select(events.c.stream, events.c.seq, events.c.position)
        ends = ends.where(tuple_(events.c.stream, events.c.seq).in_(sorted(set(last.values()))))
        positions = {(stream, seq): at for stream, seq, at in self._connection.execute(ends)}
        for row in rows:
            key = row["stream"], row["seq"]
            self._facts[key] = row, positions[last[key]]
        found = [*positions.values(), *([] if self._first is None else [self._first])]
        self._first = min(found, default=None)

    def _read_snapshots(self, ids: list[str]) -> None:
        if not ids:
            return
        head = (events.c.stream == streams.c.id) & (events.c.seq == streams.c.head)
        columns = (streams.c.id, streams.c.head, streams.c.kind, streams.c.state, events.c.position)
        query = select(*columns).join(events, head).where(streams.c.id.in_(ids))
        self._moved_at |= dict.fromkeys(ids, 0)
        for id_, seq, kind, state, position in self._connection.execute(query):
            self._snapshots[id_], self._moved_at[id_] = (seq, kind, state), position
        if (first := self._first) is not None:
            self._read_histories([id_ for id_ in ids if self._moved_at[id_] > first])

    def _read_histories(self, ids: list[str]) -> None:
        if ids := [id_ for id_ in ids if id_ not in self._histories]:
            query = select(events).where(events.c.stream.in_(ids)).order_by(events.c.stream, events.c.seq)
            self._histories |= {id_: [] for id_ in ids}
            for row in dicts(self._connection.execute(query)):
                self._histories[row["stream"]].append(row)


def _of_act(row: Row) -> list[tuple[str, int]]:
    """Stream and number of the facts of an act, in the order in which its answer names them."""
    if row["answer"] is None:  # no act: part of the founding
        return [(row["stream"], row["seq"])]
    named = (id_.rpartition("#") for id_ in json.loads(row["answer"])["events"])
    return [(stream, int(seq)) for stream, _, seq in named]
