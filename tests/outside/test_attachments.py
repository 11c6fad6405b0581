"""Attachments: real files pass, and each trick by which a file is not what it says is refused."""

import hashlib
import io
import re
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attachments import MEDIA_TYPES, Attachment, AttachmentProblem, inspect

from .samples import ALL, GOOD, LIMIT, MACROS, PNG, make_ofd, make_zip, problem, rebuilt, replaced


@pytest.mark.parametrize("extension", ALL)
def test_a_real_file_of_each_type_passes(extension: str) -> None:
    data = GOOD[extension]
    assert inspect(f"附件 1.{extension}", data, LIMIT, ALL) == Attachment(
        name=f"附件 1.{extension}",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        media_type=MEDIA_TYPES[extension],
    )


def test_the_extension_may_be_in_capitals_and_the_allowed_ones_may_have_dots() -> None:
    assert inspect("A.PDF", GOOD["pdf"], LIMIT, [".Pdf"]).media_type == "application/pdf"


@pytest.mark.parametrize(
    ("extension", "content"),
    [(one, other) for one in ALL for other in ALL if MEDIA_TYPES[one] != MEDIA_TYPES[other]],
)
def test_a_file_under_the_name_of_another_type_is_refused(extension: str, content: str) -> None:
    assert problem(f"a.{extension}", GOOD[content]).why_zh == f"文件内容不是 .{extension} 格式"


def test_an_empty_file_is_refused() -> None:
    assert str(problem("a.pdf", b"")) == "附件是空文件 / the file is empty"


def test_a_file_above_the_limit_is_refused_and_one_at_the_limit_passes() -> None:
    assert inspect("a.png", PNG, len(PNG), ALL).size == len(PNG)
    assert "上限" in problem("a.png", PNG, len(PNG) - 1).why_zh
    assert "2 MB" in problem("a.png", PNG + bytes(2_097_152), 2_097_152).why_en


@pytest.mark.parametrize("name", ["a.exe", "a.docm", "a.xlsm", "a.zip", "a.pdf.exe", "a", "pdf", "a.txt"])
def test_a_type_that_is_not_allowed_is_refused_with_the_ones_that_are(name: str) -> None:
    with pytest.raises(AttachmentProblem, match=r"可用：docx, pdf / .*accepted are: docx, pdf"):
        inspect(name, GOOD["docx"], LIMIT, ["pdf", "docx"])


def test_a_policy_that_allows_what_cannot_be_checked_is_an_error_of_the_policy() -> None:
    with pytest.raises(ValueError, match="type exe"):
        inspect("a.pdf", GOOD["pdf"], LIMIT, ["pdf", "exe"])


@pytest.mark.parametrize(
    "name",
    [
        "../a.pdf", "/etc/a.pdf", "C:\\a.pdf", "a\\b.pdf", "a\x00.pdf", "a\n.pdf", "a\u202efdp.pdf", "a\u2028.pdf",
        " a.pdf", "a.pdf ", "a.pdf.", "a\ud800.pdf", "a:b.pdf", "a?.pdf", "..", "", "证" * 90 + ".pdf",
    ],
)  # fmt: skip
def test_a_name_with_paths_or_invisible_characters_is_refused_and_not_repeated(name: str) -> None:
    said = problem(name, GOOD["pdf"])
    assert said.why_zh.startswith("文件名")
    assert not name or name not in str(said)


@pytest.mark.parametrize("name", ["协议.doc", "名单.xls", "协议.docx", "名单.xlsx", "a.pdf"])
def test_old_and_password_protected_office_files_are_refused_under_any_name(name: str) -> None:
    ole2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "请另存为未加密的" in problem(name, ole2).why_zh


MAIN = {"docx": b"wordprocessingml.document.main+xml", "xlsx": b"spreadsheetml.sheet.main+xml"}
TYPES = "[Content_Types].xml"


@pytest.mark.parametrize("extension", ["docx", "xlsx"])
@pytest.mark.parametrize(
    "part", ["vbaProject.bin", "word/vbaProject.bin", "xl/VBAPROJECT.BIN", "deep/er/vbaProject.bin"]
)
def test_a_file_with_macros_renamed_to_one_without_is_refused(extension: str, part: str) -> None:
    data = rebuilt(GOOD[extension], lambda parts: parts.update({part: b"x"}))
    assert problem(f"a.{extension}", data).why_zh == MACROS


