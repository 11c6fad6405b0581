"""One thing that was checked in a bundle, and how its outcome is said."""

from typing import Literal

from pydantic import BaseModel

State = Literal["proved", "failed", "not-proved"]


class Check(BaseModel):
    """One thing that was checked."""

    name: str
    state: State
    zh: str
    en: str
    details: list[str] = []


def said(name: str, wrong: list[str], open_: list[str], zh: str, en: str) -> Check:
    """A check's outcome from what is wrong and what could not be shown."""
    state: State = "failed" if wrong else "not-proved" if open_ else "proved"
    return Check(name=name, state=state, zh=zh, en=en, details=[*wrong, *open_][:200])
