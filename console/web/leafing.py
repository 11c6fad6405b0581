"""What a Word document or a workbook says, for looking at on a page: its text and tables; pictures, links and formulas stay in it."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import docx
from docx.table import Table as WordTable
from openpyxl import load_workbook

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEAFED = frozenset({DOCX, XLSX})
MOST_PACKED, MOST_UNPACKED = 4 * 1024 * 1024, 32 * 1024 * 1024
"""Bytes; what is larger is downloaded."""
MOST_TEXT = 30_000
"""Characters shown: a page stays below 200 KB."""
MOST_ROWS, MOST_COLUMNS = 200, 30
Block = str | list[list[str]]
"""A paragraph, or the rows of a table."""


@dataclass
class Leaf:
    """What is shown of a document."""

    blocks: list[Block]
    whole: bool
    """Whether this is all of its text."""


def leaf(kind: str, data: bytes) -> Leaf | None:
    """The text of a document; None for what is no document, is too large, or cannot be read."""
    read = {DOCX: _word, XLSX: _workbook}.get(kind)
    if read is None or len(data) > MOST_PACKED:
        return None
    blocks: list[Block] = []
    room = MOST_TEXT
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                return None
        for block in read(data):
            room -= len(block) if isinstance(block, str) else sum(len(c) + 20 for row in block for c in row)
            if room < 0:
                return Leaf(blocks, whole=False)
            blocks.append(block)
    except Exception:  # whatever is wrong with somebody's file, it can still be downloaded
        return None
    return Leaf(blocks, whole=True)


def _word(data: bytes) -> Iterator[Block]:
    for part in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(part, WordTable):
            yield [[cell.text for cell in row.cells[:MOST_COLUMNS]] for row in part.rows]
        elif part.text.strip():
            yield part.text


def _workbook(data: bytes) -> Iterator[Block]:
    for sheet in load_workbook(io.BytesIO(data), read_only=True, data_only=True):
        rows = [
            ["" if cell is None else str(cell) for cell in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        ]
        if filled := [row for row in rows if any(row)]:
            yield sheet.title
            yield filled
