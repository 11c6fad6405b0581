"""Assessment, defence, diversion, graduation and the skill level (000 四(二)–(四), 五(二); SR-05…SR-08)."""

from datetime import date
from typing import Annotated

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from domain.acts.base import Form, act
from domain.acts.guidance import first_day, hours_lacking
from domain.acts.leave import days_away, years_lost
from domain.acts.roll import Numbered, count_out, end_if_over, must_study, rows_of
from domain.cases.cohort import Cohort
from domain.cases.programme import Programme
from domain.cases.student import SIDES, Level, Student, certificate_claim
from domain.cases.student_facts import (
    DefenceHeld,
    LevelCertified,
    StageAssessed,
    StudentDiverted,
    StudentGraduated,
)
from domain.clocks import academic_years
from domain.files import Files
from domain.identifiers import skill_level
from domain.moments import Day, local_day
from domain.vocabulary import ASSESSMENTS, LEVELS, MENTORS, PRACTICE, STAGES, in_chinese

Mark = StrictInt | StrictFloat
Person = Annotated[str, Field(min_length=1, max_length=40)]
People = Annotated[list[Person], Field(min_length=1, max_length=50)]
Indicator = Annotated[str, Field(min_length=1, max_length=80)]


class AssessedRow(Numbered):
    """One student's marks: for the process, for the result, and by the enterprise's own indicators."""

    process: Mark
    result: Mark
    enterprise: dict[Indicator, Mark] = Field(max_length=50)
    passed: StrictBool
    completes: Level | None = None
    """The level that the student has completed with this stage."""


class RecordAssessment(Form):
    """One stage, assessed by several people."""

    personal = {"assessors": None, "rows": None}
    stage: str = Field(min_length=1, max_length=40)
    on: Day
    assessors: People
    rows: list[AssessedRow] = Field(min_length=1, max_length=10_000)


class DefendedRow(Numbered):
    """How one student's defence went."""

    passed: StrictBool


class RecordDefence(Form):
    """A day of defences before a committee."""

    personal = {"members": None}
    on: Day
    members: People
    rows: list[DefendedRow] = Field(min_length=1, max_length=10_000)


class DivertedRow(Numbered):
    """One student who leaves at a level, and why (sealed)."""

    to: Level
    reason: str = Field(min_length=1, max_length=4000)


class Divert(Form):
    """Who leaves at which level."""

    personal = {"rows": None}
    rows: list[DivertedRow] = Field(min_length=1, max_length=10_000)


class GraduatedRow(Numbered):
    """One student's graduation certificate."""

    certificate_no: str = Field(pattern=r"^[0-9A-Za-z-]{6,40}$")


class Graduate(Form):
    """Who graduates today."""

    personal = {"rows": None}
    rows: list[GraduatedRow] = Field(min_length=1, max_length=10_000)


class CertifiedRow(Numbered):
    """One student's certificate of the technician level, and since when the level-3 one was held."""

    certificate_no: str = Field(max_length=40)
    issued: Day
    level3_on: Day


class CertifyLevel(Form):
    """Whose skill level was certified."""

    personal = {"rows": None}
    rows: list[CertifiedRow] = Field(min_length=1, max_length=10_000)


def _several(files: Files, cohort: Cohort, people: list[str], field: str) -> int:
    """How many people these are; noted when too few (000 四(三): 多元评价)."""
    count = len({" ".join(name.split()).upper() for name in people})
    least = files.rules_of(cohort).int("assessment.min_assessors")
    if count < least:
        files.refuse("invalid", f"考评人员不少于{least}人", f"at least {least} people assess", field=field)
    return count


def _not_later(files: Files, day: date, field: str) -> None:
    if day > local_day(files.now):
        files.refuse("invalid", "日期晚于今日", "later than today", field=field)