@pytest.mark.parametrize(
    ("extension", "new"),
    [
        ("docx", b"ms-word.document.macroEnabled.main+xml"),
        ("docx", b"ms-word.document.MACROENABLED.main+xml"),
        ("docx", b"ms-word.document.macro&#69;nabled.main+xml"),
        ("docx", b"ms-word.template.macroEnabledTemplate.main+xml"),
        ("xlsx", b"ms-excel.sheet.macroEnabled.main+xml"),
    ],
)
def test_a_file_that_declares_macros_is_refused_however_it_writes_it(extension: str, new: bytes) -> None:
    data = replaced(GOOD[extension], TYPES, b"openxmlformats-officedocument." + MAIN[extension], new)
    assert problem(f"a.{extension}", data).why_zh == MACROS


@pytest.mark.parametrize("kind", ["vbaProject", "macrosheet+xml", "activeX+xml"])
def test_macros_in_a_part_with_an_innocent_name_are_found(kind: str) -> None:
    override = (
        f'<Override PartName="/word/media.bin" ContentType="application/vnd.ms-office.{kind}"/></Types>'
    )
    data = replaced(GOOD["docx"], TYPES, b"</Types>", override.encode())
    assert problem("a.docx", data).why_zh == MACROS


def test_content_types_in_utf_16_are_read_as_an_office_program_reads_them() -> None:
    def change(parts: dict[str, bytes]) -> None:
        text = parts[TYPES].decode().replace(MAIN["docx"].decode(), "document.macroEnabled.main+xml")
        parts[TYPES] = re.sub(r"<\?xml[^>]*\?>", '<?xml version="1.0" encoding="UTF-16"?>', text).encode(
            "utf-16"
        )

    assert problem("a.docx", rebuilt(GOOD["docx"], change)).why_zh == MACROS


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE Types [<!ENTITY m "macroEnabled">]><Types><Default ContentType="&m;"/></Types>',
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Types>&b;</Types>',
        b"<Types",
        b"",
        b"<Types>" + b" " * 2_000_000 + b"</Types>",
    ],
)
def test_content_types_that_hide_something_are_refused_as_damaged(xml: bytes) -> None:
    data = rebuilt(GOOD["docx"], lambda parts: parts.update({TYPES: xml}))
    assert problem("a.docx", data).why_zh == "文件已损坏，无法打开"


def relations(target: str, kind: str = "attachedTemplate") -> bytes:
    kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    link = f'<Relationship Id="r1" Type="{kind}" Target="{target}" TargetMode="External"/>'
    return f"<Relationships>{link}</Relationships>".encode()


@pytest.mark.parametrize(
    "target", ["http://evil.example/a.dotm", "HTTPS://evil.example/", r"\\evil\share\a.dotm"]
)
def test_a_template_that_is_fetched_from_elsewhere_is_refused(target: str) -> None:
    part = {"word/_rels/settings.xml.rels": relations(target)}
    assert problem("a.docx", rebuilt(GOOD["docx"], lambda parts: parts.update(part))).why_zh == MACROS


@pytest.mark.parametrize(
    ("target", "kind"),
    [("file:///C:/Users/a/模板.dotx", "attachedTemplate"), ("https://www.gd.gov.cn/", "hyperlink")],
)
def test_a_link_and_a_template_on_the_own_machine_are_fine(target: str, kind: str) -> None:
    part = {"word/_rels/settings.xml.rels": relations(target, kind)}
    data = rebuilt(GOOD["docx"], lambda parts: parts.update(part))
    assert inspect("a.docx", data, LIMIT, ALL).size == len(data)


@pytest.mark.parametrize("extension", ["docx", "ofd"])
@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "..\\evil", "\\evil", "a\x00b"]
)
def test_a_part_that_points_outside_is_refused(extension: str, name: str) -> None:
    # ZipInfo cleans names, so the bad one is written over a good one of the same length.
    good = "x" * len(name)
    data = rebuilt(GOOD[extension], lambda parts: parts.update({good: b"1"}))
    data = data.replace(good.encode(), name.encode())
    assert problem(f"a.{extension}", data).why_zh == "压缩包内有越界路径"


