"""How every process of ours connects to Temporal: one way, so that all of them speak the same."""

from temporalio.client import Client
from temporalio.runtime import Runtime

from gateway.codec import converter
from gateway.gateway import Gateway
from gateway.settings import Settings


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
