"""How every process of ours connects to Temporal: one way, so that all of them speak the same."""

from temporalio.client import Client
from temporalio.runtime import Runtime

from gateway.codec import converter
from gateway.settings import Settings


async def connect(settings: Settings, runtime: Runtime | None = None) -> Client:
    """A client for these settings. Raises RuntimeError when Temporal does not answer, SealRefused for bad master keys."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        runtime=runtime,
        data_converter=converter(settings.payload_keys),
    )
