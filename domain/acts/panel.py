"""Forming the panel and keeping it independent (CA-05; 000 五(四); recusal by 政府采购法实施条例 9 as a model)."""

from datetime import date

from pydantic import Field

from domain.acts.acceptance import leave_approvals
from domain.acts.base import Form, Nothing, act
from domain.acts.clocks import stop_decision
from domain.cases.evaluation import Evaluation, ExpertReplaced, NoTieDeclared, PanelFormed, TieDisclosed
from domain.cases.filing import Filing
from domain.cases.line_facts import EvaluationBegan, ResultsVoided
from domain.cases.objection import Objection
from domain.cases.register import Employment, Expert, TieRecorded
from domain.files import Files
from domain.ids import derived
from domain.moments import Day, local_day, years_after
from domain.policy import Rules

VOIDABLE = ("eligible", "reserve", "passed", "failed", "conditional", "in-notice", "held", "noticed")


class FormPanel(Form):
    """The members and who chairs."""

    experts: list[str] = Field(min_length=1, max_length=99)
    chair: str


@act("form-panel", FormPanel, Filing)
def form_panel(files: Files, form: FormPanel, case: Filing) -> None:
    """A panel of both sides without ties; the applicant is told, so the service promise pauses (许可法 45)."""
    rules = files.rules_of(case)
    if len(set(form.experts)) != len(form.experts):
        files.refuse("invalid", "专家重复", "an expert is named twice", field="experts")
    if form.chair not in form.experts:
        files.refuse("invalid", "组长须为组员", "the chair must be a member", field="chair")
    experts = _known(files, form.experts, "experts")
    for expert in experts:
        if reason := barred(expert, case, local_day(files.now), rules):
            files.refuse(
                "recused",
                f"{short(expert)}须回避：{reason[0]}",
                f"{short(expert)} must stand aside: {reason[1]}",
            )
    if case.stage != "accepted":
        files.refuse(
            "wrong-stage", "申报未受理或已组建评估论证组", "the filing is not accepted, or has a panel"
        )
    check_composition(files, [e.side for e in experts], rules)
    files.check()
    evaluation = files.open(Evaluation(id=derived("evaluation", case.id, files.command.id)))
    lines = [line.id for line in case.in_state("filed", "conditional")]
    formed = PanelFormed(
        filing=case.id,
        receiving_unit=case.route or "",
        pack=case.pack,
        round=case.round or "",
        panel={short(e): e.side for e in experts},
        chair=form.chair,
        lines=lines,
    )
    evaluation.pack = case.pack
    files.append(evaluation, formed)
    files.append(
        case, EvaluationBegan(evaluation=evaluation.id, decision=stop_decision(files, case, "专家评估论证"))
    )
    files.opened = evaluation.id


class DiscloseTie(Form):
    """An employment that nobody had mentioned."""

    expert: str
    org: str = Field(min_length=1, max_length=80)
    until: Day | None = None


@act("disclose-tie", DiscloseTie, Filing)
def disclose_tie(files: Files, form: DiscloseTie, case: Filing) -> None:
    """A tie that bars takes the expert and the marks out; results not yet consented to fall (FORMAT.md, Panels)."""
    evaluation = evaluation_of(files, case)
    if evaluation is None:
        return files.check()
    experts = _known(files, [form.expert], "expert")
    if form.expert not in evaluation.panel:
        files.refuse(
            "invalid", f"{form.expert}不是本组专家", f"{form.expert} is not on this panel", field="expert"
        )
    if files.actor.role == "expert" and files.actor.person != form.expert:
        files.refuse(
            "not-authorised",
            "专家只能申报本人的关联",
            "an expert discloses only ties of their own",
            field="expert",
        )
    if case.final or (
        case.lines and all(line.final or line.state == "consented" for line in case.lines.values())
    ):
        files.refuse(
            "wrong-stage", "已经省厅同意或办结", "the department has consented, or the filing is over"
        )
    files.check()
    tie = Employment(org=form.org, until=form.until)
    expert = experts[0]
    formed = local_day(evaluation.formed_at or files.now)
    bars = _bars(tie, case, formed, files.rules_of(case)) is not None
    reopened = _reopened(files, case) if bars else []
    files.append(expert, TieRecorded(employment=tie))
    files.append(
        evaluation,
        TieDisclosed(expert=form.expert, org=form.org, until=form.until, bars=bars, reopened=reopened),
    )
    if reopened:
        leave_approvals(files, case, reopened, "voided")
        held = {line: by for line in reopened if (by := _verified_still(files, case.lines[line].held_by))}
        stopped = stop_decision(files, case, "重新评估论证")
        files.append(case, ResultsVoided(lines=reopened, decision=stopped, held_by=held))
    return None


def _verified_still(files: Files, objections: list[str]) -> list[str]:
    files.fetch(objections)
    return [id_ for id_ in objections if files.need(id_, Objection).stage == "verifying"]


def _reopened(files: Files, case: Filing) -> list[str]:
    """Lines whose result falls; a failed one stays failed where the college has filed the same line anew since."""
    lines = [line for line in case.lines.values() if (line.frozen_from or line.state) in VOIDABLE]
    taken = files.world.holders([case.line_claim(line) for line in lines if line.state == "failed"])
    return [line.id for line in lines if taken.get(case.line_claim(line), case.id) == case.id]


