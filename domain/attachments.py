"""What may be attached to a filing: files that are what they say, and that run nothing when they are opened.

Officers open these files on their own machines, and they are kept for years. So a file is refused when its
content is not of the type its name promises, when it carries macros or scripts, when it is locked with a
password, or when it would unpack into something far larger. It looks at structure; it is no virus scanner.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from typing import NoReturn
from xml.parsers import expat

from pydantic import BaseModel, ConfigDict

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
}
"""The types that can be checked. OFD is GB/T 33190-2016."""

_UNPACKED = 20
"""How many times the limit a file may unpack to; office files are packed five to ten times."""

_ENTRIES = 5_000
"""Files in one archive; a scanned OFD has two or three for a page."""

_CHUNK = 1_048_576

_MAGIC = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_ZIP, _OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# The content type of the main part (ECMA-376 part 1, 11.3.10 and 12.3.23).
_MAIN_PART = {"docx": "wordprocessingml.document.main+xml", "xlsx": "spreadsheetml.sheet.main+xml"}

# Word finds macros by their content type, whatever the part is called ([MS-OFFMACRO2] 2.2.1.1).
_ACTIVE_TYPES = ("macroenabled", "vbaproject", "macrosheet", "activex")


class Attachment(BaseModel):
    """A file that passed: its name, digest, size in bytes and media type. The content is stored elsewhere."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: str
    size: int
    media_type: str


class AttachmentProblem(Exception):
    """Why a file is not accepted, to be shown to who sent it. It does not repeat the file's name."""

    def __init__(self, why_zh: str, why_en: str) -> None:
        super().__init__(why_zh, why_en)
        self.why_zh, self.why_en = why_zh, why_en

    def __str__(self) -> str:
        return f"{self.why_zh} / {self.why_en}"


def inspect(name: str, data: bytes, max_bytes: int, allowed: Iterable[str]) -> Attachment:
    """Check one file. `allowed` are extensions, with or without the dot, in any case.

    Raises AttachmentProblem with the first reason found, and ValueError when `allowed` names a type that
    cannot be checked (the keys of MEDIA_TYPES can).
    """
    extensions = {extension.lower().removeprefix(".") for extension in allowed}
    if unknown := extensions - MEDIA_TYPES.keys():
        raise ValueError(f"no check for attachments of type {', '.join(sorted(unknown))}")
    _check_name(name)
    if not data:
        _refuse("附件是空文件", "the file is empty")
    if len(data) > max_bytes:
        limit = f"{max_bytes / 1_048_576:.3g} MB"
        _refuse(f"附件超过 {limit} 的上限", f"the file is larger than the limit of {limit}")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if data.startswith(_OLE2):
        _refuse(
            "不接受旧格式 (.doc、.xls) 或加密的 Office 文件，请另存为未加密的 .docx 或 .xlsx",
            "old (.doc, .xls) or protected Office files are not accepted; save as plain .docx or .xlsx",
        )
    if extension not in extensions:
        shown = ", ".join(sorted(extensions))
        _refuse(f"不接受此类附件，可用：{shown}", f"this type is not accepted; accepted are: {shown}")
    if extension in _MAGIC:
        if not data.startswith(_MAGIC[extension]):
            _mismatch(extension)
        if extension == "pdf":
            _check_pdf(data, max_bytes * _UNPACKED)
    else:
        _check_archive(extension, data, max_bytes * _UNPACKED)
    digest = hashlib.sha256(data).hexdigest()
    return Attachment(name=name, sha256=digest, size=len(data), media_type=MEDIA_TYPES[extension])


def _check_name(name: str) -> None:
    # Cc, Cf, Cs: control, invisible (U+202E turns gpj.exe around), surrogate; Zl, Zp: line separators
    odd = any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name)
    if odd or re.search(r'[/\\:*?"<>|]', name) or name != name.strip() or name.endswith("."):
        _refuse(
            "文件名含有路径符号、控制字符或首尾空格",
            "the file name holds a path separator, a control character, or a space at its end",
        )
    if not name.strip(". ") or len(name.encode()) > 255:
        _refuse("文件名为空或过长", "the file name is empty or too long")


def _check_archive(extension: str, data: bytes, budget: int) -> None:
    """docx, xlsx and ofd: a sound zip of the right kind, with nothing active in it."""
    if not data.startswith(_ZIP):
        _mismatch(extension)
    # Counted before the directory is read: a directory of a million names takes half a gigabyte.
    if data.count(b"PK\x01\x02") > _ENTRIES:
        _refuse("附件内的部件过多", "the file holds too many parts")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive.infolist(), budget)
            if extension == "ofd":
                if "OFD.xml" not in archive.namelist():
                    _mismatch(extension)
            else:
                _check_office(extension, archive)
            for entry in archive.infolist():
                with archive.open(entry) as part:  # reading to the end checks the CRC
                    while part.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, NotImplementedError):
        _damaged()


def _check_entries(entries: list[zipfile.ZipInfo], budget: int) -> None:
    if any(entry.flag_bits & 0x2041 for entry in entries):  # encrypted, strongly, or with a masked directory
        _refuse("附件已加密，请去除密码", "the file is encrypted; remove the password")
    if sum(entry.file_size for entry in entries) > budget:
        _bomb()
    names = [entry.orig_filename for entry in entries]
    for entry in entries:
        # The name as stored: zipfile cuts it at a NUL and turns backslashes around.
        name = entry.orig_filename.replace("\\", "/")
        outside = name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name)
        if outside or "\0" in name or stat.S_ISLNK(entry.external_attr >> 16):
            _refuse("压缩包内有越界路径", "the file holds a part that points outside of it")
    # Two parts of one name, or something before the first one: readers differ in what they see then. And
    # OPC knows no other methods (ECMA-376 part 2, annex C), whose output zipfile would not bound.
    methods = {entry.compress_type for entry in entries}
    twins = len({name.lower() for name in names}) < len(names)
    if twins or methods - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or min(e.header_offset for e in entries):
        _damaged()
    if any(name.lower().rpartition("/")[2] == "vbaproject.bin" for name in names):
        _active()


