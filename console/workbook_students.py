"""The Excel list of a cohort's students: the empty form, and the list as it stands (domain.md SR-01, SR-02)."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from os import PathLike

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from console.workbook_template import (
    ENTRIES,
    EXAMPLE,
    FIRST_ROW,
    LISTS,
    Column,
    Sheet,
    Value,
    put,
    save,
    write_lists,
    write_sheet,
)
from gateway.roll import Entry

STUDENTS = Sheet(
    "rows", "学生", "Students",
    (
        Column("", "序号", "No.", "code", 8, required=False),
        Column("name", "姓名", "Name", "text", 14),
        Column("id_no", "身份证号", "ID number", "code", 26, "18 位，按文本填写"),
        Column("phone", "联系电话", "Phone", "code", 18, required=False),
        Column("entry", "生源类别", "Entry", "entry", 34, "须与本专业公布的生源类别一致"),
        Column("qualified_on", "入学资格取得日期", "Qualified on", "date", 20, "毕业证书或职称证书日期"),
    ),
    (EXAMPLE, "示例甲", "11010519491231002X", "", "高中毕业 senior-high", date(2026, 6, 30)),
)  # fmt: skip
"""One row a student; the words are those of `register-students`."""

HEADINGS = (
    "学号 No.", "案件 Case", "化名 Pseudonym", "姓名 Name", "身份证号 ID number", "联系电话 Phone", "生源类别 Entry",
    "状态 Status", "毕业日期 Graduated on", "分流级别 Diverted to",
)  # fmt: skip


def write_form(path: str | PathLike[str]) -> None:
    """The empty list."""
    workbook = Workbook()
    ranges = write_lists(workbook, [], ENTRIES)
    write_sheet(_first(workbook, STUDENTS.title), STUDENTS, ranges)
    workbook[LISTS].sheet_state = "hidden"
    save(workbook, path)


def write_list(path: str | PathLike[str] | BytesIO, entries: Sequence[Entry]) -> None:
    """The list as it stands, one row a student under `HEADINGS`; a person whose key was destroyed has no name in it."""
    workbook = Workbook()
    ws = _first(workbook, STUDENTS.title)
    for index, heading in enumerate(HEADINGS, 1):
        put(ws, 1, index, heading)
        ws.column_dimensions[get_column_letter(index)].width = 22
    for number, entry in enumerate(entries, 2):
        for index, value in enumerate(_row(entry), 1):
            put(ws, number, index, value)
            if isinstance(value, str):
                ws.cell(number, index).number_format = "@"
    ws.freeze_panes = f"A{FIRST_ROW - 1}"
    save(workbook, path)


def _row(entry: Entry) -> list[Value]:
    s, known = entry.student, entry.particulars or {"name": "已删除 erased"}
    personal = [known.get("name"), known.get("id_no"), known.get("phone")]
    return [s.no, s.id, s.person, *personal, s.entry, s.stage, s.graduated_on, s.diverted_to]


def _first(workbook: Workbook, title: str) -> Worksheet:
    ws = workbook.worksheets[0]
    ws.title = title
    return ws
