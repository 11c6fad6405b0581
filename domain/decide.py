"""decide(desk): the one path every act takes, whoever asks: read the form, authorise, settle, keep apart, decide."""

from typing import Any

from pydantic import ValidationError

from domain.acts import (
    acceptance,
    agreements,
    announcing,
    calls,
    cards,
    decisions,
    delegations,
    guidance,
    hearings,
    law,
    leave,
    log_alarms,
    notices,
    panel,
    personal,
    programmes,
    ranking,
    register,
    remedies,
    roll,
    sanctions,
    scoring,
    stages,
    submission,
    survey,
    timers,
    violations,
    work_group,
)
from domain.acts.base import ACTS, Act, Form, note_invalid
from domain.acts.law import must_be_law
from domain.acts.places import note_left
from domain.authority import authorise, keep_duties_apart, keep_to_assigned
from domain.cards import put_cards_off
from domain.case import Case
from domain.cases.cohort import Cohort
from domain.cases.evaluation import Evaluation
from domain.cases.filing import Filing
from domain.cases.programme import Programme
from domain.files import Files
from domain.frozen import note_frozen
from domain.measures import stop_clocks
from domain.moments import spoken
from domain.settle import settle
from domain.vocabulary import KINDS

MODULES = (
    acceptance, agreements, announcing, calls, cards, decisions, delegations, guidance, hearings, law, leave, log_alarms, notices, panel, personal, programmes,
    ranking, register, remedies, roll,
    sanctions, scoring, stages, submission, survey, timers, violations, work_group,
)  # fmt: skip
"""Importing them registers their acts."""


def decide(files: Files) -> None:
    """Put the act's events on the desk, after every lapse due by now. Raises Refused with all that speaks against it.

    When it raises, lapses that were settled stay on the desk: they happened whatever becomes of the act.
    """
    command = files.command
    act = _act(files)
    case = _case(files, act)
    form = _form(files, act)
    files.check()
    named = named_by(files, case)
    govern(files, named)
    must_be_law(files, named)
    files.check()
    settle(files, named)
    authorise(files, case)
    if act.on is not Case:  # remedies and what processes do are for whoever may do them on any case
        keep_to_assigned(files, named)
    files.check()
    keep_duties_apart(files, named)
    if command.read is not None:
        _must_be_fresh(files, case)
    if not act.internal:
        note_frozen(files, case, [*_refs(files, case), *_named_programme(files)])
    settled = len(files.added)
    try:
        act.decide(files, form, case)
        for filing in [c for c in files.seen.values() if isinstance(c, Filing) and c.id in files.touched]:
            if filing.frozen:  # what was not held is gone: nothing is left for its clocks to run for
                stop_clocks(files, filing, files.now)
        note_left(files)
        put_cards_off(files)
    except Exception:
        del files.added[settled:]
        raise


def _act(files: Files) -> Act:
    act = ACTS.get(files.command.act)
    if act is None:
        name = files.command.act
        files.refuse("invalid", f"没有这种行为：{name}", f"no such act: {name}", field="act")
        files.check()
    assert act is not None
    return act


def _case(files: Files, act: Act) -> Case | None:
    """The case the act is done on; an evaluation named where its filing is meant leads to the filing."""
    named = files.command.case
    if act.on is None:
        if named is not None:
            files.refuse("invalid", "此行为不针对单个案件", "this act names no case", field="case")
        return None
    case = files.find(named, Case)
    if isinstance(case, Evaluation) and act.on is Filing:
        case = files.find(case.filing, Filing)
    opens = act.name in ("save-draft", "submit-filing")
    if named is None and opens:
        return None
    if case is None or not isinstance(case, act.on):
        kind = act.on.kind or "case"
        zh = f"没有这个案件：{named or '未写明'}（应为{KINDS.get(kind, '案件')}）"
        files.refuse("invalid", zh, f"no such {kind}: {named or 'none given'}", field="case")
        return None
    return case


def _form(files: Files, act: Act) -> Form | None:
    try:
        return act.form.model_validate(files.command.with_)
    except ValidationError as error:
        for problem in error.errors()[:50]:
            note_invalid(files, problem["loc"] or ("with",), problem)
        return None


def named_by(files: Files, case: Case | None) -> list[Case]:
    """Every case the act names: the case itself, and the filings of the lines."""
    ids = [ref.rpartition("/")[0] for ref in _refs(files, case)]
    round_id = files.command.with_.get("round")
    if isinstance(round_id, str):
        ids.append(round_id)
    elif case is not None and case.round and case.stage == "draft":
        ids.append(case.round)
    files.fetch(ids)
    ids += _programmes(files) + ([case.programme] if isinstance(case, Cohort) else [])
    files.fetch(ids)
    named = [case] if case else []
    return named + [
        files.seen[i] for i in dict.fromkeys(ids) if i in files.seen and (case is None or i != case.id)
    ]


def govern(files: Files, named: list[Case]) -> None:
    """The procedure of the cases that the act names decides; a call, which opens its first case, names it itself."""
    pinned = next((case for case in named if case.pack), None)
    asked = files.command.with_.get("procedure")
    if pinned is not None:
        files.govern(files.procedure_of(pinned))
    elif isinstance(asked, str):
        files.govern(asked)


def _programmes(files: Files) -> list[str]:
    """The programmes an act names by the lines they came from."""
    named: list[Any] = [*_named_programme(files)]
    rows: Any = files.command.with_.get("programmes")
    named += list(rows) if isinstance(rows, list) else []
    found: list[str] = []
    for ref in named:
        filing_id, _, line_id = ref.rpartition("/") if isinstance(ref, str) else ("", "", "")
        filing = files.find(filing_id, Filing)
        line = filing.lines.get(line_id) if filing else None
        found += [line.programme] if line and line.programme else []
    return found


def _named_programme(files: Files) -> list[str]:
    """The line by which an act on a programme names it."""
    named = files.command.with_.get("programme")
    return [named] if isinstance(named, str) else []


def _refs(files: Files, case: Case | None) -> list[str]:
    """References to lines in an act's form; with a case, `lines` are ids within it."""
    with_ = files.command.with_
    named: list[Any] = [with_.get("line")]
    for field in ("lines", "changes"):
        rows: Any = with_.get(field)
        if isinstance(rows, list) and case is None:
            named += [row.get("line") if isinstance(row, dict) else row for row in rows]
    return [ref for ref in named if isinstance(ref, str) and "/" in ref]


def _must_be_fresh(files: Files, case: Case | None) -> None:
    """`stale`: a line or case that the act names changed after the actor's page was drawn."""
    read = files.command.read
    assert read is not None
    if case is not None and case.changed_at and case.changed_at > read:
        when = spoken(case.changed_at)
        files.refuse("stale", f"{case.id}在{when}已变动", f"{case.id} changed at {when}", other=case.id)
    for programme in (files.find(id_, Programme) for id_ in _programmes(files)):
        if programme and programme.changed_at and programme.changed_at > read:
            when = spoken(programme.changed_at)
            zh, en = f"{programme.id}在{when}已变动", f"{programme.id} changed at {when}"
            files.refuse("stale", zh, en, other=programme.id)
    for ref in dict.fromkeys(_refs(files, case)):
        filing_id, _, line_id = ref.rpartition("/")
        filing = files.find(filing_id, Filing)
        line = filing.lines.get(line_id) if filing else None
        if line and line.changed_at and line.changed_at > read:
            when = spoken(line.changed_at)
            files.refuse("stale", f"{ref}在{when}已变动", f"{ref} changed at {when}", line=ref)
