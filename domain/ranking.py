"""Who comes before whom in a funded selection (001 专栏4-2): by score, by the published chain, and by lot where these end.

Pure arithmetic over what the panels gave. It says the same whoever computes it, and anybody can compute it again: the
key of a lot is the SHA-256 of `source`, `value` and the lot's number on three lines, and lower keys come first.
"""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Literal

from pydantic import BaseModel

Standing = Literal["selected", "reserve", "unselected", "drawing"]
"""selected: it has a place · reserve: it takes one that falls free · drawing: only the lot can say."""
BY_SCORE, BY_LOT, SHARED, BY_LIST = "score", "draw", "shared", "list"


class Candidate(BaseModel, frozen=True):
    """One line that is to be ranked, with its marks: averages of the valid experts, two decimals."""

    ref: str
    score: Decimal
    marks: dict[str, Decimal]
    """The criteria of the tie chain, in its order."""
    place: int | None = None
    """Its place in the ranking that was published before, where it had one."""
    lot: int | None = None
    """Its lot in the draw that is still to come: it keeps it whoever else leaves, or the number could be steered."""

    @property
    def merit(self) -> tuple[Decimal, ...]:
        """What compares it with others: the larger, the better."""
        return (self.score, *self.marks.values())


class Ranked(BaseModel, frozen=True):
    """Where a line stands in the ranking, and what put it there."""

    ref: str
    place: int
    score: str
    marks: dict[str, str]
    by: str
    """What parts it from the line before: the score, a criterion of the chain, the draw, the published list; or nothing
    (`shared`: both have the place)."""
    lot: int | None = None
    key: str | None = None
    standing: Standing


def key_of(source: str, value: str, lot: int) -> str:
    """The key of a lot, in hex: the same for everybody who knows what was announced and what was drawn."""
    return hashlib.sha256(f"{source}\n{value}\n{lot}".encode()).hexdigest()


def rank(
    candidates: Iterable[Candidate], places: int, reserve: int, others: Iterable[tuple[Decimal, ...]] = (),
    drawn: tuple[str, str] | None = None,
) -> list[Ranked]:  # fmt: skip
    """All candidates in order, the first `places` selected, the next `reserve` on the list.

    Candidates come in the order in which they were submitted; that is the order of their lots, and nothing else. Equal
    ones share a place; where it matters who is first (the last place, the reserve list) they stand as `drawing`, until
    `drawn` (source and value) is known. `others` are merits of lines ranked before, so that places go on counting.
    """
    wanted = list(candidates)
    unknown = 1 + max((c.place for c in wanted if c.place), default=0)
    ordered = sorted(wanted, key=lambda c: (*(-m for m in c.merit), c.place or unknown))
    merits = [*others, *(c.merit for c in wanted)]
    ranked: list[Ranked] = []
    before: Candidate | None = None
    lots = max((c.lot for c in wanted if c.lot), default=0)
    for _, same in groupby(ordered, key=lambda c: (c.merit, c.place)):
        group = list(same)
        start, end = len(ranked), len(ranked) + len(group)
        first = group[0].place or 1 + sum(m > group[0].merit for m in merits)
        contested = len(group) > 1 and end > places and start < places + reserve
        numbers = {c.ref: c.lot for c in group if c.lot} if contested else {}
        fresh = [c.ref for c in group if c.ref not in numbers] if contested else []
        numbers |= {ref: lots + n for n, ref in enumerate(fresh, 1)}
        lots += len(fresh)
        keys = {ref: key_of(*drawn, lot) for ref, lot in numbers.items()} if drawn else {}
        group.sort(key=lambda c: keys.get(c.ref, ""))
        for n, candidate in enumerate(group):
            position = start + n
            settled = bool(keys) or not contested
            ranked.append(
                Ranked(
                    ref=candidate.ref,
                    place=first + n if keys else first,
                    score=str(candidate.score),
                    marks={name: str(mark) for name, mark in candidate.marks.items()},
                    by=_parted(before, candidate) if n == 0 else BY_LOT if keys else SHARED,
                    lot=numbers.get(candidate.ref),
                    key=keys.get(candidate.ref),
                    standing=_standing(position, places, reserve) if settled else "drawing",
                )
            )
            before = candidate
    return ranked


def _standing(position: int, places: int, reserve: int) -> Standing:
    return "selected" if position < places else "reserve" if position < places + reserve else "unselected"


def _parted(before: Candidate | None, after: Candidate) -> str:
    """What puts a line after the one before it."""
    if before is None or before.score != after.score:
        return BY_SCORE
    return next((name for name, mark in after.marks.items() if before.marks.get(name) != mark), BY_LIST)
