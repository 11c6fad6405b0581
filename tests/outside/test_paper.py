"""Official documents: they open, look as GB/T 9704-2012 says, and are the same bytes every time."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any, cast

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from activities.paper import OfficialDocument, Table, chinese_date, render
from activities.paper_setting import TITLE_CHARS, clean, column_widths, title_lines, width
from domain.attachments import inspect

NOTICE = OfficialDocument(
    agency="广东省人力资源和社会保障厅",
    document_no="粤人社函〔2026〕128号",
    title="关于受理广州市工贸技师学院2026年学制技师试点申报的通知",
    addressee="广州市工贸技师学院",
    paragraphs=["你院报送的《请示》收悉。", "一、受理内容", "（一）公示", "公示5个工作日（含首日）。"],
    attachments=["申报材料清单", "评分说明"],
    signed_by="广东省人力资源和社会保障厅",
    dated=date(2026, 4, 22),
    notes=["此件公开发布"],
)
LINES = Table(
    header=["序号", "院校名称", "专业名称", "层次", "人数"],
    rows=[[str(n), "广州市工贸技师学院", "工业机器人应用与维护", "六年制", "120"] for n in range(1, 501)],
)


def opened(document: OfficialDocument) -> Any:
    return cast(Any, docx.Document(io.BytesIO(render(document))))


def texts(document: OfficialDocument) -> list[str]:
    return [paragraph.text for paragraph in opened(document).paragraphs]


def test_a_document_holds_everything_it_was_given_in_the_order_of_the_standard() -> None:
    assert texts(NOTICE) == [
        "广东省人力资源和社会保障厅",
        "粤人社函〔2026〕128号",
        "关于受理广州市工贸技师学院\n2026年学制技师试点申报的通知",
        "广州市工贸技师学院：",
        "你院报送的《请示》收悉。",
        "一、受理内容",
        "（一）公示",
        "公示5个工作日（含首日）。",
        "附件：1.\t申报材料清单",
        "2.\t评分说明",
        "广东省人力资源和社会保障厅",
        "2026年4月22日",
        "（此件公开发布）",
    ]


def test_what_is_absent_leaves_nothing_behind() -> None:
    bare = OfficialDocument(agency="厅", title="公告", signed_by="厅", dated=date(2026, 1, 2))
    assert texts(bare) == ["厅", "公告", "厅", "2026年1月2日"]


def test_the_page_has_the_margins_of_the_standard() -> None:
    section = opened(NOTICE).sections[0]
    sizes = [section.page_width, section.page_height, section.top_margin, section.left_margin]
    sizes += [section.bottom_margin, section.right_margin]
    wanted = [Mm(n) for n in (210, 297, 37, 28, 35, 26)]
    # Word keeps twips, which are coarser than a tenth of a millimetre.
    assert [round(size / Mm(1), 1) for size in sizes] == [round(size / Mm(1), 1) for size in wanted]


@pytest.mark.parametrize(
    ("text", "style", "face", "points", "colour"),
    [
        ("粤人社函〔2026〕128号", "发文字号", "FangSong", 16, None),
        ("关于受理广州市工贸技师学院\n2026年学制技师试点申报的通知", "公文标题", "SimSun", 22, None),
        ("你院报送的《请示》收悉。", "公文正文", "FangSong", 16, None),
        ("一、受理内容", "一级标题", "SimHei", 16, None),
        ("（一）公示", "二级标题", "KaiTi", 16, None),
        ("广东省人力资源和社会保障厅", "发文机关标志", "SimSun", 32, "FF0000"),
    ],
)
def test_each_part_is_set_in_its_own_face_and_size(
    text: str, style: str, face: str, points: int, colour: str | None
) -> None:
    paragraph = next(each for each in opened(NOTICE).paragraphs if each.text == text)
    assert paragraph.style.name == style
    assert paragraph.style.font.size == Pt(points)
    assert f'w:eastAsia="{face}"' in paragraph.style.element.xml
    assert str(paragraph.style.font.color.rgb) == str(colour)


def test_the_body_has_lines_of_28_points_and_starts_two_characters_in() -> None:
    style = next(each for each in opened(NOTICE).paragraphs if each.text.startswith("你院")).style
    assert style.paragraph_format.line_spacing == Pt(28)
    assert style.paragraph_format.first_line_indent == 2 * Pt(16)


def test_a_line_before_a_long_number_is_not_torn_apart() -> None:
    numbered = NOTICE.model_copy(
        update={"paragraphs": ["你校的申报（编号filing-6h7ptolbod）收悉。", "本通知自2026年4月22日起施行。"]}
    )
    aligned = {p.text[:3]: p.alignment for p in opened(numbered).paragraphs}
    assert aligned["你校的"] == WD_ALIGN_PARAGRAPH.LEFT
    assert aligned["本通知"] is None, "set both sides, as the style says"


def test_the_red_rule_is_below_the_number_or_below_the_agency_when_there_is_no_number() -> None:
    def ruled(document: OfficialDocument) -> list[str]:
        return [each.text for each in opened(document).paragraphs if "FF0000" in each._p.xml]

    assert ruled(NOTICE) == ["粤人社函〔2026〕128号"]
    assert ruled(NOTICE.model_copy(update={"document_no": None})) == ["广东省人力资源和社会保障厅"]


@pytest.mark.parametrize("agency", ["厅", "广东省职业技术教研室", "广东省人力资源和社会保障厅职业能力建设处"])
def test_the_name_of_an_agency_fits_on_one_line(agency: str) -> None:
    run = opened(NOTICE.model_copy(update={"agency": agency})).paragraphs[0].runs[0]
    assert run.font.size.pt * width(agency) <= 156 / 25.4 * 72
    assert run.font.size.pt >= 22


def test_page_numbers_stand_between_dashes_on_the_outer_side() -> None:
    paper = opened(NOTICE)
    assert paper.settings.odd_and_even_pages_header_footer is True
    for footer, side in ((paper.sections[0].footer, "right"), (paper.sections[0].even_page_footer, "left")):
        xml = footer.paragraphs[0]._p.xml
        assert footer.paragraphs[0].text == "—  —"  # python-docx does not count the field between them
        assert 'w:instr=" PAGE "' in xml
        assert f'<w:jc w:val="{side}"/>' in xml


def test_a_list_has_a_header_row_that_is_repeated_and_rows_that_are_not_torn() -> None:
    table = opened(NOTICE.model_copy(update={"table": LINES})).tables[0]
    rows = table._tbl.tr_lst
    assert len(rows) == 501
    assert ["tblHeader" in row.xml for row in rows[:3]] == [True, False, False]
    assert all("cantSplit" in row.xml for row in rows)
    assert [cell.text for cell in table.rows[500].cells] == LINES.rows[-1]
    assert "insideH" in table._tbl.tblPr.xml


@pytest.mark.parametrize("table", [None, LINES])
def test_the_signature_is_kept_on_the_page_of_what_is_before_it(table: Table | None) -> None:
    paper = opened(NOTICE.model_copy(update={"table": table, "attachments": []}))
    body = list(paper.element.body)
    place = next(at for at, each in enumerate(body) if "Signature" in each.xml)
    before = body[place - 1].tr_lst[-1] if table else body[place - 1]
    assert before.xml.count("<w:keepNext/>") == (len(LINES.header) if table else 1)
    assert "<w:keepNext/>" in body[place].xml
    assert "<w:keepNext/>" not in body[place + 1].xml


def test_a_list_of_500_lines_is_written_in_a_few_seconds() -> None:
    before = time.perf_counter()
    render(NOTICE.model_copy(update={"table": LINES}))
    assert time.perf_counter() - before < 5


def test_a_row_of_another_width_than_the_header_is_refused() -> None:
    with pytest.raises(ValidationError, match="表格第 2 行有 1 格"):
        Table(header=["甲", "乙"], rows=[["1", "2"], ["1"]])


def test_the_same_document_is_the_same_bytes_in_another_process_place_and_time_zone(tmp_path: Path) -> None:
    document = NOTICE.model_copy(update={"table": LINES})
    program = (
        "import sys, hashlib; from activities.paper import *;"
        "print(hashlib.sha256(render(OfficialDocument.model_validate_json(sys.stdin.read()))).hexdigest())"
    )
    root = str(Path(__file__).parents[2])
    environment = {
        **os.environ,
        "PYTHONPATH": root,
        "TZ": "America/Lima",
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
    }
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=document.model_dump_json().encode(),
        capture_output=True,
        env=environment,
        cwd=tmp_path,
        check=True,
    )
    assert run.stdout.decode().strip() == hashlib.sha256(render(document)).hexdigest()


def test_a_document_is_stored_without_compression_and_without_the_hour_it_was_made() -> None:
    with zipfile.ZipFile(io.BytesIO(render(NOTICE))) as archive:
        entries = archive.infolist()
    assert entries[0].filename == "[Content_Types].xml"
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_another_word_is_another_file() -> None:
    assert render(NOTICE) != render(NOTICE.model_copy(update={"title": "公告"}))


def test_our_own_documents_pass_as_attachments() -> None:
    data = render(NOTICE)
    assert inspect("通知.docx", data, 1_000_000, ["docx"]).sha256 == hashlib.sha256(data).hexdigest()


anything = st.text(st.characters(), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    anything, anything, anything, st.lists(anything, max_size=3), st.lists(anything, max_size=12), st.dates()
)
def test_no_text_whatever_keeps_a_document_from_being_written_and_opened(
    agency: str, title: str, number: str, paragraphs: list[str], names: list[str], dated: date
) -> None:
    document = OfficialDocument(
        agency=agency,
        document_no=number,
        title=title,
        addressee=number,
        paragraphs=paragraphs,
        table=Table(header=["头", agency], rows=[[title, number]]),
        attachments=names,
        signed_by=agency,
        dated=dated,
        notes=names,
    )
    data = render(document)
    assert data == render(document)
    paper = cast(Any, docx.Document(io.BytesIO(data)))
    assert paper.paragraphs[0].text == clean(agency)
    assert paper.tables[0].rows[1].cells[1].text == clean(number)


@given(
    st.text(st.sampled_from("关于广东省技工院校学制技师试点2026年（第二批）评估结果的、公示Ab"), max_size=70)
)
def test_a_title_in_lines_is_still_the_title_and_no_line_is_too_long(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title
    broken = [line for line in lines[:-1] if width(line) > TITLE_CHARS]
    assert not broken


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于补正2026年学制技师试点申报材料的通知", ["关于补正2026年学制技师", "试点申报材料的通知"]),
        ("关于撤回申报的决定", ["关于撤回申报的决定"]),
        ("关于甲\n乙丙的公告", ["关于甲", "乙丙的公告"]),
    ],
)
def test_a_title_is_broken_evenly_and_between_words(title: str, lines: list[str]) -> None:
    assert title_lines(title) == lines


@given(st.lists(st.lists(st.floats(0, 200), min_size=1, max_size=5), min_size=1, max_size=9))
def test_columns_fill_the_page_and_none_vanishes(columns: list[list[float]]) -> None:
    widths = column_widths(columns, 36.8)
    assert sum(widths) == pytest.approx(36.8)
    assert min(widths) > 0.5


def test_dates_have_no_leading_zeros() -> None:
    assert chinese_date(date(2026, 4, 2)) == "2026年4月2日"


@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")), reason="LibreOffice, poppler"
)
def test_a_word_processor_lays_the_document_out_on_the_pages_it_should_have(tmp_path: Path) -> None:
    lines = LINES.model_copy(update={"rows": LINES.rows[:60]})
    document = NOTICE.model_copy(update={"table": lines, "attachments": []})
    (tmp_path / "list.docx").write_bytes(render(document))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "list.docx")], check=True, capture_output=True, timeout=120)
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "list.pdf"), "-"], check=True, capture_output=True
    ).stdout.decode()
    pages = ["".join(page.split()) for page in text.rstrip("\f").split("\f")]
    assert len(pages) >= 3
    for number, page in enumerate(pages, 1):
        assert f"—{number}—" in page
    assert all("院校名称" in page for page in pages[1:-1])
    assert "2026年4月22日" in pages[-1]
