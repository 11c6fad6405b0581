"""The ledger as it stood just before an act, so that the act can be decided again (domain.world.World)."""

from collections.abc import Iterable
from typing import Protocol

from audit.dossier import Row
from domain.calendars import revision_of
from domain.case import Case
from domain.cases.filing import DRAFT_STAGES, Filing
from domain.kinds import KINDS
from domain.world import World
from records.rows import fact


class Source(Protocol):
    """Where past events come from: the ledger, or the part of it that a bundle holds."""

    def events(self, ids: list[str]) -> dict[str, list[Row]]:
        """The events of these streams in order; unknown streams are left out."""
        ...

    def claimants(self, claim: str) -> list[str]:
        """Streams that may at some time have held a claim that begins so."""
        ...

    def of_kind(self, kind: str, round_: str | None = None) -> list[str]:
        """Streams of a kind, or of a round, oldest first."""
        ...

    def concerning(self, person: str) -> list[str]:
        """Streams that hold sealed data of a person."""
        ...

    def attachment(self, digest: str) -> bool:
        """Whether a stored attachment has this content hash."""
        ...


class PastWorld(World):
    """What a desk could see before a position of the ledger. Positions must be visited in order: it only goes forward."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows: dict[str, list[Row]] = {}
        self._folded: dict[str, tuple[int, Case]] = {}
        self.before = 0
        self.unknown: set[str] = set()
        """What was asked for and no record of the past can tell."""
        self.absent: set[str] = set()
        """Streams that were asked for and had not begun, or are not in the source."""

    def at(self, position: int) -> "PastWorld":
        """The same world just before this position."""
        if position < self.before:
            raise ValueError("the past is walked forward")
        self.before, self.absent, self.unknown = position, set(), set()
        return self

    def load(self, ids: Iterable[str]) -> dict[str, Case]:
        wanted = list(ids)
        missing = [i for i in wanted if i not in self._rows]
        if missing:
            found = self._source.events(missing)
            self._rows.update({i: found.get(i, []) for i in missing})
        cases = {id_: case for id_ in wanted if (case := self._case(id_)) is not None}
        self.absent |= set(wanted) - cases.keys()
        return {id_: case.model_copy(deep=True) for id_, case in cases.items()}

    def _case(self, id_: str) -> Case | None:
        rows = self._rows[id_]
        if not rows or rows[0]["position"] >= self.before:
            return None
        done, case = self._folded.get(id_) or (0, KINDS[rows[0]["kind"]](id=id_))
        while done < len(rows) and rows[done]["position"] < self.before:
            case.apply(*fact(rows[done]))
            done += 1
        self._folded[id_] = (done, case)
        return case

    def holders(self, keys: Iterable[str]) -> dict[str, str]:
        return {key: held[key] for key in keys if key in (held := self.claimed(key))}

    def claimed(self, prefix: str) -> dict[str, str]:
        cases = self.load(self._source.claimants(prefix))
        return {
            key: id_ for id_, case in cases.items() for key in sorted(case.claims()) if key.startswith(prefix)
        }

    def filings(self, round_id: str) -> tuple[bool, bool]:
        cases = self._all("filing", round_id)
        submitted = [case for case in cases if case.stage != "draft"]
        return bool(submitted), any(not case.final for case in submitted)

    def filings_in_flight(self, college: str) -> list[str]:
        return sorted(f.id for f in self._filings() if f.college == college and f.live())

    def lines_in(self, rounds: Iterable[str], state: str | None, limit: int | None) -> list[str]:
        wanted = set(rounds)
        found = [
            (str(f.opened_at), f"{f.id}/{line.id}")
            for f in self._filings()
            if f.round in wanted
            for line in (f.in_state(state) if state else f.lines.values())
        ]
        return [ref for _, ref in sorted(found)][:limit]

    def awarded(self, college: str, major: str) -> list[str]:
        return sorted(
            f"{f.id}/{line.id}"
            for f in self._filings()
            if f.college == college
            for line in f.in_state("announced")
            if line.major == major
        )

    def outdated(self, years: set[int], revision: int, limit: int) -> list[str]:
        found: list[str] = []
        for kind in KINDS:
            for case in self._all(kind):
                touched = any(
                    d.period.amount
                    and d.start.year - 1 <= year <= d.date.year + 1
                    and revision_of(d.calendar) < revision
                    for d in case.deadlines.values()
                    for year in years
                )
                found += [case.id] if touched and not case.final else []
        return sorted(found)[:limit]

    def undelivered(self, stream: str) -> int:
        self.unknown.add(f"{stream} 的信件状态 / what became of its letters")  # it is no fact of the ledger
        return 0

    def concerning(self, person: str) -> list[str]:
        return sorted(self.load(self._source.concerning(person)))

    def attachment(self, digest: str) -> bool:
        return self._source.attachment(digest)

    def _filings(self) -> list[Filing]:
        return [f for f in self._all("filing") if isinstance(f, Filing) and f.stage not in DRAFT_STAGES]

    def _all(self, kind: str, round_: str | None = None) -> list[Case]:
        return list(self.load(self._source.of_kind(kind, round_)).values())
