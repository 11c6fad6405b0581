"""Histories of every process, as today's code writes them: `python -m tests.guards.export_histories` keeps them.

They are played from stories on the time-skipping server. What is committed under histories/ was written by a released
version and must replay for ever.
"""

import asyncio
import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.client import Client, WorkflowHistory

from deploy.servers import ensure_test_server
from gateway.custody import LOG, Custody, trust_roots
from rehearsal.server import time_skipping_server
from rehearsal.story import read_story
from tests.processes.house import House
from tests.stories.theatre import Theatre

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).parent / "histories"
OWN = ROOT / "rehearsals"
SHARED = OWN / "shared"
STORIES = (
    SHARED / "01-straight-run.yaml", SHARED / "07-suspension-in-flight.yaml", SHARED / "08-next-years-schedule.yaml",
    SHARED / "11-partial-approval.yaml", SHARED / "12-enrol-before-filing.yaml", OWN / "selection-substitution.yaml",
)  # fmt: skip


async def histories(theatre: Theatre) -> list[tuple[str, WorkflowHistory]]:
    """The history of every process of the stories, and of a round of the log, with the kind of its process."""
    found: list[tuple[str, WorkflowHistory]] = []
    for path in STORIES:
        seen = await theatre.seen(read_story(path))
        assert seen.outcome.holds, seen.outcome.failures
        found += [(seen.kinds[id_], history) for id_, history in seen.histories.items()]
    return [*found, ("log", await _log_round(theatre.server.client))]


async def _log_round(client: Client) -> WorkflowHistory:
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
            history = await client.get_workflow_handle(f"{house.name}/log").fetch_history()
        house.close()
    return history


async def main() -> None:
    """Keep the longest history of each kind of process of which none is kept yet."""
    async with time_skipping_server(ensure_test_server()) as server:
        longest: dict[str, WorkflowHistory] = {}
        for kind, history in await histories(Theatre(server)):
            if kind not in longest or len(history.events) > len(longest[kind].events):
                longest[kind] = history
    KEPT.mkdir(exist_ok=True)
    for kind, history in longest.items():
        if not list(KEPT.glob(f"*-{kind}.json.gz")):
            data = gzip.compress(history.to_json().encode(), mtime=0)
            (KEPT / f"0001-{kind}.json.gz").write_bytes(data)


if __name__ == "__main__":
    asyncio.run(main())
