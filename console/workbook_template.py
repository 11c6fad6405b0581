"""The Excel form 学制技师试点申报表: its sheets and columns, for this writer and the reader in `workbook`.

The official form (annex 5 of the notice) is unknown: the columns follow the words of `submit-filing`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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

Value = str | int | float | date | None
Pairs = Sequence[tuple[str, str]]
Kind = Literal["text", "code", "entry", "side", "number", "count", "segments", "date"]

TITLE = ("学制技师试点申报表", "Application form, full-time technician pilot")
EXAMPLE = "示例"
FIRST_ROW = 3  # 1 is the header, 2 the example
MAX_ROWS = 10_000
LISTS = "选项"

ENTRIES: list[tuple[str, str]] = [
    ("junior-middle", "初中毕业"),
    ("senior-high", "高中毕业"),
    ("secondary-technical", "中技毕业"),
    ("secondary-vocational", "中职毕业"),
    ("senior-technical", "高技毕业"),
    ("higher-vocational", "高职毕业"),
    ("junior-college", "高专毕业"),
    ("undergraduate", "本科及以上"),
    ("title-holder", "初级及以上职称"),
]
SIDES: list[tuple[str, str]] = [("enterprise", "企业导师"), ("college", "院校导师")]
# Suggestions only: a college mentor may hold a professional title instead, so any text is accepted.
LEVELS = ["高级工", "技师", "高级技师", "特级技师", "首席技师"]


@dataclass(frozen=True)
class Column:
    field: str  # the word in `with`; empty: for people only, read for its form and then left out
    zh: str
    en: str
    kind: Kind
    width: float
    hint: str = ""
    required: bool = True


@dataclass(frozen=True)
class Sheet:
    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    example: tuple[Value, ...]

    @property
    def title(self) -> str:
        return f"{self.zh} {self.en}"


_NO = Column("", "序号", "No.", "code", 8, required=False)
_LINES = (
    Column("id", "序号", "Line id", "code", 10, "本表内不重复，例如 1、2、3"),
    Column("major", "专业代码", "Major code", "code", 18, "按当年公布的试点专业目录填写"),
    Column("", "专业名称", "Major name", "text", 32, required=False),
    Column("entry", "生源类别", "Entry", "entry", 34, "每行一类；不同类别分行填写"),
    Column("years", "学制(学年)", "Academic years", "number", 17, "只填数字，不带“年”字"),
    Column("segments", "分段", "Segments", "segments", 15, "例如 3+2+1；不分段的留空", required=False),
    Column("plan", "招生计划", "Enrolment plan", "count", 17, "人数，只填数字"),
)
_PARTNERS = (
    _NO,
    Column("uscc", "统一社会信用代码", "USCC", "code", 28, "18 位，按文本填写"),
    Column("name", "企业名称", "Enterprise", "text", 38),
    Column("posts", "技师岗位数", "Technician posts", "count", 19, "个数，只填数字"),
    Column("agreement_until", "协议截止日期", "Agreement until", "date", 20, "例如 2032-08-31"),
)
_MENTORS = (
    _NO,
    Column("name", "姓名", "Name", "text", 14),
    Column("id_no", "证件号", "ID number", "code", 26, "按文本填写"),
    Column("employer", "单位", "Employer", "text", 34),
    Column("level", "职业等级", "Level", "text", 16, "可从列表选择，也可填写职称"),
    Column("certificate_no", "证书编号", "Certificate no.", "code", 32, required=False),
    Column("side", "导师类别", "Side", "side", 24),
)
_MATERIALS = (_NO, Column("id", "文件名/编号", "File name or number", "text", 64, "每行一个"))

SHEETS = (
    Sheet(
        "lines",
        "申报专业",
        "Lines",
        _LINES,
        (EXAMPLE, "DEMO-0101", "数控加工", "初中毕业 junior-middle", 6, "3+2+1", 40),
    ),
    Sheet(
        "partners",
        "合作企业",
        "Partners",
        _PARTNERS,
        (EXAMPLE, "91440300MADEM00700", "示例激光公司", 20, date(2032, 8, 31)),
    ),
    Sheet(
        "mentors",
        "企业导师",
        "Mentors",
        _MENTORS,
        (EXAMPLE, "示例甲", "11010519491231002X", "示例激光公司", "高级技师", "", "企业导师 enterprise"),
    ),
    Sheet("materials", "附件", "Materials", _MATERIALS, (EXAMPLE, "示例-培养方案.pdf")),
)

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
    path: str | PathLike[str], *, round_id: str = "", majors: Pairs = (), entries: Pairs = ENTRIES
) -> None:
    """The empty form. Majors are (code, name), entries (word, Chinese name)."""
    save(build(round_id, majors, entries), path)


def build(round_id: str = "", majors: Pairs = (), entries: Pairs = ENTRIES) -> Workbook:
    workbook = Workbook()
    _write_cover(workbook.worksheets[0], round_id, majors)
    ranges = write_lists(workbook, majors, entries)
    for sheet in SHEETS:
        write_sheet(workbook.create_sheet(sheet.title), sheet, ranges)
    workbook.move_sheet(LISTS, len(SHEETS))
    workbook[LISTS].sheet_state = "hidden"
    return workbook


def put(ws: Worksheet, row: int, column: int, value: Value) -> None:
    cell = ws.cell(row, column, value)
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with "=" is a name, not a formula


def save(workbook: Workbook, path: str | PathLike[str]) -> None:
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


def _write_cover(ws: Worksheet, round_id: str, majors: Pairs) -> None:
    ws.title = "填写说明 Instructions"
    notes = [
        ("轮次 Round", round_id or "见当年申报通知 as in the yearly call"),
        ("表样 Form", "试用表样；正式表样（附件5）未公开。 A stand-in: the official form is not public."),
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
    put(ws, 1, 2, TITLE[0])
    put(ws, 2, 2, TITLE[1])
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


def write_lists(workbook: Workbook, majors: Pairs, entries: Pairs) -> dict[str, str]:
    """A sheet of lists to choose from, as one in the validation itself ends at 255 characters; where each stands."""
    ws = workbook.create_sheet(LISTS)
    lists = {
        "entry": [label(word, entries) for word, _ in entries],
        "side": [label(word, SIDES) for word, _ in SIDES],
        "level": LEVELS,
        "major": [code for code, _ in majors],
    }
    for index, (name, values) in enumerate(lists.items(), 1):
        put(ws, 1, index, name)
        for row, value in enumerate(values, 2):
            put(ws, row, index, value)
    columns = dict(zip(lists, "ABCD", strict=True))
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
