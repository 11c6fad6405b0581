"""The list of students: out, in with its errors by row and column, and out again for the own college alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from console.workbook_students import STUDENTS
from console.workbook_template import FIRST_ROW
from domain.moments import stamp
from gateway.clock import system_time
from records.schema import environment, person_keys
from tests.conftest import Soil
from tests.gateway.test_students import citizen_no, cohort
from tests.terminal.conftest import Terminal
from tests.world import Office, staffed

ENTRY = "高中毕业 senior-high"
FILER = ("--by", "filer@dg")


@pytest.fixture
def place(sqlite: Soil, terminal: Terminal) -> Iterator[tuple[Terminal, Office, str]]:
    """A terminal on an environment with a cohort of three places."""
    ground = sqlite.fresh(staffed)
    office = Office(ground.engine)
    case = cohort(office, 3)
    with (
        ground.engine.begin() as connection
    ):  # for the terminal, too, it is the day on which the cohort was opened
        now = {"clock_legal": stamp(office.now), "clock_real": stamp(system_time())}
        connection.execute(environment.update().values(**now))
    terminal.env["HUIQIAN_DATABASE_URL"] = ground.engine.url.render_as_string(hide_password=False)
    yield terminal, office, case
    sqlite.clear(ground)


def row(n: int, entry: str = ENTRY, day: str = "2025-06-30") -> tuple[str, ...]:
    """One student as somebody types it: number, name, id, phone, entry, day."""
    return (str(n), f"甄学生{n}", citizen_no(n), "", entry, day)


def filled(terminal: Terminal, path: Path, *rows: tuple[str, ...]) -> Path:
    """The product's own template with these rows."""
    assert terminal("students", "template", path, "--force").code == 0
    book = load_workbook(path)
    for number, values in enumerate(rows, FIRST_ROW):
        for index, value in enumerate(values, 1):
            book[STUDENTS.title].cell(number, index, value or None)
    book.save(path)
    return path


def test_a_list_is_registered_and_comes_back_with_names(
    place: tuple[Terminal, Office, str], tmp_path: Path
) -> None:
    terminal, office, case = place
    path = filled(terminal, tmp_path / "in.xlsx", row(1), row(2))
    assert terminal.done("students", "import", path, *FILER, "--case", case)["outcome"] == "accepted"
    assert office.state(case)["registered"] == 2
    out = tmp_path / "out.xlsx"
    told = terminal.done("students", "export", out, *FILER, "--case", case, "--reason", "核对学籍")
    assert told["students"] == 2
    rows = list(load_workbook(out).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [(r[0], r[3], r[4], r[7]) for r in rows] == [
        (n, f"甄学生{n}", citizen_no(n), "studying") for n in (1, 2)
    ]


def test_errors_are_named_by_row_and_column_and_nothing_is_registered(
    place: tuple[Terminal, Office, str], tmp_path: Path
) -> None:
    terminal, office, case = place
    path = filled(terminal, tmp_path / "in.xlsx", row(1), row(2, "初中毕业 junior-middle"), row(1))
    said = terminal("students", "import", path, *FILER, "--case", case, "--json")
    assert said.code == 1
    places = [(r["where"]["row"], r["where"]["column"]) for r in said.json["reasons"]]
    assert places == [(FIRST_ROW + 1, "E"), (FIRST_ROW + 2, "C")]
    assert office.state(case)["registered"] == 0


def test_a_cell_that_cannot_be_read_stops_the_list_before_anything_is_sent(
    place: tuple[Terminal, Office, str], tmp_path: Path
) -> None:
    terminal, office, case = place
    wrong = (row(1), row(2, day="soon"), row(3, "初中毕业 junior-middle"), row(1))
    path = filled(terminal, tmp_path / "in.xlsx", *wrong)
    said = terminal("students", "import", path, *FILER, "--case", case, "--json")
    assert (said.code, said.json["outcome"]) == (1, "problems")
    assert [(p["row"], p["column"]) for p in said.json["problems"]] == [
        (FIRST_ROW + 1, "F"), (FIRST_ROW + 2, "E"), (FIRST_ROW + 3, "C"),
    ], "what cannot be read and what the rules have against the rest, at once"  # fmt: skip
    told = [p["why"]["zh"] for p in said.json["problems"]]
    assert f"第{FIRST_ROW + 2}行" in told[1], "the row of the sheet, not of what was sent"
    assert f"与第{FIRST_ROW}行为同一人" in told[2]
    assert office.state(case)["registered"] == 0


def test_on_demand_the_good_rows_are_registered_and_the_others_named(
    place: tuple[Terminal, Office, str], tmp_path: Path
) -> None:
    terminal, office, case = place
    wrong = (row(1, day="soon"), row(2), row(3, "初中毕业 junior-middle"), row(4))
    path = filled(terminal, tmp_path / "in.xlsx", *wrong)
    said = terminal("students", "import", path, *FILER, "--case", case, "--partial", "--json")
    assert (said.code, said.json["outcome"]) == (1, "accepted")
    assert [(p["row"], p["column"]) for p in said.json["left_out"]] == [(FIRST_ROW, "F"), (FIRST_ROW + 2, "E")]  # fmt: skip
    assert office.state(case)["registered"] == 2
    again = terminal("students", "import", path, *FILER, "--case", case, "--partial")
    assert again.code == 1
    assert office.state(case)["registered"] == 2


def test_another_college_gets_no_list_and_an_erased_person_has_no_name(
    place: tuple[Terminal, Office, str], tmp_path: Path
) -> None:
    terminal, office, case = place
    terminal.done("students", "import", filled(terminal, tmp_path / "in.xlsx", row(1)), *FILER, "--case", case)  # fmt: skip
    out = tmp_path / "out.xlsx"
    said = terminal("students", "export", out, "--by", "filer@zh", "--case", case, "--reason", "看看")
    assert said.code == 1
    assert not out.exists()
    student = next(id_ for id_ in office.cases() if id_.startswith("student-"))
    with office.engine.begin() as connection:
        connection.execute(person_keys.delete().where(person_keys.c.person != "pepper"))
    terminal.done("students", "export", out, *FILER, "--case", case, "--reason", "核对")
    (told,) = load_workbook(out).worksheets[0].iter_rows(min_row=2, values_only=True)
    assert (told[1], told[3], told[4]) == (student, "已删除 erased", None)
    assert terminal("show", student).code == 0
    assert terminal("show", case).code == 0
