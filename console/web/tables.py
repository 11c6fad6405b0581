"""A table of a form as a workbook: out as it stands, and in as if its rows had been typed; the gateway judges them later.

A filing has a workbook of its own (`filing`), with what the law says beside each column; every other table of every act has
this one, made from the act's schema.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import Response
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from console.web.forms import MOST_ROWS, Widget, read
from console.web.lists import XLSX, attachment
from console.web.voice import Voice
from console.workbook import Location, Problem, read_workbook
from console.workbook_sheets import EXAMPLE, Column, Kind, Sheet
from console.workbook_students import STUDENTS, write_list
from console.workbook_template import ENTRIES, label, put
from gateway.roll import Entry

OWN = {("register-students", "rows"): STUDENTS}
"""Tables whose workbook is known from elsewhere: the terminal reads the same one."""
KINDS: dict[str, Kind] = {"number": "number", "day": "date", "moment": "moment"}
APART = ("group", "keyed", "rows", "many")
"""What is no single cell: left to the page."""
MOST_BYTES = 10 * 1024 * 1024
MOST_CHOICES = 250
"""Characters of a drop-down that Excel takes."""


@dataclass
class Brought:
    """What was read: the rows as the form takes them, and what is wrong by sheet, row and column."""

    rows: list[dict[str, Any]]
    problems: list[Problem]


@dataclass
class _Typed:
    """Rows as a browser would send them."""

    values: dict[str, str]

    def getlist(self, key: str) -> list[Any]:
        """Every value under a name."""
        return [self.values[key]] if key in self.values else []

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)


def sheet_of(act: str, table: Widget, v: Voice) -> Sheet:
    """The workbook's sheet: one column for each field of a row that is a single cell, named in both languages."""
    if own := OWN.get((act, table.path)):
        return own
    zh, en = Voice("zh", v.desk), Voice("en", v.desk)
    columns = tuple(
        Column(
            name, zh.field(name, act), en.field(name, act), KINDS.get(cell.kind, "text"), 22, required=False
        )
        for name, cell in _cells(table).items()
    )
    return Sheet(table.path, zh.field(table.path), en.field(table.path), columns, (EXAMPLE,) * len(columns))


def _cells(table: Widget) -> dict[str, Widget]:
    return {c.path.rpartition(".")[2]: c for c in table.rows[0] if c.kind not in APART}


def given_out(act: str, table: Widget, v: Voice) -> Response:
    """The table as it stands on the page, to be filled in and brought back."""
    sheet, book = sheet_of(act, table, v), Workbook()
    page = book.active
    assert page is not None
    page.title = sheet.title[:31]
    choices = _choices(sheet, table, v)
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        put(page, 1, number, f"{column.zh}\n{column.en}")
        page.column_dimensions[letter].width = column.width
        if column.kind not in ("number", "count", "date"):
            page.column_dimensions[
                letter
            ].number_format = "@"  # or Excel makes dates and figures of what is typed
        listed = ",".join(said for _, said in choices.get(column.field, []))
        if listed and len(listed) <= MOST_CHOICES:
            rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
            rule.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
            page.add_data_validation(rule)
    for line, row in enumerate(table.rows, 2):
        held = {cell.path.rpartition(".")[2]: cell.value for cell in row}
        for number, column in enumerate(sheet.columns, 1):
            put(page, line, number, _said(held.get(column.field), choices.get(column.field, [])))
    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF4")
    page.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return attachment(made.getvalue(), f"{v.act(act)} {v.field(table.path)}.xlsx", XLSX)


def brought_in(act: str, table: Widget, v: Voice, data: bytes) -> Brought:
    """The rows of a workbook, read as the form reads what is typed: what is no number stays as it was, and the gateway says so."""
    sheet = sheet_of(act, table, v)
    reading = read_workbook(data[: MOST_BYTES + 1], (sheet,))
    problems = reading.problems
    if len(reading.with_[sheet.key]) > MOST_ROWS:
        zh, en = f"页面上最多 {MOST_ROWS} 行", f"a page takes at most {MOST_ROWS} rows"
        problems = [*problems, Problem(*_whole(sheet), zh, en)]
    if problems:
        return Brought([], problems)
    choices = _choices(sheet, table, v)
    typed = {
        f"{table.path}.{n}.{name}": _meant(value, choices.get(name, []))
        for n, row in enumerate(reading.with_[sheet.key])
        for name, value in row.items()
    }
    return Brought(read(act, _Typed(typed)).get(table.path) or [], [])


def _whole(sheet: Sheet) -> tuple[str, int, str]:
    at = Location(sheet.title, 0, "")
    return at.sheet, at.row, at.column


def _choices(sheet: Sheet, table: Widget, v: Voice) -> dict[str, Sequence[tuple[str, str]]]:
    """What may stand in a column, each word with what the workbook calls it."""
    found: dict[str, Sequence[tuple[str, str]]] = {name: cell.options for name, cell in _cells(table).items()}
    found |= {
        name: [("true", v.t("是", "yes")), ("", v.t("否", "no"))]
        for name, cell in _cells(table).items()
        if cell.kind == "check"
    }
    return found | {
        c.field: [(word, label(word)) for word, _ in ENTRIES] for c in sheet.columns if c.kind == "entry"
    }


def _said(value: Any, choices: Sequence[tuple[str, str]]) -> str | int | float | None:
    if isinstance(value, bool):
        value = "true" if value else ""
    elif isinstance(value, int | float):
        return value
    text = None if value is None else str(value)
    return next((said for word, said in choices if word == text), text)


def _meant(value: Any, choices: Sequence[tuple[str, str]]) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return next((word for word, said in choices if text.lower() in (said.lower(), word)), text)


def students_out(cohort: str, roll: list[Entry]) -> Response:
    """The list with names, as a workbook to keep: nothing of it stays on a page."""
    made = io.BytesIO()
    write_list(made, roll)
    return attachment(made.getvalue(), f"{cohort}.xlsx", XLSX)
