"""Every kind of case by name: how a stored state, or a stream of events, becomes a case again."""

from collections.abc import Iterable

from domain.case import Case
from domain.cases import (
    card_facts,
    filing_facts,
    line_facts,
    programme_facts,
    ranking_facts,
    remedy_facts,
    student_facts,
)
from domain.cases.announcement import Announcement
from domain.cases.approval import Approval
from domain.cases.calendar import PublishedCalendar
from domain.cases.cohort import Cohort
from domain.cases.environment import PolicyInForce
from domain.cases.evaluation import Evaluation
from domain.cases.filing import Filing
from domain.cases.notice import Notice
from domain.cases.objection import Objection
from domain.cases.person import Person
from domain.cases.programme import Programme
from domain.cases.register import Agency, College, Expert, Routing
from domain.cases.round import Round
from domain.cases.selection import Selection
from domain.cases.student import Student
from domain.cases.suspensions import Suspensions
from domain.cases.violation import Violation
from domain.events import Event, Moment

FACTS = (card_facts, filing_facts, line_facts, programme_facts, ranking_facts, remedy_facts, student_facts)
"""Facts that stand apart from their case: importing them registers them, so that whoever folds knows every one."""

KINDS: dict[str, type[Case]] = {
    cls.kind: cls
    for cls in (
        Round, Selection, Filing, Evaluation, Notice, Objection, Approval, Announcement, Programme,
        Cohort, Student, Person, Violation, Suspensions, College, Expert, Agency, Routing, PublishedCalendar, PolicyInForce,
    )
}  # fmt: skip

DRIVEN = frozenset(
    {
        "round",
        "selection",
        "filing",
        "evaluation",
        "notice",
        "objection",
        "approval",
        "announcement",
        "calendar",
        "programme",
        "violation",
    }
)
"""Kinds whose cases a process drives; the others only ever change by acts."""


def college_of(case: Case) -> str | None:
    """The college that a case is about, when it is about one."""
    match case:
        case Filing() | Programme() | Cohort() | Student():
            return case.college
        case Violation():
            return case.subject
        case _:
            return None


def filing_of(case: Case) -> str | None:
    """The filing that a case is, or is about, when it is about one."""
    match case:
        case Filing():
            return case.id
        case Evaluation():
            return case.filing
        case Objection():
            return case.line.rpartition("/")[0]
        case _:
            return None


def fold(kind: str, id_: str, facts: Iterable[tuple[Event, Moment]]) -> Case:
    """The state that a stream's events amount to."""
    case = KINDS[kind](id=id_)
    for event, moment in facts:
        case.apply(event, moment)
    return case
