"""What would stand otherwise under another pack: every open case is looked at under both, and nothing is touched."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from domain.actors import SYSTEM, Actor
from domain.acts.scoring import average
from domain.acts.submission import route_of
from domain.case import Case
from domain.cases.cohort import Cohort
from domain.cases.evaluation import Evaluation
from domain.cases.filing import Filing
from domain.cases.programme import Programme
from domain.cases.register import College, CollegeRecord
from domain.cases.round import Round
from domain.cases.student import Student
from domain.cases.violation import Violation
from domain.clocks import Deadline, begin, interrupted
from domain.files import Command, Files
from domain.moments import local_day, years_after
from domain.policy import Pack, Rules
from gateway.gateway import Gateway
from gateway.rule_changes_students import Said, Verdicts, of_cohort, of_student, same, students_of
from records.engine import SNAPSHOT
from records.schema import streams
from records.world import LedgerWorld, revive

View = dict[str, Any]
FILING, PROGRAMME, PANEL, SUSPENSION = (
    ("申报", "filing"),
    ("试点专业", "programme"),
    ("评估论证组", "panel"),
    ("停止试点", "suspension"),
)
UNDECIDED = ("draft", "unrouted", "submitted", "supplementing")
"""Stages of a filing at which eligibility and routing still matter to it."""


def preview_policy(gateway: Gateway, pack: Pack) -> list[View]:
    """Every open case that would stand otherwise under another pack: deadlines, outcomes, programmes, cohorts.

    One row a difference: {case, kind, deadline, what, rule, now, then}; `what`, `now` and `then` in words ({zh, en}), `deadline`
    the name of the one that moves, where it is one. A deadline is counted again from its own beginning with the
    pauses it had; an outcome is named where a rule of one pack speaks against what was decided or filed, and the other's
    does not. Looked at are the cases of the pack's own procedure where that runs here beside another, else the
    environment's own.
    """
    new = pack.on(local_day(gateway.clock.now()))
    by = Actor(role=SYSTEM, agency="preview", person="process@preview")
    command = Command(id="preview", act="preview", by=by)
    rows: list[View] = []
    with gateway.engine.connect().execution_options(reading=SNAPSHOT) as connection:
        files = gateway.desk(connection, LedgerWorld(connection, gateway.cache), command)
        files.govern(pack.name)
        query = select(streams.c.id, streams.c.head, streams.c.kind, streams.c.state).where(~streams.c.final)
        for row in connection.execution_options(yield_per=500).execute(query.order_by(streams.c.id)):
            case = revive(row.id, (row.head, row.kind, row.state))
            if case.pack and files.procedure_of(case) != files.pack.name:
                continue
            found = [*_deadlines(files, case, new), *_outcomes(files, case, new)]
            rows += [{"case": case.id, "kind": case.kind, **difference} for difference in found]
    return rows


def _deadlines(files: Files, case: Case, new: Rules) -> Iterator[View]:
    for deadline in case.deadlines.values():
        again = _counted(files, deadline, new)
        if again and again.ends_at != deadline.ends_at:
            same_day = again.date == deadline.date
            now = f"{deadline.date} {deadline.period.closing}" if same_day else str(deadline.date)
            then = f"{again.date} {again.period.closing}" if same_day else str(again.date)
            what = (f"期限 {deadline.name}", f"deadline {deadline.name}")
            yield {"deadline": deadline.name, **_row(what, deadline.period.rule, same(now), same(then))}


def _counted(files: Files, deadline: Deadline, new: Rules) -> Deadline | None:
    """The same period by the new pack; None where a document, not a rule, named the end."""
    rule = deadline.period.rule
    if not deadline.period.amount or rule not in new.pack.rules or deadline.paused:
        return None
    period = new.period(rule)
    if period == deadline.period:
        return None
    fresh = begin(deadline.name, period, deadline.start, files.calendar, lapses=deadline.lapses)
    return interrupted(fresh, deadline.pauses, files.calendar)


def _outcomes(files: Files, case: Case, new: Rules) -> Iterator[View]:
    before, after = _verdicts(files, case, files.rules_of(case)), _verdicts(files, case, new)
    for (what, rule), (verdict, told) in before.items():
        other, then = after.get((what, rule), (verdict, same("")))
        if other != verdict:
            yield {"deadline": None, **_row(what, rule, told, then)}


def _row(what: Said, rule: str, now: Said, then: Said) -> View:
    said = {"what": what, "now": now, "then": then}
    return {"rule": rule, **{name: {"zh": zh, "en": en} for name, (zh, en) in said.items()}}


def _verdicts(files: Files, case: Case, rules: Rules) -> Verdicts:
    """What these rules make of a case as it stands."""
    match case:
        case Filing():
            return _of_filing(files, case, rules)
        case Programme():
            return {
                **_years(PROGRAMME, case.entry, case.years, rules),
                **_going_on(PROGRAMME, case, rules),
            }
        case Cohort():
            programme = files.find(case.programme, Programme)
            if programme is None:
                return {}
            what = students_of(case)
            long_enough = _years(what, programme.entry, programme.years, rules)
            return {**long_enough, **_going_on(what, programme, rules), **of_cohort(case, programme, rules)}
        case Student():
            cohort = files.find(case.cohort, Cohort)
            return of_student(cohort, case, rules, local_day(files.now)) if cohort else {}
        case Evaluation():
            return _of_evaluation(case, rules)
        case Violation():
            return _of_violation(case, rules)
        case _:
            return {}


def _of_filing(files: Files, filing: Filing, rules: Rules) -> Verdicts:
    found: Verdicts = {}
    for line in filing.live():
        found |= _years(_line(line.id), line.entry, line.years, rules)
    if filing.stage == "draft":
        found |= _draft_lines(files, filing, rules)
    college = files.find(f"college/{filing.college}", College) if filing.stage in UNDECIDED else None
    if college:
        record: CollegeRecord = college.at(local_day(files.now))
        fits = record.kind in rules.list("eligibility.kinds")
        may = ("可申报", "may file") if fits else ("不可申报", "may not file")
        found[FILING, "eligibility.kinds"] = fits, (f"{record.kind}：{may[0]}", f"{record.kind}: {may[1]}")
        to = route_of(files, record, rules)[0]
        found[FILING, "routing.by_affiliation"] = to, same(to) if to else ("由人指定", "a person decides")
    return found


def _draft_lines(files: Files, filing: Filing, rules: Rules) -> Verdicts:
    """Lines of a draft that the catalog lacks: whether they may be filed all the same."""
    round_ = files.find(filing.round, Round)
    catalog = round_.catalog() if round_ else {}
    lines: list[View] = filing.draft.get("lines") or []
    binding = rules.flag("catalog.binding")
    said = (
        ("目录所无", "not in the catalog")
        if binding
        else ("目录所无，可申报并评估", "not in the catalog, may be filed and is evaluated")
    )
    lacking = [line for line in lines if line.get("major") and line["major"] not in catalog]
    return {
        (_line(f"{line.get('id')} {line['major']}"), "catalog.binding"): (binding, said) for line in lacking
    }


def _years(what: Said, entry: str, years: float, rules: Rules) -> Verdicts:
    """Whether a line or programme is long enough; exploratory entrants have no number."""
    key = f"study_years.{entry}"
    if key not in rules.pack.rules:
        return {}
    least = rules.raw(key)
    return {(what, key): (years >= least, same(f"{years:g} {'≥' if years >= least else '<'} {least}"))}


def _going_on(what: Said, programme: Programme, rules: Rules) -> Verdicts:
    """A programme that its catalog dropped would go on where the catalog does not bind, and its cohorts with it."""
    if programme.stage != "sunset":
        return {}
    binding = rules.flag("catalog.binding")
    return {
        (what, "catalog.binding"): (
            binding,
            ("收尾，教至毕业", "sunset, taught out") if binding else ("继续，可招生", "goes on, may enrol"),
        )
    }


def _of_evaluation(case: Evaluation, rules: Rules) -> Verdicts:
    members, industry = len(case.panel), sum(side == "industry" for side in case.panel.values())
    least, odd = rules.int("panel.min_members"), rules.flag("panel.odd")
    share = rules.number("panel.min_industry_share")
    found: Verdicts = {
        (PANEL, "panel.min_members"): (
            members >= least, same(f"{members} {'≥' if members >= least else '<'} {least}"),
        ),
        (PANEL, "panel.odd"): (
            not odd or members % 2 == 1,
            (f"{members}人，{'须为单数' if odd else '单双不限'}", f"{members} members, {'must be odd' if odd else 'any number'}"),
        ),
        (PANEL, "panel.min_industry_share"): (
            Fraction(industry, members or 1) >= share, (f"{industry}/{members}，不少于{share}", f"{industry}/{members}, at least {share}"),
        ),
    }  # fmt: skip
    for line in case.scores:
        if not case.missing(line):
            mean, mark = average(case, line), rules.raw("evaluation.pass_mark")
            fits = mean >= mark
            found[_line(line), "evaluation.pass_mark"] = fits, same(f"{mean} {'≥' if fits else '<'} {mark}")
    return found


def _of_violation(case: Violation, rules: Rules) -> Verdicts:
    """A suspension that was decided, against the least and most years it may last."""
    measure = case.decided
    if measure is None or measure.from_ is None or measure.until is None:
        return {}
    least, most = rules.int("suspension.min_years"), rules.int("suspension.max_years")
    told = f"{measure.from_} – {measure.until}"
    long, short = (
        measure.until >= years_after(measure.from_, least),
        measure.until <= years_after(measure.from_, most),
    )
    return {
        (SUSPENSION, "suspension.min_years"): (long, _lasts(told, "≥" if long else "<", least)),
        (SUSPENSION, "suspension.max_years"): (short, _lasts(told, "≤" if short else ">", most)),
    }


def _lasts(told: str, than: str, years: int) -> Said:
    return f"{told}：{than} {years}年", f"{told}: {than} {years} years"


def _line(id_: str) -> Said:
    return f"专业线{id_}", f"line {id_}"
