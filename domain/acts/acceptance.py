"""Routing, acceptance, supplements, withdrawal (CA-03, CA-04, CA-13; 000 五(四); 行政许可法 32 by analogy)."""

from datetime import datetime

from pydantic import Field

from domain.acts.admissibility import check_materials
from domain.acts.base import Form, Nothing, Reasoned, act
from domain.acts.clocks import completeness, decision_from, resume_decision, start
from domain.acts.register import record_today
from domain.cases.approval import Approval, ApprovalAnswered, ApprovalOpened
from domain.cases.evaluation import Evaluation, LinesDropped
from domain.cases.filing import Filing
from domain.cases.filing_facts import (
    FilingAccepted,
    FilingDeclined,
    FilingRouted,
    FilingWithdrawn,
    SupplementAsked,
    SupplementSupplied,
)
from domain.cases.line_facts import SentForApproval
from domain.cases.notice import Notice
from domain.cases.register import ROUTING, College, Routing, RoutingRule, RoutingRuleMade
from domain.clocks import Deadline
from domain.files import Files
from domain.ids import derived
from domain.vocabulary import LINE_STATES, STAGES


class Route(Reasoned):
    """Where a filing goes that the text does not route, and whether that is a rule from now on."""

    to: str
    as_rule: bool = False


@act("route", Route, Filing)
def route(files: Files, form: Route, case: Filing) -> None:
    """A person decides and says why; the completeness period runs from here."""
    units = files.rules_of(case).list("routing.receiving_units")
    if form.to not in units:
        files.refuse(
            "invalid", f"受理单位应为：{'、'.join(units)}", f"a receiving unit is one of {units}", field="to"
        )
    if case.stage != "unrouted":
        files.refuse("wrong-stage", "申报已有受理单位", "the filing has a receiving unit")
    files.check()
    files.append(case, FilingRouted(to=form.to, reason=form.reason, completeness=completeness(files, case)))
    if form.as_rule:
        record = record_today(files, files.need(f"college/{case.college}", College))
        rules = files.find(ROUTING, Routing) or files.open(Routing(id=ROUTING))
        made = RoutingRule(affiliation=record.affiliation, city=record.city, to=form.to, reason=form.reason)
        files.append(rules, RoutingRuleMade(rule=made))


@act("accept", Nothing, Filing)
def accept(files: Files, _: Nothing, case: Filing) -> None:
    """The file is complete; the service promise begins."""
    _must_be_submitted(files, case)
    files.check()
    files.append(case, FilingAccepted(deemed=False, decision=decision_from(files, case)))


@act("decline", Reasoned, Filing)
def decline(files: Files, form: Reasoned, case: Filing) -> None:
    """Not accepted, with the reason; the college may file anew while the window is open."""
    _must_know_if_over(files, case)
    _must_be_submitted(files, case)
    files.check()
    files.append(case, FilingDeclined(reason=form.reason))


class Items(Form):
    """A list of missing or supplied items."""

    items: list[str] = Field(min_length=1, max_length=100)
    materials: list[str] = Field(default=[], max_length=200)


@act("ask-supplement", Items, Filing)
def ask_supplement(files: Files, form: Items, case: Filing) -> None:
    """一次告知: once, everything together; the completeness clock stops."""
    if any(not item.strip() for item in form.items):
        files.refuse("invalid", "补正事项不能为空", "an item is empty", field="items")
    if case.asked:
        files.refuse(
            "already-asked",
            "已一次性告知补正，不得再次要求",
            "a supplement was asked for already, once and all",
        )
    _must_know_if_over(files, case)
    _must_be_submitted(files, case)
    files.check()
    supplement = start(files, case, "supplement", "supplement.working_days", lapses=True)
    files.append(case, SupplementAsked(items=form.items, supplement=supplement))


@act("supply", Items, Filing)
def supply(files: Files, form: Items, case: Filing) -> None:
    """The college answers; what is still missing then can only be declined."""
    if case.stage != "supplementing":
        files.refuse("wrong-stage", "没有待补正的事项", "no supplement is asked for")
    check_materials(files, form.materials)
    files.check()
    files.append(
        case,
        SupplementSupplied(
            items=form.items, materials=form.materials, completeness=completeness(files, case)
        ),
    )


