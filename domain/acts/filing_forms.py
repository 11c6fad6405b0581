"""The shape of a filing as it is drafted and submitted: what may stand in each field."""

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

from domain.acts.base import Form
from domain.moments import Day

Entry = Literal[
    "junior-middle", "senior-high", "secondary-technical", "secondary-vocational", "senior-technical",
    "higher-vocational", "junior-college", "undergraduate", "title-holder",
]  # fmt: skip
Number = StrictInt | StrictFloat
LineId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]


class LineForm(Form):
    """One line of a filing. Which of the fields after `major` it has, the procedure says (`line.fields`)."""

    id: LineId
    major: str = Field(min_length=1, max_length=40)
    entry: Entry | list[Entry] | None = None
    years: Number | None = Field(default=None, gt=0, le=12)
    plan: StrictInt | None = Field(default=None, gt=0, le=100_000)
    category: str | None = Field(default=None, min_length=1, max_length=40)
    segments: list[Annotated[Number, Field(gt=0)]] | None = Field(default=None, max_length=12)


class PartnerForm(Form):
    """A partner enterprise."""

    uscc: str
    name: str = Field(min_length=1, max_length=80)
    posts: StrictInt = Field(ge=0)
    agreement_until: Day


class MentorForm(Form):
    """A mentor; who it is gets sealed at once."""

    name: str = Field(min_length=1, max_length=40)
    id_no: str | None = None
    employer: str = Field(min_length=1, max_length=80)
    level: str | None = Field(default=None, max_length=40)
    certificate_no: str | None = Field(default=None, max_length=40)
    side: Literal["enterprise", "college"] = "enterprise"


class DraftLine(Form):
    """A line as far as the college has it."""

    id: LineId
    major: str | None = Field(default=None, max_length=40)
    entry: str | list[str] | None = None
    years: Number | None = None
    plan: StrictInt | None = None
    category: str | None = Field(default=None, max_length=40)
    segments: list[Number] | None = Field(default=None, max_length=12)


class DraftPartner(Form):
    """A partner enterprise as far as the college has it."""

    uscc: str | None = Field(default=None, max_length=40)
    name: str | None = Field(default=None, max_length=80)
    posts: StrictInt | None = None
    agreement_until: Day | None = None


class SaveDraft(Form):
    """A draft may be incomplete; only its shape is looked at."""

    personal = {"mentors": None}
    round: str
    lines: list[DraftLine] = Field(default=[], max_length=500)
    materials: list[str] = Field(default=[], max_length=200)
    partners: list[DraftPartner] = Field(default=[], max_length=200)
    mentors: list[MentorForm] = Field(default=[], max_length=2000)
    confirm_codes: list[str] | None = Field(default=None, max_length=500)


class SubmitFiling(Form):
    """What is filed; over a draft, only what changes."""

    personal = {"mentors": None}
    round: str | None = None
    lines: list[LineForm] | None = Field(default=None, min_length=1, max_length=500)
    materials: list[str] | None = Field(default=None, max_length=200)
    partners: list[PartnerForm] | None = Field(default=None, max_length=200)
    mentors: list[MentorForm] | None = Field(default=None, max_length=2000)
    confirm_codes: list[str] = Field(default=[], max_length=500)


class Complete(SubmitFiling):
    round: str  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]
    lines: list[LineForm] = Field(min_length=1, max_length=500)  # pyright: ignore[reportIncompatibleVariableOverride]
