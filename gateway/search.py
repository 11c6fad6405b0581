"""Search attributes of every process: ids and codes only, nothing about a person (design.md, Operations)."""

from temporalio.common import SearchAttributeKey

KIND = SearchAttributeKey.for_keyword("HuiqianKind")
STAGE = SearchAttributeKey.for_keyword("HuiqianStage")
AGENCY = SearchAttributeKey.for_keyword("HuiqianAgency")
WAITING_FOR = SearchAttributeKey.for_keyword("HuiqianWaitingFor")
DUE = SearchAttributeKey.for_keyword("HuiqianDue")

SEARCH_ATTRIBUTES = {key.name: "Keyword" for key in (KIND, STAGE, AGENCY, WAITING_FOR, DUE)}
"""Name to type, as the server must know them before the first process starts."""
