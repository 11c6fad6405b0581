"""Which dates were promised in the round, and when what they were for happened: read from the ledger alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from domain.cases.filing_facts import FilingAccepted, SupplementAsked, SupplementSupplied
from domain.cases.line_facts import LinesAnnounced, LinesConsented, LinesRefused
from domain.cases.notice import NoticeClosed
from domain.cases.objection import ObjectionDecided
from domain.cases.round import CallIssued, WindowClosed, WindowOpened
from domain.clocks import Deadline
from domain.events import Event, Moment
from records.reading import facts
from records.schema import streams

STARTED_IN = ("completeness", "supplement", "decision", "notice", "objection", "publication")
ENDED_BY: dict[type[Event], str] = {
    WindowOpened: "opens",
    WindowClosed: "closes",
    FilingAccepted: "completeness",
    SupplementAsked: "completeness",
    SupplementSupplied: "supplement",
    LinesConsented: "decision",
    LinesRefused: "decision",
    NoticeClosed: "notice",
    ObjectionDecided: "objection",
    LinesAnnounced: "publication",
}
NAMES = {
    "opens": ("申报窗口开启", "window opens"),
    "closes": ("申报窗口关闭", "window closes"),
    "completeness": ("受理或告知补正", "accept or ask"),
    "supplement": ("补正", "supplement"),
    "decision": ("作出决定", "decision"),
    "notice": ("公示期满", "notice ends"),
    "objection": ("异议核实", "objection verified"),
    "publication": ("公布", "publication"),
}


@dataclass
class Promise:
    """One period: whose, until when, and when it ended."""

    name: str
    stream: str
    deadline: Deadline
    happened: datetime | None = None
    by_silence: bool = False

    @property
    def kept(self) -> bool:
        """Whether it happened in time (a period that ends by itself ends exactly on time)."""
        return self.happened is not None and self.happened <= self.deadline.ends_at


def promises(engine: Engine) -> list[Promise]:
    """Every period of the round that somebody was promised, in the order of its end."""
    query = select(streams.c.id).where(streams.c.kind.in_(("round", "filing", "notice", "objection")))
    with engine.connect().execution_options(reading=True) as connection:
        ids = list(connection.execute(query).scalars())
        found = [promise for id_ in ids for promise in _of_stream(id_, facts(connection, id_)[1])]
    return sorted(found, key=lambda p: (p.deadline.ends_at, p.name))


def _of_stream(stream: str, history: list[tuple[Event, Moment]]) -> Iterator[Promise]:
    running: dict[str, Promise] = {}
    done: list[Promise] = []
    for event, moment in history:
        ended = running.get(ENDED_BY.get(type(event), ""))
        if ended:
            ended.happened = moment.at
            ended.by_silence = isinstance(event, FilingAccepted) and event.deemed
        for deadline in _started(event):
            earlier = running.get(deadline.name)
            if earlier and earlier.happened is None:
                earlier.deadline = deadline  # a stopped clock went on: the same promise, a later date
            else:
                running[deadline.name] = Promise(deadline.name, stream, deadline)
                done.append(running[deadline.name])
    yield from done


def _started(event: Event) -> list[Deadline]:
    if isinstance(event, CallIssued):
        return list(event.window)
    found = [getattr(event, name, None) for name in STARTED_IN]
    return [deadline for deadline in found if isinstance(deadline, Deadline) and not deadline.paused]