def _check_office(extension: str, archive: zipfile.ZipFile) -> None:
    if "[Content_Types].xml" not in archive.namelist():
        _mismatch(extension)
    types = [each.get("ContentType", "").lower() for each in _elements(archive, "[Content_Types].xml")]
    if any(active in each for each in types for active in _ACTIVE_TYPES):
        _active()
    if not any(each.endswith(_MAIN_PART[extension]) for each in types):
        _mismatch(extension)
    for name in archive.namelist():
        for link in _elements(archive, name) if name.lower().endswith(".rels") else ():
            # A template or an object from the web is fetched, macros and all, when the file is opened.
            remote = re.match(r"(?:https?|ftp):|\\\\", link.get("Target", "").strip(), re.IGNORECASE)
            if remote and link.get("Type", "").lower().endswith(("/attachedtemplate", "/oleobject")):
                _active()


def _elements(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """The attributes of every element of a part.

    Read as XML, since macroEnabled can be written with character references or in UTF-16. A document type
    declaration, which no office program writes, could define entities for the same purpose.
    """
    found: list[dict[str, str]] = []

    def element(_: str, attributes: dict[str, str]) -> None:
        found.append(attributes)

    def doctype(*_: object) -> NoReturn:
        raise ValueError("document type declaration")

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    with archive.open(name) as part:
        # Never read() without a number: zipfile would unpack everything before it cuts at the declared size.
        xml = part.read(_CHUNK + 1)
    if len(xml) > _CHUNK:
        raise ValueError("too long")
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise ValueError("not well-formed") from None
    return found


# A name ends at white space or a delimiter (ISO 32000-1, 7.2.2).
_PDF_ACTION = re.compile(rb"/(?:JavaScript|Launch)(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)")
_PDF_ENCRYPT = re.compile(rb"/Encrypt(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)")

_PDF_MARK = re.compile(rb"endstream|endobj|\bobj\b|stream\r?\n")


def _check_pdf(data: bytes, budget: int) -> None:
    """No scripts, no programs to start, no encryption; also not inside of compressed object streams."""
    if b"startxref" not in data:
        _damaged()
    plain = _unescaped(data)
    if _PDF_ENCRYPT.search(plain):
        _refuse(
            "附件已加密，请去除密码或权限限制",
            "the file is encrypted; remove the password or the restrictions",
        )
    if _PDF_ACTION.search(plain):
        _active()
    # One pass over the marks, since a search for each stream would take minutes on a file made of them.
    view, marks = memoryview(data), list(_PDF_MARK.finditer(data))
    ends = iter([mark.start() for mark in marks if mark[0] == b"endstream"])
    end, since = -1, 0
    for mark in marks:
        if not mark[0].startswith(b"stream"):
            since = mark.end()
            continue
        while end < mark.end():
            if (end := next(ends, -1)) < 0:
                _damaged()
        head = _unescaped(data[max(since, mark.start() - 4096) : mark.start()])
        objects = b"/ObjStm" in head  # 7.5.7: a stream that holds objects, which may be actions
        if b"/Image" in head and not objects:
            continue  # pixels, often of a hundred times the size
        whole, budget = _inflate(view[mark.end() : end], budget)
        filters = re.findall(rb"/\w+Decode\b", head)
        simple = filters == [b"/FlateDecode"] and whole and not re.search(rb"/Predictor\s+(?!1\b)", head)
        if objects and b"/Filter" in head and not simple:
            _refuse("无法检查该 PDF，请重新导出", "this PDF cannot be checked; export it again")


def _inflate(packed: memoryview, budget: int) -> tuple[bool, int]:
    """Look for actions in a compressed stream: whether it could be read to its end, and the budget left."""
    unpack, before = zlib.decompressobj(), b""
    for place in range(0, len(packed), 65_536):  # 64 kB unpack to at most 66 MB
        # What is read counts too: streams may lie inside each other, and unpack to nothing.
        if (budget := budget - len(packed[place : place + 65_536])) < 0:
            _bomb()
        try:
            part = unpack.decompress(packed[place : place + 65_536])
        except zlib.error:
            return False, budget
        if (budget := budget - len(part)) < 0:
            _bomb()
        if _PDF_ACTION.search(_unescaped(before + part)):
            _active()
        before = (before + part)[-64:]
        if unpack.eof:
            break
    return unpack.eof, budget


def _unescaped(data: bytes) -> bytes:
    """With #4A for J in names resolved (ISO 32000-1, 7.3.5)."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)


def _refuse(zh: str, en: str) -> NoReturn:
    raise AttachmentProblem(zh, en) from None


def _mismatch(extension: str) -> NoReturn:
    _refuse(f"文件内容不是 .{extension} 格式", f"the content is not that of a .{extension} file")


def _active() -> NoReturn:
    _refuse(
        "附件含有宏、脚本或启动动作，请去除后重新提交",
        "the file holds macros, scripts or launch actions; remove them and send it again",
    )


def _bomb() -> NoReturn:
    _refuse("附件解压后过大", "the file unpacks into too much")


def _damaged() -> NoReturn:
    _refuse("文件已损坏，无法打开", "the file is damaged and cannot be opened")
