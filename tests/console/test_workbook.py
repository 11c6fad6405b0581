"""The Excel form: what is written is read back, whatever else arrives is a problem and never a crash."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from console.workbook import MAX_PROBLEMS, Location, Problem, Reading, read_workbook
from console.workbook_template import ENTRIES, MAX_ROWS, SHEETS, SIDES, build, label, save
from demo import make_workbooks

LINES, PARTNERS, MENTORS, MATERIALS = (sheet.title for sheet in SHEETS)
DAY = datetime.fromisoformat("2026-03-01T08:30")  # as Excel keeps it: without a zone
DEMO = Path(make_workbooks.__file__).parent
GOOD: Mapping[str, Sequence[Sequence[Any]]] = {
    "lines": [["1", "DEMO-0101", "数控加工", "初中毕业 junior-middle", 6, "3+2+1", 40]],
    "partners": [["1", "91440300MADEM00700", "示例激光公司", 20, date(2029, 12, 31)]],
    "mentors": [["1", "陈工", "440106197810014568", "示例激光公司", "技师", None, "企业导师 enterprise"]],
    "materials": [["1", "培养方案.pdf"]],
}


def good(edit: Callable[[Workbook], object] = lambda _: None) -> bytes:
    workbook = build("R", make_workbooks.MAJORS)
    make_workbooks.fill(workbook, GOOD)
    edit(workbook)
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


BASE = good()


def with_cell(sheet: str, cell: str, value: object) -> Reading:
    return read_workbook(good(put(sheet, **{cell: value})))


def put(sheet: str, **cells: object) -> Callable[[Workbook], object]:
    return lambda workbook: [setattr(workbook[sheet][cell], "value", value) for cell, value in cells.items()]


def only(reading: Reading) -> Problem:
    assert len(reading.problems) == 1, reading.problems
    return reading.problems[0]


def test_a_filled_form_becomes_the_with_of_submit_filing() -> None:
    reading = read_workbook(good())
    assert reading.problems == []
    line = {
        "id": "1",
        "major": "DEMO-0101",
        "entry": "junior-middle",
        "years": 6,
        "segments": [3, 2, 1],
        "plan": 40,
    }
    partner = {
        "uscc": "91440300MADEM00700",
        "name": "示例激光公司",
        "posts": 20,
        "agreement_until": "2029-12-31",
    }
    mentor = {"name": "陈工", "id_no": "440106197810014568", "employer": "示例激光公司", "level": "技师"}
    assert reading.with_["lines"] == [line]
    assert reading.with_["partners"] == [partner]
    assert reading.with_["mentors"] == [mentor | {"side": "enterprise"}]
    assert reading.with_["materials"] == ["培养方案.pdf"]


def test_a_path_reads_like_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_bytes(good())
    assert read_workbook(str(tmp_path / "form.xlsx")) == read_workbook(good())


# Names keep every visible character; surrounding blanks are nobody's intention.
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30).filter(
    lambda text: not re.search(r"_x[0-9A-Fa-f]{4}_", text) and not text.startswith("示例")
)
CODES = st.from_regex(r"[0-9A-Z][0-9A-Z-]{0,20}", fullmatch=True)
YEARS = st.one_of(st.integers(0, 12), st.integers(1, 24).map(lambda half: half / 2))
SEGMENTS = st.lists(st.integers(1, 9), min_size=1, max_size=4)
DATES = st.dates(date(1990, 1, 1), date(2099, 12, 31))
LINE = st.tuples(CODES, st.sampled_from(ENTRIES), YEARS, st.none() | SEGMENTS, st.integers(-5, 9999))
PARTNER = st.tuples(CODES, NAMES, st.integers(0, 999), DATES)
MENTOR = st.tuples(NAMES, CODES, NAMES, NAMES, st.none() | CODES, st.sampled_from(SIDES))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(LINE, min_size=1, max_size=6),
    st.lists(PARTNER, max_size=4),
    st.lists(MENTOR, max_size=4),
    st.data(),
)
def test_rows_written_are_rows_read(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[Any],
    partners: list[Any],
    mentors: list[Any],
    data: st.DataObject,
) -> None:
    materials = data.draw(st.lists(NAMES, max_size=4))
    workbook = build()
    rows: dict[str, Any] = {
        "lines": [
            [str(n), major, None, label(entry[0]), years, segments and "+".join(map(str, segments)), plan]
            for n, (major, entry, years, segments, plan) in enumerate(lines)
        ],
        "partners": [[str(n), *row] for n, row in enumerate(partners)],
        "mentors": [[str(n), *row[:5], label(row[5][0], SIDES)] for n, row in enumerate(mentors)],
        "materials": [[str(n), name] for n, name in enumerate(materials)],
    }
    make_workbooks.fill(workbook, rows)
    path = tmp_path_factory.mktemp("forms") / "form.xlsx"
    save(workbook, path)
    reading = read_workbook(path)
    assert reading.problems == []
    keys = ("name", "id_no", "employer", "level", "certificate_no", "side")
    assert reading.with_ == {
        "lines": [
            {"id": str(n), "major": major, "entry": entry[0], "years": years, "plan": plan}
            | ({"segments": segments} if segments else {})
            for n, (major, entry, years, segments, plan) in enumerate(lines)
        ],
        "partners": [
            {"uscc": uscc, "name": name, "posts": posts, "agreement_until": until.isoformat()}
            for uscc, name, posts, until in partners
        ],
        "mentors": [
            {key: value for key, value in zip(keys, [*row[:5], row[5][0]], strict=True) if value}
            for row in mentors
        ],
        "materials": materials,
    }


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "says"),
    [
        (LINES, "E3", "6年", "a number alone"),
        (LINES, "E3", True, "a number alone"),
        (LINES, "E3", 1e12, "a number alone"),
        (LINES, "E3", "1e400", "a number alone"),
        (LINES, "E3", DAY, "turned into a date"),
        (LINES, "E3", None, "is empty"),
        (LINES, "G3", 40.5, "a whole number"),
        (LINES, "G3", "=20+20", "a formula"),
        (LINES, "F3", "三段", "3+2+1"),
        (LINES, "F3", "3++1", "3+2+1"),
        (LINES, "D3", "初中起点", "from the list"),
        (LINES, "D3", "初中毕业 senior-high", "from the list"),
        (LINES, "D3", "初中毕业、", "from the list"),
        (LINES, "B3", "#REF!", "an error value"),
        (LINES, "C3", "字" * 2001, "longer than"),
        (PARTNERS, "B3", 914403000000007007, "lost its last digits"),
        (PARTNERS, "C3", "示例\n公司", "invisible"),
        (PARTNERS, "C3", "示例\u202e公司", "invisible"),
        (PARTNERS, "C3", "示例_x0007_公司", "invisible"),
        (PARTNERS, "E3", "长期", "a date"),
        (PARTNERS, "E3", "2029-02-30", "a date"),
        (PARTNERS, "E3", 20291231, "an error value"),  # Excel shows ##### for a day so far away
        (MENTORS, "G3", "校外 external", "from the list"),
        (MATERIALS, "B3", "=HYPERLINK(B2)", "a formula"),
    ],
)
def test_a_wrong_value_is_named_by_sheet_row_and_column(
    sheet: str, cell: str, value: object, says: str
) -> None:
    problem = only(with_cell(sheet, cell, value))
    assert (problem.sheet, problem.row, problem.column) == (sheet, 3, cell[0])
    assert says in problem.why_en
    assert problem.why_zh


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "key", "expected"),
    [
        (LINES, "E3", "6", "years", 6),
        (LINES, "E3", "６", "years", 6),
        (LINES, "E3", 6.0, "years", 6),
        (LINES, "E3", "1.5", "years", 1.5),
        (LINES, "A3", 1, "id", "1"),
        (LINES, "B3", "ＤＥＭＯ－０１０１", "major", "DEMO-0101"),
        (LINES, "F3", "３＋３", "segments", [3, 3]),
        (LINES, "F3", 6, "segments", [6]),
        (LINES, "D3", "高中毕业", "entry", "senior-high"),
        (LINES, "D3", "senior-high", "entry", "senior-high"),
        (LINES, "D3", "军转 veteran", "entry", "veteran"),  # the engine says that it does not know the word
        (LINES, "D3", "初中毕业 junior-middle、高技毕业", "entry", ["junior-middle", "senior-technical"]),
        (LINES, "D3", "junior-middle,senior-high", "entry", ["junior-middle", "senior-high"]),
        (PARTNERS, "B3", " 9144 0300 MADEM00700 ", "uscc", "91440300MADEM00700"),
        (PARTNERS, "C3", "示例（广东）公司", "name", "示例（广东）公司"),
        (PARTNERS, "E3", "2029-12-31", "agreement_until", "2029-12-31"),
        (PARTNERS, "E3", "2029年12月31日", "agreement_until", "2029-12-31"),
        (PARTNERS, "E3", "2029/1/5", "agreement_until", "2029-01-05"),
        (PARTNERS, "E3", DAY, "agreement_until", "2026-03-01"),
    ],
)
def test_a_value_may_be_written_as_people_write_it(
    sheet: str, cell: str, value: object, key: str, expected: object
) -> None:
    reading = with_cell(sheet, cell, value)
    assert reading.problems == []
    read = reading.with_[next(s.key for s in SHEETS if s.title == sheet)][0][key]
    assert (read, type(read)) == (expected, type(expected))


def copy_of(sheet: str) -> Callable[[Workbook], object]:
    return lambda workbook: workbook.copy_worksheet(workbook[sheet])


def without_row(sheet: str, row: int) -> Callable[[Workbook], object]:
    return lambda workbook: workbook[sheet].delete_rows(row)


def merge(sheet: str, cells: str) -> Callable[[Workbook], object]:
    return lambda workbook: workbook[sheet].merge_cells(cells)


def rename(sheet: str, title: str) -> Callable[[Workbook], object]:
    return lambda workbook: setattr(workbook[sheet], "title", title)


@pytest.mark.parametrize(
    ("edit", "place", "says"),
    [
        (rename(PARTNERS, "企业"), (PARTNERS, 0, ""), "sheet is missing"),
        (copy_of(LINES), (f"{LINES} Copy", 0, ""), "not read"),
        (put(LINES, E1="年限"), (LINES, 1, ""), "unknown headers: E “年限”"),
        (put(LINES, C1="招生计划"), (LINES, 1, "G"), "stands twice"),
        (put(LINES, **{f"{c}1": None for c in "ABCDEFG"}), (LINES, 1, ""), "no header"),
        (put(LINES, H1="备注", H3="急"), (LINES, 3, "H"), "not a column"),
        (put(LINES, A5="1", B5="X", D5="senior-high", E5=4, G5=1), (LINES, 5, "A"), "repeats row 3"),
        (put(LINES, B2="DEMO-0105"), (LINES, 2, ""), "example row"),
        (without_row(LINES, 3), (LINES, 3, ""), "no line"),
        (merge(LINES, "E3:E4"), (LINES, 3, "E"), "merged cells E3:E4"),
    ],
)
def test_a_form_changed_in_its_structure_says_where(
    edit: Callable[[Workbook], object], place: tuple[str, int, str], says: str
) -> None:
    problem = read_workbook(good(edit)).problems[0]
    assert (problem.sheet, problem.row, problem.column) == place
    assert says in problem.why_en


def test_columns_are_found_by_their_header_wherever_they_stand() -> None:
    def edit(workbook: Workbook) -> None:
        ws = workbook[LINES]
        ws.insert_rows(1, 2)  # a title above, and E and G changing places
        ws["A1"] = "某某学院申报专业一览"
        ws.merge_cells("A1:G1")
        for row in (3, 4, 5):
            ws[f"E{row}"].value, ws[f"G{row}"].value = ws[f"G{row}"].value, ws[f"E{row}"].value
        ws["B3"], ws["E3"], ws["G3"] = "专业代码", "Enrolment plan", "学制（学年）"

    reading = read_workbook(good(edit))
    assert reading.problems == []
    assert reading.with_ == read_workbook(good()).with_
    assert reading.where("lines.0.years") == Location(LINES, 5, "G")


def test_blank_and_merely_numbered_rows_are_passed_over_and_where_leads_to_the_right_one() -> None:
    more = {"A4": "2", "A9": "7", "B9": "DEMO-0105", "D9": "senior-high", "E9": 4, "G9": 30}
    reading = read_workbook(good(put(LINES, **more)))
    assert reading.problems == []
    assert [line["id"] for line in reading.with_["lines"]] == ["1", "7"]
    assert reading.where("lines.1.years") == Location(LINES, 9, "E")
    assert reading.where("with.lines[1].entry.0") == Location(LINES, 9, "D")
    assert reading.where("lines.1.colour") == Location(LINES, 9, "")
    assert reading.where("partners.0.uscc") == Location(PARTNERS, 3, "B")
    assert reading.where("materials.0") == Location(MATERIALS, 3, "B")
    assert reading.where("lines") == Location(LINES, 0, "")
    assert reading.where("lines.2.years") is None
    assert reading.where("") is None


def test_a_form_may_be_long_but_not_endless() -> None:
    def edit(workbook: Workbook) -> None:
        for number in range(2, MAX_ROWS + 2):
            workbook[MATERIALS].append([str(number), "x.pdf"])

    reading = read_workbook(good(lambda book: (book[MATERIALS].delete_rows(4, 99), edit(book))))
    assert len(reading.with_["materials"]) == MAX_ROWS
    assert only(reading).why_en == f"more than {MAX_ROWS} rows"
    many = put(MATERIALS, **{f"B{row}": "=1" for row in range(3, 900)})
    assert len(read_workbook(good(many)).problems) == MAX_PROBLEMS + 1
