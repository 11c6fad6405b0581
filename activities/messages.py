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
    shown: bool = False
    """Whether the search attributes may say from the start where the case stands; in older histories they said its kind."""


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
    """What falls by itself (`domain.steering.Falls`)."""

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
    """Only in histories older than the agencies' posts: agencies that have letters of this case to deliver."""
    unwritten: bool = False
    """An announcement's document is not on the record yet."""
    slips: list[Slip] = field(default_factory=list)


@dataclass(frozen=True)
class Act:
    """An act of a process through the gateway."""

    id: str
    act: str
    by: str
    case: str


@dataclass(frozen=True)
class PostStart:
    """Whose post a process sees to."""

    agency: str
    prefix: str
    most_events: int = 4_000


@dataclass(frozen=True)
class Deliver:
    """Deliver all letters of an agency that are due. Processes older than the agencies' posts name one stream."""

    agency: str
    stream: str = ""


@dataclass(frozen=True)
class Delivered:
    """How many went out, and after how many seconds some are to be tried again (None: none is left)."""

    sent: int = 0
    again: float | None = None


@dataclass(frozen=True)
class LogStart:
    """A round of the transparency log: whose queues, and how many seconds an agency has to take up its task."""

    prefix: str
    patience: float = 20.0


@dataclass(frozen=True)
class Integrated:
    """How many rows became leaves, the log's size, its newest signed checkpoint, and who may cosign it."""

    added: int
    size: int
    checkpoint: str
    witnesses: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cosign:
    """Ask an agency to check and cosign a checkpoint (a signed note)."""

    agency: str
    checkpoint: str


@dataclass(frozen=True)
class Cosigned:
    """The signature line, or why there is none."""

    line: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Publish:
    """Signature lines for the checkpoint of a size."""

    size: int
    lines: list[str]


@dataclass(frozen=True)
class Published:
    """Who has cosigned the newest checkpoint so far, and whether they are enough."""

    cosigned: list[str]
    enough: bool
