"""Is this file a plain workbook of a size that a form has? Asked before anything parses it."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from console.workbook_cells import Wrong

MAX_FILE, MAX_UNPACKED = 8_000_000, 48_000_000  # bytes; a form of 10,000 rows needs a tenth of either
# Every tag becomes an object of some hundred bytes. Rows are dropped one by one, so what stands between two
# rows, or in a part without rows, is what is held at once; only the table of strings may be long.
MAX_TAGS, MAX_TAGS_AT_ONCE = 1_500_000, 100_000
MAX_MERGED = 200  # ranges named, of one part
ACTIVE = re.compile(r"vbaproject|macrosheets/|activex/|embeddings/", re.IGNORECASE)
ROW = re.compile(rb"<(?:\w+:)?row\b")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+\d+:[A-Z]+\d+)")


def load(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise Wrong("找不到文件", "there is no such file")
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except (OSError, ValueError):
        raise Wrong("文件无法打开", "the file cannot be opened") from None


def inspect(data: bytes) -> dict[str, list[str]]:
    """Refuse what must not reach the parser; return the merged ranges of each part."""
    not_xlsx = Wrong("不是 .xlsx 工作簿；请另存为 .xlsx", "not an .xlsx workbook: save it as .xlsx")
    encrypted = Wrong("文件已加密；请取消密码", "the file is encrypted: remove the password")
    too_large = Wrong("文件过大，远超一份申报表", "the file is far larger than a form can be")
    if len(data) > MAX_FILE:
        raise too_large
    if data.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in data:
        raise encrypted
    try:
        archive = ZipFile(BytesIO(data))
        parts, types = archive.infolist(), archive.getinfo("[Content_Types].xml")
    except (BadZipFile, ValueError, KeyError):
        raise not_xlsx from None
    if len(parts) > 1_000 or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise too_large
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted
    kinds = archive.read(types)
    if b"spreadsheetml" not in kinds and b"ms-excel" not in kinds:
        raise not_xlsx
    if b"macroEnabled" in kinds or any(ACTIVE.search(part.filename) for part in parts):
        raise Wrong(
            "文件含宏或嵌入对象；请另存为 .xlsx", "it holds macros or embedded objects: save it as .xlsx"
        )
    merged: dict[str, list[str]] = {}
    tags = 0
    for part in parts:
        text = archive.read(part) if part.filename.lower().endswith((".xml", ".rels")) else b""
        # Entities; an encoding in which they could hide; comments that could hide where a row begins.
        if b"<!DOCTYPE" in text or b"\0" in text or text.count(b"<!") > 10:
            raise Wrong("文件含不允许的内容", "the file holds content that no spreadsheet program writes")
        tags += text.count(b"<")
        most = MAX_TAGS if "sharedstrings" in part.filename.lower() else MAX_TAGS_AT_ONCE
        if tags > MAX_TAGS or any(piece.count(b"<") > most for piece in ROW.split(text)):
            raise too_large
        merged[part.filename] = [ref.decode() for ref in MERGED.findall(text)[:MAX_MERGED]]
    return merged
