"""Two mentors for every student, and practice with two counters (000 三(二)(三); SR-03, SR-04)."""

from collections.abc import Collection, Iterator
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Literal

from pydantic import Field, StrictInt

from domain.acts.base import Form, act
from domain.acts.clocks import start
from domain.acts.leads import open_lead
from domain.acts.roll import Nos, going_on, must_study, named
from domain.cases.cohort import Cohort, MentorsCounted, PracticePlan, PracticePlanned
from domain.cases.filing import Filing
from domain.cases.programme import Programme
from domain.cases.student import Practice, Side, Student, Tutor, mentor_claims
from domain.cases.student_facts import MentorAssigned, MentorLeft, PracticeRecorded
from domain.clocks import academic_years
from domain.files import Files
from domain.identifiers import is_citizen_no
from domain.moments import Day, local_day
from domain.vocabulary import MENTORS


class MentorRow(Form):
    """A mentor; who it is gets sealed at once."""

    name: str = Field(min_length=1, max_length=40)
    id_no: str
    employer: str = Field(min_length=1, max_length=80)
    level: str | None = Field(default=None, max_length=40)
    phone: str | None = Field(default=None, pattern=r"^[0-9+ -]{5,20}$")


class AssignMentors(Form):
    """One mentor, on one side, for one student or many."""

    personal = {"mentor": None}
    side: Side
    mentor: MentorRow
    students: Nos


class RecordMentorLeft(Form):
    """Whose mentor left, on which side, and why in one word: words about a mentor would be personal."""

    side: Side
    students: Nos
    why: Literal["moved", "retired", "unfit", "other"]


class PlanPractice(Form):
    """Practice of a school year, named by the calendar year in which it begins; hours are those of each student."""

    school_year: StrictInt = Field(ge=2000, le=2999)
    course_hours: StrictInt = Field(ge=0, le=10_000)
    internship_hours: StrictInt = Field(ge=0, le=10_000)
    content: str = Field(min_length=1, max_length=4000)


class RecordPractice(Form):
    """Hours of one kind in a period of days, both included, in one enterprise."""

    students: Nos
    kind: Literal["course", "internship"]
    since: Day = Field(alias="from")
    until: Day
    hours: StrictInt = Field(gt=0, le=10_000)
    enterprise: str = Field(min_length=1, max_length=80)


@act("assign-mentors", AssignMentors, Cohort)
def assign_mentors(files: Files, form: AssignMentors, case: Cohort) -> None:
    """The enterprise's is a technician or above of a partner enterprise; nobody is both mentors of one student."""
    students = named(files, case, form.students)
    must_study(files, students)
    if not is_citizen_no(form.mentor.id_no):
        zh, en = "身份证号码校验不符", "the citizen number fails its check"
        files.refuse("invalid", zh, en, field="mentor.id_no")
    if form.side == "enterprise":
        _check_enterprise(files, form.mentor, case)
    mentor = form.mentor.model_dump(mode="json", exclude_none=True)
    person = files.person(mentor)
    for position, student in enumerate(students):
        other = student.mentors.get("college" if form.side == "enterprise" else "enterprise")
        if other and other.who.person == person:
            zh, en = f"{student.no}号的两位导师为同一人", f"{student.no}: one person as both mentors"
            files.refuse("invalid", zh, en, field=f"students.{position}")
    files.check()
    sealed = Tutor(who=files.seal(mentor), employer=form.mentor.employer, level=form.mentor.level)
    new = sum(form.side not in student.mentors for student in students)
    guided = set(files.world.claimed(mentor_claims(person)).values())
    for student in students:
        files.append(student, MentorAssigned(side=form.side, mentor=sealed))
    files.append(case, MentorsCounted(side=form.side, change=new))
    _look_at_load(files, case, form.side, guided, guided | {student.id for student in students})


def _look_at_load(files: Files, cohort: Cohort, side: Side, before: set[str], after: set[str]) -> None:
    """§8.6: one mentor with more students than the rule says opens a lead; further ones beyond it say nothing new."""
    most = files.rules_of(cohort).int("mentor.most_students")
    if len(before) <= most < len(after):
        zh = f"{MENTORS[side]}一人指导{len(after)}名学生，多于{most}名"
        found = f"{zh} / one mentor of the {side} guides {len(after)} students, more than {most}"
        programme = files.need(cohort.programme, Programme)
        files.opened = open_lead(files, programme, "other", found, cause=files.command.id)


def _check_enterprise(files: Files, mentor: MentorRow, cohort: Cohort) -> None:
    """000 三(三): 企业导师由合作企业技师及以上岗位…的师傅担任. Partners are those of the programme's filing."""
    programme = files.need(cohort.programme, Programme)
    partners = files.need(programme.line.rpartition("/")[0], Filing).partners
    if mentor.employer not in {known for p in partners for known in (p.name, p.uscc)}:
        zh, en = f"{mentor.employer}不是合作企业", f"{mentor.employer} is no partner of this programme"
        files.refuse("invalid", zh, en, field="mentor.employer")
    over = [a.until for u, a in programme.agreements.items() if mentor.employer in (u, a.name)]
    if over and max(over) < local_day(files.now):
        zh = f"与{mentor.employer}的协议已于{max(over)}到期，请先续签"
        files.refuse(
            "invalid", zh, f"the agreement ended on {max(over)}: renew it first", field="mentor.employer"
        )
    levels = files.rules_of(cohort).list("mentor.enterprise_levels")
    if mentor.level not in levels:
        zh, en = f"企业导师职业等级应为{'、'.join(levels)}", f"must be one of {', '.join(levels)}"
        files.refuse("invalid", zh, en, field="mentor.level")


