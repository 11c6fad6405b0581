"""What remedies need beside the act itself: whose letters could be tried again; ending a process in Temporal."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, func, select
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.files import Command
from gateway.answers import Answer
from gateway.gateway import Gateway
from records.dispatches import unsent
from records.schema import letters


def unsent_letters(engine: Engine) -> Sequence[Any]:
    """For each case and agency how many letters the act `retry-post` would have tried again, and one error of theirs."""
    of = (letters.c.stream, letters.c.sender)
    query = select(*of, func.count().label("many"), func.max(letters.c.problem).label("problem"))
    with engine.connect().execution_options(reading=True) as connection:
        return connection.execute(query.where(unsent()).group_by(*of).order_by(*of)).all()


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
