"""What driving is compared with: a workflow that takes an update and has a local activity write one row."""

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from bench.bare_workflow import Bare
from bench.ground import plain
from records.engine import open_engine

QUEUE = "bare"


class Writer:
    """The local activity."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @activity.defn(name="write")
    def write(self, size: int) -> None:
        """One row in one transaction."""
        with self._engine.begin() as connection:
            connection.execute(plain.insert(), {"data": "x" * size})


async def main() -> None:
    """Serve until told to stop, with the same threads as the product's worker."""
    client = await Client.connect(os.environ["HUIQIAN_TEMPORAL_ADDRESS"])
    writer = Writer(open_engine(os.environ["HUIQIAN_DATABASE_URL"]))
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with ThreadPoolExecutor(32) as threads:
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[Bare],
            activities=[writer.write],
            activity_executor=threads,
            max_cached_workflows=500,
        ):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
