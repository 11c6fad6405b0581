"""Temporal as a screen asks it: there within two seconds, or away."""

import asyncio

from temporalio.client import Client

from console.desk import Desk
from gateway import temporal


async def connect(desk: Desk) -> Client | None:
    """Temporal, if it answers within two seconds."""
    try:
        async with asyncio.timeout(2):
            return await temporal.connect(desk.settings)
    except (TimeoutError, RuntimeError):  # the SDK raises RuntimeError for every failure to connect
        return None
