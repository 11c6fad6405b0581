"""What one cell of the form says, or why it says nothing. Knows nothing of sheets and rows."""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from console.workbook_template import ENTRIES, SIDES, Kind, Pairs

MAX_TEXT = 2_000
TO_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
ESCAPED = re.compile(r"_x00[01][0-9A-Fa-f]_")  # how the format writes a control character
INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}
NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,6})?", re.ASCII)
SEGMENTS = re.compile(r"\d{1,3}(\.\d{1,2})?(\+\d{1,3}(\.\d{1,2})?)*", re.ASCII)
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
CHOICE = re.compile(r"(.*?)([a-z]+(?:-[a-z]+)*)?", re.ASCII)


class Wrong(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Raw:
    value: object
    type: str  # openpyxl's data type: "f" a formula, "e" an error, "d" a date, ...


def _text(raw: Raw) -> str:
    if raw.type == "f":
        raise Wrong("是公式；请填写数值本身", "holds a formula: put in the value itself")
    if raw.type == "e":
        raise Wrong("是错误值", "holds an error value")
    if isinstance(raw.value, date | time | timedelta):
        raise Wrong("被识别为日期；请设为文本后重填", "was turned into a date: set the cell to text")
    if isinstance(raw.value, int | float) and not isinstance(raw.value, bool):
        if not abs(raw.value) < 1e15:  # Excel keeps 15 digits: the number on the screen is not the one typed
            raise Wrong(
                "存为数字，末位已丢失；请设为文本后重填", "is a number that lost its last digits: use text"
            )
        return str(int(raw.value) if raw.value == int(raw.value) else raw.value)
    text = str(raw.value).strip()
    if len(text) > MAX_TEXT:
        raise Wrong(f"超过 {MAX_TEXT} 字", f"is longer than {MAX_TEXT} characters")
    if ESCAPED.search(text) or any(unicodedata.category(sign) in INVISIBLE for sign in text):
        raise Wrong("含换行或不可见字符", "holds a line break or an invisible character")
    return text


def _code(raw: Raw) -> str:
    return "".join(_text(raw).translate(TO_HALF_WIDTH).split())


def _number(raw: Raw) -> int | float:
    text = _code(raw)
    if isinstance(raw.value, bool) or not NUMBER.fullmatch(text):
        raise Wrong(f"应只填数字，现为“{text[:20]}”", f"must be a number alone, not “{text[:20]}”")
    return int(float(text)) if float(text).is_integer() else float(text)


def _count(raw: Raw) -> int:
    number = _number(raw)
    if isinstance(number, float):
        raise Wrong(f"应为整数，现为 {number}", f"must be a whole number, not {number}")
    return number


def _segments(raw: Raw) -> list[int | float]:
    text = _code(raw)
    if not SEGMENTS.fullmatch(text):
        raise Wrong(f"应形如 3+2+1，现为“{text[:20]}”", f"must look like 3+2+1, not “{text[:20]}”")
    return [_number(Raw(part, "s")) for part in text.split("+")]


def _date(raw: Raw) -> str:
    if raw.type == "d" and isinstance(raw.value, date):  # a datetime is a date
        return f"{raw.value:%Y-%m-%d}"
    text = _code(raw)
    if match := DATE.fullmatch(text):
        with suppress(ValueError):
            return date(*map(int, match.groups())).isoformat()
    raise Wrong(
        f"应为日期，如 2029-12-31，现为“{text[:20]}”", f"must be a date, 2029-12-31, not “{text[:20]}”"
    )


def _moment(raw: Raw) -> str:
    return (
        f"{raw.value:%Y-%m-%d %H:%M}" if raw.type == "d" and isinstance(raw.value, datetime) else _text(raw)
    )


def _word(text: str, names: Pairs) -> str:
    """The word of "初中毕业 junior-middle", or of either half; whether the law knows it, the engine says."""
    match = CHOICE.fullmatch(text.lower().strip())
    zh, word = (match[1].strip(), match[2] or "") if match else (text, "")
    known = next((name for name, label in names if label == zh), word)
    if not known or (word and word != known):  # "初中毕业 senior-high" means neither
        raise Wrong(f"请从列表中选择，现为“{text[:20]}”", f"must be chosen from the list, not “{text[:20]}”")
    return known


def _side(raw: Raw) -> str:
    word = _word(_text(raw), SIDES)
    if word not in dict(SIDES):
        raise Wrong(f"请从列表中选择，现为“{word[:20]}”", f"must be chosen from the list, not “{word[:20]}”")
    return word


def _entry(raw: Raw) -> str | list[str]:
    # Two kinds of entry in one line are the engine's to refuse, so both are handed on.
    words = [_word(part, ENTRIES) for part in re.split(r"[、,;]", _text(raw).translate(TO_HALF_WIDTH))]
    return words[0] if len(words) == 1 else words


def _category(raw: Raw) -> str:
    return _word(_text(raw), ())


READERS: dict[Kind, Callable[[Raw], Any]] = {
    "text": _text,
    "code": _code,
    "entry": _entry,
    "side": _side,
    "category": _category,
    "number": _number,
    "count": _count,
    "segments": _segments,
    "date": _date,
    "moment": _moment,
}
