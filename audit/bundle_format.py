"""The file that a bundle 证据包 is: a zip whose bytes follow from its contents, with a manifest that names every one of them.

Pure and small: whoever holds a bundle in ten years can read this page and open it by hand. Nothing in it is compressed but
histories, names are sorted, times are fixed. So equal contents are equal bytes, and a bundle that was packed anew shows.
"""

import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

from domain.chain import canonical
from domain.leaves import ACT, ATTACHMENT, EVENT, LETTER, PACK, chained_entry, kept_entry

FORMAT = "huiqian-bundle/1"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.note"
MOST_BYTES = 4 * 2**30
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}(/[A-Za-z0-9][A-Za-z0-9._%-]{0,199}){0,2}")


class BadBundle(Exception):
    """Not a bundle, or not the one that was issued; says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: its manifest and its files by name, each checked against the manifest."""

    manifest: dict[str, Any]
    files: dict[str, bytes]
    digest: str
    """SHA-256 of the manifest, which covers every other file: the bundle's own name."""

    def json(self, name: str) -> Any:
        """A JSON file of the bundle. Raises BadBundle when it is missing or is none."""
        try:
            return json.loads(self.files[name])
        except (KeyError, ValueError, RecursionError):
            raise BadBundle(f"{name} 缺失或不可读", f"{name} is missing or cannot be read") from None

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a file of one JSON object a line. Raises BadBundle."""
        try:
            rows = [json.loads(line) for line in self.files[name].decode().splitlines()]
        except (KeyError, ValueError, RecursionError):
            raise BadBundle(f"{name} 缺失或不可读", f"{name} is missing or cannot be read") from None
        if not all(isinstance(row, dict) for row in rows):
            raise BadBundle(f"{name} 不是记录", f"{name} holds no rows")
        return rows

    def under(self, folder: str) -> dict[str, bytes]:
        """The files of a folder by their names within it."""
        return {
            name.removeprefix(f"{folder}/"): data
            for name, data in self.files.items()
            if name.startswith(f"{folder}/")
        }


def lines(rows: list[dict[str, Any]]) -> bytes:
    """Rows as canonical JSON, one a line."""
    return "".join(f"{canonical(row)}\n" for row in rows).encode()


def write_manifest(about: dict[str, Any], files: dict[str, bytes]) -> bytes:
    """The manifest of these files."""
    listed = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in sorted(files.items())
    }
    return (
        json.dumps({"format": FORMAT, **about, "files": listed}, ensure_ascii=False, indent=1, sort_keys=True)
        + "\n"
    ).encode()


def signed_text(origin: str, manifest: bytes) -> str:
    """What the log's key says of a bundle: not a checkpoint, so that neither can be taken for the other."""
    return f"{origin}/bundle\n{hashlib.sha256(manifest).hexdigest()}\n"


def pack(files: dict[str, bytes]) -> bytes:
    """The zip of these files, manifest first; equal files give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files, key=lambda name: (name != MANIFEST, name)):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 0, 0  # the host system would be part of the bytes
            target.writestr(entry, files[name])
    return packed.getvalue()


def read(data: bytes) -> Bundle:
    """Open a bundle and hold every file against the manifest. Raises BadBundle, with what is wrong with it."""
    files = _unzipped(data)
    if MANIFEST not in files:
        raise BadBundle("不是证据包：没有目录文件", "not a bundle: it has no manifest")
    try:
        manifest: Any = json.loads(files[MANIFEST])
        format_, listed = manifest["format"], manifest["files"]
        wanted = {str(name): (str(about["sha256"]), int(about["size"])) for name, about in listed.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadBundle("目录文件不可读", "the manifest cannot be read") from None
    if format_ != FORMAT:
        raise BadBundle(
            f"不认识的证据包格式 {format_!s:.40}，或由更新的版本制作",
            f"unknown format {format_!s:.40}; newer software may have made it",
        )
    found = files.keys() - {MANIFEST, SIGNATURE}
    if missing := sorted(wanted.keys() - found):
        raise BadBundle(
            f"缺少文件 {missing[0]}（共缺{len(missing)}个）",
            f"{missing[0]} is missing ({len(missing)} in all)",
        )
    if strange := sorted(found - wanted.keys()):
        raise BadBundle(f"多出文件 {strange[0]}", f"{strange[0]} does not belong to it")
    for name, (digest, size) in sorted(wanted.items()):
        if len(files[name]) != size or hashlib.sha256(files[name]).hexdigest() != digest:
            raise BadBundle(f"{name} 已被改动", f"{name} was changed")
    if pack(files) != data:
        raise BadBundle(
            "内容相符，但已重新打包，不是原件",
            "the contents agree, but it was packed anew: not the file that was issued",
        )
    return Bundle(manifest, files, hashlib.sha256(files[MANIFEST]).hexdigest())


def _unzipped(data: bytes) -> dict[str, bytes]:
    if len(data) > MOST_BYTES:
        raise BadBundle("文件过大", "too large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            files: dict[str, bytes] = {}
            for entry in source.infolist():
                if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 0x1:
                    raise BadBundle(
                        "已重新打包（压缩或加密），不是原件",
                        "packed anew (compressed or locked): not the file that was issued",
                    )
                if not _NAME.fullmatch(entry.filename) or entry.filename in files:
                    raise BadBundle(
                        "含有不合规或重复的文件名", "holds a file name that no bundle has, or one twice"
                    )
                files[entry.filename] = source.read(entry)
            return files
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OverflowError,
    ):
        raise BadBundle(
            "不是完整的 zip 文件：可能被截断或改动", "not a whole zip file: it may be cut off or changed"
        ) from None


_KEY = {PACK: "hash", ATTACHMENT: "sha256", LETTER: "position"}


def entry_of(what: str, row: dict[str, Any]) -> bytes:
    """What stands in the log for a row of a bundle."""
    if what == EVENT:
        return chained_entry(EVENT, row["stream"], row["seq"], row["position"], row["digest"])
    if what == ACT:
        return chained_entry(ACT, row["subject"], row["seq"], row["position"], row["digest"])
    return kept_entry(what, str(row[_KEY[what]]), row)
