"""YAML read so that every entry knows its line."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor


def keeps_no_day_as_text(constructor: Any) -> Any:
    """A constructor for which what looks like a date and is none stays text, so that it is refused with its place."""

    class Keeping(constructor):
        def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:
            try:
                return super().construct_yaml_timestamp(node, values)
            except ValueError:
                return node.value

    Keeping.add_constructor("tag:yaml.org,2002:timestamp", Keeping.construct_yaml_timestamp)
    return Keeping


_Placed = keeps_no_day_as_text(RoundTripConstructor)


def read(path: Path) -> Any:
    """The text of a file as nodes that know their lines. Raises what ruamel.yaml raises where it is no YAML."""
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _Placed
    return yaml.load(path)


def plain(node: Any) -> Any:
    """Plain data from round-trip nodes (which carry line numbers)."""
    if isinstance(node, dict):
        return {str(k): plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [plain(v) for v in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def line_of(node: Any, key: Any) -> int:
    """Line (from 1) at which an entry of a node starts; 0 when unknown."""
    position = getattr(getattr(node, "lc", None), "data", None) or {}
    return int(position[key][0]) + 1 if key in position else 0


def find_line(node: Any, steps: list[Any]) -> int:
    """Line (from 1) of the deepest entry on a path of keys and positions that is there."""
    line = 1
    for step in steps:
        found = line_of(node, step)
        line = found or line
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line
