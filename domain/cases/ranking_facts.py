"""What a ranking does to the lines of a filing: a place, the reserve list, or neither."""

from typing import Literal

from pydantic import BaseModel

from domain.cases.filing import Filing, set_deadline
from domain.cases.line_facts import move
from domain.clocks import Deadline
from domain.events import Event, Moment


class LineRank(BaseModel, frozen=True):
    """What a ranking says of one line."""

    state: Literal["passed", "reserve", "unselected"]
    place: int
    score: str
    grant: int | None = None


class LinesRanked(Event):
    """The ranking gave these lines a place (from here on they are `passed`), put them on the reserve list, or neither."""

    selection: str
    ranks: dict[str, LineRank]
    decision: Deadline | None

    def fold(self, case: Filing, moment: Moment) -> None:
        for line_id, rank in self.ranks.items():
            line = case.lines[line_id]
            line.selection, line.place, line.score, line.grant = (
                self.selection,
                rank.place,
                rank.score,
                rank.grant,
            )
            if rank.state != "passed":
                line.notice, line.approval, line.held_by = None, None, []
            if line.state == "frozen" and rank.state != "unselected":
                line.frozen_from, line.changed_at = rank.state, moment.at
                continue
            line.frozen_by, line.frozen_from = [], None
            move(case, [line_id], rank.state, moment)
        set_deadline(case, self.decision)
