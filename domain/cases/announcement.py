"""What the department makes public: announcements and their corrections (CA-12; 000 五(四): 正式对外公布)."""

from typing import Any

from domain.case import Case
from domain.events import Event, Moment


class Announcement(Case):
    """A document to the public: the list of lines, or the correction of an earlier list (never an overwriting)."""

    kind = "announcement"
    final_stages = frozenset({"done"})
    passing_stages = frozenset({"open"})
    waits_for_papers = True
    document_no: str = ""
    lines: list[str] = []
    corrects: str | None = None
    changes: list[dict[str, Any]] = []

    def claims(self) -> set[str]:
        return {f"document/{self.document_no}"}

    def about(self) -> dict[str, Any]:
        return {
            "document_no": self.document_no,
            "lines": self.lines,
            "corrects": self.corrects,
            "changes": self.changes,
        }


class AnnouncementIssued(Event):
    """The department announced these lines under this number."""

    pack: str
    round: str | None
    document_no: str
    lines: list[str]

    def fold(self, case: Announcement, moment: Moment) -> None:
        case.pack, case.round, case.document_no = self.pack, self.round, self.document_no
        case.lines, case.stage = list(self.lines), "open"


class CorrectionIssued(Event):
    """A second document sets particulars of an announced list right; the first stays as it was."""

    pack: str
    round: str | None
    document_no: str
    corrects: str
    corrected_case: str
    changes: list[dict[str, Any]]

    def fold(self, case: Announcement, moment: Moment) -> None:
        case.pack, case.round, case.document_no = self.pack, self.round, self.document_no
        case.corrects, case.stage = self.corrects, "open"
        case.changes, case.lines = list(self.changes), sorted({c["line"] for c in self.changes})


class AnnouncementPublished(Event):
    """The document was written, stored and put out."""

    def fold(self, case: Announcement, moment: Moment) -> None:
        case.stage = "done"
