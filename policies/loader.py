"""Reads a policy pack's YAML into `domain.policy.Pack`; errors name file, line and field."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from domain.policy import Pack
from domain.policy_values import check_value

HOME = Path(__file__).parent
PARTS = {
    "rules.yaml": "rules",
    "authority.yaml": None,
    "refusals.yaml": None,
    "letters.yaml": None,
    "papers.yaml": None,
}
"""The files of a pack; rules.yaml is one list, the others are mappings of lists."""
_KEYED = {"rules": "key", "acts": "act", "refusals": "code", "papers": "id"}
"""Sections that are lists in YAML, for people, and tables by this field in the pack."""


@dataclass(frozen=True)
class PackProblem:
    """One thing wrong with a pack: where it stands and why."""

    file: str
    line: int
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.why}"


class BadPack(Exception):
    """A pack that cannot be used; `problems` says why, place by place."""

    def __init__(self, problems: list[PackProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(p) for p in problems))


def pack_names() -> list[str]:
    """Names of the packs that ship with the product."""
    return sorted(str(p.parent.relative_to(HOME)) for p in HOME.glob("*/*/pack.yaml"))


@lru_cache(maxsize=32)
def load_pack(name_or_path: str) -> Pack:
    """Load and check a pack by name (`guangdong/pilot`) or by folder. Raises BadPack naming file, line and field."""
    folder = Path(name_or_path) if Path(name_or_path).is_dir() else HOME / name_or_path
    if not (folder / "pack.yaml").is_file():
        raise BadPack(
            [PackProblem(str(folder), 0, "pack", f"没有这个规则包；有：{pack_names()} / no such policy pack")]
        )
    return _Reader(folder).pack()


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[PackProblem] = []
        self.places: dict[tuple[str, str], tuple[str, Any]] = {}
        """(section, key) → the file it stands in and its node, for naming lines."""

    def pack(self) -> Pack:
        whole = self._read("pack.yaml")
        rules = self._read("rules.yaml")
        parts: dict[str, Any] = {**whole, "rules": rules}
        for name in ("authority.yaml", "refusals.yaml", "letters.yaml", "papers.yaml"):
            parts.update(self._read(name))
        files = {
            "rules": "rules.yaml",
            "acts": "authority.yaml",
            "duties": "authority.yaml",
            "refusals": "refusals.yaml",
        }
        files |= {"letters": "letters.yaml", "papers": "papers.yaml"}
        data = {
            section: self._table(section, parts.get(section), files.get(section, "pack.yaml"))
            for section in parts
        }
        self._stop()
        try:
            pack = Pack.model_validate(_plain(data))
        except ValidationError as error:
            for problem in error.errors():
                self._invalid(files, parts, problem["loc"], problem["msg"])
            raise BadPack(self.problems) from None
        self._check_values(pack, parts)
        self._check_sources(pack, files, parts)
        self._stop()
        return pack

    def _read(self, name: str) -> Any:
        path = self.folder / name
        try:
            return YAML(typ="rt", pure=True).load(path) or {}
        except FileNotFoundError:
            self._problem(name, 0, "-", "缺少此文件 / the file is missing")
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self._problem(name, line, "-", f"不是合格的 YAML / not YAML: {error.problem}")
        except UnicodeDecodeError:
            self._problem(name, 0, "-", "不是 UTF-8 文本 / not UTF-8 text")
        self._stop()
        return {}

    def _table(self, section: str, rows: Any, file: str) -> Any:
        field = _KEYED.get(section)
        if field is None:
            return rows
        table: dict[str, Any] = {}
        if not isinstance(rows, list):
            self._problem(file, 1, section, "应为列表 / expected a list")
            return table
        entries: list[Any] = rows
        for position, row in enumerate(entries):
            key = row.get(field) if isinstance(row, dict) else None
            line = _line(entries, position)
            if not isinstance(key, str):
                self._problem(file, line, f"{section}[{position}].{field}", "缺少此项 / missing")
            elif key in table:
                self._problem(file, line, f"{section}.{key}", "重复 / defined twice")
            else:
                table[key] = row
        return table

    def _invalid(
        self, files: dict[str, str], parts: dict[str, Any], path: tuple[int | str, ...], message: str
    ) -> None:
        section = str(path[0]) if path else "-"
        node: Any = parts.get(section)
        field = _KEYED.get(section)
        steps = list(path[1:])
        if field and steps and isinstance(node, list):
            rows: list[Any] = node
            steps[0] = next((i for i, row in enumerate(rows) if row.get(field) == steps[0]), 0)
        line = _find_line(node, steps)
        self._problem(files.get(section, "pack.yaml"), line, ".".join(str(p) for p in path), message)

    def _check_values(self, pack: Pack, parts: dict[str, Any]) -> None:
        rows: list[Any] = parts["rules"]
        for position, rule in enumerate(pack.rules.values()):
            line = _line(rows, position)
            if not rule.values:
                self._problem("rules.yaml", line, f"{rule.key}.values", "没有值 / no value")
            if [v.since for v in rule.values] != sorted({v.since for v in rule.values}):
                self._problem("rules.yaml", line, f"{rule.key}.values", "日期须递增 / dates must ascend")
            for dated in rule.values:
                try:
                    check_value(rule.key, dated.value)
                except ValueError as error:
                    self._problem(
                        "rules.yaml", _find_line(rows[position], ["values"]), f"{rule.key}.values", str(error)
                    )

    def _check_sources(self, pack: Pack, files: dict[str, str], parts: dict[str, Any]) -> None:
        for section, key, position, source in _sources(pack):
            if source.instrument not in pack.instruments:
                node = parts[section]
                line = _line(node, position) if isinstance(node, list) else 1
                why = f"没有登记这份文件：{source.instrument} / instrument not listed in pack.yaml"
                self._problem(files[section], line, f"{section}.{key}.source.instrument", why)
        for position, letter in enumerate(pack.letters):
            if letter.document and letter.document not in pack.papers:
                line = _line(parts["letters"], position)
                self._problem(
                    "letters.yaml",
                    line,
                    f"letters.{letter.id}.document",
                    f"没有这种公文 / no such paper: {letter.document}",
                )

    def _problem(self, file: str, line: int, field: str, why: str) -> None:
        self.problems.append(PackProblem(str(self.folder / file), line, field, why))

    def _stop(self) -> None:
        if self.problems:
            raise BadPack(self.problems)


def _sources(pack: Pack) -> Iterator[tuple[str, str, int, Any]]:
    tables: list[tuple[str, Any]] = [
        ("rules", pack.rules.items()), ("acts", pack.acts.items()), ("refusals", pack.refusals.items()),
        ("papers", pack.papers.items()), ("letters", ((x.id, x) for x in pack.letters)),
        ("duties", (("+".join(x.acts), x) for x in pack.duties)),
    ]  # fmt: skip
    for section, entries in tables:
        for position, (key, entry) in enumerate(entries):
            yield section, key, position, entry.source


def _plain(node: Any) -> Any:
    """Plain data from round-trip nodes (which carry line numbers)."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_plain(v) for v in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _line(node: Any, key: Any) -> int:
    """Line (from 1) at which an entry of a node starts; 0 when unknown."""
    position = getattr(getattr(node, "lc", None), "data", None) or {}
    return int(position[key][0]) + 1 if key in position else 0


def _find_line(node: Any, steps: list[Any]) -> int:
    line = 1
    for step in steps:
        found = _line(node, step)
        line = found or line
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line
