"""Files to attach, made by the programs that make them or by hand, and how to spoil them."""

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, cast

import docx
import openpyxl
import pytest

from domain.attachments import MEDIA_TYPES, AttachmentProblem, inspect

MACROS = "附件含有宏、脚本或启动动作，请去除后重新提交"
ALL = sorted(MEDIA_TYPES)
LIMIT = 1_000_000

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(50) + b"\xff\xd9"


def make_docx() -> bytes:
    paper, out = docx.Document(), io.BytesIO()
    paper.add_paragraph("校企合作协议")
    paper.save(out)
    return out.getvalue()


def make_xlsx() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    cast(Any, book.active)["A1"] = "专业教师一览表"
    book.save(out)
    return out.getvalue()


def make_zip(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def make_ofd(**more: bytes) -> bytes:
    xml = b'<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.1"/>'
    return make_zip({"OFD.xml": xml, "Doc_0/Document.xml": b"<x/>", **more})


def make_pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF with a page tree and these objects, and a cross-reference table that is right."""
    body, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", list[int]()
    basic = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    )
    for number, content in enumerate((*basic, *objects), 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return body + head + table + end % (len(places) + 1, trailer, len(body))


def stream(data: bytes, dictionary: bytes = b"/Filter /FlateDecode", packed: bool = True) -> bytes:
    content = zlib.compress(data) if packed else data
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), dictionary, content)


def objects(data: bytes, dictionary: bytes = b"/Filter /FlateDecode") -> bytes:
    return stream(data, b"/Type /ObjStm /N 1 /First 4 " + dictionary)


SCRIPT = b"<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>"
GOOD = {
    "pdf": make_pdf(stream(b"BT (hello) Tj ET"), objects(b"9 0 << /Type /Font >>")),
    "ofd": make_ofd(),
    "docx": make_docx(),
    "xlsx": make_xlsx(),
    "jpg": JPG,
    "jpeg": JPG,
    "png": PNG,
}


def rebuilt(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive again, after `change` has worked on its parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    return make_zip(parts)


def replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)

    return rebuilt(data, change)


def problem(name: str, data: bytes, limit: int = LIMIT) -> AttachmentProblem:
    with pytest.raises(AttachmentProblem) as caught:
        inspect(name, data, limit, ALL)
    return caught.value
