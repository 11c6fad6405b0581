"""The years of a programme: enrolment is filed before anybody is enrolled (CA-16; 000 五(三): 先报备再招生)."""

from datetime import datetime
from typing import Any, Literal

from domain.acts.base import act
from domain.acts.catalogs import newest_call
from domain.acts.clocks import enrolment_year
from domain.acts.leads import open_lead
from domain.acts.programme_forms import (
    ExplainNoEnrolment,
    FileEnrolment,
    OfYear,
    OpenCohort,
    RecordAdmissions,
    RecordFees,
    RefuseEnrolment,
    Relinquish,
)
from domain.cases.cohort import Cohort, CohortOpened, CohortTaughtOut
from domain.cases.filing import Filing
from domain.cases.programme import Programme
from domain.cases.programme_facts import (
    AdmissionsRecorded,
    CohortJoined,
    EnrolmentAccepted,
    EnrolmentFiled,
    EnrolmentRefused,
    FeesRecorded,
    NoEnrolmentExplained,
    ProgrammeRelinquished,
)
from domain.cases.suspensions import SUSPENSIONS, Suspensions
from domain.files import Files
from domain.ids import derived
from domain.moments import local_day
from domain.vocabulary import FILINGS, LINE_STATES, STAGES


def programme_of(files: Files, ref: str, field: str = "programme") -> Programme | None:
    """The programme that an announced line opened; notes `not-announced` when the line is not (yet) announced."""
    pairs = files.refs([ref], field)
    filing = files.find(pairs[0][0], Filing) if pairs else None
    line = filing.lines.get(pairs[0][1]) if filing else None
    if pairs and line is None:
        files.refuse("invalid", f"没有这条专业线：{ref}", f"no such line: {ref}", field=field, line=ref)
    elif line is not None and line.programme is None:
        files.refuse(
            "not-announced",
            f"{ref}尚未公布（{LINE_STATES.get(line.state)}）",
            f"{ref} is not announced ({line.state})",
            line=ref,
        )
    return files.find(line.programme, Programme) if line else None


def _checked(files: Files, ref: str) -> Programme:
    programme = programme_of(files, ref)
    files.check()
    assert programme is not None
    _may_act(files, programme)
    return programme


def _may_act(files: Files, programme: Programme) -> None:
    """Note what the programme's own state has against going on with it."""
    who = programme.id
    register = files.find(SUSPENSIONS, Suspensions)
    procedure = files.procedure_of(programme)
    held = register.over(procedure, programme.college, programme.major, programme.entry) if register else []
    if by := [*programme.suspended_by, *held]:  # the register knows a measure before its programmes do
        files.refuse("frozen", f"{who}已被停止试点", f"{who} is suspended", other=by[0])
    if programme.stage == "sunset" or (not programme.final and not _listed(files, programme)):
        zh, en = f"现行目录已无专业{programme.major}", f"the catalog in force has no {programme.major}"
        files.refuse("major-not-in-catalog", zh, en)
    if programme.final:
        files.refuse("wrong-stage", f"{who}{STAGES.get(programme.stage)}", f"{who} is {programme.stage}")


def _listed(files: Files, programme: Programme) -> bool:
    """Whether the catalog in force has the major: a filing kept its older catalog, its programme's enrolment does not."""
    call = newest_call(files)
    if (
        call is None
        or call.year <= programme.catalog
        or not files.rules_of(programme).flag("catalog.binding")
    ):
        return True
    return programme.major in call.catalog() or call.renamed(programme.major) is not None


@act("file-enrolment", FileEnrolment)
def file_enrolment(files: Files, form: FileEnrolment, _: None) -> None:
    """Before anybody is enrolled; never above the plan that was announced."""
    if form.year < local_day(files.now).year:
        files.refuse("invalid", f"{form.year}年已过", f"{form.year} is over", field="year")
    programme = _checked(files, form.programme)
    latest = local_day(files.now).year + files.rules_of(programme).int("enrolment.years_ahead")
    if form.year > latest:
        zh, en = f"招生逐年报备，现最远可报{latest}年", f"filed year by year; {latest} is the latest now"
        files.refuse("invalid", zh, en, field="year")
    if form.plan > programme.plan:
        zh = f"计划{form.plan}人，超过公布的{programme.plan}人"
        files.refuse("over-plan", zh, f"{form.plan} places, {programme.plan} were announced", field="plan")
    before = programme.enrolments.get(form.year)
    if before and before.state != "refused":
        files.refuse(
            "wrong-stage",
            f"{form.year}年报备已{FILINGS[before.state]}",
            f"{form.year} is already {before.state}",
        )
    files.check()
    files.append(programme, EnrolmentFiled(year=form.year, plan=form.plan, fees=list[Any](form.fees)))
    files.opened = programme.id


