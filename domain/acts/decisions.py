"""The department's word: consent, refusal, return (CA-11; 000 五(四): 并经省厅同意后正式对外公布)."""

from pydantic import Field

from domain.acts.base import Form, act
from domain.acts.clocks import start, stop_decision
from domain.acts.notices import by_filing, named_lines, reconsideration
from domain.acts.places import unplaced
from domain.cases.approval import Approval, ApprovalAnswered
from domain.cases.evaluation import Evaluation, EvaluationReopened
from domain.cases.filing import Filing, Line
from domain.cases.line_facts import LinesConsented, LinesRefused, LinesReturned
from domain.cases.notice import Notice
from domain.files import Files
from domain.vocabulary import LINE_STATES

Lines = list[tuple[Filing, Line, str]]


class Refs(Form):
    """Lines by reference."""

    lines: list[str] = Field(min_length=1, max_length=10_000)


class ReasonedRefs(Refs):
    """Lines and why."""

    reasons: str = Field(min_length=1, max_length=4000)


def _before_the_department(files: Files, refs: list[str]) -> Lines:
    lines = named_lines(files, refs)
    files.fetch(line.notice for _, line, _ in lines if line.notice)
    files.fetch(line.approval for _, line, _ in lines if line.approval)
    for _filing, line, ref in lines:
        notice = files.find(line.notice, Notice)
        if unplaced(files, line, ref):
            continue
        held = line.state == "held"
        running = line.state == "in-notice" or (held and notice is not None and notice.stage == "open")
        if running and notice and notice.stalled():
            zh, en = f"{ref}的公示期止日须待放假安排公布", f"when the notice of {ref} ends needs a schedule"
            files.refuse("calendar-missing", zh, en, line=ref)
        elif running:
            files.refuse("notice-open", f"{ref}公示尚未期满", f"the notice of {ref} is not over", line=ref)
        if held:
            files.refuse("objection-open", f"{ref}有异议未处理", f"an objection to {ref} is open", line=ref)
        elif not running and line.state != "noticed":
            files.refuse(
                "wrong-stage",
                f"{ref}处于“{LINE_STATES.get(line.state)}”状态",
                f"{ref} is {line.state}",
                line=ref,
            )
    files.check()
    return lines


def _answer(files: Files, lines: Lines, outcome: str) -> None:
    answers: dict[str, dict[str, str]] = {}
    for _filing, line, ref in lines:
        answers.setdefault(line.approval or "", {})[ref] = outcome
    for approval_id, outcomes in sorted(answers.items()):
        files.append(files.need(approval_id, Approval), ApprovalAnswered(outcomes=outcomes))


@act("consent", Refs)
def consent(files: Files, form: Refs, _: None) -> None:
    """Consent comes after the notice and may still be refused; publication is due from here (信息公开条例 26)."""
    lines = _before_the_department(files, form.lines)
    _answer(files, lines, "consented")
    for filing, own in by_filing(lines):
        running = filing.deadlines.get("publication")
        publication = None if running else start(files, filing, "publication", "publication.working_days")
        files.append(filing, LinesConsented(lines=own, publication=publication))
    files.opened = lines[0][1].approval


@act("refuse", ReasonedRefs)
def refuse(files: Files, form: ReasonedRefs, _: None) -> None:
    """A refusal says why, and until when reconsideration may be asked for."""
    lines = _before_the_department(files, form.lines)
    _answer(files, lines, "refused")
    for filing, own in by_filing(lines):
        refused = LinesRefused(
            lines=own, reasons=form.reasons, reconsideration=reconsideration(files, filing)
        )
        files.append(filing, refused)
    files.opened = lines[0][1].approval


@act("return", ReasonedRefs)
def return_(files: Files, form: ReasonedRefs, _: None) -> None:
    """Back to the panel: all members score these lines anew, and a new notice follows."""
    lines = _before_the_department(files, form.lines)
    _answer(files, lines, "returned")
    for filing, own in by_filing(lines):
        files.append(files.need(filing.evaluation or "", Evaluation), EvaluationReopened(lines=own))
        decision = stop_decision(files, filing, "重新评估论证")
        files.append(filing, LinesReturned(lines=own, reasons=form.reasons, decision=decision))
    files.opened = lines[0][1].approval
