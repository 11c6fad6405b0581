"""Replays histories with today's workflow code and compares what they carry with the ledger."""

import json
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from audit.dossier import Row
from audit.following import Carried, Finding, NotAHistory, carried, compare
from audit.histories import Kept
from records.schema import events
from worker import PROCESSES, sandbox


@dataclass
class Replayed:
    """What came of replaying a case."""

    case: str
    runs: list[Carried] = field(default_factory=list[Carried])
    origins: dict[str, str] = field(default_factory=dict[str, str])
    facts: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def same(self) -> bool:
        """Whether every history replays and agrees with the ledger."""
        return not self.findings


def rows_of(connection: Connection, case: str) -> list[Row]:
    """The facts of a case as they stand in the ledger."""
    query = select(events).where(events.c.stream == case).order_by(events.c.seq)
    return [dict(row) for row in connection.execute(query).mappings()]


@dataclass
class Asked:
    """One case to replay: its facts, its runs' histories, and what is wrong already. `whole`: these are all its runs."""

    case: str
    rows: list[Row]
    kept: list[Kept]
    wrong: list[Finding]
    whole: bool = True


async def replay(cases: Iterable[Asked]) -> list[Replayed]:
    """Replay all runs of these cases, and compare them with their facts. Many at once cost hardly more than the replaying."""
    found: list[Replayed] = []
    histories: list[WorkflowHistory] = []
    of: dict[str, Replayed] = {}
    for asked in cases:
        done = Replayed(asked.case, facts=len(asked.rows), findings=list(asked.wrong))
        found.append(done)
        for one in asked.kept:
            try:
                parsed = json.loads(one.text)
                run = carried(parsed)
                histories.append(WorkflowHistory.from_json(run.workflow or asked.case, parsed))
            except (NotAHistory, ValueError) as problem:
                why = str(problem) if isinstance(problem, NotAHistory) else "不是 JSON / not JSON"
                done.findings.append(Finding(kind="unreadable", run=one.run, why=f"{one.origin}: {why}"))
                continue
            done.runs.append(run)
            done.origins[run.run], of[run.run] = one.origin, done
        done.findings += compare(asked.rows, done.runs, whole=asked.whole and not done.findings)
    for finding in await nondeterminism(histories):
        of[finding.run].findings.append(finding)
    return found


async def nondeterminism(histories: list[WorkflowHistory]) -> list[Finding]:
    """What today's code does otherwise than these histories say. One replayer for all: starting one costs most."""

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    if not histories:
        return []
    results = await _replayer().replay_workflows(each(), raise_on_replay_failure=False)
    by_run = {history.run_id: history for history in histories}
    return [await _failure(by_run[run], error) for run, error in results.replay_failures.items()]


def _replayer() -> Replayer:
    return Replayer(workflows=PROCESSES, workflow_runner=sandbox())


async def _failure(history: WorkflowHistory, error: Exception) -> Finding:
    told = str(error)
    known = re.search(r"HistoryEvent\(id: (\d+)", told)
    at = int(known[1]) if known else await _where(history, told)
    kind = (
        "non-deterministic" if isinstance(error, NondeterminismError) or "TMPRL1100" in told else "unreadable"
    )
    said = re.search(r'message: "([^"]+)"', told)
    return Finding(kind=kind, run=history.run_id, event=at, why=said[1] if said else told[:400])


async def _where(history: WorkflowHistory, told: str) -> int | None:
    """The event at which replay goes wrong, when the SDK does not say: the shortest beginning that fails ends there.

    A beginning can end after the events of any workflow task; among those of the one that fails, the event that the
    message quotes is meant, else the first.
    """
    tasks = [
        n
        for n, event in enumerate(history.events)
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    ends = [*tasks[1:], len(history.events)]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        part = WorkflowHistory(history.workflow_id, history.events[: ends[middle]])
        failed = (
            await _replayer().replay_workflow(part, raise_on_replay_failure=False)
        ).replay_failure is not None
        low, high = (low, middle) if failed else (middle + 1, high)
    if not tasks:
        return None
    section = history.events[tasks[low] + 1 : ends[low]]
    quoted = re.findall(r"'([^']+)'", told)
    meant = next((event for event in section if any(word in str(event) for word in quoted[:1])), None)
    return int(meant.event_id if meant else history.events[tasks[low]].event_id)
