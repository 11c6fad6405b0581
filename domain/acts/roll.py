"""The roll of a cohort: who is taken in, who goes, and how people name a student: by the number in the cohort."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, ValidationError, WithJsonSchema

from domain.acts.base import Form, act, note_invalid
from domain.acts.filing_forms import Entry
from domain.cases.cohort import Cohort, CohortGraduated, LeaveCounted, StudentsOut, StudentsRegistered
from domain.cases.programme import Programme
from domain.cases.programme_facts import CohortLeft
from domain.cases.student import SIDES, Student, member_claim, number_claim, person_claim
from domain.cases.student_facts import StudentLeft, StudentRegistered
from domain.files import Files
from domain.identifiers import is_citizen_no
from domain.ids import derived
from domain.moments import Day, local_day
from domain.policy import Rules
from domain.refusals import Refusals
from domain.vocabulary import ENTRIES, STAGES

No = Annotated[StrictInt, Field(ge=1, le=100_000)]
Nos = Annotated[list[No], Field(min_length=1, max_length=10_000)]
"""Students, by their numbers in the cohort."""


class Numbered(Form):
    """A row about one student of the cohort."""

    no: No


class StudentRow(Form):
    """One student as a college enters them; who it is gets sealed at once."""

    name: str = Field(min_length=1, max_length=40)
    id_no: str
    phone: str | None = Field(default=None, pattern=r"^[0-9+ -]{5,20}$")
    entry: Entry
    qualified_on: Day
    row: StrictInt | None = Field(default=None, ge=1)
    """The row's number in the list it was copied from: what people are told a wrong row by."""


ToldAsRow = Annotated[dict[str, Any], WithJsonSchema(StudentRow.model_json_schema())]
"""Each row is read by itself, so that one wrong row is told by its number and the others may still be taken."""


class RegisterStudents(Form):
    """The students of a list, all or none; with `partial` the good rows, and the answer names the others."""

    personal = {"rows": None}
    rows: list[ToldAsRow] = Field(min_length=1, max_length=10_000)
    partial: StrictBool = False


class LeavingRow(Numbered):
    """One student who goes, whether to another school, and the reason in words (sealed: it may be an illness)."""

    why: Literal["transfer", "drop-out"]
    reason: str = Field(min_length=1, max_length=4000)


class LeaveStudents(Form):
    """Who goes."""

    personal = {"rows": None}
    rows: list[LeavingRow] = Field(min_length=1, max_length=10_000)


class ExportStudents(Form):
    """What the list is for: whoever reads who the students are says why, and that stays on record."""

    reason: str = Field(min_length=1, max_length=400)


def going_on(files: Files, cohort: Cohort) -> None:
    """Raise Refused (`wrong-stage`) when the cohort is over."""
    if cohort.final:
        files.refuse("wrong-stage", "班级已结束", f"the cohort is {cohort.stage}")
    files.check()


def named(files: Files, cohort: Cohort, nos: Sequence[int], field: str = "students") -> list[Student]:
    """The students with these numbers, in this order; repeated and unknown numbers raise Refused."""
    found = by_number(files, cohort, nos)
    seen: set[int] = set()
    for position, no in enumerate(nos):
        if no not in found:
            zh, en = f"本班没有{no}号学生", f"no student {no} in this cohort"
            files.refuse("invalid", zh, en, field=f"{field}.{position}")
        elif no in seen:
            files.refuse("invalid", f"{no}号重复", f"{no} is named twice", field=f"{field}.{position}")
        seen.add(no)
    files.check()
    return [found[no] for no in nos]


def rows_of[R: Numbered](files: Files, cohort: Cohort, rows: Sequence[R]) -> list[tuple[int, R, Student]]:
    """Each row with its position and its student; what the rows say personally belongs to those students."""
    found = by_number(files, cohort, [row.no for row in rows])
    seen: set[int] = set()
    for position, row in enumerate(rows):
        if row.no not in found or row.no in seen:
            zh, en = f"本班没有{row.no}号学生，或已重复", f"no student {row.no}, or named twice"
            files.refuse("invalid", zh, en, field=f"rows.{position}.no")
        seen.add(row.no)
    nobody = files.person(
        files.command.id
    )  # a number that is nobody's: what was said of it is nobody else's either
    files.owners["rows"] = [found[row.no].person if row.no in found else nobody for row in rows]
    files.check()
    files.sealer.ready(files.owners["rows"])
    return [(position, row, found[row.no]) for position, row in enumerate(rows)]


