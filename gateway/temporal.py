"""How every process of ours connects to Temporal: one way, so that all of them speak the same."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from gateway.codec import converter
from gateway.gateway import Gateway
from gateway.settings import Settings

LOST = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.INTERNAL,
)
"""What a server says, or what is said for it, when it is not there or its database is not."""


async def answers(client: Client) -> bool:
    """Whether Temporal is there: not only its door, its database behind it as well. It has two seconds."""
    try:
        await client.count_workflows("", rpc_timeout=timedelta(seconds=2))
    except RPCError as error:
        return error.status not in LOST
    except RuntimeError:  # a client that has never been connected
        return False
    return True


async def connect(
    settings: Settings, runtime: Runtime | None = None, gateway: Gateway | None = None
) -> Client:
    """A client for these settings. Raises RuntimeError when Temporal does not answer, SealRefused for bad master keys.

    `gateway`: whose traces go on through it, where it has any.
    """
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        runtime=runtime,
        data_converter=converter(settings.payload_keys),
        interceptors=gateway.traces.interceptors if gateway and gateway.traces else [],
    )
