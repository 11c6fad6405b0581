"""Leads from data: what is on record is unlike what was approved. A lead is looked into by people; it is no sanction."""

from datetime import datetime

from domain.cases.programme import Programme
from domain.cases.violation import Offence, Violation, ViolationReported
from domain.files import Files
from domain.ids import derived


def open_lead(
    files: Files,
    programme: Programme,
    offence: Offence,
    found: str,
    *,
    cause: str,
    at: datetime | None = None,
) -> str:
    """Open a lead about a programme's college (domain.md §8.6); gives the case.

    `cause`: what it comes from (an act, a year), so that the same cause opens the same lead. `at`: its legal instant,
    now unless it follows from a period that ended.
    """
    lead = files.open(Violation(id=derived("violation", cause, offence, programme.id)))
    reported = ViolationReported(
        pack=programme.pack, subject=programme.college, programme=programme.id, offence=offence, statement=None,
        found=found,
    )  # fmt: skip
    files.append(lead, reported, at=at)
    return lead.id
