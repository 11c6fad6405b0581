"""Opening personal data for an auditor, which is on record before anything is opened; and who is meant by a number or name."""

import re
from typing import Any

from sqlalchemy import Connection, select

from domain.cases.person import PersonErased, person_stream
from domain.files import Command
from domain.secrets import Secret, identity
from gateway.answers import Answer
from gateway.gateway import Gateway
from records.keys import Erased, unseal
from records.schema import events
from records.sealing import pseudonym_under


class Opener:
    """Opens sealed values within one transaction; what does not open says why."""

    def __init__(self, gateway: Gateway, connection: Connection) -> None:
        self._gateway, self._connection = gateway, connection
        self.opened: set[str] = set()
        """Whose data was opened."""
        self.lost: set[str] = set()
        """Whose data does not open although no act erased it: the key is gone, is another, or the data was changed."""

    def __call__(self, secret: dict[str, Any]) -> str:
        """The clear text of a secret; or that an act destroyed its key; or that it does not open, which is a fault."""
        sealed = Secret.model_validate(secret)
        try:
            clear = unseal(self._gateway.keys, self._connection, sealed)
        except (Erased, ValueError):
            if self._erased(sealed.person):
                return f"已删除 erased: {sealed.person}"
            self.lost.add(sealed.person)
            return f"打不开，亦无删除之行为 does not open, and no act erased it: {sealed.person}"
        self.opened.add(sealed.person)
        return clear

    def _erased(self, person: str) -> bool:
        where = (events.c.stream == person_stream(person)) & (events.c.type == PersonErased.__name__)
        return self._connection.execute(select(events.c.position).where(where).limit(1)).first() is not None


def may_open(gateway: Gateway, command: Command) -> Answer:
    """Put the opening on record, or its refusal; nothing is opened here."""
    assert command.act == "open-personal"
    return gateway.act(command)


def particulars(text: str) -> dict[str, str]:
    """What somebody typed to say who is meant: a citizen number, or `name,employer` for people who are known by those only."""
    text = text.strip()
    if re.fullmatch(r"\d{17}[\dXx]", text):
        return {"id_no": text}
    name, comma, employer = text.replace("，", ",").partition(",")
    return {"name": name.strip(), "employer": employer.strip() if comma else ""}


def pseudonym_of(gateway: Gateway, particulars: dict[str, str]) -> str:
    """The pseudonym under which a person's data is sealed: by `id_no`, else by `name` and `employer`."""
    with gateway.engine.connect().execution_options(reading=True) as connection:
        return pseudonym_under(gateway.keys.pepper(connection), *identity(particulars))
