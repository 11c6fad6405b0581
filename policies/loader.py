"""Reads a policy pack's YAML into `domain.policy.Pack`; errors name file, line and field.

A pack may say `extends: <pack>`: then it holds only what differs, entry by entry, and all else is as there, but what it
lists under `without`, and less sure what is `by_analogy` (policies/composition.py). With `status: draft` it can be read and
previewed, and never put in force (`draft-rules`).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.error import MarkedYAMLError

from domain.acts.base import in_words
from domain.policy import Pack
from domain.policy_values import check_value
from policies.composition import taken_over
from policies.lines import find_line, line_of, plain, read
from policies.meaning import lacking, misnamed, misread

HOME = Path(__file__).parent
WHOLE = "guangdong/pilot"
"""The pack of the product that extends no other: it has every rule that the product asks for."""
_FILE_OF = {
    "rules": "rules.yaml", "acts": "authority.yaml", "duties": "authority.yaml", "refusals": "refusals.yaml",
    "letters": "letters.yaml", "papers": "papers.yaml",
}  # fmt: skip
"""Which file of a pack each section stands in; all others stand in pack.yaml."""
_KEYED = {"rules": "key", "acts": "act", "refusals": "code", "papers": "id"}
"""Sections that are lists in YAML, for people, and tables by this field in the pack."""
_ADDED = ("duties",)
"""Sections of which a pack that extends another can only have more."""
_STATUSES = ("in-force", "draft")


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
    return _read_pack(folder, ())


_SHIPPED: dict[Path, Pack] = {}
"""What ships is read once, however many packs extend it."""


def _read_pack(folder: Path, above: tuple[Path, ...]) -> Pack:
    """The pack of a folder; `above`: the packs that extend it."""
    if not (folder / "pack.yaml").is_file():
        raise BadPack(
            [PackProblem(str(folder), 0, "pack", f"没有这个规则包；有：{pack_names()} / no such policy pack")]
        )
    if folder not in _SHIPPED:
        pack = _Reader(folder, above).pack()
        if not folder.is_relative_to(HOME):
            return pack
        _SHIPPED[folder] = pack
    return _SHIPPED[folder]


class _Reader:
    def __init__(self, folder: Path, above: tuple[Path, ...]) -> None:
        self.folder = folder
        self.above = (*above, folder.resolve())
        self.problems: list[PackProblem] = []
        self.extends = False

    def pack(self) -> Pack:
        whole = self._read("pack.yaml")
        base = self._base(whole)
        parts: dict[str, Any] = {**whole, "draft": self._is_draft(whole, base)}
        for key in ("extends", "status", "without", "by_analogy"):
            parts.pop(key, None)
        parts["rules"] = self._read("rules.yaml", base) or ([] if base else {})
        for name in dict.fromkeys(f for s, f in _FILE_OF.items() if s != "rules"):
            parts.update(self._read(name, base))
        own = {section: self._table(section, rows) for section, rows in parts.items()}
        self._stop()
        data = _over(self._taken_over(base, whole) if base else {}, plain(own))
        try:
            pack = Pack.model_validate(data)
        except ValidationError as error:
            for problem in error.errors():
                self._invalid(parts, data, problem["loc"], " / ".join(in_words(problem)))
            raise BadPack(self.problems) from None
        self._check_values(pack, parts)
        self._check_sources(pack, parts)
        self._check_names(pack, parts)
        self._stop()
        return pack

    def _base(self, whole: Any) -> Pack | None:
        """The pack this one extends, by its name or by a folder beside this one."""
        name = whole.get("extends")
        if name is None:
            return None
        self.extends = True
        near = self.folder / str(name)
        folder = near if (near / "pack.yaml").is_file() else HOME / str(name)
        line = line_of(whole, "extends")
        if folder.resolve() in self.above:
            self._problem("pack.yaml", line, "extends", "规则包相互承继 / the packs extend each other")
        elif not (folder / "pack.yaml").is_file():
            why = f"没有这个规则包：{name}；有：{pack_names()} / no such policy pack"
            self._problem("pack.yaml", line, "extends", why)
        self._stop()
        return _read_pack(folder, self.above)

    def _taken_over(self, base: Pack, whole: Any) -> dict[str, Any]:
        left, lent = plain(whole.get("without") or {}), plain(whole.get("by_analogy") or [])
        try:
            return taken_over(base.model_dump(mode="json"), left, lent)
        except ValueError as error:
            field = str(error).partition("：")[0]
            self._problem("pack.yaml", line_of(whole, field), field, str(error))
            raise BadPack(self.problems) from None

    def _is_draft(self, whole: Any, base: Pack | None) -> bool:
        status, line = whole.get("status", _STATUSES[0]), line_of(whole, "status")
        if "draft" in whole:
            why = "请写 status: draft / write status: draft"
            self._problem("pack.yaml", line_of(whole, "draft"), "draft", why)
        elif status not in _STATUSES:
            self._problem("pack.yaml", line, "status", f"应为 / expected {' | '.join(_STATUSES)}")
        elif base and base.draft and status != "draft":
            why = "承继草案的规则包也是草案，须写 status: draft / what extends a draft is a draft"
            self._problem("pack.yaml", line or line_of(whole, "extends"), "status", why)
        return bool(status == "draft")

    def _read(self, name: str, base: Pack | None = None) -> Any:
        path = self.folder / name
        if base and not path.exists():
            return {}
        try:
            return read(path) or {}
        except FileNotFoundError:
            self._problem(name, 0, "-", "缺少此文件 / the file is missing")
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self._problem(name, line, "-", f"不是合格的 YAML / not YAML: {error.problem}")
        except UnicodeDecodeError:
            self._problem(name, 0, "-", "不是 UTF-8 文本 / not UTF-8 text")
        self._stop()
        return {}

    def _table(self, section: str, rows: Any) -> Any:
        field, file = _KEYED.get(section), _file(section)
        if field is None:
            return rows
        table: dict[str, Any] = {}
        if not isinstance(rows, list):
            self._problem(file, 1, section, "应为列表 / expected a list")
            return table
        entries: list[Any] = rows
        for position, row in enumerate(entries):
            key = row.get(field) if isinstance(row, dict) else None
            line = line_of(entries, position)
            if not isinstance(key, str):
                self._problem(file, line, f"{section}[{position}].{field}", "缺少此项 / missing")
            elif key in table:
                self._problem(file, line, f"{section}.{key}", "重复 / defined twice")
            else:
                table[key] = row
        return table

    def _invalid(
        self, parts: dict[str, Any], data: dict[str, Any], path: tuple[int | str, ...], message: str
    ) -> None:
        section = str(path[0]) if path else "-"
        node: Any = parts.get(section)
        steps = list(path[1:])
        if steps and isinstance(node, list):
            field = _KEYED.get(section)
            entry = {field: steps[0]} if field else data[section][steps[0]]
            steps[0] = _position(node, entry, field or "id") or 0
        line = find_line(node, steps)
        self._problem(_file(section), line, ".".join(str(p) for p in path), message)

    def _check_values(self, pack: Pack, parts: dict[str, Any]) -> None:
        rows: list[Any] = parts["rules"]
        for position, row in enumerate(rows):
            rule, line = pack.rules[row["key"]], line_of(rows, position)
            if not rule.values:
                self._problem("rules.yaml", line, f"{rule.key}.values", "没有值 / no value")
            if [v.since for v in rule.values] != sorted({v.since for v in rule.values}):
                self._problem("rules.yaml", line, f"{rule.key}.values", "日期须递增 / dates must ascend")
            for dated in rule.values:
                try:
                    check_value(rule.key, dated.value)
                except ValueError as error:
                    self._problem("rules.yaml", find_line(row, ["values"]), f"{rule.key}.values", str(error))

    def _check_sources(self, pack: Pack, parts: dict[str, Any]) -> None:
        """Of every entry that stands in this folder: its instrument is listed, and a draft is law in drafts only."""
        for section in _FILE_OF:
            rows: list[Any] = parts.get(section) or []
            for position, row in enumerate(rows):
                key = row.get(_KEYED.get(section, "id")) or "+".join(row.get("acts", []))
                line, named = line_of(rows, position), row["source"]["instrument"]
                instrument = pack.instruments.get(named)
                if instrument is None:
                    why = f"没有登记这份文件：{named} / instrument not listed in pack.yaml"
                elif instrument.status == "draft" and not pack.draft:
                    why = (
                        f"{named}是征求意见稿，只能用于草案 / a draft instrument is cited in draft packs only"
                    )
                else:
                    continue
                self._problem(_file(section), line, f"{section}.{key}.source.instrument", why)

    def _check_names(self, pack: Pack, parts: dict[str, Any]) -> None:
        """The product knows what is named here: of what another pack says, that one was asked."""
        found = list(misnamed(pack))
        if not self.folder.resolve().is_relative_to(
            HOME
        ):  # of the product's own packs, stories prove each rule
            found += misread(pack, {key for name in pack_names() for key in load_pack(name).rules})
            found += [] if self.extends else lacking(pack, load_pack(WHOLE).rules)
        for section, key, field, why in found:
            rows: list[Any] = parts.get(section) or []
            named = _KEYED.get(section, "id")
            keys = [row.get(named) or "+".join(row.get("acts", [])) for row in rows]
            if key in keys or key not in getattr(pack, section):
                line = find_line(rows, [keys.index(key), *_steps(field)]) if key in keys else 1
                self._problem(_file(section), line, f"{section}.{key}.{field}", why)

    def _problem(self, file: str, line: int, field: str, why: str) -> None:
        self.problems.append(PackProblem(str(self.folder / file), line, field, why))

    def _stop(self) -> None:
        if self.problems:
            raise BadPack(self.problems)


def _over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A pack's data with another's entries put over it: what has the same key or id is replaced in its place."""
    data = dict(base)
    for section, value in own.items():
        below: Any = base.get(section)
        if isinstance(value, dict) and isinstance(below, dict) and section != "title":
            data[section] = {**below, **value}
        elif section in _ADDED and isinstance(value, list) and isinstance(below, list):
            data[section] = [*below, *value]
        elif isinstance(value, list) and isinstance(below, list):
            rows: list[Any] = value
            named = {row.get("id"): row for row in rows if isinstance(row, dict)}
            kept = [named.get(row["id"], row) for row in below]
            here = {row["id"] for row in below}
            data[section] = [
                *kept,
                *(row for row in rows if not (isinstance(row, dict) and row.get("id") in here)),
            ]
        else:
            data[section] = value
    return data


def _steps(field: str) -> list[str | int]:
    return [int(part) if part.isdecimal() else part for part in field.split(".")]


def _file(section: str) -> str:
    return _FILE_OF.get(section, "pack.yaml")


def _position(rows: list[Any], entry: Any, field: str) -> int | None:
    """Where in these rows the entry with this key or id stands; without one, the equal row."""
    key = entry.get(field)
    return next(
        (i for i, row in enumerate(rows) if (row.get(field) == key if key else plain(row) == entry)), None
    )