@act("record-assessment", RecordAssessment, Cohort)
def record_assessment(files: Files, form: RecordAssessment, case: Cohort) -> None:
    """000 四(二)(三): process and result, the enterprise's indicators, several assessors; a stage failed may be repeated."""
    rows = rows_of(files, case, form.rows)
    must_study(files, [student for _, _, student in rows], "rows")
    stages = files.rules_of(case).list("assessment.stages")
    if form.stage not in stages:
        files.refuse(
            "invalid",
            f"阶段应为{in_chinese(ASSESSMENTS, stages)}",
            f"one of {', '.join(stages)}",
            field="stage",
        )
    count = _several(files, case, form.assessors, "assessors")
    _not_later(files, form.on, "on")
    for position, row, student in rows:
        _check_marks(files, case, row, f"rows.{position}")
        done = student.assessments.get(form.stage)
        if done and done.passed:
            zh, en = f"{row.no}号已通过此阶段", f"{row.no} has passed this stage"
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
    files.check()
    for _, row, student in rows:
        marks = row.model_dump(mode="json", include={"process", "result", "enterprise"})
        assessed = StageAssessed(
            name=form.stage, passed=row.passed, on=form.on, indicators=sorted(row.enterprise), assessors=count,
            marks=files.seal_for(student.person, marks), completes=row.completes,
        )  # fmt: skip
        files.append(student, assessed)


def _check_marks(files: Files, cohort: Cohort, row: AssessedRow, field: str) -> None:
    rules = files.rules_of(cohort)
    full, least = rules.number("assessment.full_mark"), rules.number("assessment.pass_mark")
    if not row.enterprise:
        zh, en = f"{row.no}号没有企业评价指标", f"{row.no}: no indicator of the enterprise"
        files.refuse("invalid", zh, en, field=f"{field}.enterprise")
    marks = [row.process, row.result, *row.enterprise.values()]
    if any(not 0 <= mark <= full for mark in marks):
        zh, en = f"{row.no}号评分超出0—{full}", f"{row.no}: a mark outside 0 to {full}"
        files.refuse("score-out-of-range", zh, en, field=field)
    elif row.passed and min(marks) < least:
        zh, en = f"{row.no}号有一项低于{least}", f"{row.no}: a mark below {least}"
        files.refuse("invalid", zh, en, field=f"{field}.passed")
    if row.completes and not row.passed:
        zh, en = "未通过的阶段不完成任何级别", "a stage that was failed completes no level"
        files.refuse("invalid", zh, en, field=f"{field}.completes")


@act("record-defence", RecordDefence, Cohort)
def record_defence(files: Files, form: RecordDefence, case: Cohort) -> None:
    """000 三(三): both mentors guide the defence, so both must be there."""
    rows = rows_of(files, case, form.rows)
    must_study(files, [student for _, _, student in rows], "rows")
    count = _several(files, case, form.members, "members")
    _not_later(files, form.on, "on")
    for position, row, student in rows:
        if missing := [side for side in SIDES if side not in student.mentors]:
            zh, en = (
                f"{row.no}号缺少{in_chinese(MENTORS, missing)}",
                f"{row.no} lacks a mentor: {', '.join(missing)}",
            )
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
        if student.defended:
            zh, en = f"{row.no}号答辩已通过", f"{row.no} has defended"
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
    files.check()
    for _, row, student in rows:
        files.append(student, DefenceHeld(on=form.on, passed=row.passed, members=count))


@act("divert", Divert, Cohort)
def divert(files: Files, form: Divert, case: Cohort) -> None:
    """000 五(二): 对于未能达到阶段考评要求的，按照已完成的级别予以分流."""
    rows = rows_of(files, case, form.rows)
    students = [student for _, _, student in rows]
    must_study(files, students, "rows")
    for position, row, student in rows:
        if not student.behind():
            zh, en = f"{row.no}号没有未达标的阶段", f"{row.no} has failed no stage"
            files.refuse("wrong-stage", zh, en, field=f"rows.{position}.no")
        if row.to not in student.levels:
            zh, en = f"{row.no}号未完成{LEVELS[row.to]}", f"{row.no} has not completed {row.to}"
            files.refuse("invalid", zh, en, field=f"rows.{position}.to")
    files.check()
    count_out(files, case, students, "diverted")
    for _, row, student in rows:
        files.append(student, StudentDiverted(to=row.to, reason=files.seal_for(student.person, row.reason)))
    end_if_over(files, case)


