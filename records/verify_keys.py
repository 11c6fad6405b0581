"""The keys of persons against the record: each opens what was sealed under it, and none is gone or back without an act.

A secret is opened to see that its key is the right one, and forgotten at once; nothing of it is shown or kept.
"""

import json
import re
from typing import Any

from sqlalchemy import Connection

from domain.cases.person import PersonErased, person_stream
from domain.chain import canonical
from domain.secrets import Secret
from records.keys import PEPPER
from records.sealing import command_mac, open_under
from records.statements import marks, run

_SEALED = re.compile(r'"person":"(p-[0-9a-f]{32})","sealed":"([^"]*)"')
_SOME = 500


class SealedUnder:
    """Takes the texts of a part's rows, and says what is wrong with the keys of the persons they speak of."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, str, str]] = {}
        """Of each person the earliest secret here: its row's place among all facts, the secret, and where it stands."""

    def take(self, text: Any, position: int, where: str) -> None:
        """A row's text, if it is one that holds secrets."""
        if type(text) is not str or '"sealed"' not in text:
            return
        for person, sealed in _SEALED.findall(text):
            if person not in self._first or position < self._first[person][0]:
                self._first[person] = (position, sealed, where)

    def problems(self, connection: Connection) -> list[str]:
        """What does not hold, with the person's pseudonym and a row that names it."""
        people, found = sorted(self._first), list[str]()
        for start in range(0, len(people), _SOME):
            part = people[start : start + _SOME]
            keys = dict(
                run(
                    connection,
                    f"SELECT person, key FROM person_keys WHERE person IN ({marks(len(part))})",
                    part,
                )
            )
            erased = _erased(connection, part)
            for person in part:
                position, sealed, where = self._first[person]
                gone_at = erased.get(person, 0)
                there = person in keys
                opens = there and _opens(keys[person], person, sealed)
                if gone_at > position and opens:
                    zh, en = "密钥已依法销毁，却仍在", "the key was destroyed by an act, and is there"
                elif gone_at or opens:
                    continue
                elif there:
                    zh, en = "密钥打不开所封内容", "the key does not open what was sealed under it"
                else:
                    zh, en = (
                        "密钥不在，账册上没有销毁它的行为",
                        "the key is gone, and no act on record destroyed it",
                    )
                found.append(f"person_keys {person} ({where}): {zh} / {en}")
        return found


def _opens(key: Any, person: str, sealed: str) -> bool:
    try:
        open_under(bytes(key), Secret(person=person, sealed=sealed))
    except (ValueError, TypeError):
        return False
    return True


def _erased(connection: Connection, people: list[str]) -> dict[str, int]:
    """Of those whose key an act destroyed: the position of that fact."""
    ids = {person_stream(person): person for person in people}
    sql = f"SELECT stream, max(position) FROM events WHERE stream IN ({marks(len(ids))}) AND type = ? GROUP BY stream"
    return {ids[stream]: at for stream, at in run(connection, sql, [*ids, PersonErased.__name__])}


def pepper_problems(connection: Connection) -> list[str]:
    """Whether the key of pseudonyms is the one under which acts were noted."""
    kept = run(connection, "SELECT key FROM person_keys WHERE person = ?", [PEPPER])
    sql = "SELECT body, body_mac FROM acts WHERE body_mac <> '' AND body NOT LIKE ? ORDER BY position LIMIT 1"
    for body, mac in run(connection, sql, ['%"sealed"%']):
        try:
            said = {k: v for k, v in json.loads(body).items() if k not in ("id", "read")}
            if kept and command_mac(bytes(kept[0][0]), canonical(said)) == mac:
                continue
        except (ValueError, TypeError, AttributeError):
            pass  # a changed body breaks the chain as well
        return [
            f"person_keys {PEPPER}: 化名密钥不是原来的 / not the key that pseudonyms and acts were noted under"
        ]
    return []
