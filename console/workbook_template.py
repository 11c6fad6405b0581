"""Writes the Excel form of a filing, whatever sheets and columns its procedure has (`workbook_sheets`).

The official form (annex 5 of the notice) is unknown: the columns follow the words of `submit-filing`.
"""

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from os import PathLike
from typing import Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from console.workbook_sheets import (
    ENTRIES,
    FIRST_ROW,
    LEVELS,
    LISTS,
    MAX_ROWS,
    SHEETS,
    SIDES,
    Column,
    Kind,
    Pairs,
    Sheet,
    Value,
)
from console.workbook_sheets import (
    EXAMPLE as EXAMPLE,
)

TITLE = ("学制技师试点申报表", "Application form, full-time technician pilot")

_INK, _LINE = "1F3A5F", "C9D1DB"
_RULE = Side(style="thin", color=_LINE)
_BOX = Border(left=_RULE, right=_RULE, top=_RULE, bottom=_RULE)
_FACE = "微软雅黑"
_MIDDLE = Alignment("center", "center", wrap_text=True)
# Text, so that Excel neither rounds an 18-digit number nor drops a leading zero.
_FORMATS: dict[Kind, str] = {"code": "@", "segments": "@", "count": "0", "date": "yyyy-mm-dd"}
_CENTRED = {"count", "number", "segments", "date"}
_CHECKS: dict[Kind, Literal["whole", "decimal", "date"]] = {
    "count": "whole",
    "number": "decimal",
    "date": "date",
}


def label(word: str, names: Pairs = ENTRIES) -> str:
    """What the drop-down shows: the Chinese name and the published word, which the reader goes by."""
    return next((f"{zh} {word}" for known, zh in names if known == word), word)


def write_template(
    path: str | PathLike[str], *, round_id: str = "", majors: Pairs = (), entries: Pairs = ENTRIES,
    sheets: Sequence[Sheet] = SHEETS, categories: Pairs = (), title: tuple[str, str] = TITLE,
) -> None:  # fmt: skip
    """The empty form. Majors are (code, name), entries and categories (word, Chinese name)."""
    save(build(round_id, majors, entries, sheets, categories, title), path)


def build(
    round_id: str = "", majors: Pairs = (), entries: Pairs = ENTRIES, sheets: Sequence[Sheet] = SHEETS,
    categories: Pairs = (), title: tuple[str, str] = TITLE,
) -> Workbook:  # fmt: skip
    workbook = Workbook()
    _write_cover(workbook.worksheets[0], round_id, majors, sheets, title)
    ranges = write_lists(workbook, majors, entries, categories)
    for sheet in sheets:
        write_sheet(workbook.create_sheet(sheet.title), sheet, ranges)
    workbook.move_sheet(LISTS, len(sheets))
    workbook[LISTS].sheet_state = "hidden"
    return workbook


def put(ws: Worksheet, row: int, column: int, value: Value) -> None:
    cell = ws.cell(row, column, value)
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with "=" is a name, not a formula


def save(workbook: Workbook, path: str | PathLike[str] | BytesIO) -> None:
    """Same content, same bytes: openpyxl stamps the time of saving, and every form would be a new file."""
    buffer = BytesIO()
    workbook.save(buffer)
    with ZipFile(buffer) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb">[^<]*(</dcterms:(?:created|modified)>)", rb">2000-01-01T00:00:00Z\1", data)
            info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            target.writestr(info, data, ZIP_DEFLATED)


def _write_cover(
    ws: Worksheet, round_id: str, majors: Pairs, sheets: Sequence[Sheet], title: tuple[str, str]
) -> None:
    ws.title = "填写说明 Instructions"
    mentors = any(sheet.key == "mentors" for sheet in sheets)
    notes = [
        ("轮次 Round", round_id or "见当年申报通知 as in the yearly call"),
        (
            "表样 Form",
            f"试用表样；正式表样{'（附件5）' if mentors else ''}未公开。 A stand-in: the official form is not public.",
        ),
        ("填写", "从第 3 行起填写；灰色“示例”行不读取；带 * 的列必填；请勿改动表头文字，列的次序可以调整。"),
        ("How", "Fill in from row 3. The grey example row is not read. Columns marked * are required."),
        ("格式", "只填数值：不用公式，不合并单元格；学制、计划、岗位数只填数字；证件号与代码按文本填写。"),
        ("Values", "No formulas, no merged cells; figures without units; numbers of documents as text."),
        (
            "附件 Files",
            "附件另行上传，本表只列文件名或编号，每行一个。 Upload the files themselves separately.",
        ),
        ("个人信息 Privacy", "导师信息仅用于本次申报的评估与核验。 Personal data, for this filing only."),
    ]
    if not mentors:
        notes = [note for note in notes if "Privacy" not in note[0]]
    put(ws, 1, 2, title[0])
    put(ws, 2, 2, title[1])
    ws["B1"].font = Font(name=_FACE, size=20, bold=True, color=_INK)
    ws.row_dimensions[1].height = ws.row_dimensions[3].height = 32
    ws["B2"].font = Font(name=_FACE, size=11, color="8A8F98")
    catalog = [("专业目录 Catalog", "专业名称 Major name"), *majors] if majors else []
    for row, (left, right) in enumerate([*notes, ("", ""), *catalog], 4):
        put(ws, row, 2, left)
        put(ws, row, 3, right)
        heading = row == 4 + len(notes) + 1
        for cell in (ws.cell(row, 2), ws.cell(row, 3)):
            colour, bold = _INK if heading else "333333", heading or cell.column == 2
            cell.font = Font(name=_FACE, size=10.5, bold=bold, color=colour)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            cell.border = Border(bottom=_RULE) if left else Border()
        ws.row_dimensions[row].height = 24
    for letter, width in zip("ABC", (3, 22, 100), strict=True):
        ws.column_dimensions[letter].width = width
    _page(ws)