def by_number(files: Files, cohort: Cohort, nos: Iterable[int]) -> dict[int, Student]:
    """Students of a cohort by number; unknown numbers are left out."""
    holders = files.world.holders([number_claim(cohort.id, no) for no in dict.fromkeys(nos)])
    files.fetch(holders.values())
    return {s.no: s for s in (files.need(id_, Student) for id_ in holders.values())}


def must_study(files: Files, students: Iterable[Student], field: str = "students") -> None:
    """Raise Refused (`wrong-stage`) naming every student who is through, out or on leave."""
    _must_be(files, students, field, ("studying",))


def _must_be(files: Files, students: Iterable[Student], field: str, stages: tuple[str, ...]) -> None:
    for position, student in enumerate(students):
        if student.stage not in stages:
            zh, en = f"{student.no}号{STAGES.get(student.stage)}", f"{student.no} is {student.stage}"
            files.refuse("wrong-stage", zh, en, field=f"{field}.{position}")
    files.check()


@act("register-students", RegisterStudents, Cohort)
def register_students(files: Files, form: RegisterStudents, case: Cohort) -> None:
    """Each row opens a student; a person studies in one cohort at a time, and no cohort has more than its places."""
    going_on(files, case)
    _in_time(files, case)
    entry = files.need(case.programme, Programme).entry
    rows = _read(files, form.rows, entry)
    people = {n: files.person(row.model_dump(mode="json", exclude={"row"})) for n, row in rows.items()}
    holders = files.world.holders({person_claim(p) for p in people.values()})
    members = files.world.holders({member_claim(case.id, p) for p in people.values()})
    files.fetch(members.values())
    good: list[int] = []
    first: dict[str, int] = {}
    for n in rows:
        here = files.find(members.get(member_claim(case.id, people[n])), Student)
        holder = holders.get(person_claim(people[n]))
        if people[n] in first:
            before = _row(form.rows, first[people[n]])
            _bad(files, form.rows, n, "id_no", f"与第{before}行为同一人", f"the same person as row {before}")
        elif here:
            _bad(
                files,
                form.rows,
                n,
                "id_no",
                f"本班{here.no}号即此人",
                f"is or was number {here.no} of this cohort",
            )
        elif holder:
            zh, en = "此人已在其他班级在册", "studies in another cohort already"
            _bad(files, form.rows, n, "id_no", zh, en, other=holder)
        elif case.registered + len(good) >= case.students:
            zh, en = f"超过本班{case.students}人", f"the cohort has {case.students} places"
            _bad(files, form.rows, n, "", zh, en, code="over-plan")
        else:
            good.append(n)
        first.setdefault(people[n], n)
    if form.partial and good:
        files.left_out, files.refusals = files.refusals.reasons, Refusals()
    files.check()
    files.sealer.ready(people[n] for n in good)
    for place, n in enumerate(good, case.registered + 1):
        row = rows[n]
        who = files.seal(row.model_dump(mode="json", include={"name", "id_no", "phone"}, exclude_none=True))
        student = files.open(Student(id=derived("student", case.id, place)))
        registered = StudentRegistered(
            pack=case.pack, cohort=case.id, college=case.college, no=place, who=who, entry=row.entry,
            qualified_on=row.qualified_on,
        )  # fmt: skip
        files.append(student, registered)
    files.append(case, StudentsRegistered(count=len(good)))
    files.opened = derived("student", case.id, case.registered) if len(form.rows) == 1 else case.id


def registration_ends(opened: date, rules: Rules) -> date | None:
    """The last day on which students of a cohort opened on this day may be registered; None where the pack names none."""
    days = rules.list("registration.cut_offs")
    coming = [date.fromisoformat(f"{year}-{day}") for year in (opened.year, opened.year + 1) for day in days]
    return min((end for end in coming if end >= opened), default=None)


