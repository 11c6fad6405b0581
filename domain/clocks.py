"""Legal clocks: a deadline is a value that can explain itself (domain.md §5.3, §5.5; rehearsals/FORMAT.md, Clocks)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from domain.calendars import Calendar
from domain.moments import close_of, local_day, spoken

Date = date  # Deadline has a field named `date`
INSTANT = timedelta(microseconds=1)  # 00:00 is the end of the day before: none of the new day has run
Unit = Literal["working-day", "calendar-day", "academic-year"]


class Pause(BaseModel, frozen=True):
    """The clock stood still from the end of one day to the end of another (still standing while `until` is None)."""

    since: date
    until: date | None = None
    why: str

    def covers(self, day: date) -> bool:
        """Whether this day is not counted: the day of the stop still is, the day of the restart is not."""
        return day > self.since and (self.until is None or day <= self.until)


class Rung(BaseModel, frozen=True):
    """One card of a period's ladder: on which working day before (below zero) or after its end, and at what hour."""

    card: str
    working_days: int
    hour: str


class Period(BaseModel, frozen=True):
    """A length of time as a clause states it; every part comes from a policy rule."""

    amount: int
    unit: Unit
    count_first: bool
    shift: bool
    """Whether an end on a day off moves to the next working day (行政复议法 88, 民事诉讼法 85)."""
    closing: str
    rule: str
    """Key of the policy rule that it rests on; the clause and its standing are found there."""
    year_starts: str = "09-01"
    ladder: tuple[Rung, ...] = ()
    """Cards (预警, 黄牌, 红牌) that fall by themselves while somebody is awaited under this period."""


class Deadline(BaseModel, frozen=True):
    """A running period with its end and how the end was found. `decide` computes it; workflows only sleep until it."""

    name: str
    period: Period
    start: datetime
    date: Date
    ends_at: datetime
    calendar: str
    provisional: bool
    pauses: list[Pause] = []
    lapses: bool = False
    """Whether something happens by itself when it ends, or people are only late."""
    stalled: bool = False
    """Its provisional end has passed, but no period ends on a provisional date."""
    promised: Date | None = None
    """What a party was told before: a newer calendar never makes it shorter."""
    revision: int = 1
    cards: dict[str, datetime] = {}
    """When each card falls: at an hour of a working day. None while the end is provisional."""
    reached: Date | None = None
    """The day on which a matter that was late already reached whoever is awaited: their cards count from it."""

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return bool(self.pauses) and self.pauses[-1].until is None


def begin(name: str, period: Period, start: datetime, calendar: Calendar, *, lapses: bool) -> Deadline:
    """Start a period at an instant. Starting one whose end is provisional is allowed."""
    end, provisional = _end(period, local_day(start), (), calendar)
    return Deadline(
        name=name,
        period=period,
        start=start,
        date=end,
        ends_at=close_of(end, period.closing),
        calendar=calendar.version,
        provisional=provisional,
        lapses=lapses,
        cards={} if provisional else _cards(period, start, end, None, calendar),
    )


def appoint(name: str, ends_at: datetime, rule: str, calendar: Calendar) -> Deadline:
    """An end that a document names itself (the window of a call) rather than a period that is counted."""
    period = Period(amount=0, unit="calendar-day", count_first=True, shift=False, closing="24:00", rule=rule)
    return Deadline(
        name=name, period=period, start=ends_at, date=local_day(ends_at), ends_at=ends_at, calendar=calendar.version,
        provisional=False, lapses=True,
    )  # fmt: skip


def appoint_day(name: str, day: date, rule: str, calendar: Calendar) -> Deadline:
    """A day that a document names for somebody to do something: nothing happens by itself, and it is late once the day is over."""
    named = appoint(name, close_of(day, "24:00"), rule, calendar)
    return named.model_copy(update={"date": day, "lapses": False})


