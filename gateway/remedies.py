"""Remedies that reach into Temporal: begin a case's process anew, try its post at once. The act comes first, on the record."""

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.files import Command
from gateway.gateway import Answer, Gateway


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


async def retry_now(client: Client, prefix: str, case: str) -> bool:
    """Do not wait out the pause before the next attempt at the case's post. False when no attempt is pending."""
    id_ = f"{prefix}/{case}"
    try:
        pending = (await client.get_workflow_handle(id_).describe()).raw_description.pending_activities
        waiting = [activity.activity_id for activity in pending if activity.attempt > 1]
        for activity_id in waiting:
            await client.workflow_service.reset_activity(
                ResetActivityRequest(
                    namespace=client.namespace, execution=WorkflowExecution(workflow_id=id_), id=activity_id
                )
            )
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False
    return bool(waiting)
