"""What is filled in for a programme's years (RF-05; CA-16)."""

from typing import Annotated

from pydantic import Field, StrictFloat, StrictInt

from domain.acts.base import Form
from domain.acts.filing_forms import Entry
from domain.moments import Instant

Year = Annotated[StrictInt, Field(ge=2000, le=2999)]
Fee = Annotated[str, Field(min_length=1, max_length=200)] | dict[str, str | StrictInt | StrictFloat]


class OfProgramme(Form):
    """A programme, named by the announced line it came from."""

    programme: str


class OfYear(OfProgramme):
    """One year of a programme."""

    year: Year


class FileEnrolment(OfYear):
    """What the college wants to enrol, and what it will charge (RF-05)."""

    plan: StrictInt = Field(gt=0, le=100_000)
    fees: list[Fee] = Field(max_length=100)


class Charged(Form):
    """What is charged for one thing; yuan."""

    item: str = Field(min_length=1, max_length=200)
    amount: StrictInt | StrictFloat = Field(ge=0, le=10_000_000)


class RecordFees(OfYear):
    """What a year's entrants were charged."""

    fees: list[Charged] = Field(min_length=1, max_length=100)


class RefuseEnrolment(OfYear):
    """Why not."""

    reasons: str = Field(min_length=1, max_length=4000)


class OpenCohort(OfYear):
    """How many students begin."""

    students: StrictInt = Field(gt=0, le=100_000)


class Letters(Form):
    """Admission letters of one day and kind of entrants."""

    at: Instant
    entry: Entry
    count: StrictInt = Field(gt=0, le=100_000)


class RecordAdmissions(OfYear):
    """Admission letters that went out."""

    letters: list[Letters] = Field(min_length=1, max_length=1000)


class ExplainNoEnrolment(OfYear):
    """Why nobody is enrolled in a year."""

    reason: str = Field(min_length=1, max_length=4000)


class Relinquish(OfProgramme):
    """Why a programme is given up, and what becomes of its cohorts."""

    reason: str = Field(min_length=1, max_length=4000)
    cohorts: (
        Annotated[str, Field(max_length=4000)]
        | Annotated[list[str], Field(max_length=100)]
        | dict[str, str]
        | None
    ) = None