def write_lists(workbook: Workbook, majors: Pairs, entries: Pairs, categories: Pairs = ()) -> dict[str, str]:
    """A sheet of lists to choose from, as one in the validation itself ends at 255 characters; where each stands."""
    ws = workbook.create_sheet(LISTS)
    lists = {
        "entry": [label(word, entries) for word, _ in entries],
        "side": [label(word, SIDES) for word, _ in SIDES],
        "level": LEVELS,
        "major": [code for code, _ in majors],
        "category": [label(word, categories) for word, _ in categories],
    }
    for index, (name, values) in enumerate(lists.items(), 1):
        put(ws, 1, index, name)
        for row, value in enumerate(values, 2):
            put(ws, row, index, value)
    columns = dict(zip(lists, "ABCDE", strict=True))
    return {
        name: f"'{LISTS}'!${columns[name]}$2:${columns[name]}${len(values) + 1}"
        for name, values in lists.items()
        if values
    }


def write_sheet(ws: Worksheet, sheet: Sheet, ranges: Mapping[str, str]) -> None:
    """Header, example and the checks of a sheet; `ranges` are the lists to choose from."""
    for index, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(index)
        ws.column_dimensions[letter].width = column.width
        # The whole column, so that rows pasted below the drawn ones keep the format.
        ws.column_dimensions[letter].number_format = _FORMATS.get(column.kind, "General")
        header = ws.cell(1, index, f"{column.zh}{' *' if column.required else ''}\n{column.en}")
        header.font = Font(name=_FACE, size=10.5, bold=True, color="FFFFFF")
        header.fill = PatternFill("solid", fgColor=_INK)
        header.alignment, header.border = _MIDDLE, _BOX
        _validate(ws, column, f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + MAX_ROWS - 1}", ranges)
    for row in range(2, FIRST_ROW + 20):
        style_row(ws, sheet, row)
    for index, value in enumerate(sheet.example, 1):
        put(ws, 2, index, value)
        ws.cell(2, index).font = Font(name=_FACE, size=10, italic=True, color="8A8F98")
        ws.cell(2, index).fill = PatternFill("solid", fgColor="EEEFF1")
    ws.row_dimensions[1].height = 36
    ws.freeze_panes = f"B{FIRST_ROW}"
    ws.print_title_rows = "1:1"
    _page(ws)


def _page(ws: Worksheet) -> None:
    ws.sheet_view.showGridLines = False
    ws.oddFooter.center.text = "&A    &P / &N"  # pyright: ignore[reportOptionalMemberAccess]
    ws.page_setup.orientation, ws.page_setup.paperSize = "landscape", 9  # A4
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _validate(ws: Worksheet, column: Column, cells: str, ranges: Mapping[str, str]) -> None:
    # Only the form of a value is checked here; what the law allows, the engine decides and explains.
    source = ranges.get({"major": "major", "level": "level"}.get(column.field, column.kind))
    if source:
        rule = DataValidation(type="list", formula1=source, showErrorMessage=column.field != "level")
    elif column.kind in _CHECKS:
        rule = DataValidation(type=_CHECKS[column.kind], operator="greaterThan", formula1="0")
        rule.showErrorMessage = True
    elif column.hint:
        rule = DataValidation()
    else:
        return
    rule.errorTitle, rule.error = column.zh, column.hint or "请从列表中选择 Choose from the list"
    if column.hint:
        rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.zh, column.hint
    rule.allow_blank, rule.sqref = True, MultiCellRange(cells)
    ws.add_data_validation(rule)


def style_row(ws: Worksheet, sheet: Sheet, row: int) -> None:
    for index, column in enumerate(sheet.columns, 1):
        cell = ws.cell(row, index)
        cell.border, cell.font = _BOX, Font(name=_FACE, size=10.5)
        cell.number_format = _FORMATS.get(column.kind, "General")
        centred = index == 1 or column.kind in _CENTRED
        cell.alignment = _MIDDLE if centred else Alignment("left", "center", indent=1)
    ws.row_dimensions[row].height = 20
