"""Reading a rehearsal file: YAML 1.2, includes, and clear errors that name file, step and field."""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError

from domain import decide as _decide  # noqa: F401  # pyright: ignore[reportUnusedImport] - it fills ACTS
from domain.actors import Actor, parse_actor
from domain.acts.base import ACTS
from domain.moments import day, instant
from domain.refusals import CODES
from policies.lines import keeps_no_day_as_text

TOP = {"title", "pack", "include", "set", "calendar", "given", "steps"}
STEP = {"at", "by", "do", "case", "with", "as", "read", "refused", "expect"}
GIVEN = {"colleges", "experts"}


class BadStory(Exception):
    """The file is wrong: it names file, step and field."""


@dataclass(frozen=True)
class Step:
    """One dated step, and where it stands for error messages."""

    place: str
    at: datetime
    by: Actor | None = None
    do: str | None = None
    case: str | None = None
    with_: dict[str, Any] = field(default_factory=dict)
    as_: str | None = None
    read: datetime | None = None
    refused: str | None = None
    expect: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """A whole rehearsal, its includes merged in."""

    path: Path
    title: str
    pack: str
    beside: list[str]
    """Packs of further procedures that run in the same environment."""
    settings: dict[str, Any]
    calendar: dict[int, dict[str, list[date]]] | None
    """None: the published calendars; otherwise year to holidays and workdays."""
    colleges: list[dict[str, Any]]
    experts: list[dict[str, Any]]
    steps: list[Step]


def read_story(path: Path) -> Story:
    """Read one file with its includes. Raises BadStory."""
    data = _load(path)
    _known(path.name, data, TOP)
    if not isinstance(data.get("title"), str):
        raise BadStory(f"{path.name}: title: 缺少标题 / missing")
    colleges: list[dict[str, Any]] = []
    experts: list[dict[str, Any]] = []
    steps: list[Step] = []
    for part in [*_included(path, data).items(), (path, data)]:
        _merge(part, colleges, experts, steps)
    for before, after in pairwise(steps):
        if after.at < before.at:
            raise BadStory(f"{after.place}: at: 早于上一步 / before the step before it")
    _only_known_names(steps)
    settings = data.get("set") or {}
    if not isinstance(settings, dict):
        raise BadStory(f"{path.name}: set: 应为 {{键: 值}} / expected a mapping")
    named = data.get("pack", "guangdong/pilot")
    packs = [str(name) for name in named] if isinstance(named, list) and named else [str(named)]
    return Story(
        path=path,
        title=data["title"],
        pack=packs[0],
        beside=packs[1:],
        settings={str(k): v for k, v in settings.items()},
        calendar=_calendar(path, data.get("calendar", "cn")),
        colleges=colleges,
        experts=experts,
        steps=steps,
    )


def _only_known_names(steps: list[Step]) -> None:
    """A misspelt act or case is no broken promise of the product's, unless the story says that it is refused."""
    named: set[str] = set()
    for step in steps:
        if not step.refused:
            if step.do and step.do not in ACTS:
                raise BadStory(f"{step.place}: do: 没有这种行为 / no such act: {step.do}")
            _must_be_named(f"{step.place}: case", step.case, named)
            named |= {step.as_} if step.as_ else set()
        for name in step.expect:
            _must_be_named(f"{step.place}: expect", name, named)


def _must_be_named(place: str, name: str | None, named: set[str]) -> None:
    """A case goes by the name that an act before gave it (`as`); what has a hyphen or a slash may be an id."""
    if name and not {"-", "/"} & set(name) and name not in named:
        raise BadStory(f"{place}: 没有这个名称 / no case of this name: {name}")


def is_story(path: Path) -> bool:
    """Whether a file has a title; the others are only for `include`."""
    with suppress(OSError, UnicodeDecodeError):  # what cannot be read is said below
        if any(line.startswith("title:") for line in path.read_text(encoding="utf-8").splitlines()):
            return True
    return "title" in _load(path)


_Constructor = keeps_no_day_as_text(SafeConstructor)


