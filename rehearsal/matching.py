"""Whether a case's view is as a story expects: a partial match (FORMAT.md, Shape)."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from domain.moments import day, first_moment, instant, local_day

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
Names = Callable[[str], str]
"""Turns a story's name for a case (F, F/1) into the id it stands for; other text stays."""


def mismatches(expected: Any, found: Any, names: Names, path: str = "") -> list[str]:
    """What differs, each with its path, what was expected and what was found."""
    if expected is None:
        return [] if found in (None, [], {}, "") else [_say(path, "空 / nothing", found)]
    if isinstance(expected, dict):
        if isinstance(found, list):
            found = {row.get("id"): row for row in found if isinstance(row, dict)}
        if not isinstance(found, dict):
            return [_say(path, expected, found)]
        problems: list[str] = []
        for key, value in expected.items():
            problems += mismatches(
                value, found.get(names(key), found.get(key)), names, f"{path}.{key}" if path else key
            )
        return problems
    if isinstance(expected, list):
        rows = list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else []
        return [
            _say(f"{path}[]", wanted, found)
            for wanted in expected
            if not any(not mismatches(wanted, row, names) for row in rows)
        ]
    return [] if _same(expected, found, names) else [_say(path, expected, found)]


def _same(expected: Any, found: Any, names: Names) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, date | datetime):
        expected = expected.isoformat()
    if expected == found:
        return True
    if isinstance(expected, str) and isinstance(found, str):
        return names(expected) == found or _same_time(expected, found)
    return False


def _same_time(expected: str, found: str) -> bool:
    """Views write instants in UTC, people in China's time: a day means any instant of it, 24:00 of it too."""
    if not _STAMP.fullmatch(found):
        return False
    at, on, (_, hour, rest) = instant(found), expected[:10], expected.partition("24:00")
    try:
        if len(expected) == 10 or (hour and not rest):
            end = first_moment(day(on) + timedelta(days=1))
            return at == end or (not hour and local_day(at) == day(on))
        return at == instant(expected)
    except ValueError:
        return False


def _say(path: str, expected: Any, found: Any) -> str:
    return f"{path}: 期望 expected {expected!r}, 实际 found {found!r}"