def test_a_symbolic_link_in_an_archive_is_refused() -> None:
    out = io.BytesIO(GOOD["ofd"])
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert problem("a.ofd", out.getvalue()).why_zh == "压缩包内有越界路径"


def test_a_part_that_unpacks_into_too_much_is_refused_before_it_is_unpacked() -> None:
    data = make_ofd(**{"a.bin": bytes(30_000_000)})
    assert len(data) < 50_000
    assert problem("a.ofd", data).why_zh == "附件解压后过大"
    assert inspect("a.ofd", data, 2_000_000, ALL).size == len(data)  # 20 times this limit is more


def test_a_part_that_lies_about_its_size_is_not_unpacked_further() -> None:
    data = rebuilt(GOOD["docx"], lambda parts: parts.update({TYPES: parts[TYPES] + b" " * 200_000_000}))
    lying = data
    for header, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = lying.index(header)
        while not lying[place:].startswith(header) or TYPES.encode() not in lying[place : place + 80]:
            place = lying.index(header, place + 1)
        lying = lying[: place + at] + struct.pack("<I", 900) + lying[place + at + 4 :]
    tracemalloc.start()
    try:
        assert problem("a.docx", lying).why_zh == "文件已损坏，无法打开"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_too_many_parts_are_refused() -> None:
    data = make_zip({f"{n}": b"" for n in range(6000)}, zipfile.ZIP_STORED)
    assert problem("a.ofd", data, 10_000_000).why_zh == "附件内的部件过多"


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(GOOD["ofd"])
    for header, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(header)
        data[place + at] |= 1
    assert problem("a.ofd", bytes(data)).why_zh == "附件已加密，请去除密码"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_office_programs_do_not_know_is_refused(method: int) -> None:
    data = make_zip({"OFD.xml": b"<x/>"}, method)
    assert problem("a.ofd", data).why_zh == "文件已损坏，无法打开"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["OFD.xml", "ofd.XML"])
def test_two_parts_of_one_name_are_refused_since_readers_differ_in_which_they_take(second: str) -> None:
    out = io.BytesIO(GOOD["ofd"])
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(second, b"<other/>")
    assert problem("a.ofd", out.getvalue()).why_zh == "文件已损坏，无法打开"


def test_one_archive_in_front_of_another_is_refused() -> None:
    assert problem("a.ofd", make_zip({"other": b"1"}) + GOOD["ofd"]).why_zh == "文件已损坏，无法打开"


@pytest.mark.parametrize("extension", ["docx", "xlsx", "ofd", "pdf"])
def test_a_file_cut_off_on_the_way_is_refused(extension: str) -> None:
    data = GOOD[extension]
    assert problem(f"a.{extension}", data[: len(data) // 2]).why_zh == "文件已损坏，无法打开"


def test_a_flipped_bit_in_an_archive_is_noticed() -> None:
    data = bytearray(GOOD["docx"])
    with zipfile.ZipFile(io.BytesIO(GOOD["docx"])) as archive:
        entry = archive.getinfo("word/document.xml")
    data[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 1
    assert problem("a.docx", bytes(data)).why_zh == "文件已损坏，无法打开"


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ALL),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.binary(min_size=0, max_size=8), st.integers(0, 8)), max_size=4
    ),
)
def test_whatever_is_done_to_a_file_it_is_accepted_or_refused_with_a_reason(
    extension: str, edits: list[tuple[int, bytes, int]]
) -> None:
    data = GOOD[extension]
    for place, new, cut in edits:
        place %= len(data) + 1
        data = data[:place] + new + data[place + cut :]
    reasons: tuple[str, str] | None = None
    try:
        answer = inspect(f"a.{extension}", data, LIMIT, ALL).sha256
    except AttachmentProblem as refusal:  # anything else fails the test
        answer, reasons = None, (refusal.why_zh, refusal.why_en)
    assert all(reasons) if reasons else answer == hashlib.sha256(data).hexdigest()