class Withdraw(Reasoned):
    """Which lines the college takes back; all that are left when none is named."""

    lines: list[str] | None = Field(default=None, min_length=1, max_length=500)


@act("withdraw", Withdraw, Filing)
def withdraw(files: Files, form: Withdraw, case: Filing) -> None:
    """Free until consent (CA-13); other lines, and the notice they stand in, go on."""
    wanted = form.lines if form.lines is not None else [line.id for line in case.live()]
    for position, line_id in enumerate(wanted):
        if line_id not in case.lines:
            files.refuse(
                "invalid",
                f"没有专业线{line_id}",
                f"no line {line_id}",
                field=f"lines.{position}",
                line=line_id,
            )
        elif case.lines[line_id].final or case.lines[line_id].state == "consented":
            state = case.lines[line_id].state
            files.refuse(
                "wrong-stage",
                f"专业线{line_id}处于“{LINE_STATES.get(state)}”状态",
                f"line {line_id} is {state}",
                line=line_id,
            )
    if case.final or (not wanted and case.stage != "draft"):
        files.refuse("wrong-stage", "没有可撤回的专业线", "nothing is left to withdraw")
    if len(set(wanted)) != len(wanted):
        files.refuse("invalid", "专业线重复", "a line is named twice", field="lines")
    files.check()
    leave_approvals(files, case, wanted, "withdrawn")
    decision = leave_panel(files, case, wanted)
    files.append(case, FilingWithdrawn(lines=wanted, reason=form.reason, decision=decision))


def leave_panel(files: Files, case: Filing, lines: list[str]) -> Deadline | None:
    """Lines that the panel need not judge any more; the decision clock that runs again when none is left to it."""
    evaluation = files.find(case.evaluation, Evaluation)
    if evaluation and (pending := [line for line in lines if line in evaluation.pending]):
        files.append(evaluation, LinesDropped(lines=pending))
    over = evaluation is not None and not evaluation.pending
    return resume_decision(files, case) if over else None


def open_approval(
    files: Files, notice: Notice, lines: list[str], at: datetime, *batch: str | int
) -> Approval:
    """Lay lines of a notice before the department. `batch`: which of the notice's approvals, so that its id is its own."""
    approval = files.open(Approval(id=derived("approval", notice.id, *batch)))
    opened = ApprovalOpened(pack=notice.pack, round=notice.round, notice=notice.id, lines=lines)
    files.append(approval, opened, at=at)
    for filing_id in sorted({ref.rpartition("/")[0] for ref in lines}):
        own = [ref.rpartition("/")[2] for ref in lines if ref.rpartition("/")[0] == filing_id]
        files.append(files.need(filing_id, Filing), SentForApproval(approval=approval.id, lines=own), at=at)
    return approval


def leave_approvals(
    files: Files, case: Filing, lines: list[str], why: str, *, at: datetime | None = None
) -> None:
    """Lines that lie before the department leave it."""
    by_approval: dict[str, dict[str, str]] = {}
    for line in (case.lines[i] for i in lines):
        if line.approval:
            by_approval.setdefault(line.approval, {})[f"{case.id}/{line.id}"] = why
    for approval_id, outcomes in sorted(by_approval.items()):
        approval = files.need(approval_id, Approval)
        open_ones = {ref: o for ref, o in outcomes.items() if ref in approval.undecided()}
        if open_ones:
            files.append(approval, ApprovalAnswered(outcomes=open_ones), at=at)


def _must_know_if_over(files: Files, case: Filing) -> None:
    """Whether silence has accepted the filing already: nothing against the party is done before that is known."""
    if case.stalled():
        zh, en = "放假安排未公布，无法确定是否已逾期", "whether the period is over needs a schedule"
        files.refuse("calendar-missing", zh, en)


def _must_be_submitted(files: Files, case: Filing) -> None:
    if case.deemed and not case.final:
        files.refuse("deemed-accepted", "逾期未告知，已视为受理", "silence has accepted the filing")
    elif case.stage == "supplementing":
        files.refuse("wrong-stage", "正在等待补正", "the supplement is awaited")
    elif case.stage != "submitted":
        files.refuse("wrong-stage", f"申报处于“{STAGES.get(case.stage)}”阶段", f"the filing is {case.stage}")
