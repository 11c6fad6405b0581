"""Why an act is refused: the published codes in the order in which they are given (rehearsals/FORMAT.md)."""

from typing import Any

from pydantic import BaseModel

CODES = (
    "invalid", "not-authorised", "wrong-agency", "recused", "self-review", "stale", "calendar-missing",
    "draft-rules", "document-no", "document-no-used", "frozen", "already-asked", "deemed-accepted", "signed", "notice-open",
    "objection-open", "hearing-pending", "heavier-after-defence", "window-closed", "not-a-technician-college",
    "outside-jurisdiction", "major-not-in-catalog", "code-changed", "mixed-entry", "study-years", "duplicate-line",
    "grant-open", "panel-composition", "panel-incomplete", "score-out-of-range", "visitors", "not-ranked", "over-quota",
    "over-budget", "not-announced",
    "enrolment-not-filed", "over-plan", "wrong-stage",
)  # fmt: skip
_RANK = {code: rank for rank, code in enumerate(CODES)}


class Reason(BaseModel, frozen=True):
    """One thing that is wrong: its code, where (line or field), and why in both languages."""

    code: str
    zh: str
    en: str
    line: str | None = None
    field: str | None = None
    other: str | None = None
    """The case or document that stands in the way, where there is one."""


class Refused(Exception):
    """Raised by `decide` when an act may not be done. Nothing of the act happens; the attempt is written down."""

    def __init__(self, reasons: list[Reason]) -> None:
        self.reasons = sorted(reasons, key=lambda r: _RANK[r.code])
        self.code = self.reasons[0].code
        super().__init__(self.code)


class Refusals:
    """Collects everything wrong with an act, so that one answer names it all."""

    def __init__(self) -> None:
        self.reasons: list[Reason] = []

    def add(self, code: str, zh: str, en: str, **where: Any) -> None:
        """Note a reason; `where` may name line, field, other."""
        if code not in _RANK:
            raise KeyError(code)
        self.reasons.append(Reason(code=code, zh=zh, en=en, **where))

    def check(self) -> None:
        """Raise Refused with all that was collected, if anything was."""
        if self.reasons:
            raise Refused(self.reasons)
