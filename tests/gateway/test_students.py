"""Students by the thousand: one act, errors by row, nothing personal in clear, and a key that can be destroyed."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from domain.secrets import Secret
from gateway.rule_changes import preview_policy
from policies import load_pack
from records.keys import PEPPER, Erased, KeyRing, unseal
from records.schema import events, metadata, person_keys
from tests.gateway.test_programmes import changed
from tests.world import Office, line

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PHONE = "13800009999"
MENTOR = {"name": "高师傅甲", "id_no": "440303200802290016", "employer": "示例激光公司", "level": "高级技师"}
TEACHER = {"name": "卢老师乙", "id_no": "440106197810014568", "employer": "示例技师学院"}
ASSESSORS = ["钟考官甲", "林考官乙"]
GRADUATION_NO, SKILL_NO = "XZ2030-000123", "S00004412345630" + "2" + "000001"


def citizen_no(n: int) -> str:
    """A number whose check digit is right; nobody's."""
    text = f"441900{2000 + n // 3360:04d}{n // 28 % 12 + 1:02d}{n % 28 + 1:02d}{n % 1000:03d}"
    return text + "10X98765432"[sum(w * int(c) for w, c in zip(WEIGHTS, text, strict=True)) % 11]


def student(n: int, **more: Any) -> dict[str, Any]:
    """One row of a list."""
    row = {
        "name": f"甄学生{n}",
        "id_no": citizen_no(n),
        "entry": "senior-high",
        "qualified_on": "2026-06-30",
    }
    return {**row, **more}


def cohort(office: Office, places: int, **of: Any) -> str:
    """A cohort of so many places, open on 2026-09-01; `of`: of which line."""
    partners = [
        {"uscc": "91440300MADEM00700", "name": "示例激光公司", "posts": 9, "agreement_until": "2032-08-31"}
    ]
    filing = office.submitted("dg", line(plan=places, **of), partners=partners)
    office.accepted(filing)
    office.panelled(filing)
    office.scored(filing)
    office.concluded(filing)
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    named: dict[str, Any] = {"programme": f"{filing}/1", "year": 2026}
    office.do("2026-05-06 09:00", "filer@dg", "file-enrolment", plan=places, fees=[], **named)
    office.do("2026-05-07 09:00", "approver@dept", "accept-enrolment", **named)
    return office.do("2026-09-01 09:00", "filer@dg", "open-cohort", students=places, **named)


