"""What passes between processes and activities. Ids, codes, stages and instants only: Temporal keeps these in clear."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.clock import ClockFace


@dataclass(frozen=True)
class Clock:
    """The environment's clock face in a start input (instants as ISO text)."""

    real: str
    legal: str
    rate: str = "1"

    def until(self, legal: str, now: datetime) -> timedelta:
        """Real time from `now` (workflow time) until a legal instant."""
        face = ClockFace(
            real=datetime.fromisoformat(self.real), legal=datetime.fromisoformat(self.legal), rate=self.rate
        )
        return face.real_until(datetime.fromisoformat(legal), now)


@dataclass(frozen=True)
class CaseStart:
    """Which stream a process follows, from which event on, by which clock."""

    stream: str
    clock: Clock
    prefix: str
    after: int = 0
    most_events: int = 4_000
    """Length of a history after which the process continues as new, far below Temporal's own limits."""


@dataclass(frozen=True)
class Follow:
    """Ask for what happened on a stream after an event."""

    stream: str
    after: int


@dataclass(frozen=True)
class Slip:
    """An event by number, name and digest, so that a history can be compared with the ledger."""

    n: int
    type: str
    digest: str


@dataclass(frozen=True)
class Due:
    """A deadline that lapses by itself."""

    name: str
    ends_at: str
    revision: int


@dataclass(frozen=True)
class Bearing:
    """Where a case stands: all that steers a process."""

    head: int
    stage: str
    final: bool
    round: str | None = None
    due: list[Due] = field(default_factory=list)
    waiting_for: str = ""
    agency: str = ""
    by_when: str | None = None
    post: list[str] = field(default_factory=list)
    """Agencies that have letters of this case to deliver."""
    slips: list[Slip] = field(default_factory=list)


@dataclass(frozen=True)
class Act:
    """An act of a process through the gateway."""

    id: str
    act: str
    by: str
    case: str


@dataclass(frozen=True)
class Deliver:
    """Deliver what is due of a stream's letters, as one agency."""

    stream: str
    agency: str
