"""What an act would do, and which acts a person may do now: decided like the act itself, then thrown away.

Nothing is written, no lock is taken and no key is made: what is sealed here is sealed under a key that is forgotten.
"""

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from domain.actors import Actor
from domain.acts.base import ACTS
from domain.authority import authorise
from domain.case import Case, show_deadline
from domain.decide import decide, govern, named_by
from domain.files import Command, Files
from domain.moments import stamp
from domain.refusals import Refused
from domain.secrets import Secret
from gateway.answers import Answer, refusal_answer
from gateway.gateway import Gateway
from gateway.letters import letter_rows
from records.keys import Envelope
from records.world import SHARED, Cache, LedgerWorld

OBSTACLES = frozenset({
    "not-authorised", "wrong-agency", "self-review", "stale", "calendar-missing", "frozen", "already-asked",
    "deemed-accepted", "signed", "notice-open", "objection-open", "hearing-pending", "window-closed",
    "not-a-technician-college", "not-announced", "enrolment-not-filed", "panel-incomplete", "wrong-stage",
})  # fmt: skip
"""Codes that speak against the act as such, now; the others speak of what is filled in."""


@dataclass
class Foresight:
    """The effect of an act. `refused`: why it would be refused; then the rest is empty."""

    refused: Answer | None = None
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    deadlines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Periods that begin or move, with case, name and computation in words."""
    waiting: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Whose move it is afterwards, on the cases that the act changes."""
    told: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Letters that would go out: which, to whom."""
    opened: str | None = None


class _Forgetful(Envelope):
    """Seals under keys that nobody keeps."""

    def ready(self, people: Iterable[str]) -> None:
        """Nothing to get ready."""

    def seal(self, person: str, clear: str) -> Secret:
        """A secret that never opens."""
        return Secret(person=person, sealed=base64.b64encode(os.urandom(12 + len(clear.encode()))).decode())


def foresee(gateway: Gateway, command: Command) -> Foresight:
    """What this act would do now; nothing is recorded, a refusal neither."""
    with gateway.engine.connect().execution_options(reading=True) as connection:
        files = _desk(gateway, connection, command, Cache())
        before = _Before(files)
        try:
            decide(files)
        except Refused as refused:
            receipt = {"act": command.act, "command": command.id, "case": command.case}
            return Foresight(refused=refusal_answer(files.pack, refused, receipt, command.with_.get("lines")))
        return _effect(files, before)


def possible(
    gateway: Gateway, by: Actor, wishes: Iterable[tuple[str, str | None, dict[str, Any]]]
) -> list[str]:
    """Which of these acts (name, case, a form that fits) the person may do now, by office, object and stage."""
    found: list[str] = []
    cache = Cache()
    with gateway.engine.connect().execution_options(reading=True) as connection:
        for act, case, with_ in wishes:
            wish = Command(id=f"wish/{act}", act=act, by=by, case=case, with_=with_)
            if _allowed(_desk(gateway, connection, wish, cache)) and _timely(
                _desk(gateway, connection, wish, cache)
            ):
                found.append(act)
    return found


def _allowed(files: Files) -> bool:
    wanted = ACTS[files.command.act].on
    case = files.find(files.command.case, wanted) if wanted else None
    govern(files, named_by(files, case))  # by the procedure that the case pinned, as the act itself would be
    authorise(files, case)
    return not files.refusals.reasons


def _timely(files: Files) -> bool:
    try:
        decide(files)
    except Refused as refused:
        return not any(reason.code in OBSTACLES for reason in refused.reasons)
    return True


class _Before:
    """Deadlines as they stood before the act's first fact on each case."""

    def __init__(self, files: Files) -> None:
        self.deadlines: dict[str, dict[str, Any]] = {}
        ours = files.before

        def note(case: Case) -> None:
            self.deadlines[case.id] = dict(case.deadlines)
            ours(case)

        files.before = note


def _desk(gateway: Gateway, connection: Connection, command: Command, cache: Cache) -> Files:
    files = gateway.desk(connection, LedgerWorld(connection, cache, SHARED), command)
    files.sealer = _Forgetful(gateway.keys, connection, command.id)
    return files


def _effect(files: Files, before: _Before) -> Foresight:
    touched = [files.seen[id_] for id_ in dict.fromkeys(fact.stream for fact in files.added)]
    seen = Foresight(opened=files.opened)
    seen.events = [
        {"case": fact.stream, "kind": fact.kind, "type": type(fact.event).__name__, "at": stamp(fact.moment.at)}
        for fact in files.added
    ]  # fmt: skip
    for case in touched:
        earlier = before.deadlines.get(case.id, {})
        for name, deadline in case.deadlines.items():
            if earlier.get(name) != deadline:
                told = {"case": case.id, "name": name, "pack": case.pack, **show_deadline(deadline)}
                seen.deadlines.append(told)
        seen.waiting += [
            {"case": case.id, "role": w.role, "agency": w.agency, "for": w.for_, "due": w.due and stamp(w.due)}
            for w in case.waiting()
        ]  # fmt: skip
    seen.told = [{"letter": row["letter"], "to": row["recipient"]} for row in letter_rows(files)]
    return seen
