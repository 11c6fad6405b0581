"""What the processes themselves ask for: a lapse that is due, a document that was written."""

from pydantic import Field

from domain.acts.base import Form, Nothing, act
from domain.case import Case, DocumentIssued
from domain.files import Files


@act("lapse", Nothing, Case, internal=True)
def lapse(files: Files, _: Nothing, case: Case) -> None:
    """A process says that a deadline of its case has passed. Settling, which comes before, did what was due."""


class IssueDocument(Form):
    """A document that an activity wrote and stored."""

    paper: str = Field(pattern=r"^[a-z-]{1,40}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = Field(max_length=200)
    for_event: str = Field(max_length=120)


@act("issue-document", IssueDocument, Case, internal=True)
def issue_document(files: Files, form: IssueDocument, case: Case) -> None:
    """The document's hash goes on the record once."""
    if f"{form.for_event}/{form.paper}" not in case.documents:
        files.append(case, DocumentIssued(**form.model_dump()))
