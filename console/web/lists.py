"""Lists that leave the page: workbooks and CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from fastapi.responses import Response
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from console.clean import clean
from console.web.voice import Voice

Row = dict[str, Any]
Column = tuple[str, Callable[[Row], Any]]
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


def spreadsheet(title: str, columns: list[Column], rows: Iterable[Row]) -> Response:
    """A workbook of one sheet, with its head frozen and a filter on every column."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:31]
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
    made = io.BytesIO()
    book.save(made)
    return attachment(made.getvalue(), f"{title}.xlsx", XLSX)


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
