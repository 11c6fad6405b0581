"""Leads from data: what is on record is unlike what was approved. A lead is looked into by people; it is no sanction."""

from domain.cases.programme import Programme
from domain.cases.violation import Offence, Violation, ViolationReported
from domain.files import Files
from domain.ids import derived
from domain.moments import local_day


def open_lead(files: Files, programme: Programme, offence: Offence, found: str) -> str:
    """Open a lead about a programme's college (domain.md §8.6); gives the case."""
    number = f"{files.command.id}/{offence}/{programme.id}"
    lead = files.open(Violation(id=derived("violation", number)))
    reported = ViolationReported(
        pack=programme.pack, subject=programme.college, programme=programme.id, offence=offence, statement=None,
        found=f"{local_day(files.now)} {found}",
    )  # fmt: skip
    files.append(lead, reported)
    return lead.id
