"""Who must be told of a fact: letters fall due in the act's own transaction; the agencies' workers deliver them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from domain.case import Case
from domain.cases.announcement import Announcement
from domain.cases.approval import Approval, ApprovalAnswered
from domain.cases.card_facts import CardShown, CardWithdrawn
from domain.cases.filing import Filing
from domain.cases.notice import Notice
from domain.cases.objection import Objection
from domain.cases.register import Agency, Delegation, DelegationRevoked, OfficeDelegated
from domain.cases.remedy_facts import Nudged, OfficerAssigned
from domain.cases.selection import Selection
from domain.files import Added, Files
from domain.kinds import college_of, filing_of
from domain.policy import Letter
from records.schema import events, letters

Row = dict[str, Any]
TELLING = Nudged | CardShown | CardWithdrawn | OfficerAssigned
"""Facts that name themselves whom they are for."""


def letter_rows(files: Files) -> list[Row]:
    """The letters that this act's facts cause, by the pack of each case."""
    rows: list[Row] = []
    for fact in files.added:
        case = files.seen[fact.stream]
        for letter in files.rules_of(case).pack.letters_on.get(type(fact.event).__name__, []):
            if _applies(letter, fact):
                rows += _letter(files, letter, fact, case)
    return _once(rows, {fact.stream for fact in files.added if isinstance(fact.event, ApprovalAnswered)})


def commands_of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """By which command each of these letters fell due."""
    of_it = (events.c.stream == letters.c.stream) & (events.c.seq == letters.c.seq)
    query = select(letters.c.id, events.c.command).join(events, of_it).where(letters.c.id.in_(ids))
    return {row.id: row.command for row in connection.execute(query)}


def _once(rows: list[Row], approvals: set[str]) -> list[Row]:
    """One act over lines of several notices answers several approvals, and tells each office once of them all."""
    told: set[tuple[str, str]] = set()
    kept: list[Row] = []
    for row in rows:
        key = (row["letter"], row["recipient"])
        if row["stream"] not in approvals or key not in told:
            kept.append(row)
        if row["stream"] in approvals:
            told.add(key)
    return kept


def _applies(letter: Letter, fact: Added) -> bool:
    if letter.when is None:
        return True
    wanted = not letter.when.startswith("not ")
    return bool(getattr(fact.event, letter.when.removeprefix("not "), None)) is wanted


def _letter(files: Files, letter: Letter, fact: Added, case: Case) -> list[Row]:
    filing = files.find(filing_of(case), Filing)
    unit = filing.route if filing and filing.route else "dept"
    sender = unit if letter.sender == "receiving-unit" else letter.sender
    rows: dict[str, Row] = {}
    for office in letter.to:
        for recipient in _recipients(files, office, fact, case, filing, unit):
            id_ = f"{fact.stream}/{fact.moment.seq}/{letter.id}/{recipient}"
            rows[id_] = {
                "id": id_, "stream": fact.stream, "seq": fact.moment.seq, "letter": letter.id, "sender": sender,
                "recipient": recipient, "document": letter.document, "status": "due", "attempts": 0,
                "again_at": "",
            }  # fmt: skip
    return list(rows.values())


def _recipients(
    files: Files, office: str, fact: Added, case: Case, filing: Filing | None, unit: str
) -> list[str]:
    role, _, place = office.partition("@")
    if role == "objector":
        return ["objector"] if isinstance(case, Objection) else []
    match place:
        case "applicant":
            return [f"{role}@{filing.college}"] if filing else []
        case "applicants":
            filings = sorted({ref.rpartition("/")[0] for ref in _lines(case)})
            files.fetch(filings)
            return sorted(
                {f"{role}@{f.college}" for i in filings if isinstance(f := files.seen.get(i), Filing)}
            )
        case "subject":
            return [f"{role}@{college_of(case)}"]
        case "event":  # whom the fact itself names
            return fact.event.to if isinstance(fact.event, TELLING) else []
        case "delegated":  # the office that was given, and one in which the colleague sits
            return _both_offices(case, fact)
        case "receiving-unit":
            return [f"{role}@{unit}"] if filing is None or filing.route else []
        case agency:
            return [f"{role}@{agency}"]


def _both_offices(case: Case, fact: Added) -> list[str]:
    given: Delegation | None = None
    if isinstance(case, Agency) and isinstance(fact.event, OfficeDelegated | DelegationRevoked):
        given = case.delegations[fact.event.number]
    if given is None or not isinstance(case, Agency):
        return []
    theirs = [role for role in case.offices if case.holds(role, given.delegate)]
    sits = given.role if given.role in theirs else next(iter(theirs), given.role)
    place = case.id.removeprefix("agency/")
    return [f"{role}@{place}" for role in dict.fromkeys((given.role, sits))]


def _lines(case: Case) -> list[str]:
    if isinstance(case, Selection):  # those between whom a lot decides
        return [entry.ref for entry in case.ranking if entry.lot]
    return case.lines if isinstance(case, Notice | Approval | Announcement) else []
