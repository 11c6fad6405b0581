"""Remedies that reach into Temporal: begin a case's process anew, try its post at once. The act comes first, on the record."""

from sqlalchemy import update
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.files import Command
from gateway.answers import Answer
from gateway.gateway import Gateway
from gateway.relay import Behind, wake
from records.ledger import POST
from records.schema import letters


async def restart_process(gateway: Gateway, client: Client, prefix: str, command: Command) -> Answer:
    """End the process of a case; the relay finds the case behind and starts a new one from the ledger.

    The act (`restart-process`) is decided first. Ending is idempotent: with no process there, the relay still starts one.
    """
    answer = gateway.act(command)
    if answer["outcome"] == "accepted":
        try:
            await client.get_workflow_handle(f"{prefix}/{command.case}").terminate(
                f"restart-process {command.id}"
            )
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
    return answer


async def retry_now(gateway: Gateway, client: Client, prefix: str, case: str) -> bool:
    """Do not wait out the pause before the next attempt at the case's post. False when none of it waits for one."""
    waiting = (letters.c.stream == case) & (letters.c.status == "due") & (letters.c.again_at > "")
    sooner = update(letters).where(waiting).values(again_at="").returning(letters.c.sender)
    with gateway.engine.begin() as connection:
        senders = set(connection.execute(sooner).scalars())
    for sender in senders:
        await wake(client, prefix, gateway.clock.face, Behind(f"{POST}{sender}", "post"))
    return bool(senders)
