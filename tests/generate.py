"""JSON that fits a schema, or nearly: forms and events for tests that try everything."""

from collections.abc import Mapping
from typing import Any, cast

from hypothesis import strategies as st

Schema = dict[str, Any]
Hints = Mapping[str, st.SearchStrategy[Any]]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
"""Text that every database takes."""
days = st.dates().map(str)
instants = st.datetimes().map(lambda moment: moment.isoformat(sep=" "))


def fitting(
    schema: Schema, hints: Hints | None = None, junk: st.SearchStrategy[Any] | None = None
) -> st.SearchStrategy[Any]:
    """Values for a JSON schema as pydantic writes it.

    `hints` give the values of fields by name (what exists in the world), `junk` is put in the place of any part now
    and then, and beside the fields of objects.
    """
    return _Writer(schema.get("$defs", {}), hints or {}, junk).any(schema, "")


class _Writer:
    def __init__(self, defs: Mapping[str, Schema], hints: Hints, junk: st.SearchStrategy[Any] | None) -> None:
        self._defs, self._hints, self._junk = defs, hints, junk

    def any(self, schema: Schema, name: str) -> st.SearchStrategy[Any]:
        """One value: a hint where there is one; now and then what the schema alone says, or junk."""
        value = self._plain(schema, name)
        if name in self._hints:
            value = _mostly(self._hints[name], value)
        return _mostly(value, self._junk) if self._junk is not None else value

    def _plain(self, schema: Schema, name: str) -> st.SearchStrategy[Any]:
        if "$ref" in schema:
            return self._plain(self._defs[schema["$ref"].rpartition("/")[2]], name)
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "const" in schema:
            return st.just(schema["const"])
        if "anyOf" in schema:
            return st.one_of([self._plain(option, name) for option in schema["anyOf"]])
        match schema.get("type"):
            case "string":
                return _string(schema)
            case "integer":
                return st.integers(_least(schema, 0), _most(schema, 10_000))
            case "number":
                return st.floats(
                    _least(schema, 0), _most(schema, 1000), allow_nan=False, allow_infinity=False
                )
            case "boolean":
                return st.booleans()
            case "null":
                return st.none()
            case "array":
                return self._array(schema, name)
            case "object":
                return self._object(schema)
            case _:
                return st.none() | st.integers(-5, 5) | texts

    def _array(self, schema: Schema, name: str) -> st.SearchStrategy[Any]:
        if "prefixItems" in schema:
            return st.tuples(*(self.any(item, name) for item in schema["prefixItems"])).map(list)
        inner = self.any(cast(Schema, schema.get("items", {})), f"{name}[]")
        least = int(schema.get("minItems", 0))
        unique = schema.get("uniqueItems", False)
        return st.lists(
            inner, min_size=least, max_size=min(least + 3, schema.get("maxItems", 99)), unique=unique
        )

    def _object(self, schema: Schema) -> st.SearchStrategy[Any]:
        properties = cast(dict[str, Schema], schema.get("properties", {}))
        needed = set(schema.get("required", ()))
        must = {key: self.any(inner, key) for key, inner in properties.items() if key in needed}
        may = {key: self.any(inner, key) for key, inner in properties.items() if key not in needed}
        fixed = st.fixed_dictionaries(must, optional=may)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            keys = self._hints.get("{}", texts)
            more = st.dictionaries(
                keys,
                self.any(cast(Schema, extra), ""),
                min_size=int(schema.get("minProperties", 0)),
                max_size=3,
            )
            return st.builds(_both, fixed, more)
        if self._junk is not None and extra is not True:
            return _mostly(fixed, st.builds(_spoilt, fixed, texts, self._junk))
        return fixed


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {**one, **other}


def _spoilt(value: dict[str, Any], key: str, junk: Any) -> dict[str, Any]:
    """An object with a field too many, or one too few."""
    return (
        {k: v for k, v in value.items() if len(k) % 3}
        if key in value or len(key) % 2
        else {**value, key: junk}
    )


def _mostly(often: st.SearchStrategy[Any], now_and_then: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 31).flatmap(lambda n: now_and_then if n == 17 else often)


def _string(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return days
    if schema.get("format") == "date-time":
        return instants
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    least, most = schema.get("minLength", 0), schema.get("maxLength", 12)
    return st.text(
        st.characters(exclude_categories=["Cs", "Zs", "Cc"]), min_size=least, max_size=min(most, least + 12)
    )


def _least(schema: Schema, otherwise: int) -> Any:
    return schema.get(
        "minimum", schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else otherwise
    )


def _most(schema: Schema, otherwise: int) -> Any:
    return schema.get(
        "maximum", schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else otherwise
    )
