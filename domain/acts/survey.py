"""What became of the graduates, half a year and a year on (000 四(五); SR-09)."""

from datetime import date

from pydantic import Field, StrictBool, StrictInt

from domain.acts.base import Form, act
from domain.acts.roll import Numbered, rows_of
from domain.cases.cohort import Cohort, SurveyCounted, Tally
from domain.cases.student_facts import GraduateSurveyed
from domain.files import Files
from domain.moments import local_day, months_after


class Answer(Numbered):
    """One graduate's answer; pay in yuan a month."""

    employed: StrictBool
    matched: StrictBool = False
    """对口: the work is in the field of study."""
    stable: StrictBool = False
    """稳定: still with the employer found at first."""
    pay: StrictInt | None = Field(default=None, ge=0, le=1_000_000)


class RecordSurvey(Form):
    """Answers so many months after graduation."""

    personal = {"rows": None}
    months: StrictInt = Field(ge=0, le=1200)
    rows: list[Answer] = Field(min_length=1, max_length=10_000)


@act("record-survey", RecordSurvey, Cohort)
def record_survey(files: Files, form: RecordSurvey, case: Cohort) -> None:
    """Rates divide by all who graduated on one day, a number that is fixed long before anybody is asked."""
    rows = rows_of(files, case, form.rows)
    known = files.rules_of(case).list("survey.months")
    if form.months not in known:
        zh = f"调查时点为毕业后{'、'.join(str(m) for m in known)}个月"
        files.refuse("invalid", zh, f"surveys are {known} months after graduation", field="months")
    tallies: dict[date, Tally] = {}
    for position, row, student in rows:
        on = student.graduated_on
        if on is None:
            zh, en = f"{row.no}号未毕业", f"{row.no} has not graduated"
            files.refuse("wrong-stage", zh, en, field=f"rows.{position}.no")
            continue
        if local_day(files.now) < months_after(on, form.months):
            zh, en = (
                f"{row.no}号毕业未满{form.months}个月",
                f"{row.no} graduated less than {form.months} months ago",
            )
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
        if form.months in student.surveyed:
            zh, en = f"{row.no}号已有此次调查", f"{row.no} has answered this survey"
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
        if not row.employed and (row.matched or row.stable or row.pay is not None):
            zh, en = f"{row.no}号未就业，不应有就业情况", f"{row.no} is not employed"
            files.refuse("invalid", zh, en, field=f"rows.{position}.employed")
        tallies[on] = tallies.get(on, Tally()).plus(_counted(row))
    files.check()
    for _, row, student in rows:
        answer = files.seal_for(student.person, row.model_dump(mode="json", exclude={"no"}))
        files.append(student, GraduateSurveyed(months=form.months, answer=answer))
    for on, tally in sorted(tallies.items()):
        files.append(case, SurveyCounted(graduated_on=on, months=form.months, tally=tally))


def _counted(row: Answer) -> Tally:
    return Tally(
        answers=1, employed=row.employed, matched=row.matched, stable=row.stable, pay=row.pay or 0,
        paid=row.pay is not None,
    )  # fmt: skip
