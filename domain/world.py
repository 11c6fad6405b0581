"""What a desk asks of the outside: the states and keys of the ledger, and keys for personal data. The records layer answers."""

from collections.abc import Iterable
from typing import Protocol

from domain.case import Case
from domain.secrets import Secret


class World(Protocol):
    """What a desk can ask for. The records layer implements it; tests may use dictionaries."""

    def load(self, ids: Iterable[str]) -> dict[str, Case]:
        """Own copies of the states of these streams; unknown ids are left out."""
        ...

    def holders(self, keys: Iterable[str]) -> dict[str, str]:
        """Which stream holds each of these claims."""
        ...

    def claimed(self, prefix: str) -> dict[str, str]:
        """All claims under a prefix, with their holders."""
        ...

    def filings(self, round_id: str) -> tuple[bool, bool]:
        """Whether any filing was submitted in a round, and whether any of them is not final."""
        ...

    def filings_in_flight(self, college: str) -> list[str]:
        """Filings of a college with a line that is not final."""
        ...

    def lines_in(self, rounds: Iterable[str], state: str | None, limit: int | None) -> list[str]:
        """References of these rounds' lines, in this state or in any, oldest filing first."""
        ...

    def awarded(self, college: str, major: str) -> list[str]:
        """References of a college's announced lines of a major, in any round."""
        ...

    def outdated(self, years: set[int], revision: int, limit: int) -> list[str]:
        """Cases with a running deadline in these years computed before this calendar revision."""
        ...

    def undelivered(self, stream: str) -> int:
        """How many letters of a case were given up."""
        ...

    def concerning(self, person: str) -> list[str]:
        """Every case that holds sealed data of a person, by pseudonym."""
        ...

    def attachment(self, digest: str) -> bool:
        """Whether a stored attachment has this content hash."""
        ...


class Sealer(Protocol):
    """What the gateway lends a desk for personal data."""

    def pseudonym(self, *parts: str) -> str:
        """A keyed digest: equal for equal particulars, and it names nobody."""
        ...

    def ready(self, people: Iterable[str]) -> None:
        """Have the keys of many people at hand before sealing for each."""
        ...

    def seal(self, person: str, clear: str) -> Secret:
        """Encrypt text under a person's own key."""
        ...
