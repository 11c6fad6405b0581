"""What histories of processes show that the record does not hold: facts by number, name and digest, never their content.

A process notes each fact that it reads. After a record was put back, its histories, in Temporal or archived among the
stored files, are a second witness of what had been there.
"""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection
from temporalio.client import Client

from audit.following import Carried, Finding, NotAHistory, carried, compare, unpacked
from audit.replay import rows_of
from gateway.codec import open_history
from gateway.payload_keys import SealRefused
from records.backup import stored
from records.files import FileDamaged, FileMissing, FileStore


@dataclass
class Beyond:
    """What histories told."""

    archived: int = 0
    running: int = 0
    agreeing: int = 0
    """Cases whose facts and histories agree."""
    missing: list[Finding] = field(default_factory=list[Finding])
    """Facts that a process has read and that are nowhere."""
    contradictions: list[Finding] = field(default_factory=list[Finding])


async def beyond(connection: Connection, store: FileStore, client: Client | None, prefix: str) -> Beyond:
    """Hold every history there is, archived or in Temporal (None: away), against the record. Raises RPCError."""
    told, runs = Beyond(), dict[str, list[Carried]]()
    seen: set[str] = set()
    for run in _archived(store):
        told.archived += 1
        seen.add(run.run)
        runs.setdefault(run.stream, []).append(run)
    if client is not None:
        async for run in _kept_by_temporal(client, prefix, seen):
            told.running += 1
            runs.setdefault(run.stream, []).append(run)
    for stream, found in sorted(runs.items()):
        findings = _held_against(connection, stream, found)
        # One fact is read by several runs; where the record lacks it, states after it cannot be compared either.
        lacking = {f.fact: f for f in findings if f.kind == "ledger-lacks" and f.fact}
        told.missing += lacking.values()
        told.contradictions += [f for f in findings if f.kind == "differs"]
        told.agreeing += not findings
    return told


def _held_against(connection: Connection, stream: str, runs: list[Carried]) -> list[Finding]:
    if rows := rows_of(connection, stream):
        return compare(rows, runs, whole=False)
    return [
        Finding(kind="ledger-lacks", run=run.run, event=event, fact=f"{stream}#{slip['n']}", history=slip)
        for run in runs
        for event, bearing in run.bearings
        for slip in bearing.get("slips", [])
    ]


def _archived(store: FileStore) -> Iterable[Carried]:
    """Histories among the stored files, also those whose note in `runs` is lost."""
    for path in stored(store):
        name = path.rpartition("/")[2]
        if path.startswith(("log/", "journal/")) or len(name) != 64:
            continue
        try:
            data = store.get(name)
            if data[:2] == b"\x1f\x8b":
                yield carried(json.loads(unpacked(data)))
        except (FileMissing, FileDamaged, NotAHistory, ValueError):
            continue  # another kind of file


async def _kept_by_temporal(client: Client, prefix: str, but: set[str]) -> AsyncIterator[Carried]:
    async for found in client.list_workflows():
        if not found.id.startswith(f"{prefix}/") or found.run_id in but:
            continue
        history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
        try:
            yield carried(json.loads(open_history(history.to_json(), client.data_converter.payload_codec)))
        except (NotAHistory, SealRefused):
            continue  # a round of the log