def _in_time(files: Files, cohort: Cohort) -> None:
    """SR-02: registration ends with the first cut-off day after the cohort opened; whoever comes later joins a later one."""
    ends = registration_ends(local_day(cohort.opened_at or files.now), files.rules_of(cohort))
    if ends and local_day(files.now) > ends:
        zh, en = (
            f"本班学籍注册已于{ends}截止，请编入以后的班级",
            f"registration ended on {ends}; use a later cohort",
        )
        files.refuse("wrong-stage", zh, en)
    files.check()


def _read(files: Files, given: list[dict[str, Any]], entry: str) -> dict[int, StudentRow]:
    """The rows that are well formed and may study here (000 四(一): 严格把好生源质量关), by position."""
    rows: dict[int, StudentRow] = {}
    for n, raw in enumerate(given):
        try:
            row = StudentRow.model_validate(raw)
        except ValidationError as error:
            for problem in error.errors():
                note_invalid(files, ("rows", n, *problem["loc"]), problem)
            continue
        before = len(files.refusals.reasons)
        if not is_citizen_no(row.id_no):
            _bad(files, given, n, "id_no", "身份证号码校验不符", "the citizen number fails its check")
        if row.entry != entry:
            _bad(files, given, n, "entry", f"生源应为{ENTRIES.get(entry)}", f"this programme takes {entry}")
        if row.qualified_on > local_day(files.now):
            _bad(files, given, n, "qualified_on", "入学资格取得于注册之后", "qualified after registration")
        if len(files.refusals.reasons) == before:
            rows[n] = row
    return rows


def _row(given: list[dict[str, Any]], n: int) -> int:
    """What people call a row: its number in the list it was copied from, else its place here, counted from 1."""
    own = given[n].get("row")
    return own if isinstance(own, int) else n + 1


def _bad(
    files: Files, given: list[dict[str, Any]], n: int, column: str, zh: str, en: str, *, code: str = "invalid",
    other: str | None = None,
) -> None:  # fmt: skip
    """Note one wrong cell; the field counts the rows given, from 0."""
    row, field = _row(given, n), f"rows.{n}.{column}".rstrip(".")
    files.refuse(
        code, f"第{row}行：{zh}", f"row {row}: {en}", field=field, **({"other": other} if other else {})
    )


@act("leave-students", LeaveStudents, Cohort)
def leave_students(files: Files, form: LeaveStudents, case: Cohort) -> None:
    """SR-02, 转出 and 退学: the person may study elsewhere from here on; the number stays taken."""
    rows = rows_of(files, case, form.rows)
    students = [student for _, _, student in rows]
    _must_be(files, students, "rows", ("studying", "on-leave"))
    if away := sum(student.stage == "on-leave" for student in students):
        files.append(case, LeaveCounted(change=-away, mentored={}))
    count_out(files, case, students, "left")
    for _, row, student in rows:
        files.append(student, StudentLeft(why=row.why, reason=files.seal_for(student.person, row.reason)))
    end_if_over(files, case)


def count_out(
    files: Files, cohort: Cohort, students: list[Student], how: Literal["graduated", "diverted", "left"]
) -> None:
    """Note on the cohort that these students are through or out, before they are."""
    counted = [s for s in students if s.stage == "studying"]
    mentored = {side: sum(side in s.mentors for s in counted) for side in SIDES}
    on = local_day(files.now)
    files.append(cohort, StudentsOut(how=how, on=on, count=len(students), mentored=mentored))


def end_if_over(files: Files, cohort: Cohort) -> None:
    """With its last student the cohort is over, and off its programme; an empty one still waits for its students."""
    through = cohort.out.get("graduated", 0) + cohort.out.get("diverted", 0)
    complete = through or cohort.registered == cohort.students or cohort.stage == "teaching-out"
    if not cohort.on_roll and complete:
        files.append(cohort, CohortGraduated())
        files.append(files.need(cohort.programme, Programme), CohortLeft(cohort=cohort.id))


@act("export-students", ExportStudents, Cohort)
def export_students(files: Files, form: ExportStudents, case: Cohort) -> None:
    """Changes nothing: being on record is the point (个保法 55–56, domain.md §5.8). The gateway then opens the list."""
