"""What may be done about a violation, and which of two measures is the heavier (FORMAT.md, Sanctions)."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

Severity = Literal["none", "warn", "suspend"]
Scope = Literal["college", "programme"]


class Measure(BaseModel):
    """A measure, notified or decided, with what it reaches. `from_` on: the days it runs (China)."""

    measure: Severity
    scope: Scope | None = None
    programmes: list[str] = []
    """Programme cases, when the scope is `programme`."""
    from_: date | None = None
    until: date | None = None
    review_on: date | None = None
    reasons: str

    @property
    def weight(self) -> int:
        """None < warn < suspend a programme < suspend the college (FORMAT.md, Sanctions)."""
        if self.measure != "suspend":
            return {"none": 0, "warn": 1}[self.measure]
        return 3 if self.scope == "college" else 2

    def heavier_than(self, notified: "Measure") -> bool:
        """Whether it goes beyond what was notified: in kind, or to a programme on which nobody was heard (处罚法 44, 45)."""
        if self.weight == notified.weight and self.scope == "programme":
            return not set(self.programmes) <= set(notified.programmes)
        return self.weight > notified.weight
