"""One wake: the process of a stream, or an agency's post, is signalled, or started. Only this starts workflows of cases."""

from dataclasses import dataclass

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.common import WorkflowIDConflictPolicy as Conflict

from domain.moments import stamp
from domain.steering import Steering
from gateway.clock import ClockFace
from gateway.search import KIND, STANDING, standing
from records.ledger import POST


@dataclass(frozen=True)
class Behind:
    """A process with news: of a stream, or an agency's post."""

    stream: str
    kind: str
    head: int = 1
    followed: int = 0
    first: str = ""
    """Of a post: the first letter that is due."""
    restart: int = 0
    """The last unread event by which the process is to begin anew; 0: there is none."""


async def wake(
    client: Client,
    prefix: str,
    clock: ClockFace,
    row: Behind,
    *,
    anew: bool = False,
    stands: Steering | None = None,
) -> None:
    """Signal a process, or start it: it reads what is there. Raises RPCError.

    `anew`: end the run that is there, in the same instant. `stands`: how the case stands, if it is known: a new process
    then begins with what it would show first, which is one event and one write less.
    """
    start = {
        "stream": row.stream,
        "clock": {"real": stamp(clock.real), "legal": stamp(clock.legal), "rate": clock.rate},
        "prefix": prefix,
        "after": row.followed,
        "shown": True,
    }
    shown = [SearchAttributePair(KIND, row.kind)]
    if stands:
        shown += [
            SearchAttributePair(key, value) for key, value in zip(STANDING, standing(stands), strict=True)
        ]
    await client.start_workflow(
        row.kind,
        {"agency": row.stream.removeprefix(POST), "prefix": prefix} if row.kind == "post" else start,
        id=f"{prefix}/{row.stream}",
        task_queue=prefix,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=Conflict.TERMINATE_EXISTING if anew else Conflict.UNSPECIFIED,
        start_signal="wake",
        start_signal_args=[row.head],
        search_attributes=TypedSearchAttributes(shown),
        static_summary=f"{row.kind} {row.stream}",
    )
