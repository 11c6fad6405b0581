"""How an act is declared: its name, its form, the kind of case it is done on. The handlers stand with their process."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from domain.case import Case
from domain.files import Files
from domain.vocabulary import CHOICES, in_chinese


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


SHAPES = {
    "missing": "缺少此项", "extra_forbidden": "没有这一项", "string_type": "应为文字", "int_type": "应为整数",
    "int_parsing": "应为整数", "int_from_float": "应为整数", "float_type": "应为数", "float_parsing": "应为数",
    "finite_number": "应为数", "bool_type": "应为是或否", "bool_parsing": "应为是或否", "list_type": "应为列表",
    "dict_type": "应为对应表", "model_type": "应为对应表", "model_attributes_type": "应为对应表", "none_required": "应为空",
    "string_too_short": "不得少于{min_length}字", "string_too_long": "不得超过{max_length}字",
    "too_short": "不得少于{min_length}项", "too_long": "不得超过{max_length}项", "greater_than": "应大于{gt}",
    "greater_than_equal": "不得小于{ge}", "less_than": "应小于{lt}", "less_than_equal": "不得大于{le}",
    "string_pattern_mismatch": "格式不符", "literal_error": "应为所列词语之一：{expected}",
    "date_from_datetime_parsing": "应为日期，如 2026-03-04", "date_parsing": "应为日期，如 2026-03-04", "date_type": "应为日期，如 2026-03-04",
}  # fmt: skip
"""What pydantic's kinds of error mean, in Chinese, with the limits of the form in their places."""


def note_invalid(files: Files, path: tuple[int | str, ...], problem: Mapping[str, Any]) -> None:
    """Note one field that pydantic refused, with its path and a sentence in both languages."""
    # A key that is no plain word may be data put in the wrong place, a name perhaps: it is not repeated.
    shown = [
        str(part)
        if (str(part).isascii() and str(part).replace("-", "").isidentifier()) or isinstance(part, int)
        else "?"
        for part in path
    ]
    field = ".".join(part for part in shown if part not in ("function-after", "str"))
    zh, en = in_words(problem)
    files.refuse("invalid", zh, f"{field}: {en}", field=field)


def in_words(problem: Mapping[str, Any]) -> tuple[str, str]:
    """What pydantic found wrong, in Chinese and English."""
    own_zh, ours, own_en = problem["msg"].removeprefix("Value error, ").partition(" / ")
    limits = {key: str(value) for key, value in (problem.get("ctx") or {}).items()}
    if words := re.findall(r"'([^']+)'", limits.get("expected", "")):
        limits["expected"] = in_chinese(CHOICES, words)
    shape = SHAPES.get(problem["type"], "此项不合要求").format_map(limits)
    return (own_zh, own_en) if ours else (shape, problem["msg"])
