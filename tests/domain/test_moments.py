"""Instants and days: what people write, what the ledger writes, and the day in China."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.moments import (
    CHINA,
    Day,
    Instant,
    close_of,
    day,
    first_moment,
    instant,
    local_day,
    months_after,
    stamp,
)

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(
    datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2900-01-01"), timezones=zones
)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-04 10:12", "2026-03-04T02:12:00.000000Z"),
        ("2026-03-04T10:12:30", "2026-03-04T02:12:30.000000Z"),
        ("2026-03-04", "2026-03-03T16:00:00.000000Z"),
        ("2026-03-04T10:12:30+00:00", "2026-03-04T10:12:30.000000Z"),
        (" 2026-03-04 10:12 ", "2026-03-04T02:12:00.000000Z"),
    ],
)
def test_instants_as_people_write_them_are_times_in_china(text: str, utc: str) -> None:
    assert stamp(instant(text)) == utc


@given(moments)
def test_the_written_form_reads_back_and_sorts_as_time_does(moment: datetime) -> None:
    assert instant(stamp(moment)) == moment
    later = moment + timedelta(microseconds=1)
    assert stamp(moment) < stamp(later)


@given(moments)
def test_a_day_is_the_day_in_china(moment: datetime) -> None:
    found = local_day(moment)
    assert first_moment(found) <= moment < first_moment(found + timedelta(days=1))
    assert day(moment) == found
    assert close_of(found, "24:00") == first_moment(found + timedelta(days=1))


def test_midnight_in_china_is_the_afternoon_before_in_utc() -> None:
    assert local_day(datetime(2026, 3, 3, 16, 0, tzinfo=UTC)) == date(2026, 3, 4)
    assert local_day(datetime(2026, 3, 3, 15, 59, tzinfo=UTC)) == date(2026, 3, 3)
    assert first_moment(date(2026, 3, 4)).tzinfo is CHINA


@pytest.mark.parametrize(
    "wrong", ["", "gestern", "2026-13-01", "2026-02-30", "10:12", 5, None, True, ["2026-01-01"]]
)
@pytest.mark.parametrize("kind", [Instant, Day])
def test_what_is_no_time_is_refused_with_a_sentence(wrong: object, kind: Any) -> None:
    with pytest.raises(ValidationError, match=" / expected "):
        TypeAdapter(kind).validate_python(wrong)


@pytest.mark.parametrize(
    "edge",
    ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-12:00"],
)
@pytest.mark.parametrize("kind", [Instant, Day])
def test_a_time_at_the_edge_of_all_time_is_refused_or_can_be_used(edge: str, kind: Any) -> None:
    # Anything that is accepted here is later moved to another zone, written down, and counted from.
    try:
        found = TypeAdapter(kind).validate_python(edge)
    except ValidationError:
        return
    if isinstance(found, datetime):
        assert instant(stamp(found)) == found
        assert local_day(found)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2030-06-30", 6, "2030-12-30"),
        ("2030-08-31", 6, "2031-02-28"),
        ("2030-12-01", 12, "2031-12-01"),
        ("2027-08-31", 6, "2028-02-29"),
    ],
)
def test_so_many_months_after_a_day(start: str, months: int, end: str) -> None:
    assert months_after(day(start), months) == day(end)
