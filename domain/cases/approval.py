"""What lies before the department after a notice (CA-11; 000 五(四): 经省厅同意)."""

from typing import Any

from domain.case import Case, Waiting
from domain.events import Event, Moment


class Approval(Case):
    """Lines of one notice that wait for the department's word."""

    kind = "approval"
    final_stages = frozenset({"done"})
    notice: str = ""
    lines: list[str] = []
    outcomes: dict[str, str] = {}
    """Line to what became of it: consented, refused, returned, or why it left."""

    def undecided(self) -> list[str]:
        """Lines without an outcome."""
        return [ref for ref in self.lines if ref not in self.outcomes]

    def waiting(self) -> list[Waiting]:
        if self.stage != "open":
            return []
        return [Waiting(role="approver", agency="dept", for_="consent")]

    def about(self) -> dict[str, Any]:
        return {"notice": self.notice, "lines": self.lines, "outcomes": self.outcomes, "document_no": None}


class ApprovalOpened(Event):
    """Lines whose notice ended clean were laid before the department."""

    pack: str
    round: str | None
    notice: str
    lines: list[str]

    def fold(self, case: Approval, moment: Moment) -> None:
        case.pack, case.round, case.notice = self.pack, self.round, self.notice
        case.lines, case.stage = list(self.lines), "open"


class ApprovalAnswered(Event):
    """Some lines were decided, or left: withdrawn, held again by a posted objection, voided by a late conflict."""

    outcomes: dict[str, str]

    @property
    def consented(self) -> bool:
        """Whether the department consented to these lines, so that somebody has to announce them."""
        return "consented" in self.outcomes.values()

    def fold(self, case: Approval, moment: Moment) -> None:
        case.outcomes.update(self.outcomes)
        case.stage = "open" if case.undecided() else "done"
