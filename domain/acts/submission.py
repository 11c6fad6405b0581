"""Drafting and submitting a filing (CA-02, CA-14; 000 二(一)(二)(三)): who may file, what, and where it goes."""

from typing import Any

from pydantic import ValidationError

from domain.acts.admissibility import (
    check_college,
    check_duplicates,
    check_fields,
    check_grants,
    check_materials,
    check_partners,
    check_suspended,
    check_years,
)
from domain.acts.base import act, note_invalid
from domain.acts.catalogs import catalog_for
from domain.acts.clocks import completeness
from domain.acts.filing_forms import Complete, LineForm, MentorForm, SaveDraft, SubmitFiling
from domain.acts.register import likeness_of, record_today
from domain.cases.filing import Filing, Line, Mentor, Partner
from domain.cases.filing_facts import DraftSaved, FilingSubmitted
from domain.cases.register import ROUTING, College, CollegeRecord, Routing
from domain.cases.round import Round
from domain.files import Files
from domain.identifiers import is_citizen_no
from domain.ids import derived
from domain.moments import local_day
from domain.policy import Rules


@act("save-draft", SaveDraft, Filing)
def save_draft(files: Files, form: SaveDraft, case: Filing | None) -> None:
    """Keeps what the college has so far; a later draft replaces it."""
    if files.find(form.round, Round) is None:
        files.refuse(
            "invalid", f"没有这一轮申报：{form.round}", f"no such round: {form.round}", field="round"
        )
    if case is not None and case.stage != "draft":
        files.refuse("wrong-stage", "申报已提交，不是草稿", "the filing is submitted, not a draft")
    sealed = _mentors(files, form.mentors)
    files.check()
    college = files.actor.agency
    draft = form.model_dump(mode="json", exclude={"mentors", "round"}, exclude_none=True)
    draft["mentors"] = [m.model_dump(mode="json") for m in sealed]
    filing = case or files.open(Filing(id=derived("filing", college, files.command.id)))
    files.append(filing, DraftSaved(college=college, round=form.round, draft=draft))
    files.opened = filing.id


@act("submit-filing", SubmitFiling, Filing)
def submit_filing(files: Files, form: SubmitFiling, case: Filing | None) -> None:
    """Checks who files, when, and each line; then routes by affiliation (000 五(四)) and starts the first clock."""
    if case is not None and case.stage != "draft":
        files.refuse("wrong-stage", "申报已提交", "the filing is already submitted")
        files.check()
    whole, drafted_mentors = _complete(files, form, case)
    round_ = files.find(whole.round, Round)
    college = files.need(f"college/{files.actor.agency}", College)
    record = record_today(files, college)
    rules = files.pack.on(local_day(files.now))
    if round_ is None:
        files.refuse(
            "invalid", f"没有这一轮申报：{whole.round}", f"no such round: {whole.round}", field="round"
        )
    elif round_.stage != "open":
        files.refuse("window-closed", "不在申报时间内", "the filing window is not open")
    check_college(files, record, rules)
    check_partners(files, whole.partners or [])
    check_materials(files, whole.materials or [])
    mentors = _mentors(files, whole.mentors) if whole.mentors is not None else drafted_mentors
    filing = case or Filing(id=derived("filing", college.id, files.command.id))
    lines = _lines(files, whole, round_, filing.id, rules) if round_ else []
    check_suspended(files, college.id, lines)
    files.check()
    assert round_ is not None
    if case is None:
        files.open(filing)
    filing.pack, filing.round = files.pack.hash, round_.id
    route, basis = route_of(files, record, rules)
    submitted = FilingSubmitted(
        college=files.actor.agency,
        round=round_.id,
        catalog=catalog_for(files, round_).year,
        pack=files.pack.hash,
        route=route,
        route_basis=basis,
        lines=lines,
        partners=[Partner(**p.model_dump()) for p in whole.partners or []],
        mentors=mentors,
        materials=whole.materials or [],
        completeness=completeness(files, filing) if route else None,
    )
    files.append(filing, submitted)
    files.opened = filing.id


