"""Who may look at which case. Acting is the pack's to allow; looking follows from what each office has to do.

A draft is its college's alone. A receiving unit sees what is routed to it, an expert what lies before their panel and
only their own marks, the teaching-research office what comes to its notices, a college what is its own. The
department, the auditor and the operator of the system see every case that was filed. What the public may see has pages
of its own.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Engine, select, true

from domain.actors import Actor
from domain.case import Case
from domain.cases.announcement import Announcement
from domain.cases.approval import Approval
from domain.cases.cohort import Cohort
from domain.cases.evaluation import Evaluation
from domain.cases.filing import Filing
from domain.cases.notice import Notice
from domain.cases.objection import Objection
from domain.cases.programme import Programme
from domain.cases.register import Agency, College, Expert
from domain.cases.round import Round
from domain.cases.selection import Selection
from domain.cases.student import Student
from domain.cases.violation import Violation
from gateway.views import NoSuchCase, View, timeline
from records.schema import lines, streams
from records.world import revive

OPEN_KINDS = (Notice, Announcement, Round, College)
"""Made public by law, or everybody's reference."""
NOTICE_STATES = frozenset({
    "passed", "in-notice", "held", "noticed", "consented", "announced", "refused", "returned", "voided", "frozen",
})  # fmt: skip


class Sight:
    """Looks up cases for one person; a case that may not be seen is answered like one that does not exist.

    `once`: for what only shows and changes nothing; it reads each case once, and all of it speaks of the same state.
    """

    def __init__(self, engine: Engine, actor: Actor, *, once: bool = False) -> None:
        self.engine, self.actor = engine, actor
        self._read: dict[str, Case | None] | None = {} if once else None

    def case(self, id_: str) -> Case:
        """The case. Raises NoSuchCase when there is none or this person may not see it."""
        case = self._load(id_)
        if case is None or not self._may(case):
            raise NoSuchCase(id_)
        return case

    def view(self, id_: str) -> View:
        """The published view with its events, as far as this person may see it. Raises NoSuchCase."""
        shown = self.standing(id_)
        with self.engine.connect().execution_options(reading=True) as connection:
            return {**shown, "events": timeline(connection, id_)}

    def standing(self, id_: str) -> View:
        """The same without its events: where the case stands. Raises NoSuchCase."""
        case = self.case(id_)
        shown = case.view()
        if isinstance(case, Evaluation) and self.actor.role == "expert":
            mine = self.actor.person
            shown["scores"] = {
                line: {expert: score for expert, score in given.items() if expert == mine or line not in case.pending}
                for line, given in shown["scores"].items()
            }  # fmt: skip
        if isinstance(case, Filing) and case.stage != "draft":
            shown["draft"] = None
        if isinstance(case, Violation) and not self.everything:
            shown["officers"] = []  # who looks into it is the department's business
        return shown

    @property
    def everything(self) -> bool:
        """Whether this office sees every case that was filed."""
        return self.actor.agency == "dept"

    def may(self, id_: str) -> bool:
        """Whether this person may see the case."""
        case = self._load(id_)
        return case is not None and self._may(case)

    def _load(self, id_: str) -> Case | None:
        if self._read is None:
            return self._find(id_)
        if id_ not in self._read:
            self._read[id_] = self._find(id_)
        return self._read[id_]

    def _find(self, id_: str) -> Case | None:
        query = select(streams.c.head, streams.c.kind, streams.c.state).where(streams.c.id == id_)
        with self.engine.connect().execution_options(reading=True) as connection:
            row = connection.execute(query).first()
        return revive(id_, (row.head, row.kind, row.state)) if row else None

    def _may(self, case: Case) -> bool:
        actor = self.actor
        own = actor.agency
        if isinstance(case, OPEN_KINDS):
            return True
        if isinstance(case, Filing) and case.stage == "draft":
            return case.college == own
        if self.everything:
            return not isinstance(case, Student)
        match case:
            case Filing():
                return self._filing(case)
            case Evaluation():
                return case.receiving_unit == own or self._on_panel(case)
            case Objection():
                return own == "tro"
            case Approval() | Selection():
                return own == "tro"
            case Programme() | Cohort():
                return case.college == own or own == "tro"
            case Violation():
                return case.subject == own and case.stage not in ("lead", "filed")
            case Student():
                return case.college == own
            case Agency():
                return case.id == f"agency/{own}"
            case Expert():
                return actor.role == "organiser" or case.id == f"expert/{actor.person}"
            case _:
                return case.id.partition("/")[0] in ("calendar", "policy", "routing")

    def _filing(self, case: Filing) -> bool:
        own = self.actor.agency
        if case.college == own or case.route == own:
            return True
        if self.actor.role == "notice-officer" and own == "tro":
            return any(line.state in NOTICE_STATES for line in case.lines.values())
        evaluation = self._load(case.evaluation) if case.evaluation else None
        return isinstance(evaluation, Evaluation) and self._on_panel(evaluation)

    def _on_panel(self, case: Evaluation) -> bool:
        return self.actor.role == "expert" and self.actor.person in case.panel


def lines_seen(actor: Actor, agencies: Collection[str], state: str = "") -> ColumnElement[bool]:
    """Which rows of `lines` (of one state, when it is given) this person may see, as a condition on them.

    What is routed to an agency is the agency's, what a college filed is the college's; no id is both. So each is one
    condition that an index answers.
    """
    if actor.agency == "dept":
        return true()
    own = lines.c.route if actor.agency in agencies else lines.c.college
    found = own == actor.agency
    if actor.role != "notice-officer":
        return found
    if state:
        return true() if state in NOTICE_STATES else found
    return found | lines.c.state.in_(sorted(NOTICE_STATES))