@lru_cache(maxsize=32)
def _parsed(text: bytes) -> Any:
    """The same include stands in many stories, and reading YAML costs more than playing some of them."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    return yaml.load(text)


def _load(path: Path) -> dict[str, Any]:
    try:
        data = deepcopy(_parsed(path.read_bytes()))
    except FileNotFoundError:
        raise BadStory(f"{path}: 没有这个文件 / no such file") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BadStory(f"{path.name}:{line}: 不是合格的 YAML / not YAML: {error.problem}") from None
    except (UnicodeDecodeError, ValueError, IsADirectoryError) as error:
        raise BadStory(f"{path.name}: 无法读取 / cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise BadStory(f"{path.name}: 应为映射 / expected a mapping")
    return {str(k): v for k, v in data.items()}


def _included(path: Path, data: dict[str, Any], around: tuple[Path, ...] = ()) -> dict[Path, dict[str, Any]]:
    """The files that come first, in their order, and before each what it includes itself; each only once."""
    names = data.get("include") or []
    if not isinstance(names, list):
        raise BadStory(f"{path.name}: include: 应为列表 / expected a list")
    parts: dict[Path, dict[str, Any]] = {}
    for name in names:
        other = path.parent / str(name)
        if other.resolve().parent != path.parent.resolve():
            raise BadStory(f"{path.name}: include: {name} 须在同一文件夹 / must be in this folder")
        if other in (*around, path):
            raise BadStory(f"{path.name}: include: {name} 包含自己 / includes itself")
        if not other.is_file():
            raise BadStory(f"{path.name}: include: {name}: 没有这个文件 / no such file")
        part = _load(other)
        _known(other.name, part, TOP)
        parts = {**parts, **_included(other, part, (*around, path)), other: part}
    return parts


def _merge(
    part: tuple[Path, dict[str, Any]],
    colleges: list[dict[str, Any]],
    experts: list[dict[str, Any]],
    steps: list[Step],
) -> None:
    path, data = part
    given = data.get("given") or {}
    if not isinstance(given, dict):
        raise BadStory(f"{path.name}: given: 应为映射 / expected a mapping")
    _known(f"{path.name}: given", given, GIVEN)
    for name, into in (("colleges", colleges), ("experts", experts)):
        rows = given.get(name) or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadStory(f"{path.name}: given.{name}: 应为列表 / expected a list of mappings")
        into += plain(rows)
    rows = data.get("steps") or []
    if not isinstance(rows, list):
        raise BadStory(f"{path.name}: steps: 应为列表 / expected a list")
    steps += [_step(f"{path.name} step {n}", row) for n, row in enumerate(rows, 1)]


def _step(place: str, row: Any) -> Step:
    if not isinstance(row, dict):
        raise BadStory(f"{place}: 应为映射 / expected a mapping")
    _known(place, row, STEP)
    if "at" not in row:
        raise BadStory(f"{place}: at: 缺少时间 / missing")
    for name, kind in (
        ("with", dict),
        ("expect", dict),
        ("do", str),
        ("case", str),
        ("as", str),
        ("refused", str),
    ):
        if row.get(name) is not None and not isinstance(row[name], kind):
            raise BadStory(f"{place}: {name}: 类型不对 / expected {kind.__name__}")
    if row.get("refused") is not None and row["refused"] not in CODES:
        raise BadStory(f"{place}: refused: 没有这个拒绝代码 / no such refusal code: {row['refused']}")
    if row.get("do") is not None and row.get("by") is None:
        raise BadStory(f"{place}: by: 缺少行为人 / missing")
    for name in ("by", "case", "with", "as", "read", "refused"):
        if row.get("do") is None and row.get(name) is not None:
            raise BadStory(f"{place}: do: 有 {name} 而没有 do / {name} needs do")
    return Step(
        place=place,
        at=_as(instant, row["at"], f"{place}: at"),
        by=_as(parse_actor, str(row["by"]), f"{place}: by") if row.get("by") is not None else None,
        do=row.get("do"),
        case=row.get("case"),
        with_=plain(row.get("with") or {}),
        as_=row.get("as"),
        read=_as(instant, row["read"], f"{place}: read") if row.get("read") is not None else None,
        refused=row.get("refused"),
        expect=plain(row.get("expect") or {}),
    )


def _as[T](kind: Callable[[Any], T], value: Any, place: str) -> T:
    try:
        return kind(value)
    except ValueError as error:
        raise BadStory(f"{place}: {error}") from None


def plain(value: Any) -> Any:
    """YAML values as JSON knows them: dates and times become text, keys become text."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _calendar(path: Path, value: Any) -> dict[int, dict[str, list[date]]] | None:
    if value == "cn":
        return None
    if not isinstance(value, dict):
        raise BadStory(f"{path.name}: calendar: 应为 cn 或 {{年: …}} / expected cn or years")
    years: dict[int, dict[str, list[date]]] = {}
    for year, lists in value.items():
        _known(
            f"{path.name}: calendar.{year}",
            lists if isinstance(lists, dict) else {},
            {"holidays", "workdays"},
        )
        try:
            years[int(year)] = {
                name: [day(d) for d in lists.get(name) or []] for name in ("holidays", "workdays")
            }
        except (ValueError, AttributeError, TypeError) as error:
            raise BadStory(f"{path.name}: calendar.{year}: {error}") from None
    return years


def _known(place: str, row: dict[Any, Any], allowed: set[str]) -> None:
    for key in row:
        if key not in allowed:
            raise BadStory(f"{place}: {key}: 没有这一项 / unknown field")
