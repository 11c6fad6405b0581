"""Where time goes: how long each move and each clock took, in working days, by agency, against the days promised.

Read from the ledger by folding every case anew, so it is asked for and not scraped. A move lasts from the fact that made
somebody awaited to the fact that ended it; a clock from its start until the case no longer carries it, less its pauses.
The day of the start is not counted (as for periods), so what is done on the same day took 0.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from math import ceil
from statistics import median
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from domain.calendars import Calendar
from domain.case import Case
from domain.cases.calendar import CALENDAR, PublishedCalendar
from domain.cases.environment import POLICY, PolicyInForce
from domain.clocks import Deadline, Pause
from domain.kinds import DRIVEN, KINDS
from domain.moments import first_moment, instant, local_day, stamp
from gateway.gateway import Gateway
from gateway.views import lapsed
from records.engine import SNAPSHOT
from records.rows import fact
from records.schema import acts, events, streams
from records.world import LedgerWorld

WEEKS = 16
"""Of acts, that are counted week by week."""
TAIL = 0.9
"""The share of what ended that took no longer than `p90`."""


@dataclass(frozen=True)
class Spent:
    """What one kind of move, or of clock, took at one agency. Durations are working days."""

    kind: str
    what: Literal["move", "clock"]
    name: str
    """The act that was awaited, or the deadline."""
    agency: str
    """Whose move it was; of a clock, the agency that was awaited last under it."""
    ended: int
    running: int
    median: float | None
    p90: int | None
    longest: int | None
    """Of what ended; what still runs is counted in `running` only."""
    promised: int | None
    """Days of such a deadline where they are working days; of one that was extended, without the extension."""
    kept: int
    """How many ended within their day."""
    late: int
    """How many ended after their day, or still run after it."""
    lapsed: int
    """How many ended by themselves on their day, since nobody acted."""
    ahead: int
    """How many still run within their day."""

    def about(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass
class Week:
    """Acts of one week: done, and refused."""

    begins: date
    """Its Monday."""
    done: int = 0
    refused: int = 0

    @property
    def all(self) -> int:
        """Both."""
        return self.done + self.refused


@dataclass
class _Span:
    """One move or clock of one case."""

    what: Literal["move", "clock"]
    name: str
    agency: str
    since: datetime
    deadline: Deadline | None
    until: datetime | None = None
    by_itself: bool = False
    """Whether what ended it was nobody's act."""


@dataclass
class _Tally:
    """What is known of the spans of one group so far."""

    days: list[int] = field(default_factory=list[int])
    running: int = 0
    promised: int | None = None
    fates: Counter[str] = field(default_factory=Counter[str])


def time_spent(gateway: Gateway, since: date | None = None) -> list[Spent]:
    """Every move and clock of the cases that changed on or after a day (all without one), most time first."""
    with gateway.engine.connect().execution_options(reading=SNAPSHOT) as connection:
        calendar = _calendar(gateway, connection)
        now = gateway.clock.now()
        groups: dict[tuple[str, Literal["move", "clock"], str, str], _Tally] = {}
        for kind, spans in _cases(connection, since):
            for span in spans:
                tally = groups.setdefault((kind, span.what, span.name, span.agency), _Tally())
                _count(tally, span, calendar, now)
    counted = [_spent(key, tally) for key, tally in groups.items()]
    return sorted(counted, key=lambda s: (s.what, -(s.median or 0) * s.ended, s.kind, s.name, s.agency))


def told(gateway: Gateway, since: date | None = None) -> dict[str, Any]:
    """Time spent, and acts by week, as JSON. Folds the whole record."""
    weeks = acts_by_week(gateway)
    return {
        "since": since and since.isoformat(),
        "unit": "working-day",
        "rows": [row.about() for row in time_spent(gateway, since)],
        "weeks": [{"begins": w.begins.isoformat(), "done": w.done, "refused": w.refused} for w in weeks],
    }


def acts_by_week(gateway: Gateway, weeks: int = WEEKS) -> list[Week]:
    """Acts of the last weeks, this one included, oldest first."""
    today = local_day(gateway.clock.now())
    monday = today - timedelta(days=today.weekday())
    found = {begins: Week(begins) for n in reversed(range(weeks)) for begins in [monday - timedelta(weeks=n)]}
    hour = func.substr(acts.c.legal_at, 1, 13)
    query = (
        select(hour, acts.c.outcome, func.count())
        .where(acts.c.legal_at >= stamp(first_moment(min(found))))
        .group_by(hour, acts.c.outcome)
    )
    with gateway.engine.connect().execution_options(reading=True) as connection:
        for at, outcome, many in connection.execute(query):
            on = local_day(instant(f"{at}:00:00.000000Z"))
            week = found.get(on - timedelta(days=on.weekday()))
            if week and outcome == "accepted":
                week.done += many
            elif week:
                week.refused += many
    return list(found.values())


