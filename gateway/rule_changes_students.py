"""What another pack would make of the students who study now and of their cohorts (`huiqian policy preview`).

Marks are sealed, so what a stage that was assessed would be worth under another pass mark cannot be said; the rule itself is
shown for each cohort whose acts it would decide.
"""

from datetime import date
from math import ceil

from domain.acts.guidance import hours_lacking
from domain.acts.leave import days_away
from domain.acts.roll import registration_ends
from domain.cases.cohort import Cohort
from domain.cases.programme import Programme
from domain.cases.student import Student
from domain.moments import local_day
from domain.policy import Rules
from domain.vocabulary import ASSESSMENTS, PRACTICE, in_chinese

Verdicts = dict[tuple[str, str], tuple[object, str]]
TO_COME = (
    "practice.max_daily_hours", "assessment.min_assessors", "assessment.full_mark", "assessment.pass_mark",
    "certification.level", "certification.level3_years", "mentor.most_students", "survey.months",
)  # fmt: skip
"""Rules by which acts on a cohort are decided that are still to be done; what was done stands."""


def of_cohort(cohort: Cohort, programme: Programme, rules: Rules) -> Verdicts:
    """Until when students may be registered, from when they may graduate, and the rules of what is still to be done."""
    if cohort.final:
        return {}
    what = f"{cohort.registered or cohort.students}名学生 students"
    found: Verdicts = {(what, key): (rules.raw(key), _told(rules, key)) for key in TO_COME if rules.has(key)}
    starts = rules.text("practice.year_starts") if rules.has("practice.year_starts") else ""
    if starts:
        first = f"{cohort.year + ceil(programme.years) - 1}-{starts}"
        found[what, "practice.year_starts"] = (first, f"{first}起可毕业 may graduate from")
    if cohort.registered < cohort.students and cohort.opened_at:
        ends = registration_ends(local_day(cohort.opened_at), rules)
        told = f"注册至{ends} registered by" if ends else "注册不限期 no last day"
        found[what, "registration.cut_offs"] = (ends, told)
    return found


def _told(rules: Rules, key: str) -> str:
    value = rules.raw(key)
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def of_student(cohort: Cohort, student: Student, rules: Rules, today: date) -> Verdicts:
    """What still stands between a student and the certificate, and whether the mentor may be one."""
    found: Verdicts = {}
    if rules.has("assessment.stages"):
        passed = {name for name, stage in student.assessments.items() if stage.passed}
        missing = [name for name in rules.list("assessment.stages") if name not in passed]
        told = f"尚须通过：{in_chinese(ASSESSMENTS, missing) or '无'} to pass: {', '.join(missing) or 'none'}"
        found[f"{student.no}号 number {student.no}", "assessment.stages"] = (missing, told)
    away = days_away(student, rules.text("practice.year_starts"), today) if student.leaves else {}
    lacking = list(hours_lacking(cohort, student, rules.number("practice.required_share"), away))
    told = "；".join(f"{year}学年{PRACTICE[kind]}尚缺{hours}" for year, kind, hours in lacking) or "学时已足"
    en = "; ".join(f"{year} {kind} lacks {hours}" for year, kind, hours in lacking) or "hours done"
    found[f"{student.no}号 number {student.no}", "practice.required_share"] = (lacking, f"{told} {en}")
    guide = student.mentors.get("enterprise")
    if guide and rules.has("mentor.enterprise_levels"):
        fits = guide.level in rules.list("mentor.enterprise_levels")
        said = "符合 eligible" if fits else "不符合 not eligible"
        found[f"{student.no}号 number {student.no}", "mentor.enterprise_levels"] = (
            fits, f"企业导师{guide.level or ''}{said}",
        )  # fmt: skip
    return found
