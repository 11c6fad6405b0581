"""Facts: what an event is, how it is named, versioned and folded. The facts themselves stand with their process."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Moment(BaseModel, frozen=True):
    """When and by whom a fact came about, as the fold may use it."""

    seq: int
    at: datetime
    """Legal time: for a lapse its legal end, otherwise the moment of the act."""
    person: str
    act: str
    on_behalf_of: str | None = None
    """The account of the officer for whom the person acted."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """Everybody who stands behind the fact."""
        return (self.person, self.on_behalf_of) if self.on_behalf_of else (self.person,)


class Event(BaseModel):
    """A fact about one case. Subclasses name it in the past tense and say in `fold` what it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: ClassVar[int] = 1
    moves: ClassVar[bool] = True
    """Whether a page drawn before it is stale."""
    summons: ClassVar[bool] = False
    """Whether it is news for the case's process even where it steers nothing."""

    def fold(self, case: Any, moment: Moment) -> None:
        """Change the (privately owned) state of the case as this fact says."""
        raise NotImplementedError(type(self).__name__)  # every subclass says; the registry test enforces it

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__name__ in REGISTRY:
            raise TypeError(f"two events named {cls.__name__}")
        REGISTRY[cls.__name__] = cls


REGISTRY: dict[str, type[Event]] = {}

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(event name, version it reads) → data of the next version. Released schemas stay readable for ever."""


class UnknownEvent(Exception):
    """The ledger holds an event that this release does not know: newer software wrote it, or it was tampered with."""


def revive(name: str, version: int, data: dict[str, Any] | str) -> Event:
    """An event from its written form (as text or read already), lifted to today's version. Raises UnknownEvent."""
    cls = REGISTRY.get(name)
    if cls is None or version > cls.version:
        raise UnknownEvent(f"{name} v{version}")
    if isinstance(data, str) and version == cls.version:
        return cls.model_validate_json(data)
    read: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
    while version < cls.version:
        read = UPCASTERS[(name, version)](read)
        version += 1
    return cls.model_validate(read)