def _calendar(gateway: Gateway, connection: Connection) -> Calendar:
    world = LedgerWorld(connection, gateway.cache)
    found = world.load([CALENDAR, POLICY])
    published, policy = found[CALENDAR], found[POLICY]
    assert isinstance(published, PublishedCalendar)
    assert isinstance(policy, PolicyInForce)
    rules = gateway.shelf.get(connection, policy.pack).on(local_day(gateway.clock.now()))
    return published.calendar(rules.list("calendar.fixed_holidays"))


def _cases(connection: Connection, since: date | None) -> Iterator[tuple[str, list[_Span]]]:
    query = (
        select(events)
        .join(streams, streams.c.id == events.c.stream)
        .where(streams.c.kind.in_(sorted(DRIVEN)))
        .order_by(events.c.stream, events.c.seq)
        .execution_options(yield_per=2000)
    )
    if since and since > date.min:  # whose midnight in China lies before all days of UTC
        query = query.where(streams.c.changed_at >= stamp(first_moment(since)))
    for stream, rows in groupby(connection.execute(query).mappings(), key=lambda row: str(row["stream"])):
        read = [dict(row) for row in rows]
        yield read[0]["kind"], _spans(KINDS[read[0]["kind"]](id=stream), read)


def _spans(case: Case, rows: list[dict[str, Any]]) -> list[_Span]:
    done: list[_Span] = []
    moves: dict[tuple[str, str], _Span] = {}
    clocks: dict[str, _Span] = {}
    last: tuple[datetime, bool] | None = None
    for row in rows:
        event, moment = fact(row)
        by_itself = lapsed(row["actor"], row["legal_at"], row["recorded_at"])
        case.apply(event, moment)
        waiting = [] if case.final else case.waiting()
        awaited = {(w.for_, w.agency): case.deadlines.get(w.clock or "") for w in waiting}
        for key in moves.keys() - awaited.keys():
            done.append(_ended(moves.pop(key), moment.at, by_itself))
        for (name, agency), deadline in awaited.items():
            span = moves.setdefault((name, agency), _Span("move", name, agency, moment.at, deadline))
            span.deadline = deadline or span.deadline
        owner = {w.clock: w.agency for w in waiting}
        for name in clocks.keys() - case.deadlines.keys():
            done.append(_ended(clocks.pop(name), moment.at, by_itself))
        for name, deadline in case.deadlines.items():
            if name in clocks or name in owner:
                span = clocks.setdefault(
                    name, _Span("clock", name, owner.get(name, ""), deadline.start, deadline)
                )
                span.deadline, span.agency = deadline, owner.get(name, span.agency)
        last = (moment.at, by_itself)
    if case.final and last:
        done += [_ended(span, *last) for span in (*moves.values(), *clocks.values())]
        moves, clocks = {}, {}
    return [*done, *moves.values(), *clocks.values()]


def _ended(span: _Span, at: datetime, by_itself: bool) -> _Span:
    span.until, span.by_itself = max(at, span.since), by_itself
    return span


def _count(tally: _Tally, span: _Span, calendar: Calendar, now: datetime) -> None:
    deadline, until = span.deadline, span.until
    if until:
        pauses = deadline.pauses if deadline and span.what == "clock" else []
        tally.days.append(working_days(span.since, until, calendar, pauses))
    else:
        tally.running += 1
    if deadline is None:
        return
    if deadline.period.unit == "working-day" and deadline.period.amount:
        tally.promised = min(tally.promised or deadline.period.amount, deadline.period.amount)
    at = until or now
    if deadline.paused or at < deadline.ends_at or (at == deadline.ends_at and not span.by_itself):
        tally.fates["kept" if until else "ahead"] += 1
    else:
        tally.fates["lapsed" if span.by_itself and at == deadline.ends_at else "late"] += 1


def _spent(key: tuple[str, Literal["move", "clock"], str, str], tally: _Tally) -> Spent:
    kind, what, name, agency = key
    days = sorted(tally.days)
    return Spent(
        kind=kind, what=what, name=name, agency=agency, ended=len(days), running=tally.running,
        median=median(days) if days else None, p90=days[ceil(TAIL * len(days)) - 1] if days else None,
        longest=days[-1] if days else None, promised=tally.promised,
        **{fate: tally.fates[fate] for fate in ("kept", "late", "lapsed", "ahead")},
    )  # fmt: skip


def working_days(since: datetime, until: datetime, calendar: Calendar, pauses: list[Pause]) -> int:
    """Working days after the day of one instant up to the day of another, without those on which the clock stood still."""
    day, last, count = local_day(since), local_day(until - timedelta(microseconds=1)), 0
    while day < last:
        day += timedelta(days=1)
        count += calendar.is_working(day) and not any(pause.covers(day) for pause in pauses)
    return count
