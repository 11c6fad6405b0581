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

Said = tuple[str, str]
"""In Chinese and in English."""
Verdicts = dict[tuple[Said, str], tuple[object, Said]]
"""(what, rule) to what the rule makes of it: a verdict that can be compared, and the same in words."""
TO_COME = (
    "practice.max_daily_hours", "assessment.min_assessors", "assessment.full_mark", "assessment.pass_mark",
    "certification.level", "certification.level3_years", "mentor.most_students", "survey.months",
)  # fmt: skip
"""Rules by which acts on a cohort are decided that are still to be done; what was done stands."""


def of_cohort(cohort: Cohort, programme: Programme, rules: Rules) -> Verdicts:
    """Until when students may be registered, from when they may graduate, and the rules of what is still to be done."""
    if cohort.final:
        return {}
    what = students_of(cohort)
    found: Verdicts = {
        (what, key): (rules.raw(key), same(_told(rules, key))) for key in TO_COME if rules.has(key)
    }
    starts = rules.text("practice.year_starts") if rules.has("practice.year_starts") else ""
    if starts:
        first = f"{cohort.year + ceil(programme.years) - 1}-{starts}"
        found[what, "practice.year_starts"] = first, (f"{first}起可毕业", f"may graduate from {first}")
    if cohort.registered < cohort.students and cohort.opened_at:
        ends = registration_ends(local_day(cohort.opened_at), rules)
        told = (
            (f"注册至{ends}", f"registered by {ends}") if ends else ("注册不限期", "no last day to register")
        )
        found[what, "registration.cut_offs"] = ends, told
    return found


def students_of(cohort: Cohort) -> Said:
    """How a cohort is called in a preview."""
    many = cohort.registered or cohort.students
    return f"{many}名学生", f"{many} students"


def same(text: str) -> Said:
    """What reads the same in both languages: figures, dates, codes."""
    return text, text


def _told(rules: Rules, key: str) -> str:
    value = rules.raw(key)
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def of_student(cohort: Cohort, student: Student, rules: Rules, today: date) -> Verdicts:
    """What still stands between a student and the certificate, and whether the mentor may be one."""
    found: Verdicts = {}
    who = f"{student.no}号学生", f"student no. {student.no}"
    if rules.has("assessment.stages"):
        passed = {name for name, stage in student.assessments.items() if stage.passed}
        missing = [name for name in rules.list("assessment.stages") if name not in passed]
        told = (
            f"尚须通过：{in_chinese(ASSESSMENTS, missing) or '无'}",
            f"to pass: {', '.join(missing) or 'none'}",
        )
        found[who, "assessment.stages"] = missing, told
    away = days_away(student, rules.text("practice.year_starts"), today) if student.leaves else {}
    lacking = list(hours_lacking(cohort, student, rules.number("practice.required_share"), away))
    zh = "；".join(f"{year}学年{PRACTICE[kind]}尚缺{hours}" for year, kind, hours in lacking) or "学时已足"
    en = "; ".join(f"{year} {kind} lacks {hours}" for year, kind, hours in lacking) or "hours done"
    found[who, "practice.required_share"] = lacking, (zh, en)
    guide = student.mentors.get("enterprise")
    if guide and rules.has("mentor.enterprise_levels"):
        fits = guide.level in rules.list("mentor.enterprise_levels")
        level = guide.level or ""
        found[who, "mentor.enterprise_levels"] = fits, (
            f"企业导师{level}{'符合' if fits else '不符合'}", f"enterprise mentor {level}: {'eligible' if fits else 'not eligible'}",
        )  # fmt: skip
    return found
