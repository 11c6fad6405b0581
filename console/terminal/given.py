"""Reads what people type or keep in files for an act: `--with`, `--set`, ids, times. Wrong input is a usage error."""

import io
import json
import math
import re
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from console.desk import draw_id
from console.forms import kinds_at
from console.terminal.screen import USAGE, Trouble
from domain.actors import Actor, parse_actor
from domain.files import Command
from domain.moments import instant

COMMAND_ID = re.compile(r"[\w./:@-]{8,80}", re.ASCII)


def actor(text: str, option: str = "--by") -> Actor:
    """Who acts, or whose view it is; `option` is what the text was given for."""
    try:
        return parse_actor(text)
    except ValueError as error:
        _wrong(option, *str(error).split(" / "))


def when(text: str | None) -> datetime | None:
    """When the actor's page was drawn."""
    try:
        return instant(text) if text else None
    except ValueError as error:
        _wrong("--read", *str(error).split(" / "))


def command_id(text: str | None) -> str:
    """The id given, or a fresh one: 26 letters and digits, which nobody else will have."""
    if text is None:
        return draw_id()
    if not COMMAND_ID.fullmatch(text):
        _wrong("--id", "须为8至80个字母、数字或 . / : @ _ -", "takes 8 to 80 letters, digits or . / : @ _ -")
    return text


def command(
    id_: str | None,
    act: str,
    by: Actor,
    case: str | None,
    with_: dict[str, Any],
    read: datetime | None = None,
) -> Command:
    """A command as the gateway takes it. Raises Trouble for what cannot be written down at all."""
    try:
        return Command(id=command_id(id_), act=act, by=by, case=case, with_=with_, read=read)
    except ValidationError as error:
        problem = error.errors()[0]
        said = str(problem["msg"]).removeprefix("Value error, ")
        zh, slash, en = said.partition("/ ")
        place = ".".join(str(part) for part in problem["loc"]) or "--with"
        raise Trouble(
            USAGE, f"{place}：{zh.strip() if slash else '不合要求'}", f"{place}: {en or said}"
        ) from None


def body(with_: str | None, settings: Iterable[str], act: str) -> dict[str, Any]:
    """The act's `with`: a JSON object, a file, or standard input, and single fields over it."""
    given = _object(with_) if with_ else {}
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not (equals and path.strip()):
            _wrong("--set", f"应为 字段=值，现为“{setting}”", f"takes field=value, not “{setting}”")
        _put(given, path.strip().split("."), _typed(text, kinds_at(act, path.strip())), act, setting)
    return given


def setting(text: str) -> tuple[str, Any]:
    """A policy key with its value."""
    key, equals, value = text.partition("=")
    if not (equals and key.strip()):
        _wrong("--set", f"应为 键=值，现为“{text}”", f"takes key=value, not “{text}”")
    return key.strip(), _scalar(value, text)


def read_yaml(path: Path) -> Any:
    """A YAML 1.2 (or JSON) file as plain data. Raises Trouble naming file and line."""
    return _yaml(_read(path), str(path))


def _object(text: str) -> dict[str, Any]:
    if text.startswith("@"):
        name = "stdin" if text == "@-" else text[1:]
        source = sys.stdin.read() if text == "@-" else _read(Path(name))
        found = _json(source, name) if name.endswith(".json") else _yaml(source, name)
    else:
        found = _json(text, "--with")
    if not isinstance(found, dict):
        _wrong("--with", "应为一个对象 {字段: 值}", "takes an object {field: value}")
    return {str(key): value for key, value in found.items()}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Trouble(USAGE, f"{path}：不是 UTF-8 文本", f"{path}: not UTF-8 text") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise Trouble(USAGE, f"{path}：无法读取（{why}）", f"{path}: cannot be read ({why})") from None


def _json(text: str, place: str) -> Any:
    try:
        return _plain(json.loads(text), place)
    except (json.JSONDecodeError, RecursionError) as error:
        at = (
            f"{error.lineno}:{error.colno}: {error.msg}"
            if isinstance(error, json.JSONDecodeError)
            else "too deep"
        )
        raise Trouble(USAGE, f"{place}:{at}：不是合格的 JSON", f"{place}:{at}: not JSON") from None


def _yaml(text: str, place: str) -> Any:
    try:
        return _plain(YAML(typ="safe", pure=True).load(io.StringIO(text)), place)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        why = error.problem or ""
        raise Trouble(USAGE, f"{place}:{line}：不是合格的 YAML", f"{place}:{line}: not YAML: {why}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        why = str(error).partition("\n")[0]
        raise Trouble(USAGE, f"{place}：不是合格的 YAML", f"{place}: not YAML: {why}") from None


def _plain(value: Any, place: str) -> Any:
    """As JSON knows it: dates and times become text, keys become text; what JSON cannot say is refused."""
    if isinstance(value, dict):
        return {str(key): _plain(item, place) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, place) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise Trouble(USAGE, f"{place}：{value} 不是数", f"{place}: {value} is not a number")
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    raise Trouble(USAGE, f"{place}：不认识的值", f"{place}: a value of an unknown kind")


def _typed(text: str, kinds: set[str]) -> Any:
    """The value as its field takes it: `1` is a line's name where text is taken, and a number elsewhere."""
    if kinds == {"string"}:
        return text
    value = _scalar(text, text)
    if "array" in kinds and isinstance(value, str) and ("," in value or kinds == {"array"}):
        return [part.strip() for part in value.split(",")]
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    fits = names.get(type(value), "null") in kinds or (type(value) is int and "number" in kinds)
    return text if "string" in kinds and not fits else value


def _scalar(text: str, place: str) -> Any:
    return _yaml(text, place) if text.strip() else text


def _put(target: Any, path: list[str], value: Any, act: str, setting: str) -> None:
    """Set `window.opens`, `results.1` or `lines.0.plan`; lists grow by one at a time."""
    *way, last = path
    for depth, step in enumerate(way, 1):
        listed = path[depth].isdigit() and "object" not in kinds_at(act, ".".join(path[:depth]))
        target = _enter(target, step, [] if listed else {}, setting)
    if isinstance(target, list):
        items: list[Any] = target
        if not last.isdigit() or int(last) > len(items):
            _no_such_place(setting)
        items[int(last) : int(last) + 1] = [value]
    elif isinstance(target, dict):
        target[last] = value
    else:
        _no_such_place(setting)


def _enter(target: Any, step: str, empty: Any, setting: str) -> Any:
    if isinstance(target, dict):
        return target.setdefault(step, empty)
    if isinstance(target, list) and step.isdigit() and int(step) <= len(target):
        items: list[Any] = target
        if int(step) == len(items):
            items.append(empty)
        return items[int(step)]
    return _no_such_place(setting)


def _no_such_place(setting: str) -> NoReturn:
    _wrong("--set", f"没有这个位置：{setting}", f"no such place: {setting}")


def _wrong(option: str, zh: str, en: str = "") -> NoReturn:
    raise Trouble(USAGE, f"{option}：{zh}", f"{option}: {en or zh}")
