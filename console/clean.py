"""What others wrote, made safe to show."""

import re
from typing import Any

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(value: Any) -> Any:
    """The same without control characters, which could take over a terminal or turn text around."""
    if isinstance(value, str):
        return CONTROL.sub("�", value)
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, list):
        items: list[Any] = value
        return [clean(item) for item in items]
    return value
