"""A public notice of lines by the teaching-research office (000 五(四): 评估结果统一由省教研室公示)."""

from datetime import datetime
from typing import Any

from domain.case import Case, Waiting, show_deadline
from domain.clocks import Deadline
from domain.events import Event, Moment
from domain.moments import stamp


class Notice(Case):
    """What was published stays as published; where each line stands is the filing's own state."""

    kind = "notice"
    final_stages = frozenset({"closed"})
    lines: list[str] = []
    published_at: datetime | None = None
    ended: Deadline | None = None
    """Its period, once that is over."""
    closed_at: datetime | None = None
    approvals: int = 0
    """How many approvals came out of it; a line released late opens another."""

    @property
    def term(self) -> Deadline | None:
        """Its period, running (and moved by a newer calendar) or over."""
        return self.deadlines.get("notice", self.ended)

    def filings(self) -> list[str]:
        """The filings whose lines stand in this notice."""
        return sorted({ref.rpartition("/")[0] for ref in self.lines})

    def waiting(self) -> list[Waiting]:
        return []

    def about(self) -> dict[str, Any]:
        return {
            "lines": self.lines,
            "published_at": self.published_at and stamp(self.published_at),
            "ends": self.term.date.isoformat() if self.term else None,
            "closed_at": self.closed_at and stamp(self.closed_at),
        }

    def view(self) -> dict[str, Any]:
        shown = super().view()
        if self.ended and "notice" not in self.deadlines:  # it ended; people still ask when that was
            shown["deadlines"]["notice"] = show_deadline(self.ended)
        return shown


class NoticePublished(Event):
    """A list of lines was put on public notice."""

    pack: str
    round: str | None
    lines: list[str]
    notice: Deadline

    def fold(self, case: Notice, moment: Moment) -> None:
        case.pack, case.round, case.lines, case.published_at = (
            self.pack,
            self.round,
            list(self.lines),
            moment.at,
        )
        case.deadlines["notice"] = self.notice
        case.stage = "open"


class PostalGraceBegan(Event):
    """The last day is over; what was posted by then may still arrive."""

    grace: Deadline

    def fold(self, case: Notice, moment: Moment) -> None:
        case.ended = case.deadlines.pop("notice")
        case.deadlines["postal-grace"] = self.grace


class NoticeClosed(Event):
    """The notice ended; lines with nothing against them go to the department."""

    clean: list[str]

    def fold(self, case: Notice, moment: Moment) -> None:
        case.ended = case.deadlines.pop("notice", case.ended)
        case.deadlines = {}
        case.stage, case.closed_at = "closed", moment.at
        case.approvals += bool(self.clean)


class LateApprovalOpened(Event):
    """A line released after the notice had ended went to the department on its own."""

    line: str
    approval: str

    def fold(self, case: Notice, moment: Moment) -> None:
        case.approvals += 1
