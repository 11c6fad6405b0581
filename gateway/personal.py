"""Opening personal data for an auditor, which is on record before anything is opened; and who is meant by a number or name."""

from typing import Any

from sqlalchemy import Connection

from domain.files import Command
from domain.secrets import Secret, identity
from gateway.answers import Answer
from gateway.gateway import Gateway
from records.keys import Erased, unseal
from records.sealing import pseudonym_under


class Opener:
    """Opens sealed values within one transaction; what was erased says so."""

    def __init__(self, gateway: Gateway, connection: Connection) -> None:
        self._gateway, self._connection = gateway, connection
        self.opened: set[str] = set()
        """Whose data was opened."""

    def __call__(self, secret: dict[str, Any]) -> str:
        """The clear text of a secret, or that its key was destroyed."""
        sealed = Secret.model_validate(secret)
        try:
            clear = unseal(self._gateway.keys, self._connection, sealed)
        except (Erased, ValueError):
            return f"已删除 erased: {sealed.person}"
        self.opened.add(sealed.person)
        return clear


def may_open(gateway: Gateway, command: Command) -> Answer:
    """Put the opening on record, or its refusal; nothing is opened here."""
    assert command.act == "open-personal"
    return gateway.act(command)


def pseudonym_of(gateway: Gateway, particulars: dict[str, str]) -> str:
    """The pseudonym under which a person's data is sealed: by `id_no`, else by `name` and `employer`."""
    with gateway.engine.connect().execution_options(reading=True) as connection:
        return pseudonym_under(gateway.keys.pepper(connection), *identity(particulars))
