"""The legal clock: the only reader of a clock outside workflows, and the same arithmetic for both (design.md, Time)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache

from pydantic import BaseModel
from sqlalchemy import Engine, select

from domain.moments import instant, stamp
from records.schema import environment


@cache
def _pace(rate: str) -> float:
    """How many legal seconds pass in a real one."""
    return float(Fraction(rate))


class ClockFace(BaseModel, frozen=True):
    """How legal time runs against real time in an environment: from a pair of instants on, at a rate.

    In production both instants are the same and the rate is 1; a rehearsal or demo sets them once, when its
    environment is made, and every process start carries them, so that no worker's environment can differ.
    """

    real: datetime
    legal: datetime
    rate: str = "1"

    def legal_of(self, real: datetime) -> datetime:
        """The legal time at a real instant."""
        return self.legal + (real - self.real) * _pace(self.rate)

    def real_until(self, legal: datetime, now: datetime) -> timedelta:
        """How long, in real time from the real instant `now`, until a legal instant; never negative."""
        return max((legal - self.legal_of(now)) / _pace(self.rate), timedelta())


def system_time() -> datetime:
    """The machine's clock, the only place that reads it."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one clock


class LegalClock:
    """Legal time now."""

    def __init__(self, face: ClockFace, real: Callable[[], datetime] = system_time) -> None:
        self.face = face
        self.real = real

    def now(self) -> datetime:
        """Legal time, aware, to the microsecond."""
        return self.face.legal_of(self.real())


class Environment(BaseModel, frozen=True):
    """Which environment a records database belongs to."""

    id: str
    clock: ClockFace


def read_environment(engine: Engine) -> Environment | None:
    """The environment's record, None when the database was not set up yet."""
    with engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(select(environment)).first()
    if row is None:
        return None
    face = ClockFace(real=instant(row.clock_real), legal=instant(row.clock_legal), rate=row.clock_rate)
    return Environment(id=row.id, clock=face)


def environment_row(env: Environment) -> dict[str, str]:
    """How the record is written."""
    return {
        "id": env.id,
        "clock_real": stamp(env.clock.real),
        "clock_legal": stamp(env.clock.legal),
        "clock_rate": env.clock.rate,
    }
