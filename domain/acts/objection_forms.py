"""What an objection says when it comes in (practice of §5.2); what follows from it stands in notices.py."""

from typing import Literal

from pydantic import Field

from domain.acts.base import Form
from domain.moments import Instant


class WhoForm(Form):
    """Who objects (practice of §5.2: a unit by its seal; a person by name, number and phone)."""

    kind: Literal["person", "unit", "anonymous"]
    name: str | None = Field(default=None, max_length=80)
    id_no: str | None = Field(default=None, max_length=40)
    phone: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200)
    sealed: bool = False


class Object(Form):
    """An objection to one line, as received."""

    personal = {"who": None, "statement": "who"}
    line: str
    via: Literal["email", "letter", "post", "phone"]
    sent: Instant | None = None
    received: Instant
    who: WhoForm
    statement: str = Field(min_length=1, max_length=20_000)
    materials: list[str] = Field(default=[], max_length=20)
    """Attachments, by content hash."""
