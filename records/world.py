"""The ledger as a desk sees it (domain.world.World): cases by id, who holds what, which lines are ready."""

import re
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, or_, select

from domain.case import Case
from domain.cases.filing import FINAL_LINE
from domain.kinds import KINDS
from domain.steering import Steering, steering
from domain.world import World
from records.dispatches import unsent
from records.projection import Rows, project
from records.schema import attachments, deadlines, events, letters, lines, streams
from records.statements import marks, run

SHARED = frozenset({"agency", "calendar", "expert", "routing", "policy", "suspensions"})
"""Reference data that nearly every act reads and hardly any writes: one parsed copy serves all, its head is checked."""

Cached = tuple[int, str, str]
"""Head, kind, state as JSON."""
KEPT_WHOLE, LARGEST_WHOLE = 200, 20_000
"""Cases that were acted on last are kept as they stand, beside their JSON: so many, of at most so many characters of it."""


class Standing(NamedTuple):
    """A case as an act left it, with what a next act would work out first. Whoever takes it has it alone."""

    case: Case
    rows: Rows
    steering: Steering


class Cache:
    """Folded states by stream, as last seen by this process. Every use is checked against the ledger's head."""

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._states: OrderedDict[str, Cached] = OrderedDict()
        self._parsed: dict[str, Case] = {}
        self._whole: OrderedDict[str, Standing] = OrderedDict()
        self._lock = Lock()

    def get(self, id_: str) -> Cached | None:
        """The state last seen."""
        with self._lock:
            found = self._states.get(id_)
            if found:
                self._states.move_to_end(id_)
            return found

    def put(self, id_: str, cached: Cached) -> None:
        """Keep a state, forgetting the one longest unused."""
        with self._lock:
            self._states[id_] = cached
            self._parsed.pop(id_, None)
            if len(self._states) > self._size:
                self._states.popitem(last=False)

    def give(self, standing: Standing) -> None:
        """Leave a case for the next act, which need not read it from JSON; the giver must not touch it again."""
        id_ = standing.case.id
        with self._lock:
            if (cached := self._states.get(id_)) and len(cached[2]) <= LARGEST_WHOLE:
                self._whole[id_] = standing
            if len(self._whole) > KEPT_WHOLE:
                self._whole.popitem(last=False)

    def take(self, id_: str, head: int) -> Standing | None:
        """The case as it stands at this head, if it was left here; nobody else gets it then."""
        with self._lock:
            standing = self._whole.pop(id_, None)
        return standing if standing and standing.case.seq == head else None

    def drop(self, ids: Iterable[str]) -> None:
        """Forget states that turned out to be out of date."""
        with self._lock:
            for id_ in ids:
                for kept in (self._states, self._parsed, self._whole):
                    kept.pop(id_, None)

    def shared(self, id_: str, cached: Cached) -> Case:
        """One parsed copy for all readers; nobody may change it."""
        case = self._parsed.get(id_)
        if case is None:
            case = self._parsed[id_] = revive(id_, cached)
        return case


def revive(id_: str, cached: Cached) -> Case:
    """A case from its snapshot."""
    head, kind, state = cached
    case = KINDS[kind].model_validate_json(state)
    if case.id != id_ or case.seq != head:
        raise ValueError(f"snapshot of {id_} does not belong to it")
    return case


class NeedsCopy(Exception):
    """The act changes shared reference data of this kind: decide it again with a copy of its own."""


