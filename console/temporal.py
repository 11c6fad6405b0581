"""Temporal as a screen asks it: there within some seconds, or away."""

import asyncio

from temporalio.client import Client

from console.desk import Desk
from gateway import temporal


async def connect(desk: Desk) -> Client | None:
    """Temporal, if it can be reached within two seconds, and answers within two more."""
    try:
        async with asyncio.timeout(2):
            client = await temporal.connect(desk.settings)
    except (TimeoutError, RuntimeError):  # the SDK raises RuntimeError for every failure to connect
        return None
    return client if await temporal.answers(client) else None