@act("record-mentor-left", RecordMentorLeft, Cohort)
def record_mentor_left(files: Files, form: RecordMentorLeft, case: Cohort) -> None:
    """From here a replacement is due for each of these students."""
    students = named(files, case, form.students)
    must_study(files, students)
    for position, student in enumerate(students):
        if form.side not in student.mentors:
            zh, en = f"{student.no}号没有这一方导师", f"{student.no} has no mentor on this side"
            files.refuse("invalid", zh, en, field=f"students.{position}")
    files.check()
    for student in students:
        clock = start(files, student, f"mentor/{form.side}", "mentor.replacement_working_days")
        files.append(student, MentorLeft(side=form.side, why=form.why, clock=clock))
    files.append(case, MentorsCounted(side=form.side, change=-len(students)))


def school_year(files: Files, cohort: Cohort, day: date) -> int:
    """The school year of a day, named by the calendar year in which it begins."""
    starts = files.rules_of(cohort).text("practice.year_starts")
    began = first_day(files, cohort)
    return cohort.year + academic_years(began, day, starts) - 1


def first_day(files: Files, cohort: Cohort) -> date:
    """The first day of the cohort's first school year."""
    return date.fromisoformat(f"{cohort.year}-{files.rules_of(cohort).text('practice.year_starts')}")


@act("plan-practice", PlanPractice, Cohort)
def plan_practice(files: Files, form: PlanPractice, case: Cohort) -> None:
    """000 三(二): 在不同学年安排与课程内容相匹配的企业工作实践, so no two years hold the same."""
    going_on(files, case)
    if form.school_year < case.year:
        files.refuse(
            "invalid", f"本班{case.year}年开班", f"the cohort began in {case.year}", field="school_year"
        )
    if not form.course_hours + form.internship_hours:
        files.refuse("invalid", "没有安排学时", "no hours are planned", field="course_hours")
    same = [y for y, plan in case.plans.items() if y != form.school_year and plan.content == form.content]
    if same:
        files.refuse("invalid", f"与{same[0]}学年内容相同", f"the same as in {same[0]}", field="content")
    files.check()
    plan = PracticePlan.model_validate(form.model_dump(exclude={"school_year"}))
    files.append(case, PracticePlanned(school_year=form.school_year, plan=plan))


@act("record-practice", RecordPractice, Cohort)
def record_practice(files: Files, form: RecordPractice, case: Cohort) -> None:
    """000 三(二): 不计入学生岗位实习时间总量. A day's hours are of one kind: no period overlaps another."""
    students = named(files, case, form.students)
    must_study(files, students)
    rules, year = files.rules_of(case), school_year(files, case, form.since)
    days = (form.until - form.since).days + 1
    most = max(days, 0) * rules.int("practice.max_daily_hours")
    if form.until < form.since or form.until > local_day(files.now):
        files.refuse(
            "invalid", "止日早于起日或晚于今日", "ends before it begins, or after today", field="until"
        )
    elif school_year(files, case, form.until) != year:
        files.refuse("invalid", "跨学年的请分开登记", "record each school year by itself", field="until")
    elif form.hours > most:
        zh, en = f"{days}天最多{most}学时", f"{days} days hold at most {most} hours"
        files.refuse("invalid", zh, en, field="hours")
    if year not in case.plans:
        files.refuse("invalid", f"{year}学年没有实践计划", f"no practice is planned for {year}", field="from")
    for position, student in enumerate(students):
        if any(a.since <= form.until and (a.until is None or form.since < a.until) for a in student.leaves):
            zh, en = f"{student.no}号这段时间休学", f"{student.no} was on leave on some of these days"
            files.refuse("invalid", zh, en, field=f"students.{position}")
        if any(p.since <= form.until and form.since <= p.until for p in student.practice):
            zh, en = f"{student.no}号这段时间已登记", f"{student.no}: these days are on record already"
            files.refuse("invalid", zh, en, field=f"students.{position}")
    files.check()
    done = Practice(
        kind=form.kind, since=form.since, until=form.until, hours=form.hours, school_year=year, enterprise=form.enterprise
    )  # fmt: skip
    for student in students:
        files.append(student, PracticeRecorded(practice=done))


def hours_lacking(
    cohort: Cohort, student: Student, share: Fraction, away: Collection[int] = ()
) -> Iterator[tuple[int, str, int]]:
    """000 三(二): what was planned of practice and is not done, by school year and kind; the two kinds never mix.

    `away`: school years of which the student missed some on leave; what lacks there may be made up for in other years.
    """
    for kind in ("course", "internship"):
        wanted = {year: ceil(share * plan.hours(kind)) for year, plan in sorted(cohort.plans.items())}
        years = {*wanted, *(p.school_year for p in student.practice)}
        spare = sum(max(0, student.hours(year, kind) - wanted.get(year, 0)) for year in years)
        for year, hours in wanted.items():
            lacking = hours - student.hours(year, kind)
            if year in away and lacking > 0:
                made_up = min(lacking, spare)
                lacking, spare = lacking - made_up, spare - made_up
            if lacking > 0:
                yield year, kind, lacking
