"""The list of a cohort's students for their own college: who they are is opened only after the reading is on record."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from domain.cases.student import Student
from domain.files import Command
from gateway.answers import Answer
from gateway.gateway import Gateway
from records.keys import Erased, unseal
from records.world import LedgerWorld


@dataclass(frozen=True)
class Entry:
    """One student of the list; `particulars` is None when the person's key was destroyed."""

    student: Student
    particulars: dict[str, str] | None


def open_roll(gateway: Gateway, command: Command) -> tuple[Answer, list[Entry]]:
    """Do the `export-students` that was asked for; with the list by number if it was accepted, else an empty one."""
    answer = gateway.act(command)
    if answer["outcome"] != "accepted" or command.act != "export-students":
        return answer, []
    with gateway.engine.connect().execution_options(reading=True) as connection:
        world = LedgerWorld(connection, gateway.cache)
        held = world.claimed(f"student-no/{command.case}/")
        found = [s for s in world.load(sorted(held.values())).values() if isinstance(s, Student)]
        entries = [Entry(s, _particulars(gateway, connection, s)) for s in found]
    return answer, sorted(entries, key=lambda entry: entry.student.no)


def _particulars(gateway: Gateway, connection: Connection, student: Student) -> dict[str, str] | None:
    if student.who is None:
        return None
    try:
        return json.loads(unseal(gateway.keys, connection, student.who))
    except (
        Erased,
        ValueError,
    ):  # the person was erased and came back: the old data is under a key that is gone
        return None