def _filed(files: Files, form: OfYear) -> Programme:
    programme = _checked(files, form.programme)
    enrolment = programme.enrolments.get(form.year)
    if enrolment is None:
        files.refuse("enrolment-not-filed", f"{form.year}年未报备", f"no enrolment is filed for {form.year}")
    elif form.year < local_day(files.now).year:
        files.refuse("wrong-stage", f"{form.year}年已过", f"{form.year} is over")
    elif enrolment.state != "filed":
        zh, en = (
            f"{form.year}年报备已{FILINGS[enrolment.state]}",
            f"the filing for {form.year} is {enrolment.state}",
        )
        files.refuse("wrong-stage", zh, en)
    files.check()
    return programme


@act("accept-enrolment", OfYear)
def accept_enrolment(files: Files, form: OfYear, _: None) -> None:
    """The gate opens until the next enrolment year begins."""
    programme = _filed(files, form)
    until = enrolment_year(files, files.rules_of(programme), form.year)
    files.append(programme, EnrolmentAccepted(year=form.year, until=until))
    files.opened = programme.id


@act("refuse-enrolment", RefuseEnrolment)
def refuse_enrolment(files: Files, form: RefuseEnrolment, _: None) -> None:
    """The college may file the year again."""
    programme = _filed(files, form)
    files.append(programme, EnrolmentRefused(year=form.year, reasons=form.reasons))
    files.opened = programme.id


@act("open-cohort", OpenCohort)
def open_cohort(files: Files, form: OpenCohort, _: None) -> None:
    """A cohort needs the year's accepted enrolment, and all cohorts of a year keep within its plan."""
    programme = _checked(files, form.programme)
    enrolment = programme.enrolments.get(form.year)
    if enrolment is None or enrolment.state != "accepted":
        files.refuse(
            "enrolment-not-filed", f"{form.year}年招生报备未获受理", f"the enrolment of {form.year} is not accepted"
        )  # fmt: skip
    elif form.year < local_day(files.now).year:
        files.refuse("wrong-stage", f"{form.year}年招生已结束", f"the enrolment of {form.year} is over")
    elif enrolment.students + form.students > enrolment.plan:
        zh = f"{form.year}年已开班{enrolment.students}人，再开{form.students}人超过计划{enrolment.plan}人"
        en = f"{enrolment.students} students of {form.year} and {form.students} more exceed {enrolment.plan}"
        files.refuse("over-plan", zh, en, field="students")
    files.check()
    cohort = files.open(Cohort(id=derived("cohort", files.command.id)))
    opened = CohortOpened(
        pack=programme.pack, programme=programme.id, college=programme.college, year=form.year, students=form.students
    )  # fmt: skip
    files.append(cohort, opened)
    files.append(programme, CohortJoined(cohort=cohort.id, year=form.year, students=form.students))
    files.opened = cohort.id


@act("record-admissions", RecordAdmissions)
def record_admissions(files: Files, form: RecordAdmissions, _: None) -> None:
    """Facts are recorded, never refused for being unlawful; what is unlike the approval opens a lead (§8.6)."""
    for position, letters in enumerate(form.letters):
        if letters.at > files.now:
            files.refuse("invalid", "发出时间晚于现在", "sent in the future", field=f"letters.{position}.at")
    programme = programme_of(files, form.programme)
    files.check()
    assert programme is not None
    count = sum(letters.count for letters in form.letters)
    before = programme.admitted.get(form.year, 0)
    rows = [letters.model_dump(mode="json") for letters in form.letters]
    files.append(programme, AdmissionsRecorded(year=form.year, letters=rows, count=count))
    files.opened = programme.id
    for offence, found in reversed(_unlike(programme, form, before)):
        files.opened = open_lead(files, programme, offence, found, cause=files.command.id)


Unlike = Literal["enrolled-before-filing", "out-of-scope-enrolment"]


