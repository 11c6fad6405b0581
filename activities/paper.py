"""Official documents as .docx, in the look of GB/T 9704-2012 党政机关公文格式.

The numbers in comments are its clauses.

The same document always gives the same bytes: documents are stored by the hash of their content, and an
activity that is tried again, on another worker, must come out at the same file. So nothing here reads a clock
or a locale, and the archive is written without compression: zlib's output differs between its versions. The
template's unused parts (800 kB of styles) are left out, so that a notice stays near 30 kB all the same.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time
from typing import Any, cast
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.shared import Mm
from pydantic import BaseModel, ConfigDict, model_validator

from activities import paper_styles as look
from activities.paper_setting import clean, column_widths, title_lines, width


class Table(BaseModel):
    """A list in a document: one header row, repeated on every page, and rows of the same width."""

    model_config = ConfigDict(frozen=True)

    header: list[str]
    rows: list[list[str]]

    @model_validator(mode="after")
    def _rectangular(self) -> Table:
        if not self.header:
            raise ValueError("表格没有表头 / the table has no header")
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.header):
                raise ValueError(
                    f"表格第 {number} 行有 {len(row)} 格，表头有 {len(self.header)} 格 / "
                    f"row {number} has {len(row)} cells, the header {len(self.header)}"
                )
        return self


class OfficialDocument(BaseModel):
    """What an official document says; how it looks is this module's business.

    `agency` is the red header, `signed_by` and `dated` the signature, `document_no` the 发文字号 (None for a
    public notice without one). A line break in `title` is kept; without one the title is broken evenly. A
    short paragraph that starts with 一、 or （一） and does not end like a sentence is set as a heading.
    `notes` are the 附注 under the date, such as 此件公开发布.
    """

    model_config = ConfigDict(frozen=True)

    agency: str
    document_no: str | None = None
    title: str
    addressee: str | None = None
    paragraphs: list[str] = []
    table: Table | None = None
    attachments: list[str] = []
    signed_by: str
    dated: date
    notes: list[str] = []


def render(document: OfficialDocument) -> bytes:
    """The document as a .docx file; equal documents give equal bytes.

    Characters that XML cannot carry (control characters, lone surrogates) are left out. Raises nothing on
    any content that the model accepts.
    """
    paper = docx.Document()
    look.dress(paper)
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)  # 5.1: A4
    section.top_margin, section.left_margin = Mm(37), Mm(28)  # 5.2.1: 天头, 订口; 版心 156 mm by 225 mm
    section.bottom_margin, section.right_margin = Mm(35), Mm(26)
    section.footer_distance = Mm(23)  # 7.5: the number's line 7 mm below the 版心, itself about 5 mm high
    _page_numbers(paper)
    _head(paper, document)
    _body(paper, document)
    _foot(paper, document)
    core = paper.core_properties
    core.title, core.author = clean(document.title)[:255], clean(document.signed_by)[:255]
    core.last_modified_by, core.comments, core.language, core.revision = core.author, "", "zh-CN", 1
    core.created = core.modified = datetime.combine(document.dated, time())
    return _pack(paper)


def chinese_date(day: date) -> str:
    """2026年4月22日: Arabic numerals, month and day without a leading zero (7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def _head(paper: Document, document: OfficialDocument) -> None:
    agency = clean(document.agency)
    # 7.2.4 leaves the size to the agency, 醒目美观; the name should stay on one line of the 156 mm.
    points = max(22, min(42, int(look.LINE_POINTS * 0.96 / max(1.0, width(agency)))))
    rule = "" if document.document_no else look.RED_RULE
    space = f'<w:spacing w:before="1985" w:line="{points * 26}" w:lineRule="exact"/>'  # 35 mm above
    size = f'<w:sz w:val="{points * 2}"/><w:szCs w:val="{points * 2}"/>'
    _add(paper, "Agency", agency, rule + space, size)
    if document.document_no:
        _add(paper, "Number", clean(document.document_no), look.RED_RULE)  # 7.2.5, 7.2.7
    _add(paper, "DocumentTitle", "\n".join(title_lines(clean(document.title))))
    if document.addressee:
        addressee = clean(document.addressee).rstrip(" :：")
        _add(paper, "Addressee", addressee + "：")  # 7.3.2: flush left, a full-width colon at its end


def _body(paper: Document, document: OfficialDocument) -> None:
    # 7.3.5.5: the signature may not stand on a page of its own, so what is before it stays with it.
    for number, text in enumerate(map(clean, document.paragraphs), 1):
        layout = ""
        if number == len(document.paragraphs):
            gap = f'<w:spacing w:after="160" w:line="{look.LINE}" w:lineRule="exact"/>'
            layout = gap if document.table else "<w:keepNext/>"
        # A case's number that wraps as one word would leave its line with so little that justifying tears it apart.
        layout += '<w:jc w:val="left"/>' if _LONG_WORD.search(text) else ""
        _add(paper, _level(text), text, layout)
    if document.table:
        _append(paper, _table_xml(document.table))
    names = [clean(name) for name in document.attachments]
    for number, name in enumerate(names, 1):
        # 7.3.4: one blank line after the text, two characters in, and a name that wraps aligns with itself.
        lead = "附件：" if number == 1 else ""
        label = "" if len(names) == 1 else f"{number}.\t"
        gap = 0 if len(names) == 1 else (1.5 if len(names) > 9 else 1.0)
        left, hanging = int((5 + gap) * look.EM), int((gap + (3 if lead else 0)) * look.EM)
        before = f'<w:spacing w:before="{look.LINE if lead else 0}" w:line="{look.LINE}" w:lineRule="exact"/>'
        layout = f'<w:keepNext/>{before}<w:ind w:left="{left}" w:hanging="{hanging}"/>'
        _add(paper, "Flush", lead + label + name, layout)


def _foot(paper: Document, document: OfficialDocument) -> None:
    """Signature, date and notes. 7.3.5.1: the date four characters from the right, the name centred above it.

    A name so long that it would leave the page pushes the date to the left instead (7.3.5.2).
    """
    signed, dated = clean(document.signed_by), chinese_date(document.dated)
    overhang = (width(signed) - width(dated)) / 2
    date_indent = max(4.0, overhang + 1)
    for style, text, indent in (("Signature", signed, date_indent - overhang), ("Dated", dated, date_indent)):
        keep = "<w:keepNext/>" if style == "Signature" else ""
        _add(paper, style, text, f'{keep}<w:ind w:right="{int(max(0.0, indent) * look.EM)}"/>')
    for note in map(clean, document.notes):
        _add(paper, "Body", note if note.startswith(("（", "(")) else f"（{note}）")  # 7.3.6


_LONG_WORD = re.compile(r"[!-~]{12,}")


def _level(text: str) -> str:
    """The style of a paragraph: 一、 is 黑体, （一） is 楷体 when it is a heading of its own (7.3.3)."""
    if len(text) <= 30 and "\n" not in text and not text.endswith(("。", "；", "，", "：")):
        if re.match(r"[一二三四五六七八九十]+、", text):
            return "HeadingOne"
        if re.match(r"（[一二三四五六七八九十]+）", text):
            return "HeadingTwo"
    return "Body"


def _add(paper: Document, style: str, text: str, layout: str = "", run: str = "") -> None:
    """One paragraph at the end. `layout` and `run` are pPr and rPr in the order that the schema wants."""
    _append(paper, _paragraph_xml(style, text, layout, run))


def _append(paper: Document, xml: str) -> None:
    cast(Any, paper.element).body.insert_element_before(parse_xml(xml), "w:sectPr")


def _paragraph_xml(style: str, text: str, layout: str = "", run: str = "", namespace: str = look.NS) -> str:
    properties = f"<w:rPr>{run}</w:rPr>" if run else ""
    breaks = {"\n": "<w:br/>", "\t": "<w:tab/>"}
    parts = (
        breaks.get(part) or f'<w:t xml:space="preserve">{escape(part)}</w:t>'
        for part in re.split(r"([\n\t])", text)
        if part
    )
    return (
        f'<w:p {namespace}><w:pPr><w:pStyle w:val="{style}"/>{layout}</w:pPr>'
        f"<w:r>{properties}{''.join(parts)}</w:r></w:p>"
    )


def _table_xml(table: Table) -> str:
    """The whole table as one string: python-docx walks the grid for every cell, minutes for a long list."""
    header, rows = [clean(c) for c in table.header], [[clean(c) for c in row] for row in table.rows]
    columns = [list(map(width, column)) for column in zip(header, *rows, strict=True)]
    twips = [int(240 * each) for each in column_widths(columns, look.LINE_POINTS / 12)]  # 12 pt a character
    # Columns of short entries (numbers, conclusions) are centred, those of names and reasons flush left.
    alignments = ['<w:jc w:val="left"/>' if max(column) > 8 else "" for column in columns]
    grid = "".join(f'<w:gridCol w:w="{each}"/>' for each in twips)

    def row_xml(cells: list[str], style: str, mark: str, keep: str, aligned: list[str]) -> str:
        tds = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{each}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
            f"{_paragraph_xml(style, cell, keep + alignment, namespace='')}</w:tc>"
            for cell, each, alignment in zip(cells, twips, aligned, strict=True)
        )
        return f"<w:tr><w:trPr><w:cantSplit/>{mark}</w:trPr>{tds}</w:tr>"

    # The header stays with its first row, the last row with the signature (LibreOffice 7.4 ignores the latter).
    keep = "<w:keepNext/>"
    top = row_xml(header, "CellHead", "<w:tblHeader/>", keep, [""] * len(header))
    body = (
        row_xml(row, "Cell", "", keep if number == len(rows) else "", alignments)
        for number, row in enumerate(rows, 1)
    )
    properties = f"<w:tblPr>{look.TABLE}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
    return f"<w:tbl {look.NS}>{properties}{top}{''.join(body)}</w:tbl>"


