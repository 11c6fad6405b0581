"""Legal time: instants are aware datetimes, days are days in China (UTC+8, no daylight saving since 1991)."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated

from pydantic import BeforeValidator

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def instant(value: object) -> datetime:
    """Read an instant as people write it: ISO text, `2026-03-04 10:12`, or a day (its first moment).

    Naive input is read as time in China. Raises ValueError with a sentence that says what was expected.
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time())
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("应为日期时间，如 2026-03-04 10:12 / expected a date and time") from None
    else:
        raise ValueError("应为日期时间 / expected a date and time")
    if not 1900 <= moment.year <= 2999:
        raise ValueError("年份应在1900至2999之间 / the year must lie between 1900 and 2999")
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def day(value: object) -> date:
    """Read a calendar day; an instant is taken as its day in China."""
    if isinstance(value, str) and len(value.strip()) == 10:
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("应为日期，如 2026-03-04 / expected a day") from None
    return local_day(instant(value))


def local_day(moment: datetime) -> date:
    """The day in China on which this instant falls."""
    return moment.astimezone(CHINA).date()


def first_moment(of: date) -> datetime:
    """00:00 of a day in China."""
    return datetime.combine(of, time(), CHINA)


def months_after(of: date, months: int) -> date:
    """The same day so many months on; the month's last day where it has no such day."""
    year, month = divmod(of.year * 12 + of.month - 1 + months, 12)
    return date(year, month + 1, min(of.day, monthrange(year, month + 1)[1]))


def years_after(of: date, years: int) -> date:
    """The same day some years on or, below zero, back; 29 February becomes the 28th (民法典 202: 月末日为期间的最后一日)."""
    return months_after(of, 12 * years)


def close_of(of: date, closing: str) -> datetime:
    """The instant a day ends for a period: `24:00` is the next midnight (民法典 203: 24时 or close of business)."""
    hour, minute = closing.split(":")
    return first_moment(of) + timedelta(hours=int(hour), minutes=int(minute))


def stamp(moment: datetime) -> str:
    """The one written form of an instant in ledger and tables: UTC, microseconds, sortable as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def spoken(moment: datetime) -> str:
    """An instant in words for people, China time, to the minute."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def spoken_end(moment: datetime) -> str:
    """The same for the end of a period: midnight is 24:00 of the day that ends, not 00:00 of the next."""
    local = moment.astimezone(CHINA)
    if local.hour or local.minute:
        return spoken(moment)
    return f"{local_day(moment - timedelta(minutes=1))} 24:00"


def days_left(end: datetime, now: datetime) -> int:
    """Days in China from now to the last day of a period; below zero, how many days ago that was."""
    return (local_day(end - timedelta(microseconds=1)) - local_day(now)).days


Instant = Annotated[datetime, BeforeValidator(instant)]
Day = Annotated[date, BeforeValidator(day)]
