"""What the form offers to its reader, and the demo's workbooks."""

from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from ruamel.yaml import YAML
from stdnum.cn import ric
from stdnum.cn import uscc as stdnum_uscc

from console.workbook import read_workbook
from console.workbook_template import ENTRIES, SHEETS, write_template
from demo import make_workbooks

LINES, PARTNERS = SHEETS[0].title, SHEETS[1].title
DEMO = make_workbooks.HERE


def test_the_template_offers_the_entries_and_the_catalog_to_choose_from(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    write_template(path, round_id="R-2026", majors=[("DEMO-0101", "数控加工")], entries=ENTRIES)
    first = path.read_bytes()
    workbook = load_workbook(path)
    rules = {str(rule.sqref)[0]: rule.formula1 for rule in workbook[LINES].data_validations.dataValidation}
    assert rules["B"] == "'选项'!$D$2:$D$2"
    assert [cell.value for cell in workbook["选项"]["A"]][1:] == [f"{zh} {word}" for word, zh in ENTRIES]
    assert workbook[PARTNERS]["B500"].number_format == "General"  # not drawn, so that the file stays small,
    assert workbook[PARTNERS].column_dimensions["B"].number_format == "@"  # yet text in Excel by its column
    assert workbook[LINES].freeze_panes == "B3"
    assert [problem.why_en for problem in read_workbook(path).problems] == ["no line is filled in"]
    write_template(path, round_id="R-2026", majors=[("DEMO-0101", "数控加工")], entries=ENTRIES)
    assert path.read_bytes() == first


def test_the_demo_workbooks_are_what_the_script_writes_and_hold_valid_numbers(tmp_path: Path) -> None:
    make_workbooks.main(tmp_path)
    colleges: list[Any] = YAML(typ="safe").load(DEMO / "colleges.yaml")["colleges"]
    lines = 0
    for college in colleges:
        reading = read_workbook(DEMO / f"{college['id']}.xlsx")
        assert reading == read_workbook(tmp_path / f"{college['id']}.xlsx")
        assert reading.problems == []
        assert all(stdnum_uscc.is_valid(partner["uscc"]) for partner in reading.with_["partners"])
        assert all(ric.is_valid(mentor["id_no"]) for mentor in reading.with_["mentors"])
        lines += len(reading.with_["lines"])
    assert lines >= 20
    assert len(read_workbook(DEMO / "wrong-example.xlsx").problems) >= 10
