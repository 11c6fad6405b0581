"""Drafting and submitting a filing (CA-02, CA-14; 000 二(一)(二)(三)): who may file, what, and where it goes."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt, ValidationError

from domain.acts.base import Form, act, note_invalid
from domain.acts.clocks import completeness
from domain.acts.register import likeness_of, record_today
from domain.cases.filing import Filing, Line, Mentor, Partner
from domain.cases.filing_facts import DraftSaved, FilingSubmitted
from domain.cases.register import ROUTING, College, CollegeRecord, Routing
from domain.cases.round import Round
from domain.cases.suspensions import SUSPENSIONS, Suspensions
from domain.files import Files
from domain.identifiers import is_citizen_no, is_uscc
from domain.ids import derived
from domain.moments import Day, local_day
from domain.policy import Rules

Entry = Literal[
    "junior-middle", "senior-high", "secondary-technical", "secondary-vocational", "senior-technical",
    "higher-vocational", "junior-college", "undergraduate", "title-holder",
]  # fmt: skip
Number = StrictInt | StrictFloat
LineId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]


class LineForm(Form):
    """One line of a filing."""

    id: LineId
    major: str = Field(min_length=1, max_length=40)
    entry: Entry | list[Entry]
    years: Number = Field(gt=0, le=12)
    plan: StrictInt = Field(gt=0, le=100_000)
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


class SubmitFiling(Form):
    """What is filed; over a draft, only what changes."""

    personal = {"mentors": None}
    round: str | None = None
    lines: list[LineForm] | None = Field(default=None, min_length=1, max_length=500)
    materials: list[str] | None = Field(default=None, max_length=200)
    partners: list[PartnerForm] | None = Field(default=None, max_length=200)
    mentors: list[MentorForm] | None = Field(default=None, max_length=2000)
    confirm_codes: list[str] = Field(default=[], max_length=500)


class _Complete(SubmitFiling):
    round: str  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]
    lines: list[LineForm] = Field(min_length=1, max_length=500)  # pyright: ignore[reportIncompatibleVariableOverride]


@act("save-draft", SaveDraft, Filing)
def save_draft(files: Files, form: SaveDraft, case: Filing | None) -> None:
    """Keeps what the college has so far; a later draft replaces it."""
    if files.find(form.round, Round) is None:
        files.refuse(
            "invalid", f"没有这一轮申报：{form.round}", f"no such round: {form.round}", field="round"
        )
    if case is not None and case.stage != "draft":
        files.refuse("wrong-stage", "申报已提交，不是草稿", "the filing is submitted, not a draft")
    sealed = _mentors(files, form.mentors)
    files.check()
    college = files.actor.agency
    draft = form.model_dump(mode="json", exclude={"mentors", "round"}, exclude_none=True)
    draft["mentors"] = [m.model_dump(mode="json") for m in sealed]
    filing = case or files.open(Filing(id=derived("filing", college, files.command.id)))
    files.append(filing, DraftSaved(college=college, round=form.round, draft=draft))
    files.opened = filing.id


@act("submit-filing", SubmitFiling, Filing)
def submit_filing(files: Files, form: SubmitFiling, case: Filing | None) -> None:
    """Checks who files, when, and each line; then routes by affiliation (000 五(四)) and starts the first clock."""
    if case is not None and case.stage != "draft":
        files.refuse("wrong-stage", "申报已提交", "the filing is already submitted")
        files.check()
    whole, drafted_mentors = _complete(files, form, case)
    round_ = files.find(whole.round, Round)
    college = files.need(f"college/{files.actor.agency}", College)
    record = record_today(files, college)
    rules = files.pack.on(local_day(files.now))
    if round_ is None:
        files.refuse(
            "invalid", f"没有这一轮申报：{whole.round}", f"no such round: {whole.round}", field="round"
        )
    elif round_.stage != "open":
        files.refuse("window-closed", "不在申报时间内", "the filing window is not open")
    _check_suspended(files, college.id, whole)
    _check_college(files, record, rules)
    _check_partners(files, whole.partners or [])
    check_materials(files, whole.materials or [])
    mentors = _mentors(files, whole.mentors) if whole.mentors is not None else drafted_mentors
    filing = case or Filing(id=derived("filing", college.id, files.command.id))
    lines = _lines(files, whole, round_, filing.id, rules) if round_ else []
    files.check()
    assert round_ is not None
    if case is None:
        files.open(filing)
    filing.pack, filing.round = files.pack.hash, round_.id
    route, basis = _route(files, record, rules)
    submitted = FilingSubmitted(
        college=files.actor.agency,
        round=round_.id,
        catalog=round_.year,
        pack=files.pack.hash,
        route=route,
        route_basis=basis,
        lines=lines,
        partners=[Partner(**p.model_dump()) for p in whole.partners or []],
        mentors=mentors,
        materials=whole.materials or [],
        completeness=completeness(files, filing) if route else None,
    )
    files.append(filing, submitted)
    files.opened = filing.id


def _complete(files: Files, form: SubmitFiling, case: Filing | None) -> tuple[_Complete, list[Mentor]]:
    """The whole filing: what is said now over what the draft holds."""
    given = form.model_dump(mode="json", exclude_unset=True)
    draft = dict(case.draft) if case else {}
    mentors = [Mentor.model_validate(m) for m in draft.pop("mentors", [])]
    try:
        return _Complete.model_validate(
            {**({"round": case.round} if case else {}), **draft, **given}
        ), mentors
    except ValidationError as error:
        for problem in error.errors():
            note_invalid(files, problem["loc"], problem["msg"], problem["type"])
        files.check()
        raise


def check_materials(files: Files, digests: list[str]) -> None:
    """Materials are named by the content hash of an attachment that was taken in before."""
    for position, digest in enumerate(digests):
        if not files.world.attachment(digest):
            zh, en = f"没有这份材料：{digest}", f"no such attachment: {digest}"
            files.refuse("invalid", zh, en, field=f"materials.{position}")


def _check_suspended(files: Files, college: str, whole: _Complete) -> None:
    """While a measure is in force nothing new of what it holds is filed (000 五(三): 停止试点)."""
    register = files.find(SUSPENSIONS, Suspensions)
    if register is None or not register.held:
        return
    id_ = college.removeprefix("college/")
    if by := register.whole(id_):
        files.refuse("frozen", f"{id_}已被停止试点", f"{id_} is suspended", other=by[0])
    for form in whole.lines:
        entries = form.entry if isinstance(form.entry, list) else [form.entry]
        for by in (register.over(id_, form.major, entry) for entry in entries):
            if by:
                zh, en = f"{form.major}已被停止试点", f"{form.major} is suspended"
                files.refuse("frozen", zh, en, line=form.id, other=by[0])


def _check_college(files: Files, record: CollegeRecord, rules: Rules) -> None:
    if record.kind not in rules.list("eligibility.kinds"):
        files.refuse(
            "not-a-technician-college", f"{record.name}不是技师学院", "only technician colleges may file"
        )
    if not record.city.startswith(rules.text("eligibility.jurisdiction")):
        files.refuse("outside-jurisdiction", f"{record.name}不在本省", "the college is outside the province")


def _check_partners(files: Files, partners: list[PartnerForm]) -> None:
    for position, partner in enumerate(partners):
        if not is_uscc(partner.uscc):
            zh = f"统一社会信用代码校验不符：{partner.uscc}"
            files.refuse(
                "invalid", zh, "the social credit code fails its check", field=f"partners.{position}.uscc"
            )
        if partner.agreement_until < local_day(files.now):
            field = f"partners.{position}.agreement_until"
            files.refuse("invalid", f"与{partner.name}的协议已到期", "the agreement has expired", field=field)


def _mentors(files: Files, forms: list[MentorForm]) -> list[Mentor]:
    mentors: list[Mentor] = []
    for position, form in enumerate(forms):
        if form.id_no is not None and not is_citizen_no(form.id_no):
            files.refuse(
                "invalid",
                "身份证号码校验不符",
                "the citizen number fails its check",
                field=f"mentors.{position}.id_no",
            )
            continue
        particulars = form.model_dump(mode="json", exclude={"side"}, exclude_none=True)
        likeness = likeness_of(files, form.name, form.id_no, [form.employer])
        mentors.append(
            Mentor(who=files.seal(particulars), likeness=likeness, employer=form.employer, side=form.side)
        )
    return mentors


def _lines(files: Files, whole: _Complete, round_: Round, filing_id: str, rules: Rules) -> list[Line]:
    lines: list[Line] = []
    for position, form in enumerate(whole.lines):
        where = {"line": form.id, "field": f"lines.{position}"}
        if any(line.id == form.id for line in lines):
            files.refuse("invalid", f"专业序号重复：{form.id}", f"line id used twice: {form.id}", **where)
        major = _major(files, form, whole.confirm_codes, round_, where)
        entries = form.entry if isinstance(form.entry, list) else [form.entry]
        if len(entries) != 1:
            files.refuse(
                "mixed-entry", "一条专业线只能有一种生源", "one line takes one kind of entrants", **where
            )
            continue
        exploratory = entries[0] in rules.list("eligibility.exploratory_entries")
        check_years(files, rules, entries[0], form.years, form.segments or [], where)
        lines.append(
            Line(
                id=form.id, major=major, entry=entries[0], years=form.years, plan=form.plan,
                segments=[float(s) for s in form.segments or []], track="exploratory" if exploratory else "regular",
            )
        )  # fmt: skip
    check_duplicates(files, Filing(id=filing_id, college=files.actor.agency, round=round_.id), lines)
    return lines


def check_years(
    files: Files, rules: Rules, entry: str, years: float, segments: list[int | float], where: dict[str, Any]
) -> None:
    """000 二(三): 学习期限不少于; 不少于 includes the number. The exploratory track has no number (二(三)2)."""
    least = rules.raw(f"study_years.{entry}") if f"study_years.{entry}" in rules.pack.rules else None
    if least is not None and years < least:
        zh = f"学习年限{years}年，少于{least}年"
        files.refuse("study-years", zh, f"{years} academic years, fewer than {least}", **where)
    elif segments and sum(Fraction(str(s)) for s in segments) != Fraction(str(years)):
        files.refuse(
            "study-years", f"分段之和不等于{years}年", f"the segments do not add up to {years} years", **where
        )


def check_duplicates(files: Files, filing: Filing, lines: list[Line]) -> None:
    """CA-02: one college, one major, one kind of entrants, one live line a round; the refusal names the first."""
    keys: dict[str, Line] = {}
    for line in lines:
        key = filing.line_claim(line)
        if key in keys:
            zh, en = f"与专业线{keys[key].id}重复", f"the same as line {keys[key].id}"
            files.refuse("duplicate-line", zh, en, line=line.id, other=filing.id)
        keys[key] = line
    for key, holder in files.world.holders(keys).items():
        if holder != filing.id:
            zh, en = f"本轮已申报：{holder}", f"already filed in this round: {holder}"
            files.refuse("duplicate-line", zh, en, line=keys[key].id, other=holder)


def _major(files: Files, form: LineForm, confirmed: list[str], round_: Round, where: dict[str, Any]) -> str:
    """000 二(二): 各技师学院须按公布的试点专业进行申报; a new code counts once the college confirmed it."""
    if form.major in round_.catalog():
        return form.major
    renamed = round_.renamed(form.major)
    if renamed is None:
        files.refuse(
            "major-not-in-catalog", f"目录中没有{form.major}", f"{form.major} is not in the catalog", **where
        )
    elif renamed.code not in confirmed:
        zh = f"{form.major}已改为{renamed.code}（{renamed.name}），请确认"
        files.refuse(
            "code-changed", zh, f"{form.major} is now {renamed.code}: confirm it", other=renamed.code, **where
        )
    return renamed.code if renamed else form.major


def _route(files: Files, record: CollegeRecord, rules: Rules) -> tuple[str | None, str]:
    """000 五(四): by affiliation, never by address. What the text leaves open waits for a person (X11)."""
    for position, row in enumerate(rules.list("routing.by_affiliation")):
        if record.affiliation in row["affiliation"] and any(record.city.startswith(c) for c in row["cities"]):
            return str(row["to"]), f"routing.by_affiliation.{position}"
    human = files.find(ROUTING, Routing)
    made = human.rule_for(record.affiliation, record.city) if human else None
    return (made.to, f"{ROUTING}: {made.reason}") if made else (None, "routing.by_affiliation: -")
