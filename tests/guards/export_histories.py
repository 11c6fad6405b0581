"""Histories of every process, as today's code writes them: `python -m tests.guards.export_histories` keeps them.

They are played from stories on the time-skipping server. What is committed under histories/ was written by a released
version and must replay for ever.
"""

import asyncio
import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.filter.v1 import StartTimeFilter
from temporalio.api.workflowservice.v1 import ListClosedWorkflowExecutionsRequest
from temporalio.client import Client, WorkflowHistory

from deploy.servers import ensure_test_server
from gateway.custody import LOG, Custody, trust_roots
from rehearsal.runner import play
from rehearsal.server import RehearsalServer, time_skipping_server
from rehearsal.story import read_story
from tests.processes.house import House

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).parent / "histories"
OWN = ROOT / "rehearsals"
SHARED = OWN / "shared"
STORIES = (
    SHARED / "01-straight-run.yaml", SHARED / "07-suspension-in-flight.yaml", SHARED / "08-next-years-schedule.yaml",
    SHARED / "11-partial-approval.yaml", SHARED / "12-enrol-before-filing.yaml", OWN / "selection-substitution.yaml",
)  # fmt: skip


async def histories(server: RehearsalServer) -> list[tuple[str, WorkflowHistory]]:
    """Play the stories; every finished run's history, with the kind of its process."""
    for path in STORIES:
        outcome = await play(server, read_story(path))
        assert outcome.holds, outcome.failures
    await _log_round(server.client)
    everything = StartTimeFilter(
        earliest_time=Timestamp(seconds=0), latest_time=Timestamp(seconds=4_000_000_000)
    )
    request = ListClosedWorkflowExecutionsRequest(
        namespace="default", maximum_page_size=1000, start_time_filter=everything
    )
    closed = await server.client.workflow_service.list_closed_workflow_executions(request)
    found: list[tuple[str, WorkflowHistory]] = []
    for run in closed.executions:
        handle = server.client.get_workflow_handle(run.execution.workflow_id, run_id=run.execution.run_id)
        found.append((run.type.name, await handle.fetch_history()))
    return found


async def _log_round(client: Client) -> None:
    """A round of the transparency log, with every agency's key; this server has no schedule to start it."""
    with TemporaryDirectory() as folder:
        house = House(Path(folder), client, "log-history")
        custody = Custody(Path(folder) / "keys")
        made = {who: custody.make(who, "huiqian.example/history") for who in (LOG, "dept", "gz", "sz", "tro")}
        custody.trust_file.write_text(trust_roots(made.pop(LOG), made, 2).encode())
        house.settings = house.settings.model_copy(update={"keys": str(custody.folder)})
        async with house.served():
            start = {"prefix": house.name, "patience": 20.0}
            await client.execute_workflow("log", start, id=f"{house.name}/log", task_queue=house.name)
        house.close()


async def main() -> None:
    """Keep the longest history of each kind of process of which none is kept yet."""
    async with time_skipping_server(ensure_test_server()) as server:
        longest: dict[str, WorkflowHistory] = {}
        for kind, history in await histories(server):
            if kind not in longest or len(history.events) > len(longest[kind].events):
                longest[kind] = history
    KEPT.mkdir(exist_ok=True)
    for kind, history in longest.items():
        if not list(KEPT.glob(f"*-{kind}.json.gz")):
            data = gzip.compress(history.to_json().encode(), mtime=0)
            (KEPT / f"0001-{kind}.json.gz").write_bytes(data)


if __name__ == "__main__":
    asyncio.run(main())
