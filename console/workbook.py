"""Read a filing from the Excel form: the `with` of `submit-filing`, and what is wrong, by sheet, row, column.

Only the form of the file and of single values is judged here. What the law asks (years, catalog, duplicates,
check digits) the engine decides; `Reading.where` leads from the field of its refusal back to the cell.
A form comes from outside: nothing in it may raise, exhaust memory, or be dropped without a word.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from console.workbook_cells import READERS, TO_HALF_WIDTH, Raw, Wrong
from console.workbook_file import inspect, load
from console.workbook_template import (
    EXAMPLE,
    FIRST_ROW,
    MAX_ROWS,
    SHEETS,
    Column,
    Sheet,
)
from console.workbook_template import write_template as write_template

MAX_PROBLEMS, MAX_COLUMNS, HEADER_WITHIN, LAST_ROW = 200, 64, 20, 1_048_576


@dataclass(frozen=True)
class Location:
    sheet: str
    row: int
    column: str  # the letter; empty when the whole row or sheet is meant


@dataclass(frozen=True)
class Problem(Location):
    why_zh: str
    why_en: str


@dataclass
class Reading:
    with_: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[Problem] = field(default_factory=list[Problem])
    cells: dict[str, Location] = field(default_factory=dict[str, Location], repr=False)

    def where(self, path: str) -> Location | None:
        """The cell of `lines.2.years`; of a field that the form does not have, its row or sheet."""
        parts = re.findall(r"[^.\[\]/]+", path.removeprefix("with."))
        known = (self.cells.get(".".join(parts[:end])) for end in range(len(parts), 0, -1))
        # Past the last row there is nothing to show, so the sheet alone only answers for the sheet.
        return next((at for at in known if at and (at.row or len(parts) == 1)), None)

    def report(self, at: Location, why_zh: str, why_en: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(at.sheet, at.row, at.column, why_zh, why_en))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem("", 0, "", "问题过多，其余未列出", "the rest is not listed"))


Row = dict[int, Raw]  # column number -> cell, empty ones left out


def read_workbook(source: str | PathLike[str] | bytes, sheets: Sequence[Sheet] = SHEETS) -> Reading:
    reading = Reading({sheet.key: [] for sheet in sheets})
    try:
        data = source if isinstance(source, bytes) else load(Path(source))
        merged = inspect(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions are not the filer's
            _read_sheets(reading, data, merged, sheets)
    except Wrong as wrong:
        reading.report(Location("", 0, ""), wrong.zh, wrong.en)
    except Exception:  # a damaged file fails anywhere inside openpyxl, with any exception
        reading.report(
            Location("", 0, ""), "文件已损坏，请用新模板填写", "the file is damaged: use a fresh form"
        )
    return reading


def _read_sheets(
    reading: Reading, data: bytes, merged: dict[str, list[str]], sheets: Sequence[Sheet]
) -> None:
    # Read-only: the ordinary mode makes an object per cell of a merged range, however large.
    book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
    names = {ws.title: _plain(ws.title) for ws in book.worksheets}
    for sheet in sheets:
        known = {_plain(name) for name in (sheet.title, sheet.zh, sheet.en)}
        titles = [title for title, plain in names.items() if plain in known]
        # A copy such as "申报专业 Lines (2)" may hold rows that somebody believes are filed.
        copies = [
            title for title, plain in names.items() if plain.startswith(tuple(known)) and title not in titles
        ]
        for title in copies + titles[1:]:
            zh, en = f"多余的工作表，不会读取；请并入“{sheet.zh}”", f"not read: move its rows to “{sheet.en}”"
            reading.report(Location(title, 0, ""), zh, en)
        if not titles:
            reading.report(Location(sheet.title, 0, ""), "缺少这张工作表", "this sheet is missing")
            continue
        ws: Any = book[titles[0]]
        rows = ws.iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS)  # the file's own dimensions may be wrong
        _SheetReader(reading, sheet, titles[0]).read(_filled(rows), merged.get(ws._worksheet_path, []))


def _filled(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, Row]]:
    blank: object = None
    for number, cells in enumerate(rows, 1):
        if cells is blank:
            continue  # the library repeats one tuple over a gap, and one stray cell makes a gap of a million rows
        row = {
            index: Raw(cell.value, cell.data_type)
            for index, cell in enumerate(cells, 1)
            if _holds(cell.value)
        }
        if row:
            yield number, row
        else:
            blank = cells


def _holds(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


class _SheetReader:
    def __init__(self, reading: Reading, sheet: Sheet, title: str) -> None:
        self.reading, self.sheet, self.title = reading, sheet, title
        self.columns: dict[int, Column] = {}
        self.strange: set[int] = set()  # columns that hold something and are none of ours: named once
        self.ids: dict[str, int] = {}

    def at(self, row: int, column: int = 0) -> Location:
        return Location(self.title, row, get_column_letter(column) if column else "")

    def report(self, row: int, column: int, zh: str, en: str) -> None:
        self.reading.report(self.at(row, column), zh, en)

    def read(self, rows: Iterator[tuple[int, Row]], merged: Sequence[str]) -> None:
        self.reading.cells[self.sheet.key] = self.at(0)
        header = self._find_header(rows)
        for ref in merged:
            left, top, _, bottom = range_boundaries(ref)
            if left and top and bottom and bottom >= header:  # a merged title above the header harms nobody
                self.report(
                    top, left, f"合并单元格 {ref}；请逐行填写", f"merged cells {ref}: fill in every row"
                )
        if not header or len(self.columns) < len(self.sheet.columns):
            return  # with a column missing, every row would only repeat that
        count = 0
        for number, row in rows:
            values = {self.columns[index]: raw for index, raw in row.items() if index in self.columns}
            for index in row.keys() - self.columns.keys() - self.strange:
                self.strange.add(index)
                self.report(
                    number, index, "不是本表的列，不会读取；请删除", "not a column of this form: delete it"
                )
            if all(column.zh == "序号" for column in values) or self._is_example(number, values):
                continue  # forms are often numbered ahead of the rows that are filled in
            count += 1
            if count > MAX_ROWS:
                self.report(number, 0, f"超过 {MAX_ROWS} 行", f"more than {MAX_ROWS} rows")
                break
            self._read_row(number, values)
        if self.sheet.key in ("lines", "rows") and not count:
            named = self.sheet.key == "lines"
            zh = "没有填写任何申报专业" if named else f"没有填写任何{self.sheet.zh}"
            en = "no line is filled in" if named else f"nothing is filled in under {self.sheet.en}"
            self.report(header + FIRST_ROW - 1, 0, zh, en)

    def _is_example(self, number: int, values: dict[Column, Raw]) -> bool:
        first = self.sheet.columns[0]
        if first not in values or not str(values[first].value).strip().startswith(EXAMPLE):
            return False
        ours = dict(zip(self.sheet.columns, map(str, self.sheet.example), strict=True))
        if any(str(raw.value).removesuffix(" 00:00:00") != ours[column] for column, raw in values.items()):
            # Somebody typed over the example and kept its mark: that row must not vanish.
            self.report(
                number, 0, "“示例”行不读取；请从下一行填写", "the example row is not read: use the next one"
            )
        return True

    def _find_header(self, rows: Iterator[tuple[int, Row]]) -> int:
        """The number of the header's row, 0 when there is none; sets `columns`."""
        wanted = {key: column for column in self.sheet.columns for key in _names(column)}
        for number, row in rows:
            hits = {index: wanted[key] for index, raw in row.items() for key in _spoken(raw) if key in wanted}
            if len(hits) > 1 and len(set(hits.values())) * 2 >= len(self.sheet.columns):
                self._take_header(number, row, hits)
                return number
            if number >= HEADER_WITHIN:
                break
        self.report(1, 0, "找不到表头；请使用模板", "no header found: use the form and keep its header")
        return 0

    def _take_header(self, number: int, row: Row, hits: dict[int, Column]) -> None:
        for index, column in hits.items():
            if column in self.columns.values():
                self.report(number, index, f"表头“{column.zh}”重复", f"the header “{column.en}” stands twice")
            else:
                self.columns[index] = column
        strangers = [
            f"{get_column_letter(index)} “{row[index].value}”"[:40] for index in row.keys() - hits.keys()
        ]
        zh_tail, en_tail = (
            f"{mark}{'、'.join(sorted(strangers))}" for mark in ("；不认识的表头：", "; unknown headers: ")
        )
        for column in self.sheet.columns:
            if column not in self.columns.values():
                zh, en = f"缺少“{column.zh}”列", f"the column “{column.en}” is missing"
                self.report(number, 0, zh + zh_tail * bool(strangers), en + en_tail * bool(strangers))

    def _read_row(self, number: int, values: dict[Column, Raw]) -> None:
        key = f"{self.sheet.key}.{len(self.reading.with_[self.sheet.key])}"
        self.reading.cells[key] = self.at(number)
        result: dict[str, Any] = {}
        for index, column in self.columns.items():
            if column.field:
                self.reading.cells[f"{key}.{column.field}"] = self.at(number, index)
            if column not in values:
                if column.required:
                    self.report(number, index, f"“{column.zh}”未填写", f"“{column.en}” is empty")
                continue
            try:
                value = READERS[column.kind](values[column])
            except Wrong as wrong:
                self.report(number, index, f"“{column.zh}”{wrong.zh}", f"“{column.en}” {wrong.en}")
                continue
            if column.field:
                result[column.field] = value
            if self.sheet.key == "lines" and column.field == "id":
                row = self.ids.setdefault(value, number)
                if row != number:
                    self.report(
                        number, index, f"“{column.zh}”与第 {row} 行重复", f"“{column.en}” repeats row {row}"
                    )
        if self.sheet.key != "materials":
            self.reading.with_[self.sheet.key].append(result)
        elif "id" in result:  # a list of names, so a refusal speaks of `materials.0`
            self.reading.cells[key] = self.reading.cells[f"{key}.id"]
            self.reading.with_[self.sheet.key].append(result["id"])


def _plain(text: str) -> str:
    return re.sub(r"[\s*:]", "", text.translate(TO_HALF_WIDTH)).lower()


def _names(column: Column) -> set[str]:
    """What a header may say: both languages, either, or the Chinese name without its unit."""
    return {
        _plain(name) for name in (column.zh + column.en, column.zh, column.en, column.zh.partition("(")[0])
    }


def _spoken(raw: Raw) -> list[str]:
    return [_plain(part) for part in (str(raw.value), *str(raw.value).splitlines())]
