"""A Word document or a workbook is read on the page, as text; what is no such thing, or too much, is offered for download."""

import io
import re

import docx
import pytest

from console.web import leafing
from console.web.leafing import DOCX, XLSX, leaf
from tests.outside.samples import make_docx, make_xlsx, make_zip
from tests.web.conftest import Web

HOSTILE = "<script>alert(1)</script>"


def hostile() -> bytes:
    paper, out = docx.Document(), io.BytesIO()
    paper.add_paragraph(HOSTILE)
    table = paper.add_table(1, 2)
    table.cell(0, 0).text = "设备清单"
    table.cell(0, 1).text = HOSTILE
    paper.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("协议.docx", make_docx(), "校企合作协议"),
        ("教师.xlsx", make_xlsx(), "专业教师一览表"),
        ("清单.docx", hostile(), "设备清单"),
    ],
    ids=["word", "workbook", "hostile"],
)
def test_what_was_handed_in_is_read_on_its_page(web: Web, name: str, data: bytes, says: str) -> None:
    filer = web("filer@dg")
    answer = filer.post("/files", {"csrf": filer.csrf}, files={"file": (name, data)})
    assert answer.status_code == 200, answer.text[-400:]
    digest = re.findall(rf'href="/files/(\w{{64}})/preview">{name}<', answer.text)[0]
    page = filer.page(f"/files/{digest}/preview")
    assert says in page
    assert HOSTILE not in page
    assert f'href="/files/{digest}?case="' in page
    assert web("filer@zh").get(f"/files/{digest}/preview").status_code == 404


def test_what_cannot_be_read_or_is_too_much_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert leaf("application/pdf", b"%PDF-1.7") is None
    assert leaf(DOCX, b"PK no archive") is None
    assert leaf(XLSX, make_zip({"xl/workbook.xml": b"<x/>"})) is None
    swollen = make_zip({"word/document.xml": bytes(leafing.MOST_UNPACKED + 1)})
    assert len(swollen) < leafing.MOST_PACKED
    assert leaf(DOCX, swollen) is None
    monkeypatch.setattr(leafing, "MOST_TEXT", 3)
    long = leaf(DOCX, make_docx())
    assert long is not None
    assert not long.whole
