"""Lists that leave the page: workbooks and CSV, safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from fastapi.responses import Response
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from console.clean import clean
from console.web.voice import Voice

Row = dict[str, Any]
Column = tuple[str, Callable[[Row], Any]]
Listed = tuple[str, list[Column], Iterable[Row]]
"""A sheet's name, its columns and its rows."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if value is None or isinstance(value, int | float | bool):
        return value
    text = clean(str(value))
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def which_line(v: Voice) -> list[Column]:
    """The columns by which people know a line, in every list of lines."""
    return [
        (v.t("专业线", "Line"), lambda r: r["ref"]),
        (v.t("院校", "College"), lambda r: v.agency(r["college"])),
        (v.t("专业代码", "Major"), lambda r: r["major"]),
        (v.t("专业", "Name"), lambda r: r["name"]),
        (v.t("生源", "Entry"), lambda r: v.choice(r["entry"])),
    ]


def spreadsheet(title: str, columns: list[Column], rows: Iterable[Row], *more: Listed) -> Response:
    """A workbook of one sheet, or with `more` of several, each with its head frozen and a filter on every column."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for name, heads, found in ((title, columns, rows), *more):
        _fill(book.create_sheet(re.sub(r"[\\/*?:\[\]]", "-", name)[:31]), heads, found)
    made = io.BytesIO()
    book.save(made)
    return attachment(made.getvalue(), f"{title}.xlsx", XLSX)


def _fill(sheet: Worksheet, columns: list[Column], rows: Iterable[Row]) -> None:
    sheet.append([name for name, _ in columns])
    for row in rows:
        sheet.append([harmless(value(row)) for _, value in columns])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF4")
    for number, (name, _) in enumerate(columns, 1):
        texts = [str(cell.value or "") for cell in sheet[get_column_letter(number)]]
        width = max([len(name) * 2, *(sum(2 if ord(c) > 255 else 1 for c in t) for t in texts[:500])])
        sheet.column_dimensions[get_column_letter(number)].width = min(60, width + 2)
        for cell in sheet[get_column_letter(number)]:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.freeze_panes, sheet.auto_filter.ref = "A2", sheet.dimensions


def comma_separated(title: str, columns: list[Column], rows: Iterable[Row]) -> Response:
    """The same as CSV in UTF-8 with a mark, which Excel needs for Chinese."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([name for name, _ in columns])
    writer.writerows([harmless(value(row)) for _, value in columns] for row in rows)
    return attachment(("\ufeff" + made.getvalue()).encode(), f"{title}.csv", "text/csv; charset=utf-8")


def attachment(data: bytes, name: str, media_type: str, *, inline: bool = False) -> Response:
    """A file to keep, or with `inline` to look at."""
    how = "inline" if inline else "attachment"
    return Response(
        data, media_type=media_type, headers={"Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}"}
    )