def _complete(files: Files, form: SubmitFiling, case: Filing | None) -> tuple[Complete, list[Mentor]]:
    """The whole filing: what is said now over what the draft holds."""
    given = form.model_dump(mode="json", exclude_unset=True)
    draft = dict(case.draft) if case else {}
    mentors = [Mentor.model_validate(m) for m in draft.pop("mentors", [])]
    try:
        return Complete.model_validate({**({"round": case.round} if case else {}), **draft, **given}), mentors
    except ValidationError as error:
        for problem in error.errors():
            note_invalid(files, problem["loc"], problem)
        files.check()
        raise


def _mentors(files: Files, forms: list[MentorForm]) -> list[Mentor]:
    mentors: list[Mentor] = []
    for position, form in enumerate(forms):
        if form.id_no is not None and not is_citizen_no(form.id_no):
            files.refuse(
                "invalid",
                "身份证号码校验不符",
                "the citizen number fails its check",
                field=f"mentors.{position}.id_no",
            )
            continue
        particulars = form.model_dump(mode="json", exclude={"side"}, exclude_none=True)
        likeness = likeness_of(files, form.name, form.id_no, [form.employer])
        mentors.append(
            Mentor(who=files.seal(particulars), likeness=likeness, employer=form.employer, side=form.side)
        )
    return mentors


def _lines(files: Files, whole: Complete, round_: Round, filing_id: str, rules: Rules) -> list[Line]:
    lines: list[Line] = []
    call = catalog_for(files, round_)
    for position, form in enumerate(whole.lines):
        where = {"line": form.id, "field": f"lines.{position}"}
        if any(line.id == form.id for line in lines):
            files.refuse("invalid", f"专业序号重复：{form.id}", f"line id used twice: {form.id}", **where)
        major = _major(files, form, whole.confirm_codes, call, rules, where)
        if not check_fields(files, form, rules, position):
            continue
        entries = form.entry if isinstance(form.entry, list) else [form.entry or ""]
        if len(entries) != 1:
            files.refuse(
                "mixed-entry", "一条专业线只能有一种生源", "one line takes one kind of entrants", **where
            )
            continue
        exploratory = bool(entries[0]) and entries[0] in rules.list("eligibility.exploratory_entries")
        years = form.years or 0
        if years:
            check_years(files, rules, entries[0], years, form.segments or [], where)
        line = Line(
            id=form.id, major=major, entry=entries[0], years=years, plan=form.plan or 0, category=form.category or "",
            segments=[float(s) for s in form.segments or []], track="exploratory" if exploratory else "regular",
        )  # fmt: skip
        check_grants(files, files.actor.agency, line, rules, where)
        lines.append(line)
    check_duplicates(files, Filing(id=filing_id, college=files.actor.agency, round=round_.id), lines)
    return lines


def _major(
    files: Files, form: LineForm, confirmed: list[str], call: Round, rules: Rules, where: dict[str, Any]
) -> str:
    """000 二(二): 各技师学院须按公布的试点专业进行申报; a new code counts once the college confirmed it.

    The catalog is the one in force, whichever round is filed to: from a later call on, dropped majors are not filed.
    """
    if form.major in call.catalog():
        return form.major
    renamed = call.renamed(form.major)
    if renamed is None and rules.flag("catalog.binding"):
        files.refuse(
            "major-not-in-catalog", f"目录中没有{form.major}", f"{form.major} is not in the catalog", **where
        )
    elif renamed and renamed.code not in confirmed:
        zh = f"{form.major}已改为{renamed.code}（{renamed.name}），请确认"
        files.refuse(
            "code-changed", zh, f"{form.major} is now {renamed.code}: confirm it", other=renamed.code, **where
        )
    return renamed.code if renamed else form.major


def route_of(files: Files, record: CollegeRecord, rules: Rules) -> tuple[str | None, str]:
    """000 五(四): by affiliation, never by address. What the text leaves open waits for a person (X11)."""
    for position, row in enumerate(rules.list("routing.by_affiliation")):
        if record.affiliation in row["affiliation"] and any(record.city.startswith(c) for c in row["cities"]):
            return str(row["to"]), f"routing.by_affiliation.{position}"
    human = files.find(ROUTING, Routing)
    made = human.rule_for(record.affiliation, record.city) if human else None
    return (made.to, f"{ROUTING}: {made.reason}") if made else (None, "routing.by_affiliation: -")