def recompute(deadline: Deadline, calendar: Calendar, *, at: datetime) -> Deadline:
    """The same period by a newer calendar; never earlier than promised, never ending before the schedule was known."""
    return _again(
        deadline,
        deadline.pauses,
        calendar,
        promised=max(deadline.promised or deadline.date, deadline.date),
        at=at,
    )


def pause(deadline: Deadline, at: datetime, why: str) -> Deadline:
    """Stop the clock; the day of the stop still counts. Stopping a stopped clock changes nothing."""
    if deadline.paused:
        return deadline
    stop = Pause(since=local_day(at - INSTANT), why=why)
    return deadline.model_copy(update={"pauses": [*deadline.pauses, stop], "revision": deadline.revision + 1})


def resume(deadline: Deadline, at: datetime, calendar: Calendar) -> Deadline:
    """Let the clock run again from the next day on; at 00:00 that is the day which begins."""
    if not deadline.paused:
        return deadline
    last = deadline.pauses[-1].model_copy(update={"until": local_day(at - INSTANT)})
    return _again(deadline, [*deadline.pauses[:-1], last], calendar, promised=deadline.promised, at=None)


def extend(deadline: Deadline, days: int, calendar: Calendar) -> Deadline:
    """The same period with more days of its unit."""
    longer = deadline.period.model_copy(update={"amount": deadline.period.amount + days})
    more = deadline.model_copy(update={"period": longer})
    return _again(more, more.pauses, calendar, promised=deadline.promised, at=None)


def put_off(deadline: Deadline, at: datetime, calendar: Calendar) -> Deadline:
    """The cards after the end, counted anew from the day a late matter reached somebody: nobody is blamed for others' days."""
    reached = max(local_day(at), deadline.date)
    cards = _cards(deadline.period, deadline.start, deadline.date, reached, calendar)
    return deadline.model_copy(update={"cards": cards, "reached": reached, "revision": deadline.revision + 1})


def interrupted(deadline: Deadline, pauses: list[Pause], calendar: Calendar) -> Deadline:
    """The same period with the interruptions that another one had."""
    return _again(deadline, pauses, calendar, promised=deadline.promised, at=None) if pauses else deadline


def spans(deadline: Deadline, years: set[int]) -> bool:
    """Whether any day that was counted for this deadline lies in (or next to) one of these years."""
    return any(deadline.start.year - 1 <= year <= deadline.date.year + 1 for year in years)


STOPPED_EN = {
    "专家评估论证": "expert evaluation", "重新评估论证": "evaluated anew",
}  # fmt: skip
"""Why a clock stands still, as facts say it, in English."""


def explain(deadline: Deadline) -> tuple[str, str]:
    """The computation in words, Chinese and English."""
    p, d = deadline.period, deadline
    if p.amount == 0 and local_day(d.ends_at) > d.date:
        return f"文件定于{d.date}", f"set by the document to {d.date}"
    if p.amount == 0:
        return f"文件定于{spoken(d.ends_at)}", f"set by the document to {spoken(d.ends_at)}"
    unit_zh = {"working-day": "个工作日", "calendar-day": "个自然日", "academic-year": "个学年"}[p.unit]
    unit_en = {
        "working-day": "working days",
        "calendar-day": "calendar days",
        "academic-year": "academic years",
    }[p.unit]
    zh = f"自{spoken(d.start)}起{p.amount}{unit_zh}，首日{'计入' if p.count_first else '不计'}"
    en = f"{p.amount} {unit_en} from {spoken(d.start)}, first day {'counted' if p.count_first else 'not counted'}"
    for stop in d.pauses:
        until = f"{stop.until}" if stop.until else "…"
        zh += f"；{stop.since}至{until}停止计算（{stop.why}）"
        en += f"; stopped {stop.since} to {until} ({STOPPED_EN.get(stop.why, stop.why)})"
    if p.shift:
        zh += "；末日遇休息日顺延"
        en += "; an end on a day off moves to the next working day"
    if d.promised and d.promised >= d.date:
        zh += f"；此前已告知{d.promised}，不缩短"
        en += f"; {d.promised} was promised before and is kept"
    zh += f"；至{d.date} {p.closing}止，日历{d.calendar}"
    en += f"; ends {d.date} {p.closing}, calendar {d.calendar}"
    if d.provisional:
        zh += "；当年放假安排未公布，日期为暂定"
        en += "; provisional: a year's holiday schedule is not published"
    return zh, en


