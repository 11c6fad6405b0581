"""How an act is declared: its name, its form, the kind of case it is done on. The handlers stand with their process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from domain.case import Case
from domain.files import Files


class Form(BaseModel):
    """The `with` of an act. Unknown fields are refused, so that a misspelt one is not silently dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    personal: ClassVar[dict[str, str | None]] = {}
    """Top-level fields that hold personal data; the value names the field whose person it belongs to, if another."""


Handler = Callable[[Files, Any, Any], None]


@dataclass(frozen=True)
class Act:
    """One act of the published language."""

    name: str
    form: type[Form]
    on: type[Case] | None
    """Kind of case named by `case:`; None when the act opens one or works on lines."""
    decide: Handler
    internal: bool = False
    """Done by timers and processes only; nobody outside may ask for it."""


ACTS: dict[str, Act] = {}


def act(
    name: str,
    form: type[Form],
    on: type[Case] | None = None,
    *,
    internal: bool = False,
) -> Callable[[Handler], Handler]:
    """Register the handler that decides an act: it notes everything against it, checks, then adds events."""

    def register(handler: Handler) -> Handler:
        ACTS[name] = Act(name, form, on, handler, internal)
        return handler

    return register


class Reasoned(Form):
    """A form that asks for a reason in words."""

    reason: str = Field(min_length=1, max_length=4000)


class Nothing(Form):
    """An act that says everything by its name."""


def note_invalid(files: Files, path: tuple[int | str, ...], message: str, kind: str) -> None:
    """Note one field that pydantic refused, with its path and a sentence."""
    # A key that is no plain word may be data put in the wrong place, a name perhaps: it is not repeated.
    shown = [
        str(part)
        if (str(part).isascii() and str(part).replace("-", "").isidentifier()) or isinstance(part, int)
        else "?"
        for part in path
    ]
    field = ".".join(part for part in shown if part not in ("function-after", "str"))
    zh = {"missing": "缺少此项", "extra_forbidden": "没有这一项"}.get(kind, f"此项不合要求（{message}）")
    files.refuse("invalid", f"{field}：{zh}", f"{field}: {message}", field=field)
