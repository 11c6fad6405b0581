"""Makes `dist/huiqian-verify.pyz`: the verifier of bundles as one file, for a machine with nothing but Python 3.12.

It carries our pure modules and, unpacked beside them when it runs, the libraries they need as built for this kind of machine.
The same sources and libraries give the same bytes. On another kind of machine: `pip install huiqian` and `verify-bundle`.
"""

import importlib.metadata
import io
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ("audit", "domain", "proof")
LEFT_OUT = frozenset(
    {
        "archive",
        "as_of",
        "bundle",
        "collect",
        "court_file",
        "histories",
        "ledger_source",
        "readings",
        "replay",
        "trees",
    }
)
"""Modules of `audit/` that read a database or Temporal."""
RECORDS = ("records/__init__.py", "records/rows.py", "records/sealing.py")
LIBRARIES = (
    "pydantic",
    "pydantic-core",
    "typing-extensions",
    "annotated-types",
    "typing-inspection",
    "cryptography",
    "cffi",
)
MAIN = '''"""Unpacks itself into a folder of its own for this run, and verifies."""
import sys, tempfile, zipfile
from pathlib import Path

BUILT_FOR = {built!r}
if sys.version_info[:2] != BUILT_FOR[0] or __import__("sysconfig").get_platform() != BUILT_FOR[1]:
    print("本文件为 Python %s.%s %s 制作 / built for Python %s.%s on %s" % ((*BUILT_FOR[0], BUILT_FOR[1]) * 2), file=sys.stderr)
    sys.exit(2)
with tempfile.TemporaryDirectory(prefix="huiqian-verify-") as folder:
    with zipfile.ZipFile(sys.argv[0]) as packed:
        packed.extractall(folder)
    sys.path[:0] = [folder, str(Path(folder) / "libraries")]
    from audit.standalone import main
    code = main()
sys.exit(code)
'''


def build(target: Path) -> Path:
    """Write the file. Raises PackageNotFoundError when a library is not installed here."""
    files: dict[str, bytes] = {}
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            if package != "audit" or path.stem not in LEFT_OUT:
                files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    files.update({name: (ROOT / name).read_bytes() for name in RECORDS})
    for library in LIBRARIES:
        for entry in importlib.metadata.files(library) or []:
            if not str(entry).startswith("..") and entry.suffix != ".pyc" and "__pycache__" not in str(entry):
                files[f"libraries/{entry.as_posix()}"] = Path(str(entry.locate())).read_bytes()
    built = (sys.version_info[:2], sysconfig.get_platform())
    files["__main__.py"] = MAIN.replace("{built!r}", repr(built)).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"#!/usr/bin/env python3\n" + packed.getvalue())
    return target


if __name__ == "__main__":
    print(build(ROOT / "dist" / "huiqian-verify.pyz"))
