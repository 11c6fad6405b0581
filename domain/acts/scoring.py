"""Marks, visits and the panel's conclusion (CA-06, CA-07; 000 五(四); criteria stand in for 附件2)."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

from domain.acts.base import Form, act
from domain.acts.clocks import resume_decision
from domain.acts.panel import evaluation_of
from domain.cases.evaluation import Evaluation, LinesScored, PanelConcluded, Score, SiteVisited, Visit
from domain.cases.filing import Filing
from domain.cases.line_facts import LinesConcluded
from domain.files import Files
from domain.moments import Day, local_day


class Marks(Form):
    """One expert's marks; several lines get the same."""

    line: str | Annotated[list[str], Field(min_length=1, max_length=500)]
    marks: dict[str, StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]] = Field(min_length=1)
    opinion: str | None = Field(default=None, max_length=4000)


@act("score", Marks, Filing)
def score(files: Files, form: Marks, case: Filing) -> None:
    """Each expert judges alone; a mark may be changed by its own expert until the chair signs the line."""
    evaluation = evaluation_of(files, case)
    if evaluation is None:
        return files.check()
    wanted = [form.line] if isinstance(form.line, str) else form.line
    if len(set(wanted)) != len(wanted):
        files.refuse("invalid", "专业线重复", "a line is named twice", field="line")
    criteria = files.rules_of(case).table("evaluation.criteria")
    for name in criteria.keys() - form.marks.keys():
        files.refuse("invalid", f"缺少评分项：{name}", f"missing criterion: {name}", field=f"marks.{name}")
    for name, mark in form.marks.items():
        if name not in criteria:
            files.refuse(
                "invalid", f"没有此评分项：{name}", f"no such criterion: {name}", field=f"marks.{name}"
            )
        elif not 0 <= mark <= criteria[name]:
            zh, en = f"{name}应在0至{criteria[name]}之间", f"{name} is from 0 to {criteria[name]}"
            files.refuse("score-out-of-range", zh, en, field=f"marks.{name}")
    _check_open(files, case, evaluation, wanted, "line")
    files.check()
    total = float(sum(Decimal(str(mark)) for mark in form.marks.values()))
    given = Score(marks={k: float(v) for k, v in form.marks.items()}, total=total, opinion=form.opinion)
    files.append(evaluation, LinesScored(expert=files.actor.person, scores=dict.fromkeys(wanted, given)))
    return None


class VisitForm(Form):
    """A site visit."""

    personal = {"visitors": None}
    date: Day
    visitors: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(max_length=50)
    places: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=1, max_length=50)
    finding: str = Field(min_length=1, max_length=4000)


@act("visit", VisitForm, Filing)
def visit(files: Files, form: VisitForm, case: Filing) -> None:
    """必要时实地考查: at least two go, and nobody records a visit before it happened (许可法 34)."""
    evaluation = evaluation_of(files, case)
    if evaluation is None:
        return files.check()
    least = files.rules_of(case).int("visit.min_visitors")
    if len(set(form.visitors)) < least:
        files.refuse(
            "visitors", f"实地考查应不少于{least}人", f"at least {least} people visit", field="visitors"
        )
    if form.date > local_day(files.now):
        files.refuse("invalid", "考查日期晚于今日", "the visit lies in the future", field="date")
    if case.received_at and form.date < local_day(case.received_at):
        files.refuse("invalid", "考查日期早于收到申报之日", "the visit lies before the filing", field="date")
    if not evaluation.pending:
        files.refuse("wrong-stage", "评估论证已有结论", "the panel has concluded")
    files.check()
    visitors = [files.seal(name) for name in dict.fromkeys(form.visitors)]
    files.append(
        evaluation,
        SiteVisited(visit=Visit(date=form.date, visitors=visitors, places=form.places, finding=form.finding)),
    )
    return None


class Conclude(Form):
    """The panel's result for each line, with reasons for all that did not simply pass."""

    results: dict[str, Literal["passed", "failed", "conditional"]] = Field(min_length=1, max_length=500)
    reasons: dict[str, Annotated[str, Field(min_length=1, max_length=4000)]] = {}


@act("conclude", Conclude, Filing)
def conclude(files: Files, form: Conclude, case: Filing) -> None:
    """The chair signs: everyone has scored, a pass reaches the pass mark, nothing is refused without a reason."""
    evaluation = evaluation_of(files, case)
    if evaluation is None:
        return files.check()
    rules = files.rules_of(case)
    if evaluation.removed:
        files.refuse("panel-composition", "回避的专家尚未补齐", "an expert who stood aside is not replaced")
    _check_open(files, case, evaluation, list(form.results), "results")
    for line in form.reasons.keys() - form.results.keys():
        files.refuse(
            "invalid",
            f"理由所指的{line}不在结论中",
            f"a reason for {line}, which has no result",
            field="reasons",
        )
    averages: dict[str, str] = {}
    for line, result in form.results.items():
        if result != "passed" and line not in form.reasons:
            zh, en = f"{line}未通过或有条件，须说明理由", f"{line} did not simply pass: say why"
            files.refuse("invalid", zh, en, field=f"reasons.{line}", line=line)
        if line in evaluation.pending and (late := evaluation.missing(line)):
            zh, en = f"{line}尚缺评分：{'、'.join(late)}", f"{line} lacks marks of {', '.join(late)}"
            files.refuse("panel-incomplete", zh, en, line=line)
            continue
        mean = average(evaluation, line)
        averages[line] = str(mean)
        if (
            result == "passed"
            and line in evaluation.pending
            and mean < Decimal(str(rules.raw("evaluation.pass_mark")))
        ):
            zh, en = f"{line}平均{mean}分，未达通过线", f"{line} averages {mean}, below the pass mark"
            files.refuse("invalid", zh, en, field=f"results.{line}", line=line)
    files.check()
    files.append(evaluation, PanelConcluded(results=dict(form.results), averages=averages))
    decision = None if evaluation.pending else resume_decision(files, case)
    # Where a ranking follows, comparing is a part of judging: the promise runs on from the ranking.
    ranks = rules.has("selection.categories")
    concluded = LinesConcluded(
        results=form.results, reasons=form.reasons, decision=None if ranks else decision, ranks=ranks
    )
    files.append(case, concluded)
    return None


def average(evaluation: Evaluation, line: str) -> Decimal:
    """Mean of the valid experts' totals, two decimals, half up (domain.md §8.2)."""
    return mean(score.total for score in evaluation.scores.get(line, {}).values())


def mean(marks: Iterable[float]) -> Decimal:
    """Average of marks, two decimals, half up; nothing of no marks."""
    given = [Decimal(str(mark)) for mark in marks]
    if not given:
        return Decimal(0)
    return (sum(given, Decimal(0)) / len(given)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _check_open(files: Files, case: Filing, evaluation: Evaluation, lines: list[str], field: str) -> None:
    for line in lines:
        if line not in case.lines:
            files.refuse("invalid", f"没有专业线{line}", f"no line {line}", field=field, line=line)
        elif line not in evaluation.pending:
            signed = case.lines[line].state not in ("withdrawn", "closed")
            code, zh, en = (
                ("signed", "结论已签署", "is signed") if signed else ("wrong-stage", "已撤回", "is withdrawn")
            )
            files.refuse(code, f"专业线{line}{zh}", f"line {line} {en}", line=line)
