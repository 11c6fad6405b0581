"""What a suspension does when it begins and ends: lines freeze where they stand, with their clocks, and thaw (FORMAT.md, Sanctions).

A filing that came in the same instant is held when it is touched next (`settle`).
"""

from datetime import datetime
from typing import Literal

from domain.acts.acceptance import leave_approvals, open_approval
from domain.case import Case, ClockResumed, ClockStopped
from domain.cases.filing import Filing, Line
from domain.cases.line_facts import LinesFrozen, LinesThawed
from domain.cases.notice import Notice
from domain.cases.objection import Objection
from domain.cases.programme import Programme
from domain.cases.programme_facts import ProgrammeSuspended, SuspensionEnded
from domain.cases.suspensions import (
    SUSPENSIONS,
    Suspension,
    SuspensionEntered,
    Suspensions,
    SuspensionStruck,
)
from domain.cases.violation import MeasureEnded, SuspensionBegan, Violation
from domain.clocks import pause, resume
from domain.files import Files
from domain.moments import first_moment, local_day

SUSPENDED = "停止试点 / suspended"
"""Why a clock stands still."""


def begin_measure(files: Files, case: Violation, at: datetime) -> None:
    """The first day has come: programmes are suspended, lines in flight freeze at the step they are at."""
    register = files.need(SUSPENSIONS, Suspensions)
    files.append(case, SuspensionBegan(), at=at)
    measure = register.held[case.id]
    reached = [p for p in _programmes(files, measure.college) if measure.reaches(p.college, p.major, p.entry)]
    now = measure.model_copy(update={"in_force": True, "programmes": [p.id for p in reached]})
    files.append(register, SuspensionEntered(suspension=now), at=at)
    for programme in reached:
        files.append(programme, ProgrammeSuspended(violation=case.id), at=at)
    for filing in in_flight(files, measure.college):
        hold_filing(files, filing, now, at)


def hold_filing(files: Files, filing: Filing, measure: Suspension, at: datetime) -> None:
    """Freeze the lines of one filing that the measure reaches and does not hold yet."""
    lines = [
        line
        for line in filing.live()
        if measure.reaches(filing.college, line.major, line.entry) and measure.violation not in line.frozen_by
    ]
    if lines and measure.concerns(files.procedure_of(filing)):
        _freeze(files, filing, lines, measure.violation, at)


def reach(files: Files, college: str) -> list[Case]:
    """Whatever of a college a measure may hold; what lapsed there before it begins or ends is settled first."""
    return [*in_flight(files, college), *_programmes(files, college)]


def _programmes(files: Files, college: str) -> list[Programme]:
    held = files.world.claimed(f"programme/{college}/")
    files.fetch(held.values())
    return [files.need(id_, Programme) for id_ in sorted(held.values())]


def in_flight(files: Files, college: str) -> list[Filing]:
    """The filings of a college with a line that is not final."""
    ids = files.world.filings_in_flight(college)
    files.fetch(ids)
    return [files.need(id_, Filing) for id_ in ids]


def _freeze(files: Files, filing: Filing, lines: list[Line], violation: str, at: datetime) -> None:
    fresh = [line for line in lines if line.state != "frozen"]
    leave_approvals(files, filing, [line.id for line in fresh], "frozen", at=at)
    begun_anew = [line.id for line in fresh if line.state in ("in-notice", "held") and not _over(files, line)]
    ids = {line.id for line in lines}
    objections = [files.need(id_, Objection) for line in fresh for id_ in line.held_by]
    files.append(filing, LinesFrozen(violation=violation, lines=sorted(ids), begun_anew=begun_anew), at=at)
    if filing.frozen:
        stop_clocks(files, filing, at)
    for objection in objections:
        stop_clocks(files, objection, at)


def stop_clocks(files: Files, case: Case, at: datetime) -> None:
    """Stop every clock of a case; the one that only a party's own right has (reconsideration) runs on.

    A measure counts by days, from 00:00: its first day is left for later whole, and the day from which it is lifted runs.
    """
    for deadline in list(case.deadlines.values()):
        if not deadline.paused and not deadline.name.startswith("reconsideration/"):
            files.append(case, ClockStopped(clock=pause(deadline, _midnight(at), SUSPENDED)), at=at)


def _resume(files: Files, case: Case, at: datetime) -> None:
    for deadline in list(case.deadlines.values()):
        if deadline.paused and deadline.pauses[-1].why == SUSPENDED:
            files.append(case, ClockResumed(clock=resume(deadline, _midnight(at), files.calendar)), at=at)


def _midnight(at: datetime) -> datetime:
    return first_moment(local_day(at))


def _over(files: Files, line: Line) -> bool:
    notice = files.find(line.notice, Notice)
    return notice is not None and notice.stage == "closed"


def end_measure(
    files: Files,
    case: Violation,
    at: datetime,
    why: Literal["expired", "lifted", "overturned"],
    reasons: str | None = None,
) -> None:
    """The measure is over: programmes are active again, lines return to the step before, a broken notice begins anew."""
    register = files.need(SUSPENSIONS, Suspensions)
    measure = register.held.get(case.id)
    in_force = case.in_force
    files.append(case, MeasureEnded(why=why, reasons=reasons, late=case.final), at=at)
    if measure is None:
        return
    files.append(register, SuspensionStruck(violation=case.id), at=at)
    if not in_force:
        return
    files.fetch(measure.programmes)
    for programme in (files.need(id_, Programme) for id_ in measure.programmes):
        files.append(programme, SuspensionEnded(violation=case.id), at=at)
    for filing in in_flight(files, measure.college):
        if lines := [line for line in filing.in_state("frozen") if case.id in line.frozen_by]:
            _thaw(files, filing, lines, case.id, at)


def _thaw(files: Files, filing: Filing, lines: list[Line], violation: str, at: datetime) -> None:
    free = [line for line in lines if line.frozen_by == [violation]]
    files.append(filing, LinesThawed(violation=violation, lines=[line.id for line in lines]), at=at)
    if not filing.frozen:
        _resume(files, filing, at)
    for objection_id in [id_ for line in free for id_ in line.held_by]:
        _resume(files, files.need(objection_id, Objection), at)
    waiting = [line for line in free if line.state == "noticed"]
    for notice_id in sorted({line.notice or "" for line in waiting}):
        own = [f"{filing.id}/{line.id}" for line in waiting if line.notice == notice_id]
        open_approval(files, files.need(notice_id, Notice), own, at, filing.id, violation)
