"""A form on a page, made from the act's own schema: its fields as widgets, and what was posted read back as a `with`.

Nothing is judged here: what cannot be read as the field's type stays as it was typed, and the gateway says what is
wrong with it. A field of the schema can neither be missing on the page nor stand there alone.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from console.forms import alternatives, schema
from console.web.choosing import Choices
from console.web.voice import Voice
from domain.acts.base import ACTS

Node = dict[str, Any]
SPARE_ROWS = 1
MOST_ROWS = 600
OWN_WORKBOOK = ("submit-filing", "save-draft")
"""Acts whose tables all stand in one workbook with a page of its own."""


class Posted(Protocol):
    """What a form sent, as starlette gives it."""

    def getlist(self, key: str) -> list[Any]:
        """Every value under a name."""
        ...

    def __iter__(self) -> Iterator[str]:
        """Every name."""
        ...


@dataclass
class Widget:
    """One field on the page. `kind`: text, area, number, check, day, moment, select, many, list, rows, keyed, group."""

    path: str
    label: str
    kind: str
    required: bool = False
    value: Any = None
    options: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    limits: dict[str, Any] = field(default_factory=dict[str, Any])
    personal: bool = False
    error: str = ""
    parts: list["Widget"] = field(default_factory=list["Widget"])
    rows: list[list["Widget"]] = field(default_factory=list[list["Widget"]])

    excel: bool = False
    """Whether its rows may go out and come in as a workbook."""

    @property
    def id(self) -> str:
        """Its id in the page."""
        return "f-" + re.sub(r"[^\w-]", "-", self.path)


class FormMaker:
    """Makes the widgets of one act in one language."""

    def __init__(
        self,
        act: str,
        voice: Voice,
        choices: Choices,
        errors: Mapping[str, str],
        spare: str = "",
        absent: Collection[str] = (),
    ) -> None:
        self.act, self.voice, self.choices, self.errors, self.spare = act, voice, choices, errors, spare
        self.whole = schema(act)
        self.absent = absent
        """Fields below the first level that this form goes without."""
        self.personal = ACTS[act].form.personal

    def widgets(self, value: Mapping[str, Any]) -> list[Widget]:
        """The fields, filled in as far as `value` goes."""
        return self._parts(self.whole, value, "", "")

    def _parts(self, node: Node, value: Mapping[str, Any], path: str, plain: str) -> list[Widget]:
        required = node.get("required", [])
        return [
            self._widget(name, raw, value.get(name), path + name, plain + name, name in required)
            for name, raw in node.get("properties", {}).items()
            if plain + name not in self.absent
        ]

    def _widget(self, name: str, raw: Node, value: Any, path: str, plain: str, required: bool) -> Widget:
        options = [c for c in alternatives(raw, self.whole) if c.get("type") != "null"]
        kind, node = shape(options, self.whole)
        made = Widget(
            path,
            self.voice.field(name, self.act, plain.rpartition(".")[0]),
            kind,
            required,
            value,
            personal=plain in self.personal,
        )
        made.error = self.errors.get(path, "")
        known = self.choices.get(plain)
        made.limits = {
            html: node[json]
            for json, html in (("maxLength", "maxlength"), ("minimum", "min"), ("maximum", "max"))
            if json in node
        }
        words = [str(w) for c in options for w in (c.get("enum") or ([c["const"]] if "const" in c else []))]
        if words and kind == "text":
            made.kind, made.options = "select", [(w, self.voice.choice(w)) for w in words]
        elif known is not None and kind == "list":
            made.kind, made.options = "many", known
        elif known and kind in ("text", "area"):
            several = any(c.get("type") == "array" for c in options) and path.count(".") == 0
            made.kind, made.options = "many" if several else "select", known
        if made.kind == "many" and isinstance(value, str):
            made.value = [value]
        if kind == "group":
            given: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
            made.parts = self._parts(node, given, f"{path}.", f"{plain}.")
        if kind == "rows":
            made.rows = self._rows(node, value, path, plain, required)
            made.excel = "." not in path and self.act not in OWN_WORKBOOK
        if kind == "keyed":
            given = value if isinstance(value, Mapping) else {}
            made.parts = [
                self._widget(str(key), _values(node), item, f"{path}.{key}", f"{plain}.{key}", False)
                for key, item in given.items()
            ]
            for part, key in zip(made.parts, given, strict=True):
                part.label = self._key_label(plain, str(key))
        return made

    def _key_label(self, plain: str, key: str) -> str:
        return dict(self.choices.get(plain) or self.choices.get("line", [])).get(key, key)

    def _rows(self, node: Node, value: Any, path: str, plain: str, required: bool) -> list[list[Widget]]:
        given: list[Any] = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
        spare = SPARE_ROWS if not given and required else 0
        rows = [*given, *([{}] * (spare + (self.spare == path)))]
        item = alternatives(node["items"], self.whole)[0]
        made: list[list[Widget]] = []
        for n, row in enumerate(rows[:MOST_ROWS]):
            held: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
            made.append(self._parts(item, held, f"{path}.{n}.", f"{plain}."))
        if not made:  # the heads of the columns are shown all the same
            made = [self._parts(item, {}, f"{path}.0.", f"{plain}.")]
        return made


def shape(options: list[Node], whole: Node) -> tuple[str, Node]:
    """Which kind of widget fits a field's alternatives, and the alternative that it is made from."""
    for option in options:
        if option.get("type") == "array":
            items = alternatives(option.get("items", {}), whole)
            if items and "properties" in items[0]:
                return "rows", option
    plain = next((o for o in options if o.get("type") in ("string", "integer", "number", "boolean")), None)
    listed = next((o for o in options if o.get("type") == "array"), None)
    if listed is not None and (plain is None or "const" in plain):
        return "list", listed
    for option in options:
        if "properties" in option:
            return "group", option
        if "additionalProperties" in option and option.get("additionalProperties"):
            return "keyed", option
    if plain is None:
        return "text", options[0] if options else {}
    match plain.get("type"), plain.get("format"):
        case "boolean", _:
            return "check", plain
        case (("integer" | "number"), _):
            return "number", plain
        case _, "date":
            return "day", plain
        case _, "date-time":
            return "moment", plain
        case _:
            return "area" if plain.get("maxLength", 0) >= 400 else "text", plain


