"""The law does not wait for timers: what lapsed by now is settled before anything is decided (design.md, Time).

A lapse is dated at its legal end, whenever it is noticed. The processes cause the same lapses by their timers; whoever
comes first, the ledger reads the same.
"""

from datetime import datetime, timedelta

from domain.acts.acceptance import open_approval
from domain.acts.agreements import agreement_lapses
from domain.acts.clocks import decision_from, enrolment_year, start
from domain.acts.leads import open_lead
from domain.acts.places import carry_out
from domain.cards import put_cards_off, show_card
from domain.case import Case, DeadlineRecomputed, DeadlineStalled
from domain.cases.calendar import CALENDAR, PublishedCalendar
from domain.cases.filing import Filing
from domain.cases.filing_facts import FilingAbandoned, FilingAccepted
from domain.cases.line_facts import LinesNoticed
from domain.cases.notice import Notice, NoticeClosed, PostalGraceBegan
from domain.cases.objection import Objection
from domain.cases.programme import Programme
from domain.cases.programme_facts import EnrolmentYearEnded
from domain.cases.round import Round, RoundCompleted, WindowClosed, WindowOpened
from domain.cases.selection import ReserveLapsed, Selection
from domain.cases.suspensions import SUSPENSIONS, Suspensions
from domain.cases.violation import DecisionStood, HearingTimeEnded, Violation
from domain.clocks import Deadline, recompute, spans
from domain.files import Files
from domain.kinds import DRIVEN
from domain.measures import begin_measure, end_measure, hold_filing, reach


def settle(files: Files, cases: list[Case]) -> None:
    """Append every lapse due by now on these cases and on the notices their lines stand in, in legal order."""
    # A measure that begins or ends by now is settled whatever the act is about: it may reach any case the act touches.
    measures = files.find(SUSPENSIONS, Suspensions)
    due = measures.turning(files.now) if measures else []
    colleges = sorted({measures.held[id_].college for id_ in due}) if measures else []
    reached = [case for college in colleges for case in reach(files, college)]
    cases = [*cases, *reached]
    depended_on = [*due, *(id_ for case in cases for id_ in _notices(case))]
    files.fetch(depended_on)
    cases += [files.seen[id_] for id_ in depended_on if id_ in files.seen]
    todo = list({case.id: case for case in cases}.values())
    for case in todo:
        refresh(files, case)
        if measures and isinstance(case, Filing):
            # What came in the very instant a measure began was not found then; it is held as soon as it is touched.
            for measure in measures.in_force(case.college):
                hold_filing(files, case, measure, files.now)
    while due := _earliest(files, todo):
        at, case, deadline, card = due
        if card:
            show_card(files, case, deadline, card, at)
        elif deadline.provisional:
            files.append(case, DeadlineStalled(deadline=deadline.name), at=deadline.ends_at)
        else:
            lapse(files, case, deadline)
            put_cards_off(files, at)


def _notices(case: Case) -> list[str]:
    """The notices whose end matters to a case."""
    match case:
        case Filing():
            return [line.notice for line in case.in_state("in-notice", "held") if line.notice]
        case Objection():
            return [case.notice]
        case _:
            return []


def refresh(files: Files, case: Case) -> None:
    """Recompute running deadlines that a newer calendar version touches (never shorter than promised)."""
    published = files.find(CALENDAR, PublishedCalendar)
    if published is None or case.final:
        return
    for deadline in list(case.deadlines.values()):
        years = published.changed_since(deadline.calendar)
        if not years or deadline.period.amount == 0 or not spans(deadline, years):
            continue
        known = max(published.years[year].published_at for year in years)
        over = (
            deadline.lapses
            and not deadline.stalled
            and not deadline.provisional
            and deadline.ends_at <= known
        )
        if not over:  # a period that had ended before the schedule was known has ended
            files.append(case, DeadlineRecomputed(deadline=recompute(deadline, files.calendar, at=known)))


def _earliest(files: Files, cases: list[Case]) -> tuple[datetime, Case, Deadline, str] | None:
    """What falls first by now: the end of a period, or a card (its name; empty for an end)."""
    open_ = [case for case in cases if not case.final]
    ends = [
        (deadline.ends_at, case, deadline, "")
        for case in open_
        for deadline in case.lapsing()
        if deadline.ends_at <= files.now
    ]
    cards = [
        (at, case, deadline, card)
        for case in open_
        if case.kind in DRIVEN
        for at, deadline, card in case.falling()
        if at <= files.now
    ]

    def order(due: tuple[datetime, Case, Deadline, str]) -> tuple[datetime, str, str, str]:
        at, case, deadline, card = due
        return at, case.id, deadline.name, card

    return min(ends + cards, key=order, default=None)


