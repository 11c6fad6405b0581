"""Where recorded events and events decided again are not the same."""

from typing import Any

from pydantic_core import to_jsonable_python

from domain.files import Added
from domain.moments import stamp


def compared(recorded: list[tuple[str, str, Any]], added: list[Added]) -> list[dict[str, Any]]:
    """Event by event and field by field: {event, field, recorded, again}; empty when they are the same."""
    found: list[dict[str, Any]] = []
    for n in range(max(len(recorded), len(added))):
        if n >= len(added):
            found.append(
                {
                    "event": f"{recorded[n][0]} {recorded[n][1]}",
                    "field": "",
                    "recorded": "present",
                    "again": "absent",
                }
            )
            continue
        name = f"{added[n].stream} {type(added[n].event).__name__}"
        if n >= len(recorded):
            found.append({"event": name, "field": "", "recorded": "absent", "again": "present"})
            continue
        stream, type_, (event, moment) = recorded[n]
        before = {
            "stream": stream,
            "type": type_,
            "at": stamp(moment.at),
            "act": moment.act,
            "data": event.model_dump(),
        }
        again = added[n]
        after = {
            "stream": again.stream, "type": type(again.event).__name__, "at": stamp(again.moment.at), "act": again.moment.act,
            "data": again.event.model_dump(),
        }  # fmt: skip
        found += [{"event": name, **d} for d in _fields(before, after)]
    return found


def _fields(before: Any, after: Any, path: str = "") -> list[dict[str, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        return [d for k in keys for d in _fields(before.get(k), after.get(k), f"{path}.{k}" if path else k)]
    return [] if before == after else [{"field": path, "recorded": _plain(before), "again": _plain(after)}]


def _plain(value: Any) -> Any:
    return to_jsonable_python(value, fallback=str)
