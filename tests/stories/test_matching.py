"""What a story expects is found however it writes a time: views write instants in UTC, people the days and hours of China."""

from datetime import date
from typing import Any

import pytest

from rehearsal.matching import mismatches

ENDS = {"ends_at": "2026-04-17T16:00:00.000000Z"}
"""24:00 of 17 April in China, which is 00:00 of the 18th."""


@pytest.mark.parametrize(
    "wanted",
    [
        "2026-04-17 24:00",
        "2026-04-18 00:00",
        date(2026, 4, 17),
        date(2026, 4, 18),
        "2026-04-18T00:00:00+08:00",
    ],
)
def test_the_same_instant_is_found(wanted: Any) -> None:
    assert mismatches({"ends_at": wanted}, ENDS, str) == []


@pytest.mark.parametrize(
    "wanted", ["2026-04-17 23:59", date(2026, 4, 16), date(2026, 4, 19), "2026-04-18 24:00", "later"]
)
def test_another_one_is_not(wanted: Any) -> None:
    assert mismatches({"ends_at": wanted}, ENDS, str) != []


def test_lines_are_matched_by_id_whether_they_are_listed_or_named() -> None:
    found = {"lines": {"1": {"id": "1", "state": "filed"}, "2": {"id": "2", "state": "passed"}}}
    assert mismatches({"lines": [{"id": "2", "state": "passed"}]}, found, str) == []
    assert mismatches({"lines": [{"id": "1", "state": "passed"}]}, found, str) != []