def _page_numbers(paper: Document) -> None:
    # 7.5: odd pages one character from the right, even ones from the left.
    paper.settings.odd_and_even_pages_header_footer = True
    section = paper.sections[0]
    for footer, layout in (
        (section.footer, f'<w:ind w:right="{look.EM}"/><w:jc w:val="right"/>'),
        (section.even_page_footer, f'<w:ind w:left="{look.EM}"/><w:jc w:val="left"/>'),
    ):
        footer.is_linked_to_previous = False
        element = cast(Any, footer.paragraphs[0])._p
        element.getparent().replace(element, parse_xml(look.page_number(layout)))


_UNUSED = (  # of python-docx's template; "stylesWithEffects" has no constant
    RELATIONSHIP_TYPE.NUMBERING,
    RELATIONSHIP_TYPE.THEME,
    RELATIONSHIP_TYPE.WEB_SETTINGS,
    RELATIONSHIP_TYPE.CUSTOM_XML,
    RELATIONSHIP_TYPE.THUMBNAIL,
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
)


def _pack(paper: Document) -> bytes:
    """The file, its parts in fixed order, with a fixed time, not compressed (the module says why)."""
    document, package = cast(Any, paper.part), cast(Any, paper.part.package)
    for relations in (document.rels, package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype in _UNUSED]:
            del relations[key]
    saved, packed = io.BytesIO(), io.BytesIO()
    paper.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        # OPC readers that stream want the content types first.
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0  # the host system would be part of the bytes
            target.writestr(entry, source.read(name))
    return packed.getvalue()
