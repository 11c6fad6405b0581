"""The clocks of the pilot, each started from its rule: what runs, from when, and what stops it (FORMAT.md, Clocks)."""

from datetime import date, datetime

from domain.case import Case
from domain.cases.filing import Filing
from domain.clocks import Deadline, appoint, begin, pause, resume
from domain.files import Files
from domain.moments import first_moment, local_day
from domain.policy import Rules


def start(
    files: Files, case: Case, name: str, rule: str, *, at: datetime | None = None, lapses: bool = False
) -> Deadline:
    """Start a period now (or at an earlier legal instant) by the rule of the case's own pack."""
    return begin(name, files.rules_of(case).period(rule), at or files.now, files.calendar, lapses=lapses)


def completeness(files: Files, filing: Case) -> Deadline:
    """许可法 32: ask for everything missing, or accept, within the days; whether silence accepts is a rule of its own."""
    deemed = files.rules_of(filing).flag("completeness.deemed_accepted")
    return start(files, filing, "completeness", "completeness.working_days", lapses=deemed)


def decision_from(files: Files, filing: Filing, at: datetime | None = None) -> Deadline:
    """许可法 42, as a service promise: the pilot is no licence, so nothing happens by itself when it is missed."""
    return start(files, filing, "decision", "decision.working_days", at=at)


def stop_decision(files: Files, filing: Filing, why: str) -> Deadline | None:
    """许可法 45: expert review does not count where the applicant was told of it in writing."""
    running = filing.deadlines.get("decision")
    if not files.rules_of(filing).flag("decision.stops_during_evaluation"):
        return None
    return pause(running, files.now, why) if running and not running.paused else None


def resume_decision(files: Files, filing: Filing) -> Deadline | None:
    """The review is over; the promise runs on."""
    running = filing.deadlines.get("decision")
    return resume(running, files.now, files.calendar) if running and running.paused else None


def enrolment_year(files: Files, rules: Rules, year: int) -> Deadline:
    """When a programme's year of enrolment is over (000 五(三): filed year by year)."""
    month, day = rules.text("enrolment.yearly").split("-")
    end = first_moment(date(year + 1, int(month), int(day)))
    return appoint(f"enrolment/{year}", end, "enrolment.yearly", files.calendar)


def first_enrolment_year(files: Files, rules: Rules) -> Deadline | None:
    """The first year in which a programme announced today is to enrol; None by a pack that does not ask for any."""
    latest, today = rules.text("enrolment.expected_if_announced_by"), local_day(files.now)
    if not latest:
        return None
    return enrolment_year(files, rules, today.year if today.strftime("%m-%d") <= latest else today.year + 1)