def academic_years(start: date, end: date, year_starts: str) -> int:
    """How many academic years a study touches: 2024-09-01 to 2030-06-30 are 6, though under six years by dates."""
    return _academic_year(end, year_starts) - _academic_year(start, year_starts) + 1


def _again(
    d: Deadline, pauses: list[Pause], calendar: Calendar, *, promised: date | None, at: datetime | None
) -> Deadline:
    # A clock that stands still has no end yet: what is shown is the end as if it ran again today.
    ended = [stop for stop in pauses if stop.until]
    end, provisional = _end(d.period, local_day(d.start), ended, calendar)
    if promised and end < promised:
        end, provisional = promised, provisional or not calendar.published(promised.year)
    ends_at = close_of(end, d.period.closing)
    if at is not None and d.lapses:
        ends_at = max(ends_at, at)
    # A schedule counts from its publication on: no card falls for days that were over before it was known.
    reached = local_day(at) if at is not None and local_day(at) > end else None
    change = {
        "date": end, "ends_at": ends_at, "calendar": calendar.version, "provisional": provisional, "pauses": pauses,
        "promised": promised, "stalled": False, "revision": d.revision + 1, "reached": reached,
        "cards": {} if provisional else _cards(d.period, d.start, end, reached, calendar),
    }  # fmt: skip
    return d.model_copy(update=change)


def _end(
    period: Period, start: date, pauses: list[Pause] | tuple[()], calendar: Calendar
) -> tuple[date, bool]:
    """Last day of a period, and whether any day looked at lies in a year without a published schedule."""
    if period.unit == "academic-year":
        return _academic_year_end(start, period), False
    asked: set[int] = set()
    counted, last = 0, start
    for last in _days(start, period.count_first):
        if any(stop.covers(last) for stop in pauses):
            continue
        if period.unit == "working-day":
            asked.add(last.year)
        if period.unit == "calendar-day" or calendar.is_working(last):
            counted += 1
        if counted >= period.amount:
            break
    while period.shift:
        asked.add(last.year)
        if calendar.is_working(last):
            break
        last += timedelta(days=1)
    return last, not all(calendar.published(year) for year in asked)


def _cards(
    period: Period, start: datetime, end: date, reached: date | None, calendar: Calendar
) -> dict[str, datetime]:
    """When the cards of a period that ends on this day fall; one that needs an unpublished year has no day yet.

    `reached`: the later day from which those after the end count instead.
    """
    rungs = [rung for rung in period.ladder if reached is None or rung.working_days > 0]
    days = [(rung, _working_day(reached or end, rung.working_days, calendar)) for rung in rungs]
    found = {rung.card: close_of(day, rung.hour) for rung, day in days if day}
    return {card: at for card, at in found.items() if at > start}


def _working_day(day: date, count: int, calendar: Calendar) -> date | None:
    """The working day so many before (below zero) or after a day."""
    step = timedelta(days=1 if count > 0 else -1)
    while count:
        day += step
        if not calendar.published(day.year):
            return None
        count -= step.days if calendar.is_working(day) else 0
    return day


def _days(start: date, count_first: bool) -> Iterator[date]:
    step = start if count_first else start + timedelta(days=1)
    for n in range(40_000):  # a century: a pause that never ends must not hang the gateway
        yield step + timedelta(days=n)


def _academic_year(day: date, year_starts: str) -> int:
    return day.year if day.strftime("%m-%d") >= year_starts else day.year - 1


def _academic_year_end(start: date, period: Period) -> date:
    month, first = (int(part) for part in period.year_starts.split("-"))
    until = _academic_year(start, period.year_starts) + period.amount
    return date(until, month, first) - timedelta(days=1)
