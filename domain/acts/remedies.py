"""What may be done about a case that is stuck: remind, extend with a reason, try the post again, begin the process anew."""

from pydantic import Field

from domain.acts.base import Form, Nothing, Reasoned, act
from domain.case import Case
from domain.cases.filing import Filing
from domain.cases.filing_facts import DecisionExtended
from domain.cases.register import Agency
from domain.cases.remedy_facts import Nudged, OfficerAssigned, PostRetried, ProcessRestarted
from domain.clocks import begin, extend
from domain.files import Files
from domain.kinds import DRIVEN
from domain.moments import spoken_end


class Nudge(Form):
    """Which of the moves that the case waits for."""

    for_: str = Field(alias="for", min_length=1, max_length=40)


@act("nudge", Nudge, Case)
def nudge(files: Files, form: Nudge, case: Case) -> None:
    """催办: a letter to whoever is awaited; not more often than the rule says, so that reminders keep their weight."""
    awaited = [w for w in case.waiting() if w.for_ == form.for_]
    last = case.deadlines.get(f"nudge/{form.for_}")
    if case.final or not awaited:
        zh, en = f"{case.id}没有等待办理的{form.for_}", f"{case.id} does not wait for {form.for_}"
        files.refuse("wrong-stage", zh, en, field="for")
    elif last and files.now < last.ends_at:
        until = spoken_end(last.ends_at)
        zh, en = f"已催办，{until}之前不再催办", f"reminded already; not again before {until}"
        files.refuse("wrong-stage", zh, en, field="for")
    files.check()
    # Housekeeping, so by today's rule, not by the one that the case pinned.
    period = files.rules.period("nudge.working_days")
    again = begin(f"nudge/{form.for_}", period, files.now, files.calendar, lapses=False)
    files.append(case, Nudged(for_=form.for_, to=sorted({w.who for w in awaited}), again=again))


@act("extend", Reasoned, Filing)
def extend_decision(files: Files, form: Reasoned, case: Filing) -> None:
    """许可法 42(1) by analogy: once, by the days of the rule, before the period ends; the applicant is told why."""
    running = case.deadlines.get("decision")
    if running is None or case.final:
        files.refuse("wrong-stage", "没有可延长的办理期限", "no decision period is running")
    elif case.extended:
        files.refuse("wrong-stage", "办理期限已延长一次", "the period was extended already, and may be once")
    elif running.paused:
        files.refuse(
            "wrong-stage", "办理期限正停止计算，无须延长", "the period stands still: nothing to extend"
        )
    elif running.ends_at <= files.now:
        ended = spoken_end(running.ends_at)
        files.refuse("wrong-stage", f"办理期限已于{ended}届满", f"the period ended {ended}")
    files.check()
    assert running is not None
    days = files.rules.int("extension.working_days")
    files.append(case, DecisionExtended(decision=extend(running, days, files.calendar), reason=form.reason))


class Reassign(Reasoned):
    """Which office of those awaited, and to which of its officers."""

    office: str = Field(pattern=r"^[a-z][a-z-]{0,39}@[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
    to: str = Field(pattern=r"^[\w@/-]{1,80}$")


@act("reassign", Reassign, Case)
def reassign(files: Files, form: Reassign, case: Case) -> None:
    """One officer of the awaited office gets the case; within one's own agency, or by the department."""
    role, _, place = form.office.partition("@")
    agency = files.find(f"agency/{place}", Agency)
    if files.actor.agency not in (place, "dept"):
        zh, en = (
            f"{form.office}不归{files.actor.agency}安排",
            f"{form.office} is not an office of {files.actor.agency}",
        )
        files.refuse("invalid", zh, en, field="office")
    elif case.final or all(w.who != form.office for w in case.waiting()):
        zh, en = f"{case.id}不等{form.office}办理", f"{case.id} does not wait for {form.office}"
        files.refuse("wrong-stage", zh, en, field="office")
    elif agency is None or not agency.holds(role, form.to):
        zh, en = f"{form.to}未任{form.office}", f"{form.to} does not hold {form.office}"
        files.refuse("invalid", zh, en, field="to")
    elif case.assigned.get(form.office) == form.to:
        files.refuse("wrong-stage", f"已由{form.to}办理", f"{form.to} has it already", field="to")
    files.check()
    given = OfficerAssigned(office=form.office, person=form.to, to=[form.office], reason=form.reason)
    files.append(case, given)


@act("retry-post", Nothing, Case)
def retry_post(files: Files, _: Nothing, case: Case) -> None:
    """Letters that were given up, or wait for their next attempt, are due now, with all their attempts before them."""
    failed = files.world.undelivered(case.id)
    if not failed:
        files.refuse("wrong-stage", "没有送达失败的信件", "no letter of this case has failed")
    files.check()
    files.append(case, PostRetried(letters=failed))


@act("restart-process", Reasoned, Case)
def restart_process(files: Files, form: Reasoned, case: Case) -> None:
    """The ledger is the record: a process that cannot go on is ended, and a new one begins where the case stands."""
    if case.kind not in DRIVEN or case.final:
        zh, en = f"{case.id}没有进行中的流程", f"no process drives {case.id}"
        files.refuse("wrong-stage", zh, en)
    files.check()
    files.append(case, ProcessRestarted(reason=form.reason))
