"""The Excel form: out with the round's majors, in with its errors by sheet, row and column."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from console.workbook_template import FIRST_ROW, SHEETS
from tests.terminal.conftest import DEMO, Terminal, pdf

LINES, MATERIALS = SHEETS[0].title, SHEETS[3].title


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that dg's workbook names."""
    made = tmp_path / "附件"
    made.mkdir()
    for name in ("培养方案", "校企合作协议", "工作组文件", "考核评价方案"):
        (made / f"dg-{name}.pdf").write_bytes(pdf(name))
    return made


def form(tmp_path: Path, office: Terminal, **cells: str | int) -> Path:
    """A form from the product's own template, one line filled in, some cells changed."""
    path = tmp_path / "form.xlsx"
    assert office("template", path, "--round", "2026").code == 0
    book = load_workbook(path)
    values = {"A": "1", "B": "DEMO-0209", "D": "高中毕业 senior-high", "E": 4, "G": 40, **cells}
    for column, value in values.items():
        book[LINES][f"{column}{FIRST_ROW}"] = value
    book.save(path)
    return path


def test_a_demo_workbook_is_filed_with_the_files_it_names(office: Terminal, folder: Path) -> None:
    said = office("import", DEMO / "dg.xlsx", "--by", "filer@dg", "--round", "2026", "--materials", folder)
    assert said.code == 0
    assert "3 lines, 4 files" in said.err
    filing = said.out.rpartition("huiqian show ")[2].strip()
    shown = office.done("show", filing)
    assert (shown["stage"], shown["route"], len(shown["lines"]), len(shown["materials"])) == (
        "submitted",
        "tro",
        3,
        4,
    )
    assert "dg-培养方案.pdf" in office("show", filing).out


def test_files_attached_before_are_found_by_their_names(office: Terminal, folder: Path) -> None:
    missing = office("import", DEMO / "dg.xlsx", "--by", "filer@dg", "--json")
    assert missing.code == 1
    assert [(p["sheet"], p["row"], p["column"]) for p in missing.json["problems"]] == [
        (MATERIALS, n, "B") for n in (3, 4, 5, 6)
    ]
    assert "huiqian attach" in missing.err
    office("attach", *sorted(folder.iterdir()), "--by", "filer@dg")
    assert office("import", DEMO / "dg.xlsx", "--by", "filer@dg").code == 0


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
