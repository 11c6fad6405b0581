"""Pack versions by content hash: kept in the records for ever, parsed once a process."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, select

from domain.policy import Pack
from records.schema import packs


class PackShelf:
    """Packs that cases have pinned. A hash never means anything else, so what was read once stays right."""

    def __init__(self) -> None:
        self._packs: dict[str, Pack] = {}

    def get(self, connection: Connection, hash_: str) -> Pack:
        """The pack of this hash. Raises LookupError when the records lack it."""
        if hash_ not in self._packs:
            body = connection.execute(select(packs.c.body).where(packs.c.hash == hash_)).scalar()
            if body is None:
                raise LookupError(f"policy pack {hash_}")
            pack = Pack.model_validate_json(body)
            if pack.hash != hash_:
                raise ValueError(f"policy pack {hash_} does not match its hash")
            self._packs[hash_] = pack
        return self._packs[hash_]

    def keep(self, connection: Connection, pack: Pack) -> None:
        """Put a pack on the record, once."""
        known = connection.execute(select(packs.c.hash).where(packs.c.hash == pack.hash)).first()
        if known is None:
            connection.execute(
                packs.insert().values(hash=pack.hash, name=pack.name, body=pack.model_dump_json())
            )
        self._packs[pack.hash] = pack


def lay_before(engine: Engine, shelf: PackShelf, pack: Pack, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Put a pack on record, also with these settings, so that `adopt-pack` can name it; gives that act's form.

    Nothing is in force by it. Raises KeyError or ValueError when a setting does not fit the pack.
    """
    effective = pack.with_settings(dict(settings))
    with engine.begin() as connection:
        shelf.keep(connection, pack)
        shelf.keep(connection, effective)
    return {"pack": pack.hash, "settings": dict(settings)}
