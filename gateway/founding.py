"""Setting an environment up, once: its clock, its keys, its rules, its calendar, its agencies and first officers."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine

from domain.actors import Actor
from domain.cases.calendar import CALENDAR, CalendarPublished, PublishedCalendar
from domain.cases.environment import POLICY, PackAdopted, PolicyInForce, ProcedureAdopted
from domain.cases.register import Agency, AgencyFounded, OfficerAppointed
from domain.cases.suspensions import SUSPENSIONS, Suspensions, SuspensionsKept
from domain.chain import canonical
from domain.files import Command, Files
from domain.policy import Pack
from gateway.clock import ClockFace, Environment, LegalClock, environment_row
from gateway.gateway import Gateway
from records.keys import PEPPER, Envelope, make_key
from records.ledger import Entry
from records.schema import environment
from records.world import LedgerWorld

FOUNDER = Actor(role="process", agency="founding", person="process@founding")


def found(
    engine: Engine,
    *,
    id_: str,
    pack: Pack,
    beside: Iterable[Pack] = (),
    settings: Mapping[str, Any],
    face: ClockFace,
    schedules: Iterable[CalendarPublished],
    officers: Iterable[tuple[str, str, str]] = (("ops", "dept", "ops@dept"),),
) -> Environment:
    """Make the environment's record: its own procedure's pack, and those of further procedures `beside` it.

    A setting holds for every pack that has such a rule. Raises KeyError or ValueError when it fits none, or for a draft.
    """
    effective, *others = with_settings([pack, *beside], settings)
    for version in (effective, *others):
        if version.draft:
            raise ValueError(f"{version.name}：征求意见稿不得施行 / a draft is never put in force")
    env = Environment(id=id_, clock=face)
    gateway = Gateway(engine, LegalClock(face))
    command = Command(id=f"{id_}/founding", act="found", by=FOUNDER)
    with engine.begin() as connection:
        connection.execute(environment.insert().values(environment_row(env)))
        make_key(connection, PEPPER)
        for version in (effective, *others):
            gateway.shelf.keep(connection, version)
        world = LedgerWorld(
            connection, gateway.cache, frozenset({"agency", "calendar", "policy", "suspensions"})
        )
        files = Files(
            world,
            command,
            face.legal,
            effective,
            lambda hash_: gateway.shelf.get(connection, hash_),
            Envelope(gateway.keys, connection, command.id),
        )
        files.before = world.note
        policy = files.open(PolicyInForce(id=POLICY))
        files.append(policy, PackAdopted(name=effective.name, pack=effective.hash, settings=dict(settings)))
        for other in others:
            held = {key: value for key, value in settings.items() if key in other.rules}
            files.append(policy, ProcedureAdopted(name=other.name, pack=other.hash, settings=held))
        calendar = files.open(PublishedCalendar(id=CALENDAR))
        for schedule in schedules:
            files.append(calendar, schedule)
        files.append(files.open(Suspensions(id=SUSPENSIONS)), SuspensionsKept())
        for agency in dict.fromkeys(id_ for version in (effective, *others) for id_ in version.agencies):
            files.append(
                files.open(Agency(id=f"agency/{agency}")), AgencyFounded(mail=f"{agency}@huiqian.example")
            )
        for role, agency, person in officers:
            files.append(files.need(f"agency/{agency}", Agency), OfficerAppointed(role=role, person=person))
        entry = Entry(connection, world, files, POLICY)
        event_ids = entry.events(files.calendar_version)
        body = canonical({"environment": environment_row(env)})  # which no row alone could prove later
        entry.act(body, "", "accepted", None, {"outcome": "accepted", "act": "found", "events": event_ids})
        entry.finish([])
    return env


def with_settings(packs: list[Pack], settings: Mapping[str, Any]) -> list[Pack]:
    """Packs with the values an environment sets, each where it has the rule. Raises KeyError, ValueError."""
    if unknown := [key for key in settings if not any(key in pack.rules for pack in packs)]:
        raise KeyError(unknown[0])
    return [pack.with_settings({k: v for k, v in settings.items() if k in pack.rules}) for pack in packs]


def published_schedules(years: Iterable[int]) -> list[CalendarPublished]:
    """The State Council's schedules from the `chinesecalendar` package, as events; a year it lacks is left out."""
    return [schedule for year in years if (schedule := _schedule(year))]


@cache
def _schedule(year: int) -> CalendarPublished | None:
    import chinese_calendar

    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    days = [d for d in days if d.year == year]
    try:
        working: dict[date, bool] = {d: bool(chinese_calendar.is_workday(d)) for d in days}
    except NotImplementedError:
        return None
    return CalendarPublished(
        year=year,
        holidays=[d for d in days if d.weekday() < 5 and not working[d]],
        workdays=[d for d in days if d.weekday() >= 5 and working[d]],
        source="国务院办公厅节假日安排（chinesecalendar）",
    )


def from_now(now: datetime, *, legal: datetime | None = None, rate: str = "1") -> ClockFace:
    """A clock that stands at `legal` now and runs at `rate`; in production it is real time."""
    return ClockFace(real=now, legal=legal or now, rate=rate)