def _unlike(programme: Programme, form: RecordAdmissions, before: int) -> list[tuple[Unlike, str]]:
    """What the letters have against them: sent before the gate; while enrolment was shut; another entry; more than the plan."""
    enrolment = programme.enrolments.get(form.year)
    gate: datetime | None = enrolment.accepted_at if enrolment else None
    early = sum(letters.count for letters in form.letters if gate is None or letters.at < gate)
    strange = sum(letters.count for letters in form.letters if letters.entry != programme.entry)
    shut = sum(letters.count for letters in form.letters if programme.shut(letters.at))
    plan = enrolment.plan if enrolment and gate else programme.plan
    over = max(0, before + sum(letters.count for letters in form.letters) - plan)
    found: list[tuple[Unlike, str]] = []
    if early:
        found.append(
            (
                "enrolled-before-filing",
                f"{form.year}: {early}份录取通知早于报备受理 / letters before the gate",
            )
        )
    if strange or over or shut:
        zh = f"{form.year}: 生源不符{strange}份，超计划{over}人，停止试点、退出目录或放弃期间{shut}份"
        en = f"other entry {strange}, above the plan {over}, while enrolment was shut {shut}"
        found.append(("out-of-scope-enrolment", f"{zh} / {en}"))
    return found


@act("record-fees", RecordFees)
def record_fees(files: Files, form: RecordFees, _: None) -> None:
    """What was charged, held against what was filed: more, or for something else, opens a lead (§8.6; 000 五(三): 不得乱收费)."""
    programme = programme_of(files, form.programme)
    files.check()
    assert programme is not None
    rows = [fee.model_dump(mode="json") for fee in form.fees]
    files.append(programme, FeesRecorded(year=form.year, fees=rows))
    files.opened = programme.id
    enrolment = programme.enrolments.get(form.year)
    filed = enrolment.filed_fees() if enrolment and enrolment.accepted_at else {}
    odd = [fee for fee in form.fees if fee.item not in filed]
    more = [fee for fee in form.fees if (most := filed.get(fee.item)) is not None and fee.amount > most]
    if odd or more:
        zh = [f"未报备：{fee.item}{fee.amount:g}元" for fee in odd]
        zh += [f"超出报备的{filed[fee.item]:g}元：{fee.item}{fee.amount:g}元" for fee in more]
        en = [f"not filed: {fee.item} {fee.amount:g}" for fee in odd]
        en += [f"above the {filed[fee.item]:g} filed: {fee.item} {fee.amount:g}" for fee in more]
        found = f"{form.year}: {'；'.join(zh)} / {'; '.join(en)}"
        files.opened = open_lead(files, programme, "unauthorised-fees", found, cause=files.command.id)


@act("explain-no-enrolment", ExplainNoEnrolment)
def explain_no_enrolment(files: Files, form: ExplainNoEnrolment, _: None) -> None:
    """无故停止招生 is stopping without a reason: the reason can be put on record, before the year is over."""
    programme = _checked(files, form.programme)
    if form.year < local_day(files.now).year:
        files.refuse("wrong-stage", f"{form.year}年已过", f"{form.year} is over")
    files.check()
    files.append(programme, NoEnrolmentExplained(year=form.year, reason=form.reason))
    files.opened = programme.id


@act("relinquish", Relinquish)
def relinquish(files: Files, form: Relinquish, _: None) -> None:
    """The college gives the programme up; who is in a cohort is taught to the end."""
    programme = programme_of(files, form.programme)
    files.check()
    assert programme is not None
    if programme.suspended_by:
        files.refuse(
            "frozen", "停止试点期间不能放弃", "the programme is suspended", other=programme.suspended_by[0]
        )
    if programme.final:
        files.refuse(
            "wrong-stage", f"项目{STAGES.get(programme.stage)}", f"the programme is {programme.stage}"
        )
    elif programme.running and not form.cohorts:
        zh = f"尚有{len(programme.running)}个在读班级，请说明如何安排"
        files.refuse("invalid", zh, "say what becomes of the running cohorts", field="cohorts")
    files.check()
    teach_out(files, programme, "relinquished")
    files.append(programme, ProgrammeRelinquished(reason=form.reason, cohorts=form.cohorts))
    files.opened = programme.id


def teach_out(files: Files, programme: Programme, why: str) -> None:
    """Running cohorts of a programme that enrols no more go on to their end."""
    files.fetch(programme.running)
    for cohort in (files.need(id_, Cohort) for id_ in programme.running):
        if cohort.stage == "running":
            files.append(cohort, CohortTaughtOut(why=why))
