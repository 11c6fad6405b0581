"""Personal data in the ledger: sealed before anything is folded, under the key of the person it is about."""

from typing import Any

from pydantic import BaseModel


class Secret(BaseModel, frozen=True):
    """Text about one person, encrypted. `person` is a pseudonym (a keyed digest made by the gateway), never a name.

    Destroying that person's key makes every secret of the person unreadable, while digests, which are taken over the
    sealed form, still verify.
    """

    person: str
    sealed: str


def identity(particulars: Any) -> tuple[str, ...]:
    """What a pseudonym is made of: a number where there is one, else name and employer, else the text itself."""
    if isinstance(particulars, dict):
        table: dict[str, Any] = particulars
        if table.get("id_no"):
            return ("id", _normal(table["id_no"]))
        return ("name", _normal(table.get("name")), _normal(table.get("employer")))
    return ("name", _normal(particulars), "")


def _normal(value: Any) -> str:
    """The same particulars with other spaces or letter case are the same person's."""
    return " ".join(str(value or "").split()).upper()
