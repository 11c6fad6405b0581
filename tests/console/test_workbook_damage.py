"""Files that are no form, damaged or built to harm: a problem of the file, never a crash."""

import itertools
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.workbook import Problem, Reading, read_workbook
from demo import make_workbooks

BASE = (make_workbooks.HERE / "dg.xlsx").read_bytes()


def only(reading: Reading) -> Problem:
    assert len(reading.problems) == 1, reading.problems
    return reading.problems[0]


def with_parts(change: Callable[[str, bytes], bytes], extra: Mapping[str, bytes] = {}) -> bytes:
    buffer = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(BASE)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
        for name, data in extra.items():
            target.writestr(name, data)
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
TYPES = "[Content_Types].xml"


def in_sheets(old: bytes, new: bytes) -> bytes:
    return with_parts(lambda name, data: data.replace(old, new) if "worksheets/" in name else data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not an .xlsx"),
        ("学制,招生计划".encode(), "not an .xlsx"),
        (OLE, "not an .xlsx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (BASE.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), "encrypted"),
        (
            with_parts(lambda n, d: d.replace(b"spreadsheetml", b"wordprocessingml") if n == TYPES else d),
            "not an .xlsx",
        ),
        (with_parts(lambda n, d: d.replace(b"sheet.main", b"sheet.macroEnabled.main")), "macros"),
        (with_parts(lambda _, d: d, {"xl/vbaProject.bin": b"x"}), "macros"),
        (with_parts(lambda _, d: d, {"xl/embeddings/oleObject1.bin": b"x"}), "embedded"),
        (with_parts(lambda _, d: d, {"xl/media/image1.png": bytes(60_000_000)}), "far larger"),
        (b"PK" + bytes(9_000_000), "far larger"),
        (in_sheets(b"<sheetData>", b"<sheetData><row>" + b"<c/>" * 200_000 + b"</row>"), "far larger"),
        (in_sheets(b"</sheetData>", b"</sheetData>" + b"<x/>" * 200_000), "far larger"),
        (in_sheets(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'), "no spreadsheet program"),
        (in_sheets(b"<sheetData>", b"<sheetData><row"), "damaged"),
        (in_sheets(b'r="A3"', b'r="ZZZZZZZZ3"'), None),
        (in_sheets(b'<row r="3"', b'<row r="99999999999"'), None),
        (BASE[:9000], "not an .xlsx"),
    ],
    ids=itertools.count(),  # the bytes of a workbook hold when it was made
)
def test_a_file_that_is_no_form_is_a_problem_of_the_file(data: bytes, says: str | None) -> None:
    reading = read_workbook(data)
    assert reading.problems
    assert says is None or says in only(reading).why_en


def test_a_merged_range_of_the_whole_sheet_costs_nothing() -> None:
    whole = b'</sheetData><mergeCells count="1"><mergeCell ref="A9:XFD1048576"/></mergeCells>'
    problems = read_workbook(in_sheets(b"</sheetData>", whole)).problems
    assert {(problem.row, problem.column) for problem in problems} == {(9, "A")}


def test_a_path_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.xlsx", "nul\0", "x" * 5000):
        assert only(read_workbook(path)).sheet == ""


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/sharedStrings.xml", TYPES]), st.data()
)
def test_no_damage_to_a_part_makes_the_reader_raise(part: str, data: st.DataObject) -> None:
    def damage(name: str, text: bytes) -> bytes:
        if name != part:
            return text
        start = data.draw(st.integers(0, len(text) - 1))
        return text[:start] + data.draw(st.binary(max_size=6)) + text[start + data.draw(st.integers(0, 40)) :]

    read_workbook(with_parts(damage))