class LedgerWorld(World):
    """Reads within one transaction. `writes` names shared kinds that this act changes, and so gets copies of."""

    def __init__(self, connection: Connection, cache: Cache, writes: frozenset[str] = frozenset()) -> None:
        self._connection, self._cache = connection, cache
        self._shared = SHARED - writes
        self.shared_ids: set[str] = set()
        self.taken: dict[str, Standing] = {}
        self.before: dict[str, Rows] = {}
        self.steering: dict[str, Steering] = {}

    def note(self, case: Case) -> None:
        """Remember what stood in the read models before a case's first new fact."""
        if case.id in self.shared_ids:
            raise NeedsCopy(case.kind)
        if standing := self.taken.pop(case.id, None):
            self.before[case.id], self.steering[case.id] = standing.rows, standing.steering
        elif case.seq:
            self.before[case.id] = project(case)
            self.steering[case.id] = steering(case)
        else:
            self.before[case.id] = {}

    def load(self, ids: Iterable[str]) -> dict[str, Case]:
        found: dict[str, Cached] = {}
        missing: list[str] = []
        for id_ in ids:
            if cached := self._cache.get(id_):
                found[id_] = cached
            else:
                missing.append(id_)
        for start in range(0, len(missing), 500):
            part = missing[start : start + 500]
            sql = f"SELECT id, head, kind, state FROM streams WHERE id IN ({marks(len(part))})"
            for id_, head, kind, state in run(self._connection, sql, part):
                found[id_] = (head, kind, state)
                self._cache.put(id_, found[id_])
        return {id_: self._open(id_, cached) for id_, cached in found.items()}

    def _open(self, id_: str, cached: Cached) -> Case:
        if cached[1] in self._shared:
            self.shared_ids.add(id_)
            return self._cache.shared(id_, cached)
        if standing := self._cache.take(id_, cached[0]):
            self.taken[id_] = standing
            return standing.case
        return revive(id_, cached)

    def holders(self, keys: Iterable[str]) -> dict[str, str]:
        wanted = list(keys)
        if not wanted:
            return {}
        found: dict[str, str] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            sql = f"SELECT key, stream FROM claims WHERE key IN ({marks(len(part))})"
            found.update((key, stream) for key, stream in run(self._connection, sql, part))
        return found

    def claimed(self, prefix: str) -> dict[str, str]:
        like = re.sub(r"([%_/])", r"/\1", prefix) + "%"
        return dict(
            run(self._connection, "SELECT key, stream FROM claims WHERE key LIKE ? ESCAPE '/'", [like])
        )

    def filings(self, round_id: str) -> tuple[bool, bool]:
        submitted = exists().where(
            streams.c.round == round_id, streams.c.kind == "filing", streams.c.stage != "draft"
        )
        any_, unfinished = self._connection.execute(
            select(submitted, submitted.where(~streams.c.final))
        ).one()
        return any_, unfinished

    def filings_in_flight(self, college: str) -> list[str]:
        live = lines.c.state.not_in(FINAL_LINE)
        query = (
            select(lines.c.filing).where(lines.c.college == college, live).distinct().order_by(lines.c.filing)
        )
        return list(self._connection.execute(query).scalars())

    def lines_in(self, rounds: Iterable[str], state: str | None, limit: int | None) -> list[str]:
        query = (
            select(lines.c.ref)
            .join(streams, streams.c.id == lines.c.filing)
            .where(lines.c.round.in_(list(rounds)), *([lines.c.state == state] if state else []))
            .order_by(streams.c.opened_at, lines.c.ref)
            .limit(limit)
        )
        return [ref for (ref,) in self._connection.execute(query)]

    def awarded(self, college: str, major: str) -> list[str]:
        query = select(lines.c.ref).where(
            lines.c.college == college, lines.c.major == major, lines.c.state == "announced"
        )
        return sorted(self._connection.execute(query).scalars())

    def outdated(self, years: set[int], revision: int, limit: int) -> list[str]:
        touched = [
            (deadlines.c.first_year <= year) & (deadlines.c.last_year >= year) for year in sorted(years)
        ]
        if not touched:
            return []
        query = (
            select(deadlines.c.case_id)
            .where(deadlines.c.open, deadlines.c.calendar < revision, or_(*touched))
            .distinct()
            .order_by(deadlines.c.case_id)
            .limit(limit)
        )
        return [id_ for (id_,) in self._connection.execute(query)]

    def undelivered(self, stream: str) -> int:
        of_it = (letters.c.stream == stream) & unsent()
        return self._connection.execute(select(func.count()).where(of_it)).scalar_one()

    def concerning(self, person: str) -> list[str]:
        said = events.c.data.contains(f'"person":"{person}","sealed"', autoescape=True)
        query = select(events.c.stream).where(said).distinct().order_by(events.c.stream)
        return list(self._connection.execute(query).scalars())

    def attachment(self, digest: str) -> bool:
        query = select(attachments.c.sha256).where(attachments.c.sha256 == digest)
        return self._connection.execute(query).first() is not None
