"""Where time goes: how long each move and each clock took, in working days, by agency, against the days promised.

Read from the ledger by folding every case anew, so it is asked for and not scraped. A move lasts from the fact that made
somebody awaited to the fact that ended it; a clock from its start until the case no longer carries it, less its pauses.
The day of the start is not counted (as for periods), so what is done on the same day took 0.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from math import ceil
from statistics import median
from typing import Any, Literal

from sqlalchemy import Connection, select

from domain.calendars import Calendar
from domain.case import Case
from domain.cases.calendar import CALENDAR, PublishedCalendar
from domain.cases.environment import POLICY, PolicyInForce
from domain.clocks import Deadline, Pause
from domain.kinds import DRIVEN, KINDS
from domain.moments import first_moment, local_day, stamp
from gateway.gateway import Gateway
from records.rows import fact
from records.schema import events, streams
from records.world import LedgerWorld

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
    late: int
    """How many ended after their day, or still run after it."""

    def about(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass
class _Span:
    """One move or clock of one case."""

    what: Literal["move", "clock"]
    name: str
    agency: str
    since: datetime
    deadline: Deadline | None
    until: datetime | None = None


def time_spent(gateway: Gateway, since: date | None = None) -> list[Spent]:
    """Every move and clock of the cases that changed on or after a day (all without one), most time first."""
    with gateway.engine.connect().execution_options(reading=True) as connection:
        calendar = _calendar(gateway, connection)
        now = gateway.clock.now()
        groups: dict[tuple[str, Literal["move", "clock"], str, str], list[_Span]] = {}
        for kind, spans in _cases(connection, since):
            for span in spans:
                groups.setdefault((kind, span.what, span.name, span.agency), []).append(span)
    counted = [_spent(key, spans, calendar, now) for key, spans in groups.items()]
    return sorted(counted, key=lambda s: (s.what, -(s.median or 0) * s.ended, s.kind, s.name, s.agency))


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
    if since:
        query = query.where(streams.c.changed_at >= stamp(first_moment(since)))
    for stream, rows in groupby(connection.execute(query).mappings(), key=lambda row: str(row["stream"])):
        read = [dict(row) for row in rows]
        yield read[0]["kind"], _spans(KINDS[read[0]["kind"]](id=stream), read)


def _spans(case: Case, rows: list[dict[str, Any]]) -> list[_Span]:
    done: list[_Span] = []
    moves: dict[tuple[str, str], _Span] = {}
    clocks: dict[str, _Span] = {}
    for row in rows:
        event, moment = fact(row)
        case.apply(event, moment)
        waiting = [] if case.final else case.waiting()
        awaited = {(w.for_, w.agency): case.deadlines.get(w.clock or "") for w in waiting}
        for key in moves.keys() - awaited.keys():
            done.append(_ended(moves.pop(key), moment.at))
        for (name, agency), deadline in awaited.items():
            span = moves.setdefault((name, agency), _Span("move", name, agency, moment.at, deadline))
            span.deadline = deadline or span.deadline
        owner = {w.clock: w.agency for w in waiting}
        for name in clocks.keys() - case.deadlines.keys():
            done.append(_ended(clocks.pop(name), moment.at))
        for name, deadline in case.deadlines.items():
            if name in clocks or name in owner:
                span = clocks.setdefault(
                    name, _Span("clock", name, owner.get(name, ""), deadline.start, deadline)
                )
                span.deadline, span.agency = deadline, owner.get(name, span.agency)
    if case.final and rows:
        last = case.changed_at
        done += [_ended(span, last or span.since) for span in (*moves.values(), *clocks.values())]
        moves, clocks = {}, {}
    return [*done, *moves.values(), *clocks.values()]


def _ended(span: _Span, at: datetime) -> _Span:
    span.until = max(at, span.since)
    return span


def _spent(
    key: tuple[str, Literal["move", "clock"], str, str], spans: list[_Span], calendar: Calendar, now: datetime
) -> Spent:
    kind, what, name, agency = key
    days = sorted(
        working_days(s.since, s.until, calendar, s.deadline.pauses if s.deadline and what == "clock" else [])
        for s in spans
        if s.until
    )
    working = [s.deadline.period for s in spans if s.deadline and s.deadline.period.unit == "working-day"]
    promised = min((period.amount for period in working if period.amount), default=None)
    late = sum(
        1 for s in spans if s.deadline and not s.deadline.paused and (s.until or now) > s.deadline.ends_at
    )
    return Spent(
        kind=kind, what=what, name=name, agency=agency, ended=len(days), running=len(spans) - len(days),
        median=median(days) if days else None, p90=days[ceil(TAIL * len(days)) - 1] if days else None,
        longest=days[-1] if days else None,
        promised=promised, late=late,
    )  # fmt: skip


def working_days(since: datetime, until: datetime, calendar: Calendar, pauses: list[Pause]) -> int:
    """Working days after the day of one instant up to the day of another, without those on which the clock stood still."""
    day, last, count = local_day(since), local_day(until - timedelta(microseconds=1)), 0
    while day < last:
        day += timedelta(days=1)
        count += calendar.is_working(day) and not any(pause.covers(day) for pause in pauses)
    return count