def _values(node: Node) -> Node:
    """What the values of a free mapping are; anything, where the schema does not say."""
    said = node["additionalProperties"]
    return said if isinstance(said, dict) else {}


def read(act: str, posted: Posted) -> dict[str, Any]:
    """The `with` that was posted; what was left empty is left out."""
    whole = schema(act)
    return _read_object(whole, whole, posted, "")


def _read_object(node: Node, whole: Node, posted: Posted, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, raw in node.get("properties", {}).items():
        value = _read(raw, whole, posted, path + name, name in node.get("required", []))
        if value is not None:
            found[name] = value
    return found


def _read(raw: Node, whole: Node, posted: Posted, path: str, required: bool) -> Any:
    options = [c for c in alternatives(raw, whole) if c.get("type") != "null"]
    kind, node = shape(options, whole)
    texts = [str(v).strip() for v in posted.getlist(path)]
    given = [text for text in texts if text]
    if kind == "group":
        return _read_object(node, whole, posted, f"{path}.") or None
    if kind == "rows":
        return _read_rows(node, whole, posted, path) or None
    if kind == "keyed":
        return _read_keyed(node, whole, posted, path) or None
    if kind == "check":
        return True if given else (False if required else None)
    if kind == "list":
        items = alternatives(node.get("items", {}), whole)
        parts = [
            p.strip() for text in given for p in re.split(r"[\n、,，;；]" if _numeric(items) else r"\n", text)
        ]
        values = [_typed(part, items) for part in parts if part]
        # An empty choice is not the same as no choice: `all` must be asked for.
        return values or ([] if texts and (required or "const" in str(options)) else None)
    if not given:
        return None
    if len(given) > 1 and any(o.get("type") == "array" for o in options):
        return given
    return _typed(given[0], options)


def _read_rows(node: Node, whole: Node, posted: Posted, path: str) -> list[Any]:
    item = alternatives(node["items"], whole)[0]
    places = {int(m[1]) for key in posted if (m := re.match(re.escape(path) + r"\.(\d{1,4})\.", str(key)))}
    rows = [_read_object(item, whole, posted, f"{path}.{n}.") for n in sorted(places)[:MOST_ROWS]]
    return [row for row in rows if row]


def _read_keyed(node: Node, whole: Node, posted: Posted, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in posted:
        name = str(key)
        if name.startswith(f"{path}."):
            value = _read(_values(node), whole, posted, name, False)
            if value is not None:
                found[name[len(path) + 1 :]] = value
    if not found:  # free keys are typed as `名称: 值`, one a line
        for text in (line for v in posted.getlist(path) for line in str(v).splitlines()):
            key, colon, value = text.replace("：", ":").partition(":")
            if colon and key.strip() and value.strip():
                found[key.strip()] = _typed(value.strip(), alternatives(_values(node), whole))
    return found


def _numeric(options: list[Node]) -> bool:
    return any(o.get("type") in ("integer", "number") for o in options)


def _typed(text: str, options: list[Node]) -> Any:
    types = {o.get("type") for o in options}
    if types & {"integer", "number"} or types <= {None}:
        if re.fullmatch(r"[+-]?\d{1,12}", text):
            return int(text)
        if re.fullmatch(r"[+-]?\d{1,12}\.\d{1,6}", text):
            return float(text)
    return text


def impersonal(act: str, with_: Mapping[str, Any]) -> dict[str, Any]:
    """The same without personal fields: only that may be kept as a form half filled in."""
    return {k: v for k, v in with_.items() if k not in ACTS[act].form.personal}