@act("graduate", Graduate, Cohort)
def graduate(files: Files, form: Graduate, case: Cohort) -> None:
    """000 五(二): all stages reached and study complete; no certificate before the defence. It counts from today."""
    rows = rows_of(files, case, form.rows)
    must_study(files, [student for _, _, student in rows], "rows")
    today, rules = local_day(files.now), files.rules_of(case)
    studied = academic_years(first_day(files, case), today, rules.text("practice.year_starts"))
    years = files.need(case.programme, Programme).years
    starts, lost = rules.text("practice.year_starts"), rules.number("leave.lost_share")
    for position, row, student in rows:
        own = studied - years_lost(student, starts, lost, today)
        if own < years:
            zh = f"{row.no}号学习{own}学年，应为{years:g}学年"
            en = f"{row.no} studied {own} academic years of {years:g}"
            files.refuse("study-years", zh, en, field=f"rows.{position}.no")
        passed = {stage for stage, a in student.assessments.items() if a.passed}
        if missing := [stage for stage in rules.list("assessment.stages") if stage not in passed]:
            zh, en = (
                f"{row.no}号尚未通过：{in_chinese(ASSESSMENTS, missing)}",
                f"{row.no} has not passed: {', '.join(missing)}",
            )
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
        for year, kind, lacking in hours_lacking(
            case, student, rules.number("practice.required_share"), days_away(student, starts, today)
        ):
            zh = f"{row.no}号{year}学年{PRACTICE[kind]}尚缺{lacking}学时"
            en = f"{row.no} lacks {lacking} hours of {kind} in the school year {year}"
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
        if not student.defended:
            zh, en = f"{row.no}号尚未通过毕业答辩", f"{row.no} has not defended"
            files.refuse("invalid", zh, en, field=f"rows.{position}.certificate_no")
    keys = _certificates(files, "graduation", [row.certificate_no for _, row, _ in rows])
    count_out(files, case, [student for _, _, student in rows], "graduated")
    for key, (_, row, student) in zip(keys, rows, strict=True):
        sealed = files.seal_for(student.person, row.certificate_no)
        files.append(student, StudentGraduated(on=today, certificate=sealed, key=key))
    end_if_over(files, case)


@act("certify-level", CertifyLevel, Cohort)
def certify_level(files: Files, form: CertifyLevel, case: Cohort) -> None:
    """000 四(四): alongside the study, or after it; who has held level 3 long enough may be a technician."""
    rows = rows_of(files, case, form.rows)
    rules = files.rules_of(case)
    least, level = rules.int("certification.level3_years"), rules.int("certification.level")
    for position, row, student in rows:
        _may_be_certified(files, student, position)
        if skill_level(row.certificate_no) != level:
            zh, en = f"不是{level}级职业技能等级证书编码", f"no certificate number of level {level}"
            files.refuse("invalid", zh, en, field=f"rows.{position}.certificate_no")
        _not_later(files, row.issued, f"rows.{position}.issued")
        since = (row.level3_on.year + least, row.level3_on.month, row.level3_on.day)
        if (row.issued.year, row.issued.month, row.issued.day) < since:
            zh, en = f"取得三级证书不满{least}年", f"level 3 was held for less than {least} years"
            files.refuse("invalid", zh, en, field=f"rows.{position}.level3_on")
    keys = _certificates(files, "skill", [row.certificate_no for _, row, _ in rows])
    for key, (_, row, student) in zip(keys, rows, strict=True):
        sealed = files.seal_for(student.person, row.certificate_no)
        certified = LevelCertified(issued=row.issued, level3_on=row.level3_on, certificate=sealed, key=key)
        files.append(student, certified)


def _may_be_certified(files: Files, student: Student, position: int) -> None:
    if student.stage not in ("studying", "graduated"):
        zh, en = f"{student.no}号{STAGES.get(student.stage)}", f"{student.no} is {student.stage}"
        files.refuse("wrong-stage", zh, en, field=f"rows.{position}.no")
    if "skill" in student.certificates:
        zh, en = f"{student.no}号已认定", f"{student.no} is certified already"
        files.refuse("invalid", zh, en, field=f"rows.{position}.no")


def _certificates(files: Files, kind: str, numbers: list[str]) -> list[str]:
    """Keyed digests of certificates' numbers; raises Refused with everything noted, a number used twice among it."""
    keys = [files.sealer.pseudonym("certificate", kind, number.upper()) for number in numbers]
    used = files.world.holders({certificate_claim(key) for key in keys})
    seen: set[str] = set()
    for position, key in enumerate(keys):
        if certificate_claim(key) in used or key in seen:
            field = f"rows.{position}.certificate_no"
            files.refuse("invalid", "证书编号已使用", "the certificate's number is used already", field=field)
        seen.add(key)
    files.check()
    return keys
