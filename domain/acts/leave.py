"""休学 and 复学: who interrupts the study and who takes it up again, and what the time away costs (SR-02, SR-04, SR-07)."""

from datetime import date, timedelta
from fractions import Fraction

from pydantic import Field

from domain.acts.base import Form, act
from domain.acts.roll import Nos, Numbered, going_on, must_study, named, rows_of
from domain.cases.cohort import Cohort, LeaveCounted
from domain.cases.student import SIDES, Student
from domain.cases.student_facts import StudyInterrupted, StudyResumed
from domain.clocks import appoint, pause, resume
from domain.files import Files
from domain.moments import Day, first_moment, local_day, years_after

ON_LEAVE = "休学 / on leave"
"""Why a student's clock stands still."""


class AwayRow(Numbered):
    """One student who goes on leave, until when, and why in words (sealed: it may be an illness)."""

    until: Day
    reason: str = Field(min_length=1, max_length=4000)


class SuspendStudy(Form):
    """Who interrupts the study from today on."""

    personal = {"rows": None}
    rows: list[AwayRow] = Field(min_length=1, max_length=10_000)


class ResumeStudy(Form):
    """Who studies again from today on."""

    students: Nos


@act("suspend-study", SuspendStudy, Cohort)
def suspend_study(files: Files, form: SuspendStudy, case: Cohort) -> None:
    """The place is kept; mentors do not count meanwhile, no hours are worked, and somebody asks when the time is over."""
    rows = rows_of(files, case, form.rows)
    students = [student for _, _, student in rows]
    must_study(files, students, "rows")
    today, rule = local_day(files.now), "leave.most_years"
    most = files.rules_of(case).int(rule)
    latest = years_after(today, most)
    for position, row, _ in rows:
        if not today < row.until <= latest:
            zh, en = f"休学须在今后{most}年内期满", f"a leave ends within {most} years from now"
            files.refuse("invalid", zh, en, field=f"rows.{position}.until")
    files.check()
    mentored = {side: sum(side in s.mentors for s in students) for side in SIDES}
    files.append(case, LeaveCounted(change=len(students), mentored=mentored))
    for _, row, student in rows:
        back = appoint("leave", first_moment(row.until), rule, files.calendar)
        stopped = [pause(clock, files.now, ON_LEAVE) for clock in student.deadlines.values()]
        interrupted = StudyInterrupted(
            on=today, back=back.model_copy(update={"lapses": False}), clocks=stopped,
            reason=files.seal_for(student.person, row.reason),
        )  # fmt: skip
        files.append(student, interrupted)


@act("resume-study", ResumeStudy, Cohort)
def resume_study(files: Files, form: ResumeStudy, case: Cohort) -> None:
    """Back in the same cohort; clocks run on, and the mentors of before count again."""
    going_on(files, case)
    students = named(files, case, form.students)
    for position, student in enumerate(students):
        if student.stage != "on-leave":
            zh, en = f"{student.no}号不在休学", f"{student.no} is not on leave"
            files.refuse("wrong-stage", zh, en, field=f"students.{position}")
    files.check()
    mentored = {side: -sum(side in s.mentors for s in students) for side in SIDES}
    files.append(case, LeaveCounted(change=-len(students), mentored=mentored))
    for student in students:
        running = [resume(c, files.now, files.calendar) for c in student.deadlines.values() if c.paused]
        files.append(student, StudyResumed(on=local_day(files.now), clocks=running))


def days_away(student: Student, starts: str, today: date) -> dict[int, int]:
    """Days on leave by school year (the year in which it begins)."""
    found: dict[int, int] = {}
    for leave in student.leaves:
        day, end = leave.since, leave.until or today
        while day < end:
            year = day.year if day.strftime("%m-%d") >= starts else day.year - 1
            last = min(end, _begins(year + 1, starts))
            found[year] = found.get(year, 0) + (last - day).days
            day = last
    return found


def years_lost(student: Student, starts: str, share: Fraction, today: date) -> int:
    """School years that do not count as studied: more than this share of their days was spent on leave."""
    away = days_away(student, starts, today)
    return sum(
        days > share * ((_begins(y + 1, starts) - _begins(y, starts)) / timedelta(days=1))
        for y, days in away.items()
    )


def _begins(year: int, starts: str) -> date:
    return date.fromisoformat(f"{year}-{starts}")
