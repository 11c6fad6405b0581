"""The Excel form: out with the round's majors, in with its errors by sheet, row and column."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from console.workbook import read_workbook
from console.workbook_template import FIRST_ROW, SHEETS
from tests.terminal.conftest import DEMO, Terminal, pdf

LINES, MATERIALS = SHEETS[0].title, SHEETS[3].title


NAMES = ("培养方案.pdf", "校企合作协议.pdf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that a form may name."""
    made = tmp_path / "附件"
    made.mkdir()
    for name in NAMES:
        (made / name).write_bytes(pdf(name))
    return made


def form(tmp_path: Path, office: Terminal, *files: str, **cells: str | int) -> Path:
    """A form from the product's own template, one line filled in, some cells changed, some files named."""
    path = tmp_path / "form.xlsx"
    assert office("template", path, "--round", "2026").code == 0
    book = load_workbook(path)
    values = {"A": "1", "B": "DEMO-0209", "D": "高中毕业 senior-high", "E": 4, "G": 40, **cells}
    for column, value in values.items():
        book[LINES][f"{column}{FIRST_ROW}"] = value
    for row, name in enumerate(files, FIRST_ROW):
        book[MATERIALS][f"B{row}"] = name
    book.save(path)
    return path


def test_a_demo_workbook_is_filed(office: Terminal) -> None:
    names = read_workbook(DEMO / "dg.xlsx").with_["materials"]
    for name in names:
        (office.folder / name).write_bytes(pdf(name))
    said = office(
        "import", DEMO / "dg.xlsx", "--by", "filer@dg", "--round", "2026", "--materials", office.folder
    )
    assert said.code == 0
    assert f"lines 3, files {len(names)}" in said.err
    shown = office.done("show", said.out.rpartition("huiqian show ")[2].strip())
    assert (shown["stage"], shown["route"], len(shown["lines"])) == ("submitted", "tro", 3)


def test_the_files_that_a_form_names_are_attached_from_a_folder(
    office: Terminal, tmp_path: Path, folder: Path
) -> None:
    said = office("import", form(tmp_path, office, *NAMES), "--by", "filer@dg", "--materials", folder)
    assert said.code == 0
    assert "lines 1, files 2" in said.err
    filing = said.out.rpartition("huiqian show ")[2].strip()
    assert len(office.done("show", filing)["materials"]) == 2
    assert all(name in office("show", filing).out for name in NAMES)


def test_files_attached_before_are_found_by_their_names(
    office: Terminal, tmp_path: Path, folder: Path
) -> None:
    path = form(tmp_path, office, *NAMES)
    missing = office("import", path, "--by", "filer@dg", "--json")
    assert missing.code == 1
    assert [(p["sheet"], p["row"], p["column"]) for p in missing.json["problems"]] == [
        (MATERIALS, n, "B") for n in (3, 4)
    ]
    assert "huiqian attach" in missing.err
    office("attach", *sorted(folder.iterdir()), "--by", "filer@dg")
    assert office("import", path, "--by", "filer@dg").code == 0


def test_what_is_wrong_with_a_form_is_told_by_sheet_row_and_column_and_nothing_is_filed(
    office: Terminal,
) -> None:
    said = office("import", DEMO / "wrong-example.xlsx", "--by", "filer@dg")
    assert said.code == 1
    assert "14 处问题，未提交" in said.out
    found = office("import", DEMO / "wrong-example.xlsx", "--by", "filer@dg", "--json").json["problems"]
    assert {"sheet": LINES, "row": 3, "column": "E"}.items() <= found[0].items()
    assert found[0]["why"]["en"].startswith("“Academic years” must be a number alone")
    assert office.done("show", "2026")["filings"] == []


def test_a_refusal_of_the_engine_names_the_cell(office: Terminal, tmp_path: Path) -> None:
    path = form(tmp_path, office, E=3)
    said = office("import", path, "--by", "filer@dg")
    assert said.code == 1
    assert "study-years" in said.out
    assert f"{LINES} 第 {FIRST_ROW} 行 row" in said.out
    answer = office("import", form(tmp_path / "..", office, G=1_000_000), "--by", "filer@dg", "--json").json
    where = answer["reasons"][0]["where"]
    assert (answer["code"], where) == ("invalid", {"sheet": LINES, "row": FIRST_ROW, "column": "G"})


def test_a_draft_is_kept_and_submitted_later_by_its_case(office: Terminal, tmp_path: Path) -> None:
    path = form(tmp_path, office)
    draft = office("import", path, "--by", "filer@dg", "--draft", "--json").json["case"]
    assert office.done("show", draft)["stage"] == "draft"
    again = office("import", path, "--by", "filer@dg", "--draft", "--case", draft, "--json")
    assert again.json["case"] == draft
    assert office("import", path, "--by", "filer@dg", "--case", draft).code == 0
    assert office.done("show", draft)["stage"] == "submitted"


def test_importing_twice_under_one_id_files_once(office: Terminal, tmp_path: Path) -> None:
    path = form(tmp_path, office)
    words = ["import", path, "--by", "filer@dg", "--id", "dg-2026-first", "--json"]
    assert office(*words).json == office(*words).json
    assert len(office.done("show", "2026")["filings"]) == 1


def test_the_template_offers_the_majors_of_the_round_and_writes_over_nothing(
    office: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "form.xlsx"
    assert office("template", path).code == 0
    cover = load_workbook(path).worksheets[0]
    assert "工业机器人应用与维护" in [cell.value for cell in cover["C"]]
    assert office("template", path).code == 2
    assert office("template", path, "--force").code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["template", "form.docx"], ".xlsx"),
        (["template", "form.xlsx", "--round", "1999"], "no such case"),
        (["template", "/nowhere/form.xlsx"], "cannot be written"),
        (["import", "nowhere.xlsx", "--by", "filer@dg"], "does not exist"),
        (["import", DEMO / "jia.xlsx", "--by", "nobody"], "not role@agency"),
        (["import", DEMO / "jia.xlsx", "--by", "filer@jia", "--materials", "/nowhere"], "does not exist"),
    ],
)
def test_wrong_usage_of_the_form_is_told(office: Terminal, words: list[object], why: str) -> None:
    said = office(*words)
    assert said.code == 2
    assert why in said.text


def test_a_file_that_is_no_workbook_is_a_problem_of_the_file(office: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(pdf("x"))
    said = office("import", path, "--by", "filer@dg")
    assert said.code == 1
    assert "not an .xlsx workbook" in said.out
