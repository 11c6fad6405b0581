"""What an act or another pack would change, without changing anything: people look before they decide."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from domain.actors import SYSTEM, Actor
from domain.acts.calls import IssueCall
from domain.case import Case
from domain.cases.cohort import Cohort
from domain.cases.evaluation import Evaluation
from domain.cases.filing import Filing
from domain.cases.programme import Programme
from domain.cases.programme_facts import ProgrammeRenamed, ProgrammeSunset
from domain.clocks import Deadline, begin, interrupted
from domain.decide import decide
from domain.files import Command, Files
from domain.moments import local_day
from domain.policy import Pack, Rules
from domain.refusals import Refused
from gateway.gateway import Answer, Gateway, refusal_answer
from records.schema import streams
from records.world import SHARED, LedgerWorld, revive

View = dict[str, Any]


@dataclass
class CallPreview:
    """What issuing a call would do. `refused`: why it could not be issued as it is."""

    refused: Answer | None = None
    sunset: list[View] = field(default_factory=list[View])
    renamed: list[View] = field(default_factory=list[View])
    drafts: list[View] = field(default_factory=list[View])

    def about(self) -> View:
        """As JSON."""
        return {
            "refused": self.refused,
            "sunset": self.sunset,
            "renamed": self.renamed,
            "drafts": self.drafts,
        }


def preview_call(gateway: Gateway, command: Command) -> CallPreview:
    """The effect of an `issue-call` on programmes, cohorts and drafts; decided like the act itself, then dropped."""
    assert command.act == "issue-call"
    with gateway.engine.connect() as connection:
        transaction = connection.begin()
        try:
            # Nothing is shared with other acts: what is decided here is thrown away.
            files = gateway.desk(connection, LedgerWorld(connection, gateway.cache, SHARED), command)
            try:
                decide(files)
            except Refused as refused:
                receipt = {"act": command.act}
                return CallPreview(refused=refusal_answer(files.pack, refused, receipt))
            return _effect(connection, files)
        finally:
            transaction.rollback()


def _effect(connection: Connection, files: Files) -> CallPreview:
    found = CallPreview()
    for fact in files.added:
        case = files.seen[fact.stream]
        if isinstance(case, Programme) and isinstance(fact.event, ProgrammeSunset):
            running = [files.need(id_, Cohort) for id_ in case.running]
            found.sunset.append(
                {
                    **_named(case),
                    "cohorts": [c.id for c in running],
                    "students": sum(c.students for c in running),
                }
            )
        elif isinstance(case, Programme) and isinstance(fact.event, ProgrammeRenamed):
            found.renamed.append({**_named(case), "to": fact.event.major})
    majors = IssueCall.model_validate(files.command.with_).majors
    catalog, was = {m.code for m in majors}, {m.was: m.code for m in majors if m.was}
    for draft in _drafts(connection):
        lines: list[View] = draft.draft.get("lines") or []
        for line in lines:
            code = line.get("major")
            if code and code not in catalog:
                found.drafts.append(
                    {
                        "draft": draft.id,
                        "college": draft.college,
                        "line": line.get("id"),
                        "major": code,
                        "to": was.get(code),
                    }
                )
    return found


def _named(programme: Programme) -> View:
    return {
        "programme": programme.id, "college": programme.college, "major": programme.major, "entry": programme.entry,
        "status": programme.stage,
    }  # fmt: skip


def _drafts(connection: Connection) -> list[Filing]:
    query = select(streams.c.id, streams.c.head, streams.c.kind, streams.c.state).where(
        streams.c.kind == "filing", streams.c.stage == "draft"
    )
    drafts = [revive(r.id, (r.head, r.kind, r.state)) for r in connection.execute(query)]
    return [d for d in drafts if isinstance(d, Filing)]


def preview_policy(gateway: Gateway, pack: Pack) -> list[View]:
    """Every open case that would stand otherwise under another pack: deadlines, outcomes, programmes. Nothing changes.

    One row a difference: {case, kind, what, rule, now, then}. A deadline is counted again from its own beginning with the
    pauses it had; an outcome is named where a rule of the new pack speaks against what was decided or filed.
    """
    now = gateway.clock.now()
    new = pack.on(local_day(now))
    rows: list[View] = []
    command = Command(
        id="preview", act="preview", by=Actor(role=SYSTEM, agency="preview", person="process@preview")
    )
    with gateway.engine.connect().execution_options(reading=True) as connection:
        files = gateway.desk(connection, LedgerWorld(connection, gateway.cache), command)
        query = select(streams.c.id, streams.c.head, streams.c.kind, streams.c.state).where(~streams.c.final)
        for row in connection.execution_options(yield_per=500).execute(query.order_by(streams.c.id)):
            case = revive(row.id, (row.head, row.kind, row.state))
            old = files.rules_of(case)
            found = [*_deadlines(files, case, new), *_outcomes(case, old, new)]
            rows += [{"case": case.id, "kind": case.kind, **difference} for difference in found]
    return rows


def _deadlines(files: Files, case: Case, new: Rules) -> list[View]:
    found: list[View] = []
    for deadline in case.deadlines.values():
        again = _counted(files, deadline, new)
        if again and again.date != deadline.date:
            found.append({
                "what": f"deadline {deadline.name}", "rule": deadline.period.rule, "now": str(deadline.date),
                "then": str(again.date),
            })  # fmt: skip
    return found


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


def _outcomes(case: Case, old: Rules, new: Rules) -> list[View]:
    match case:
        case Filing():
            return [
                row
                for line in case.live()
                for row in _years(f"line {line.id}", line.entry, line.years, old, new)
            ]
        case Programme():
            return _years("programme", case.entry, case.years, old, new)
        case Evaluation():
            least, members = new.int("panel.min_members"), len(case.panel)
            if members < least and members >= old.int("panel.min_members"):
                return [
                    {"what": "panel", "rule": "panel.min_members", "now": str(members), "then": f"≥ {least}"}
                ]
            return []
        case _:
            return []


def _years(what: str, entry: str, years: float, old: Rules, new: Rules) -> list[View]:
    """A line or programme that is long enough today and would not be, or the other way round."""
    key = f"study_years.{entry}"
    if key not in new.pack.rules or key not in old.pack.rules:
        return []
    before, after = old.raw(key), new.raw(key)
    if (years >= before) == (years >= after):
        return []
    return [{"what": what, "rule": key, "now": f"{years:g} ≥ {before}", "then": f"{years:g} < {after}"}]