@act("declare-no-tie", Nothing, Filing)
def declare_no_tie(files: Files, _: Nothing, case: Filing) -> None:
    """政府采购法实施条例 9 as a model: an expert says before judging that nothing bars, or discloses what may."""
    evaluation = evaluation_of(files, case)
    if evaluation is None:
        return files.check()
    if files.actor.person in evaluation.declared:
        files.refuse("wrong-stage", "已声明无利益关系", "this was declared already")
    elif not evaluation.pending:
        files.refuse("wrong-stage", "评估论证已有结论", "the panel has concluded")
    files.check()
    files.append(evaluation, NoTieDeclared(expert=files.actor.person))
    return None


class ReplaceExpert(Form):
    """Who leaves the panel and who takes the place."""

    out: str
    in_: str = Field(alias="in")
    chair: str | None = None


@act("replace-expert", ReplaceExpert, Filing)
def replace_expert(files: Files, form: ReplaceExpert, case: Filing) -> None:
    """The new member scores what is still open; a departed chair's place goes to the new member unless named."""
    evaluation = evaluation_of(files, case)
    if evaluation is None:
        return files.check()
    rules = files.rules_of(case)
    experts = _known(files, [form.in_], "in")
    if form.out not in evaluation.panel and form.out not in evaluation.removed:
        files.refuse("invalid", f"{form.out}不是本组专家", f"{form.out} is not on this panel", field="out")
    if form.in_ in evaluation.panel or form.in_ in evaluation.barred:
        files.refuse(
            "invalid", f"{form.in_}已在组内或须回避", f"{form.in_} is on the panel or barred", field="in"
        )
    for expert in experts:
        if reason := barred(expert, case, local_day(evaluation.formed_at or files.now), rules):
            files.refuse(
                "recused", f"{form.in_}须回避：{reason[0]}", f"{form.in_} must stand aside: {reason[1]}"
            )
    if not evaluation.pending:
        files.refuse("wrong-stage", "评估论证已有结论", "the panel has concluded")
    staying = {e: side for e, side in evaluation.panel.items() if e != form.out}
    check_composition(
        files, [*staying.values(), *(e.side for e in experts)], rules, others=len(evaluation.removed) - 1
    )
    chair = form.chair or (evaluation.chair if evaluation.chair in staying else form.in_)
    if chair not in staying and chair != form.in_:
        files.refuse("invalid", "组长须为组员", "the chair must be a member", field="chair")
    files.check()
    files.append(evaluation, ExpertReplaced(out=form.out, in_=form.in_, side=experts[0].side, chair=chair))
    return None


def evaluation_of(files: Files, case: Filing) -> Evaluation | None:
    """The filing's panel; notes `wrong-stage` when there is none."""
    evaluation = files.find(case.evaluation, Evaluation)
    if evaluation is None:
        files.refuse("wrong-stage", "尚未组建评估论证组", "no panel has been formed")
    return evaluation


def check_composition(files: Files, sides: list[str], rules: Rules, others: int = 0) -> None:
    """Size, oddness, and both sides present (000 五(四): 院校、行业企业专家). `others`: places still to be filled."""
    size = len(sides) + max(others, 0)
    least = rules.int("panel.min_members")
    if size < least:
        files.refuse("panel-composition", f"评估论证组不足{least}人", f"a panel has at least {least} members")
    if rules.flag("panel.odd") and size % 2 == 0:
        files.refuse("panel-composition", "评估论证组人数应为单数", "a panel has an odd number of members")
    if others > 0 or not sides:
        return
    if rules.flag("panel.both_sides") and len(set(sides)) < 2:
        files.refuse(
            "panel-composition", "须有院校和行业企业双方专家", "both colleges and industry must sit on it"
        )
    share = rules.number("panel.min_industry_share")
    if sides.count("industry") < share * len(sides):
        files.refuse("panel-composition", f"行业企业专家不足{share}", f"industry has less than {share}")


def barred(expert: Expert, case: Filing, formed: date, rules: Rules) -> tuple[str, str] | None:
    """Why an expert may not judge this filing, if so: a tie, or being named in it as a mentor."""
    for mentor in case.mentors:
        if set(mentor.likeness) & set(expert.likeness):
            return "系申报材料所列导师", "named in the filing as a mentor"
    for tie in expert.employers:
        if reason := _bars(tie, case, formed, rules):
            return reason
    return None


def _bars(tie: Employment, case: Filing, formed: date, rules: Rules) -> tuple[str, str] | None:
    partners = {name for p in case.partners for name in (p.name, p.uscc)}
    if tie.org != case.college and tie.org not in partners:
        return None
    years = rules.int("panel.recusal_years")
    if tie.until is None or tie.until >= years_after(formed, -years):
        until = tie.until or "至今"
        return (
            f"与{tie.org}有任职关系（{until}），未满{years}年",
            f"employed at {tie.org} ({until}), within {years} years",
        )
    return None


def short(expert: Expert) -> str:
    """The expert's account."""
    return expert.id.removeprefix("expert/")


def _known(files: Files, ids: list[str], field: str) -> list[Expert]:
    files.fetch(f"expert/{i}" for i in ids)
    found: list[Expert] = []
    for id_ in dict.fromkeys(ids):
        expert = files.find(f"expert/{id_}", Expert)
        if expert is None:
            files.refuse("invalid", f"专家库中没有：{id_}", f"not in the pool: {id_}", field=field)
        else:
            found.append(expert)
    return found