def lapse(files: Files, case: Case, deadline: Deadline) -> None:
    """What the end of a period brings about by itself."""
    at = deadline.ends_at
    match case, deadline.name:
        case Filing(), "completeness":
            _silence(files, case, deadline)
        case Filing(), "supplement":
            files.append(case, FilingAbandoned(), at=at)
        case Notice(), "notice":
            if files.rules_of(case).int("notice.postal_grace_working_days"):
                files.append(case, PostalGraceBegan(grace=_postal_grace(files, case, at)), at=at)
            else:
                _close(files, case, at)
        case Notice(), "postal-grace":
            _close(files, case, at)
        case Violation(), "hearing-request":
            files.append(case, HearingTimeEnded(), at=at)
        case Violation(), "reconsideration":
            files.append(case, DecisionStood(), at=at)
        case Violation(), "suspension-begins":
            begin_measure(files, case, at)
        case Violation(), "suspension-ends":
            end_measure(files, case, at, "expired")
        case Selection(), "reserve":
            _end_reserve(files, case, at)
        case Programme(), name if name.startswith("enrolment/"):
            _end_year(files, case, int(name.removeprefix("enrolment/")), at)
        case Programme(), name if name.startswith("agreement/"):
            agreement_lapses(files, case, deadline)
        case Round(), "opens":
            files.append(case, WindowOpened(), at=at)
        case Round(), "closes":
            files.append(case, WindowClosed(), at=at)
            submitted, unfinished = files.world.filings(case.id)
            if submitted and not unfinished:  # all were over before the window was
                files.append(case, RoundCompleted(), at=at)
        case _:
            raise LookupError(f"{case.kind}: {deadline.name} does not lapse")


def _end_reserve(files: Files, selection: Selection, at: datetime) -> None:
    """The reserve list is over: who still stands on it was not selected; what waits for a lot waits on."""
    over = [r.model_copy(update={"standing": "unselected"}) for r in selection.standing("reserve")]
    files.append(selection, ReserveLapsed(ranking=over), at=at)
    carry_out(files, selection, at=at)


_FILED = {
    None: ("未报备招生", "nothing filed"),
    "filed": ("已报备", "filed"),
    "accepted": ("已报备并获受理", "filed and accepted"),
    "refused": ("报备未获受理", "filed and refused"),
}


def _end_year(files: Files, programme: Programme, year: int, at: datetime) -> None:
    """The year's gate closes; a year in which nobody was enrolled, without a reason, is a lead (§8.6).

    Whether anything was filed for it, or taken note of, makes no difference: who files nothing stops as well (000 五(三)).
    """
    filed = programme.enrolments.get(year)
    nobody = not programme.admitted.get(year) and not (filed and filed.students)
    excused = year in programme.explained or year in programme.held_years or bool(programme.suspended_by)
    unexplained = nobody and not excused and programme.stage == "active"
    rules = files.rules_of(programme)
    counts_on = bool(rules.text("enrolment.expected_if_announced_by"))
    following = enrolment_year(files, rules, year + 1) if counts_on else None
    if following and following.name in programme.deadlines:
        following = None
    ended = EnrolmentYearEnded(year=year, unexplained=unexplained, following=following)
    files.append(programme, ended, at=at)
    if unexplained:
        zh, en = _FILED[filed.state if filed else None]
        found = f"{year}: {zh}，无人入学，未说明理由 / {en}, nobody enrolled, no reason"
        open_lead(files, programme, "unexplained-stop", found, cause=str(year), at=at)


def _silence(files: Files, filing: Filing, deadline: Deadline) -> None:
    """许可法 32(4): 逾期不告知的，自收到申请材料之日起即为受理. Only where the rule says so does silence accept."""
    received = filing.received_at or deadline.start
    files.append(
        filing,
        FilingAccepted(deemed=True, decision=decision_from(files, filing, received)),
        at=deadline.ends_at,
    )


def _postal_grace(files: Files, notice: Notice, ended: datetime) -> Deadline:
    last_day = ended - timedelta(
        microseconds=1
    )  # 24:00 is the next midnight; the grace runs from the day before it
    return start(files, notice, "postal-grace", "notice.postal_grace_working_days", at=last_day, lapses=True)


def _close(files: Files, notice: Notice, at: datetime) -> None:
    """The notice ends: lines with nothing against them are noticed and go to the department."""
    files.fetch(notice.filings())
    clean: list[str] = []
    for filing_id in notice.filings():
        filing = files.need(filing_id, Filing)
        lines = [line.id for line in filing.in_state("in-notice") if line.notice == notice.id]
        if lines:
            files.append(filing, LinesNoticed(notice=notice.id, lines=lines), at=at)
            clean += [f"{filing_id}/{line}" for line in lines]
    if clean:
        open_approval(files, notice, clean, at, notice.approvals + 1)
    files.append(notice, NoticeClosed(clean=clean), at=at)
