"""Search attributes of every process: ids and codes only, nothing about a person (design.md, Operations)."""

from temporalio.common import SearchAttributeKey

from domain.moments import stamp
from domain.steering import Steering

KIND = SearchAttributeKey.for_keyword("HuiqianKind")
STAGE = SearchAttributeKey.for_keyword("HuiqianStage")
AGENCY = SearchAttributeKey.for_keyword("HuiqianAgency")
WAITING_FOR = SearchAttributeKey.for_keyword("HuiqianWaitingFor")
DUE = SearchAttributeKey.for_keyword("HuiqianDue")
STANDING = (STAGE, AGENCY, WAITING_FOR, DUE)
"""Where a case stands; they change with it."""

SEARCH_ATTRIBUTES = {key.name: "Keyword" for key in (KIND, STAGE, AGENCY, WAITING_FOR, DUE)}
"""Name to type, as the server must know them before the first process starts."""


def standing(now: Steering) -> tuple[str, str, str, str]:
    """What `STANDING` says of a case that goes by this."""
    return now.stage, now.agency, now.waiting_for, stamp(now.by_when) if now.by_when else ""
