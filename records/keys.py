"""Personal data at rest: one key a person, in a table of their own; destroy the key and the data is gone."""

import os
from collections.abc import Iterable

from sqlalchemy import Connection, select

from domain.secrets import Secret
from records.engine import from_here_on_writing
from records.schema import person_keys
from records.sealing import open_under, pseudonym_under, seal_under

PEPPER = "pepper"
"""The row whose key makes pseudonyms: without it nobody can test a guess against a pseudonym."""


class Erased(Exception):
    """The person's key was destroyed: nothing about this person can be read any more."""


class KeyRing:
    """Reads keys. Of people none is remembered: whoever destroys one must be sure that no process still holds it."""

    def __init__(self) -> None:
        self._pepper: bytes | None = None

    def get(self, connection: Connection, person: str) -> bytes | None:
        """A person's key, None when there is none (yet, or any more)."""
        key = connection.execute(select(person_keys.c.key).where(person_keys.c.person == person)).scalar()
        return bytes(key) if key is not None else None

    def pepper(self, connection: Connection) -> bytes:
        """The key of pseudonyms; made with the environment. Raises LookupError when the environment is not set up."""
        if self._pepper is None:
            self._pepper = self.get(connection, PEPPER)
        if self._pepper is None:
            raise LookupError("the environment has no pepper")
        return self._pepper


def make_key(connection: Connection, person: str) -> bytes:
    """Make and keep a new key. Two transactions making one for the same person: the second fails and is retried."""
    key = os.urandom(32)
    connection.execute(person_keys.insert().values(person=person, key=key))
    return key


def destroy_key(connection: Connection, person: str) -> None:
    """Erase a person: nothing sealed under the key can be read again, by anybody. Backups of the table hold it still."""
    connection.execute(person_keys.delete().where(person_keys.c.person == person))


class Envelope:
    """Sealing within one transaction. Nonces derive from the command, so that deciding it again seals it the same."""

    def __init__(self, ring: KeyRing, connection: Connection, command: str) -> None:
        self._ring, self._connection, self._command = ring, connection, command
        self._own: dict[str, bytes] = {}
        self._count = 0

    def pseudonym(self, *parts: str) -> str:
        """A keyed digest of particulars (domain.files.Sealer)."""
        return pseudonym_under(self._ring.pepper(self._connection), *parts)

    def ready(self, people: Iterable[str]) -> None:
        """Read, or make, the keys of many people at once, so that a list of thousands asks the ledger some twenty times."""
        wanted = sorted(set(people) - self._own.keys())
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            # Never a remembered one, and held until the act stands: another process may destroy it meanwhile, and what it
            # sealed could not be read again.
            from_here_on_writing(self._connection)
            kept = select(person_keys).where(person_keys.c.person.in_(part)).with_for_update(read=True)
            found = {row.person: bytes(row.key) for row in self._connection.execute(kept)}
            made = {person: os.urandom(32) for person in part if person not in found}
            if made:
                rows = [{"person": person, "key": key} for person, key in made.items()]
                self._connection.execute(person_keys.insert(), rows)
            self._own |= found | made

    def seal(self, person: str, clear: str) -> Secret:
        """Seal under the person's key (records.sealing)."""
        self._count += 1
        return seal_under(self.key(person), person, clear, self._command, self._count)

    def key(self, person: str) -> bytes:
        """The person's key, made when there is none yet."""
        if person not in self._own:
            self.ready([person])
        return self._own[person]


def unseal(ring: KeyRing, connection: Connection, secret: Secret) -> str:
    """The clear text. Raises Erased when the key is gone, ValueError when the secret was tampered with."""
    key = ring.get(connection, secret.person)
    if key is None:
        raise Erased(secret.person)
    return open_under(key, secret)
