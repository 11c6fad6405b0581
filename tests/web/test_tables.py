"""Tables of forms as workbooks: what goes out comes back the same, and what is wrong is told by row and column."""

import io
import re
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from console import forms, student_words
from console.web.forms import FormMaker, Widget
from console.web.lists import XLSX
from console.web.tables import APART, brought_in, given_out
from console.web.voice import Voice
from domain.acts.base import ACTS
from records.schema import acts
from tests.gateway.test_students import cohort, student
from tests.web.conftest import Reader, Web

EXAMPLES: dict[str, dict[str, Any]] = {**forms.EXAMPLES, **student_words.EXAMPLES}


def tables(v: Voice, act: str) -> list[Widget]:
    """The tables of an act's form, filled in as the example says."""
    widgets = FormMaker(act, v, {}, {}, absent={"rows.row"}).widgets(EXAMPLES.get(act, {}))
    return [widget for widget in widgets if widget.excel and EXAMPLES.get(act, {}).get(widget.path)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_leaves_any_table_of_any_act_as_a_workbook_comes_back_the_same(web: Web, lang: str) -> None:
    v = Voice(lang, web.place.desk())
    seen: set[str] = set()
    for act in sorted(name for name, a in ACTS.items() if not a.internal):
        for table in tables(v, act):
            out = given_out(act, table, v)
            back = brought_in(act, table, v, bytes(out.body))
            apart = {c.path.rpartition(".")[2] for c in table.rows[0] if c.kind in APART}
            rows: list[dict[str, Any]] = EXAMPLES.get(act, {}).get(table.path, [])
            assert back.problems == [], (act, back.problems)
            assert back.rows == [{k: x for k, x in r.items() if k not in apart} for r in rows], act
            seen.add(act)
    assert {"register-students", "issue-call", "graduate", "record-assessment", "record-fees"} <= seen
    assert not {"submit-filing", "save-draft"} & seen


def filled(reader: Reader, case: str, data: bytes) -> str:
    """The form after a workbook was given to it."""
    sent = reader.form("register-students", case, _press="fill:rows")
    return reader.post("/do/register-students", sent, files={"_sheet:rows": ("名单.xlsx", data, XLSX)}).text


def test_a_class_is_registered_from_a_workbook_on_the_page_and_a_wrong_one_fills_in_nothing(web: Web) -> None:
    case, filer = cohort(web.office, 40, major="DEMO-0203"), web("filer@dg")
    sent = filer.form("register-students", case, _press="sheet:rows")
    book = load_workbook(io.BytesIO(filer.post("/do/register-students", sent).content))
    people = [student(7001), student(7002)]
    heads = [str(cell.value).splitlines()[1] for cell in book.worksheets[0][1]]
    column = {"Name": "name", "ID number": "id_no", "Entry": "entry", "Qualified on": "qualified_on"}
    for number, row in enumerate(people, 2):
        for place, head in enumerate(heads, 1):
            book.worksheets[0].cell(number, place, row.get(column.get(head, ""), None))
    made = io.BytesIO()
    book.save(made)
    told = filled(filer, case, made.getvalue())
    assert "已从 Excel 填入 2 行" in told
    names = dict(re.findall(r'name="(rows\.\d+\.\w+)" value="([^"]*)"', told))
    assert [names[f"rows.{n}.id_no"] for n in range(2)] == [row["id_no"] for row in people]
    rows = {f"rows.{n}.{name}": value for n, row in enumerate(people) for name, value in row.items()}
    assert (
        filer.post(
            "/do/register-students", filer.form("register-students", case, **rows, _press="do")
        ).status_code
        == 303
    )
    out = filer.post(
        "/do/export-students", filer.form("export-students", case, reason="核对学籍", _press="do")
    )
    assert out.headers["content-type"] == XLSX
    (sheet,) = load_workbook(io.BytesIO(out.content)).worksheets
    assert [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] == [row["name"] for row in people]
    assert "export-students" in {row["act"] for row in web.office.rows(acts)}, "the reading is on record"
    assert "2 行" not in filled(filer, case, b"PK no workbook")
    other = Workbook()
    other.worksheets[0].append(["什么", "都不是"])
    wrong = io.BytesIO()
    other.save(wrong)
    assert "没有填入" in filled(filer, case, wrong.getvalue())
