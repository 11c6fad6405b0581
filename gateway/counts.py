"""Counts that a page can wait for: exact up to a cap, and `10000+` beyond it. A page never reads a whole table to say a number."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection, FromClause, Select, func, select

EXACT = 10_000
"""As many lines as the design wants of one round: a count of them is exact."""


@dataclass(frozen=True)
class Count:
    """How many there are; with `more`, at least so many."""

    n: int = 0
    more: bool = False

    def __str__(self) -> str:
        return f"{self.n}+" if self.more else str(self.n)

    def __bool__(self) -> bool:
        return self.n > 0

    def __add__(self, other: Self) -> Self:
        return type(self)(self.n + other.n, self.more or other.more)


def count_each[K: Hashable](
    connection: Connection, wanted: Mapping[K, Select[int]], cap: int = EXACT
) -> dict[K, Count]:
    """How many rows each of these finds, in one statement that stops reading each at the cap."""
    parts: list[FromClause] = [query.limit(cap + 1).subquery() for query in wanted.values()]
    if not parts:
        return {}
    found = connection.execute(
        select(*(select(func.count()).select_from(part).scalar_subquery() for part in parts))
    ).one()
    return {key: Count(min(n, cap), n > cap) for key, n in zip(wanted, found, strict=True)}