def registered(office: Office, case: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The answer to a list of students."""
    return office.act("2026-09-02 09:00", "filer@dg", "register-students", case, rows=rows, **more)


def students(office: Office) -> list[str]:
    """Ids of all students there are."""
    return [id_ for id_ in office.cases() if id_.startswith("student-")]


def test_ten_thousand_rows_are_one_act(office: Office) -> None:
    case = cohort(office, 10_000)
    rows = [student(n) for n in range(10_000)]
    answer = registered(office, case, rows)
    assert answer["outcome"] == "accepted"
    assert office.state(case)["registered"] == len(students(office)) == 10_000
    assert registered(office, case, [*rows, student(10_000)])["code"] == "invalid"  # a list has 10,000 rows


def test_every_wrong_cell_is_named_by_row_and_nothing_is_done(office: Office) -> None:
    case = cohort(office, 10)
    wrong = [
        student(0), student(1, id_no=citizen_no(1)[:-1] + "?"), student(2, entry="junior-middle"), student(0),
        student(4, qualified_on="2026-12-31"), {**student(5), "phone": "none", "wechat": PHONE}, {"name": "甄学生6"},
    ]  # fmt: skip
    answer = registered(office, case, wrong)
    assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
    assert sorted({reason["field"] for reason in answer["reasons"]}) == [
        "rows.1.id_no", "rows.2.entry", "rows.3.id_no", "rows.4.qualified_on", "rows.5.phone", "rows.5.wechat",
        "rows.6.entry", "rows.6.id_no", "rows.6.qualified_on",
    ]  # fmt: skip
    assert students(office) == []
    assert office.state(case)["registered"] == 0
    office.check()


def test_on_demand_the_good_rows_are_taken_and_the_others_named(office: Office) -> None:
    case = cohort(office, 2)
    rows = [student(0), student(1, entry="junior-middle"), student(2), student(3)]
    answer = registered(office, case, rows, partial=True)
    assert answer["outcome"] == "accepted"
    assert [(r["field"], r["code"]) for r in answer["left_out"]] == [
        ("rows.1.entry", "invalid"),
        ("rows.3", "over-plan"),
    ]
    assert office.state(case)["registered"] == len(students(office)) == 2
    office.check()


def test_when_no_row_is_good_even_a_partial_list_is_refused(office: Office) -> None:
    case = cohort(office, 2)
    assert registered(office, case, [student(1, entry="junior-middle")], partial=True)["code"] == "invalid"
    assert office.state(case)["registered"] == 0


def test_the_same_command_again_takes_nobody_twice(office: Office) -> None:
    case = cohort(office, 5)
    again: dict[str, Any] = {"command": "list-1", "rows": [student(0)]}
    first = office.act("2026-09-02 09:00", "filer@dg", "register-students", case, **again)
    assert office.act("2026-09-02 09:05", "filer@dg", "register-students", case, **again) == first
    assert office.state(case)["registered"] == 1


def test_a_person_studies_in_one_cohort_at_a_time(office: Office) -> None:
    case = cohort(office, 5)
    registered(office, case, [student(0)])
    spaced = student(0, id_no=" " + citizen_no(0) + " ")
    (reason,) = registered(office, case, [spaced])["reasons"]
    assert (reason["code"], reason["field"]) == ("invalid", "rows.0.id_no")
    assert len(students(office)) == 1


@pytest.fixture
def finished(office: Office) -> tuple[Office, str]:
    """Two students from registration to a survey, everything personal given and every act accepted."""
    case = cohort(office, 2)
    office.act(
        "2026-09-02 09:00", "filer@dg", "register-students", case,
        rows=[student(0, phone=PHONE), student(1), student(2, name="甄未收", id_no="44190020000101002")], partial=True,
    )  # fmt: skip
    both = [1, 2]

    def do(at: str, act: str, **with_: Any) -> None:
        office.do(at, "filer@dg", act, case, **with_)

    do("2026-09-03 09:00", "assign-mentors", side="enterprise", mentor=MENTOR, students=both)
    do("2026-09-03 09:01", "assign-mentors", side="college", mentor=TEACHER, students=both)
    for stage in ("course", "mid-term", "graduation"):
        rows = [
            {"no": n, "process": 71, "result": 83.25, "enterprise": {"操作": 90}, "passed": True}
            for n in both
        ]
        do("2030-06-01 09:00", "record-assessment", stage=stage, on="2030-06-01", assessors=ASSESSORS, rows=rows)  # fmt: skip
    passed = [{"no": n, "passed": True} for n in both]
    do("2030-06-02 09:00", "record-defence", on="2030-06-02", members=ASSESSORS, rows=passed)
    skill = [{"no": 1, "certificate_no": SKILL_NO, "issued": "2030-06-01", "level3_on": "2028-01-01"}]
    do("2030-06-02 10:00", "certify-level", rows=skill)
    do("2030-06-30 09:00", "graduate", rows=[{"no": 1, "certificate_no": GRADUATION_NO}])
    again = [{"no": 2, "certificate_no": GRADUATION_NO}]  # refused: the number is used
    assert office.act("2030-06-30 09:00", "filer@dg", "graduate", case, rows=again)["code"] == "invalid"
    office.act("2030-06-30 09:01", "filer@dg", "graduate", case, rows=[{"no": 2, "certificate_no": "XZ2030-000124"}])  # fmt: skip
    survey = [{"no": 1, "employed": True, "matched": True, "stable": True, "pay": 765_432}]
    do("2030-12-31 09:00", "record-survey", months=6, rows=survey)
    return office, case


SECRETS = (
    "甄学生0", "甄学生1", "甄未收", citizen_no(0), citizen_no(1), "44190020000101002", PHONE, "高师傅甲", "440303200802290016",
    "卢老师乙", "440106197810014568", *ASSESSORS, GRADUATION_NO, "XZ2030-000124", SKILL_NO, "83.25",
)  # fmt: skip


def leaks(office: Office) -> list[str]:
    """Where one of the secrets stands in clear: every column of every row of every table is looked at."""
    found: set[str] = set()
    for name, table in metadata.tables.items():
        for row in office.rows(table):
            for column, value in row.items():
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                shown = text + (text.encode().decode("unicode_escape", "replace") if "\\u" in text else "")
                found |= {f"{name}.{column}: {secret}" for secret in SECRETS if secret in shown}
    return sorted(found)


def test_nothing_personal_stands_anywhere_in_clear(finished: tuple[Office, str]) -> None:
    office, case = finished
    assert leaks(office) == []
    assert office.state(case)["status"] == "graduated"
    office.check()


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("filer@zh", "register-students", {"rows": [student(0, phone=PHONE)]}),
    ("filer@dg", "register-students", {"rows": [student(0, wechat=PHONE)]}),
    ("filer@dg", "register-students", {"rows": [["甄学生0", citizen_no(0)]]}),
    ("filer@dg", "register-students", {"list": [student(0)]}),
    ("filer@dg", "register-students", {"rows": [student(0, entry="甄学生1")]}),
    ("filer@dg", "assign-mentors", {"side": "college", "mentor": TEACHER, "students": [1]}),
    (
        "filer@dg",
        "assign-mentors",
        {"side": "college", "mentor": {**TEACHER, "wechat": PHONE}, "students": [1]},
    ),
    (
        "filer@dg",
        "record-defence",
        {"on": "2026-09-01", "members": ASSESSORS, "rows": [{"no": 1, "passed": True}]},
    ),
    ("filer@dg", "graduate", {"rows": [{"no": 1, "certificate_no": GRADUATION_NO}]}),
    (
        "filer@dg",
        "leave-students",
        {"rows": [{"no": 1, "why": "drop-out", "reason": f"甄学生0病，电{PHONE}"}]},
    ),
]


def test_what_was_refused_is_nowhere_in_clear_either(office: Office) -> None:
    case = cohort(office, 2)
    for by, act, with_ in REFUSED:
        answer = office.act("2026-09-02 09:00", by, act, case, **with_)
        assert answer["outcome"] == "refused", act
        assert leaks(office) == [], act
    office.check()


def test_why_somebody_left_is_sealed(office: Office) -> None:
    case = cohort(office, 2)
    registered(office, case, [student(0)])
    office.do(
        "2026-09-03 09:00", "filer@dg", "leave-students", case,
        rows=[{"no": 1, "why": "drop-out", "reason": f"甄学生0病，电{PHONE}"}],
    )  # fmt: skip
    assert leaks(office) == []


def test_rates_divide_by_all_graduates_of_the_day(finished: tuple[Office, str]) -> None:
    office, case = finished
    told = office.state(case)["employment"]["2030-06-30"]
    assert (told["graduates"], told["6"]["answers"], told["6"]["matched_rate"]) == (2, 1, "50.0%")


def test_a_destroyed_key_ends_what_is_known_of_one_person_and_of_nobody_else(
    finished: tuple[Office, str],
) -> None:
    office, case = finished
    first = next(id_ for id_ in students(office) if office.state(id_)["no"] == 1)
    with office.engine.connect() as connection:
        told = list(connection.execute(select(events.c.data).where(events.c.stream == first)).scalars())
        body = "".join(told)
        sealed = [
            Secret(person=p, sealed=s) for p, s in re.findall(r'"person":"([^"]+)","sealed":"([^"]+)"', body)
        ]
        clear = [unseal(KeyRing(), connection, secret) for secret in sealed]
    own = next(s.person for s, text in zip(sealed, clear, strict=True) if "甄学生0" in text)
    theirs = [text for s, text in zip(sealed, clear, strict=True) if s.person == own]
    assert any(GRADUATION_NO in text for text in theirs)
    assert any("765432" in text for text in theirs)
    assert own != PEPPER
    with office.engine.begin() as connection:
        connection.execute(person_keys.delete().where(person_keys.c.person == own))
    with office.engine.connect() as connection:
        for secret, text in zip(sealed, clear, strict=True):
            if secret.person == own:
                with pytest.raises(Erased):
                    unseal(KeyRing(), connection, secret)
            else:
                assert unseal(KeyRing(), connection, secret) == text
    office.check()
    assert office.state(first)["status"] == "graduated"
    assert office.state(case)["graduated"] == 2


def test_another_pack_is_looked_at_for_students_and_their_cohorts(office: Office) -> None:
    case = cohort(office, 2)
    registered(office, case, [student(1)])
    given = {"side": "enterprise", "students": [1], "mentor": {**MENTOR, "level": "技师"}}
    office.do("2026-09-03 09:00", "filer@dg", "assign-mentors", case, **given)
    plan = {"school_year": 2026, "course_hours": 80, "internship_hours": 0, "content": "认岗"}
    office.do("2026-09-03 09:01", "filer@dg", "plan-practice", case, **plan)
    assert preview_policy(office.gateway, load_pack("guangdong/pilot")) == []
    stricter = changed(
        mentor__enterprise_levels=["高级技师"], assessment__stages=["course", "graduation"], practice__required_share="1/2",
        registration__cut_offs=["04-20"], survey__months=[6], practice__year_starts="10-01",
    )  # fmt: skip
    found = {
        (row["kind"], row["rule"]): (row["now"]["zh"], row["then"]["zh"])
        for row in preview_policy(office.gateway, stricter)
    }
    assert found["student", "mentor.enterprise_levels"][1] == "企业导师技师不符合"
    assert "中期" in found["student", "assessment.stages"][0]
    assert "中期" not in found["student", "assessment.stages"][1]
    assert found["student", "practice.required_share"][1].startswith("2026学年企业生产实践课程尚缺40")
    assert found["cohort", "registration.cut_offs"] == (
        "注册至2026-10-20",
        "注册至2027-04-20",
    )
    assert found["cohort", "survey.months"] == ("6、12", "6")
    assert found["cohort", "practice.year_starts"][1].startswith("2029-10-01")
