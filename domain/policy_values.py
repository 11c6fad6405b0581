"""Which values a rule may have, by its key: the shape only, never the number (`huiqian policy check`)."""

from datetime import date
from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

TYPES: dict[str, str] = {
    "working_days": "count", "calendar_days": "count", "postal_grace_working_days": "count0", "min_members": "count",
    "recusal_years": "count0", "min_officers": "count", "request_working_days": "count",
    "notice_working_days": "count", "decision_calendar_days": "count", "max_years": "years", "min_visitors": "count", "max_lines": "count", "max_bytes": "count",
    "min_years": "years", "pass_mark": "number", "min_industry_share": "share", "odd": "flag", "binding": "flag", "both_sides": "flag", "stops_during_evaluation": "flag",
    "count_first_day": "flag", "shift": "flag", "deemed_accepted": "flag", "cut_off": "clock", "criteria": "marks",
    "replacement_working_days": "count", "max_daily_hours": "count", "min_assessors": "count", "full_mark": "number",
    "level3_years": "years", "level": "count", "enterprise_levels": "words", "leader_posts": "words", "stages": "words", "months": "counts",
    "year_starts": "day", "yearly": "day", "cut_offs": "days", "required_share": "share", "quota": "count",
    "grant_yuan": "count", "reserve": "count0", "term_years": "count0", "tie_chain": "words", "fields": "words",
    "categories": "named", "opens": "opening",
    "last_review_calendar_days": "count0", "years_ahead": "count0", "expected_if_announced_by": "day", "most_students": "count", "most_years": "years", "reminder_calendar_days": "count", "lost_share": "share",
    "warning_working_days": "count", "yellow_working_days": "count", "red_working_days": "count", "max_calendar_days": "count", "hour": "clock", "clocks": "words",
    "personal_years": "count", "readings_years": "count",
}  # fmt: skip
"""Type of a value by the last part of its key; keys not named here are checked by `KINDS`, else free."""


def kind_of(key: str) -> str:
    """What sort of value a key takes."""
    if key.startswith("study_years."):
        return "years"
    return TYPES.get(key.rpartition(".")[2], "any")


def check_value(key: str, value: Any) -> None:
    """Raise ValueError, with a sentence, when a value does not fit its key."""
    kind = kind_of(key)
    whole = isinstance(value, int) and not isinstance(value, bool)
    problem = None
    if kind == "count" and not (whole and value >= 1):
        problem = "应为不小于1的整数 / expected a whole number of at least 1"
    elif kind == "count0" and not (whole and value >= 0):
        problem = "应为不小于0的整数 / expected a whole number of at least 0"
    elif kind in ("years", "number") and not (
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    ):
        problem = "应为不小于0的数 / expected a number of at least 0"
    elif kind == "flag" and not isinstance(value, bool):
        problem = "应为 true 或 false / expected true or false"
    elif kind == "share" and not _is_share(value):
        problem = "应为0到1之间的数或分数，如 1/3 / expected a share such as 1/3"
    elif kind == "clock" and not _is_clock(value):
        problem = '应为时刻，如 "17:30" 或 "24:00"（加引号） / expected a quoted time of day'
    elif kind == "words" and not _is_list_of(str, value):
        problem = "应为非空的文字列表 / expected a list of words"
    elif kind == "counts" and not _is_list_of(int, value):
        problem = "应为不小于1的整数列表 / expected a list of whole numbers of at least 1"
    elif kind == "day" and not _is_day_of_year(value):
        problem = '应为月日，如 "09-01"（加引号） / expected a quoted day of the year'
    elif kind == "named" and not _is_named(value):
        problem = "应为 {代码: {zh: 名称, en: 名称}} / expected {code: {zh: name, en: name}}"
    elif kind == "opening" and value not in ("programme", "grant"):
        problem = "应为 programme 或 grant / expected programme or grant"
    elif kind == "days" and not _are_days_of_year(value):
        problem = '应为月日列表，如 ["04-20", "10-20"]（加引号） / expected a list of quoted days of the year'
    elif kind == "marks" and not _is_marks(value):
        problem = "应为 {指标: 满分} / expected {criterion: maximum}"
    if problem:
        raise ValueError(f"{key}: {problem}")


def _is_share(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and 0 <= Fraction(str(value)) <= 1
    except (ValueError, ZeroDivisionError):
        return False


def _is_list_of(kind: type, value: Any) -> bool:
    """A list that is not empty, of words that are not empty or of whole numbers of at least 1."""
    items: list[Any] = list(value) if isinstance(value, list) else []
    return bool(items) and all(type(item) is kind and (item > 0 if kind is int else item) for item in items)


class _Named(BaseModel):
    model_config = ConfigDict(extra="forbid")
    names: dict[str, dict[Literal["zh", "en"], str]]


def _is_named(value: Any) -> bool:
    try:
        names = _Named(names=value).names
    except ValidationError:
        return False
    return bool(names) and all(
        len(words) == len(("zh", "en")) and all(words.values()) for words in names.values()
    )


def _is_day_of_year(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 5 and bool(date.fromisoformat(f"2001-{value}"))
    except ValueError:
        return False


def _are_days_of_year(value: Any) -> bool:
    days: list[Any] = list(value) if isinstance(value, list) else []
    return bool(days) and all(_is_day_of_year(day) for day in days)


def _is_clock(value: Any) -> bool:
    if (
        not isinstance(value, str)
        or len(value) != 5
        or value[2] != ":"
        or not (value[:2] + value[3:]).isdigit()
    ):
        return False
    return (int(value[:2]), int(value[3:])) <= (24, 0) and int(value[3:]) < 60


class _Marks(BaseModel):
    model_config = ConfigDict(extra="forbid")
    marks: dict[str, int | float]


def _is_marks(value: Any) -> bool:
    try:
        marks = _Marks(marks=value).marks
    except ValidationError:
        return False
    return bool(marks) and all(most > 0 for most in marks.values())
