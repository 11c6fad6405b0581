"""How a process comes to another release of its code: it continues as a new run there, from the ledger (gateway.releases)."""

from typing import Any, NoReturn

from temporalio import workflow
from temporalio.workflow import ContinueAsNewVersioningBehavior as Behaviour


def superseded() -> bool:
    """Whether new runs of this process would begin on another release: a newer one, or after a rollback an earlier one.

    Temporal says so at each task, and the history keeps what it said. Where releases are not told apart it is never so.
    """
    return workflow.info().is_target_worker_deployment_version_changed()


def continue_anew(start: Any) -> NoReturn:
    """End this run and begin the next one, on the release that is to have it."""
    there = Behaviour.AUTO_UPGRADE if superseded() else Behaviour.UNSPECIFIED
    workflow.continue_as_new(start, initial_versioning_behavior=there)
