"""The architecture, read from the source: the domain is pure, and imports go one way (design.md, The picture)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "policies", "records", "gateway", "activities", "workflows", "worker")
MAY: dict[str, set[str]] = {
    **{layer: set(LAYERS[: n + 1]) for n, layer in enumerate(LAYERS)},
    "records": {"domain", "records"},
    "console": {"domain", "policies", "records", "gateway", "console", "rehearsal", "audit", "deploy"},
    "cli": {*LAYERS, "console", "rehearsal", "cli"},
    "audit": {*LAYERS, "audit", "proof"},
    "rehearsal": {*LAYERS, "rehearsal", "deploy"},
}
"""What each part may import of the others. Nobody imports cli; of rehearsals only the command line knows, see below."""

OURS = {*MAY, "deploy", "demo", "bench", "tests"}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp"}
FORBIDDEN = {
    "time", "random", "secrets", "uuid", "os", "socket", "subprocess", "threading", "asyncio", "pathlib", "tempfile",
    "shutil", "sqlite3", "logging", "urllib", "http",
}  # fmt: skip


def sources(part: str) -> Iterator[tuple[Path, ast.Module]]:
    files = sorted((ROOT / part).rglob("*.py")) if (ROOT / part).is_dir() else [ROOT / f"{part}.py"]
    for path in files:
        if path.is_file():
            yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.Module, path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that is imported anywhere in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                package = path.relative_to(ROOT).parts[: -node.level]
                yield node.lineno, ".".join([*package, node.module or ""])
            else:
                yield node.lineno, node.module or ""


def test_the_domain_imports_only_itself_pydantic_and_the_standard_library() -> None:
    allowed = set(sys.stdlib_module_names) | {"domain", "pydantic"}
    foreign = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path, tree in sources("domain")
        for line, name in imports(tree, path)
        if name.partition(".")[0] not in allowed
    ]
    assert foreign == []


def test_the_domain_reads_no_clock_no_chance_and_no_surroundings() -> None:
    found: list[str] = []
    for path, tree in sources("domain"):
        where = path.relative_to(ROOT)
        found += [
            f"{where}:{line}: {name}"
            for line, name in imports(tree, path)
            if name.partition(".")[0] in FORBIDDEN
        ]
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in CLOCKS and _is_a_clock(node.value):
                found.append(f"{where}:{node.lineno}: {ast.unparse(node)}")
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("open", "print", "input", "hash", "id")
            ):
                found.append(f"{where}:{node.lineno}: {node.func.id}()")
    assert found == []


def _is_a_clock(owner: ast.expr) -> bool:
    """`datetime.now`, `date.today`, `files.now` is none of them."""
    return isinstance(owner, ast.Name | ast.Attribute) and ast.unparse(owner).rpartition(".")[2] in (
        "datetime",
        "date",
    )


@pytest.mark.parametrize("part", sorted(MAY))
def test_imports_go_one_way(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {part} imports {name}"
        for path, tree in sources(part)
        for line, name in imports(tree, path)
        if name.partition(".")[0] in OURS - MAY[part]
    ]
    assert wrong == []


def test_no_product_code_knows_of_rehearsals() -> None:
    # The command `huiqian rehearse` starts them; nothing that decides, records, drives or shows may know of them.
    found = {
        path.relative_to(ROOT).parent.as_posix()
        for part in (
            "domain",
            "policies",
            "records",
            "gateway",
            "activities",
            "workflows",
            "console",
            "worker",
        )
        for path, tree in sources(part)
        for _, name in imports(tree, path)
        if name.partition(".")[0] in ("rehearsal", "demo", "tests", "bench")
    }
    assert found <= {"console/terminal"}


def test_only_the_gateway_reads_the_machines_clock() -> None:
    found: list[str] = []
    for part in ("policies", "records", "gateway", "workflows"):
        for path, tree in sources(part):
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and node.attr in CLOCKS and _is_a_clock(node.value):
                    found.append(f"{path.relative_to(ROOT)}")
    assert found == ["gateway/clock.py"]
