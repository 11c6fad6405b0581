"""What a witness of the transparency log reports: a checkpoint it refused, beside the one it had cosigned."""

from pydantic import ConfigDict, Field

from domain.acts.base import Form, act
from domain.cases.register import Agency, CheckpointDisputed
from domain.files import Files


class DisputeCheckpoint(Form):
    """Both checkpoints as signed notes, and how the refused one contradicts the other."""

    model_config = ConfigDict(
        str_strip_whitespace=False
    )  # a note ends with a newline, and is kept to the last byte
    held: str = Field(max_length=20_000)
    offered: str = Field(max_length=20_000)
    why: str = Field(max_length=200)


@act("dispute-checkpoint", DisputeCheckpoint, Agency, internal=True)
def dispute_checkpoint(files: Files, form: DisputeCheckpoint, agency: Agency) -> None:
    """The alarm goes on the record of the witness's agency, with both checkpoints."""
    files.append(agency, CheckpointDisputed(**form.model_dump()))
