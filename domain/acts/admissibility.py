"""What a filing must satisfy before it is taken in (CA-02, CA-14; 000 二(一)(三), 三(一), 五(三))."""

from fractions import Fraction
from typing import Any

from domain.acts.base import note_invalid
from domain.acts.filing_forms import LineForm, PartnerForm
from domain.cases.filing import Filing, Line
from domain.cases.register import CollegeRecord
from domain.cases.suspensions import SUSPENSIONS, Suspensions
from domain.files import Files
from domain.identifiers import is_uscc
from domain.moments import local_day, years_after
from domain.policy import Rules
from domain.vocabulary import CHOICES, in_chinese


def check_materials(files: Files, digests: list[str]) -> None:
    """Materials are named by the content hash of an attachment that was taken in before."""
    for position, digest in enumerate(digests):
        if not files.world.attachment(digest):
            zh, en = f"没有这份材料：{digest}", f"no such attachment: {digest}"
            files.refuse("invalid", zh, en, field=f"materials.{position}")


def check_suspended(files: Files, college: str, lines: list[Line]) -> None:
    """While a measure is in force nothing new of what it holds is filed (000 五(三): 停止试点)."""
    register = files.find(SUSPENSIONS, Suspensions)
    if register is None or not register.held:
        return
    id_ = college.removeprefix("college/")
    if by := register.whole(files.pack.name, id_):
        files.refuse("frozen", f"{id_}已被停止试点", f"{id_} is suspended", other=by[0])
    for line in lines:
        if by := register.over(files.pack.name, id_, line.major, line.entry):
            zh, en = f"{line.major}已被停止试点", f"{line.major} is suspended"
            files.refuse("frozen", zh, en, line=line.id, other=by[0])


def check_college(files: Files, record: CollegeRecord, rules: Rules) -> None:
    """000 二(一): the kinds of schools that the procedure names, in the province, as the register has them on the day."""
    kinds = rules.list("eligibility.kinds")
    if record.kind not in kinds:
        zh = f"{record.name}是{in_chinese(CHOICES, [record.kind])}，可以申报的是{in_chinese(CHOICES, kinds)}"
        en = f"{record.name} is a {record.kind}; who may file: {', '.join(kinds)}"
        files.refuse("not-a-technician-college", zh, en)
    if not record.city.startswith(rules.text("eligibility.jurisdiction")):
        files.refuse("outside-jurisdiction", f"{record.name}不在本省", "the college is outside the province")


def check_partners(files: Files, partners: list[PartnerForm]) -> None:
    """三(一): partner enterprises with a valid code, posts for technicians (具有一定数量对应技师岗位), and an agreement that runs."""
    for position, partner in enumerate(partners):
        if not is_uscc(partner.uscc):
            zh = f"统一社会信用代码校验不符：{partner.uscc}"
            files.refuse(
                "invalid", zh, "the social credit code fails its check", field=f"partners.{position}.uscc"
            )
        if not partner.posts:
            zh, en = f"{partner.name}没有对应技师岗位", f"{partner.name} has no technician posts"
            files.refuse("invalid", zh, en, field=f"partners.{position}.posts")
        if partner.agreement_until < local_day(files.now):
            field = f"partners.{position}.agreement_until"
            files.refuse("invalid", f"与{partner.name}的协议已到期", "the agreement has expired", field=field)


LINE_FIELDS = ("entry", "years", "plan", "category")
"""Fields of a line of which a procedure has some and not others."""


def check_fields(files: Files, form: LineForm, rules: Rules, position: int) -> bool:
    """Whether a line has the fields of its procedure, and no other one's; notes what is missing or too much."""
    wanted, sound = rules.list("line.fields"), True
    for name in LINE_FIELDS:
        given = getattr(form, name) is not None or (name == "years" and form.segments is not None)
        if given != (name in wanted) or (name in wanted and getattr(form, name) is None):
            lacking = {"msg": "Field required", "type": "missing"}
            strange = {"msg": "not a field here", "type": "extra_forbidden"}
            note_invalid(files, ("lines", position, name), lacking if name in wanted else strange)
            sound = False
    if sound and form.category is not None and form.category not in rules.table("selection.categories"):
        known = "、".join(rules.table("selection.categories"))
        zh, en = (
            f"没有这个类别：{form.category}（有{known}）",
            f"no such category: {form.category} (there are {known})",
        )
        files.refuse("invalid", zh, en, field=f"lines.{position}.category", line=form.id)
    return sound


def check_grants(files: Files, college: str, line: Line, rules: Rules, where: dict[str, Any]) -> None:
    """SF-01: a major whose earlier grant of this procedure is still being built up is not funded again."""
    if not line.category:
        return
    refs = [ref.rpartition("/") for ref in files.world.awarded(college, line.major)]
    files.fetch(filing for filing, _, _ in refs)
    for filing_id, _, line_id in refs:
        filing = files.need(filing_id, Filing)
        held = filing.lines[line_id]
        if not held.category or held.consented_at is None or files.procedure_of(filing) != files.pack.name:
            continue
        if local_day(files.now) < years_after(local_day(held.consented_at), rules.int("grant.term_years")):
            zh, en = (
                f"{line.major}的上一笔扶持资金仍在建设期内",
                f"an earlier grant for {line.major} is still open",
            )
            files.refuse("grant-open", zh, en, other=filing_id, **where)


def check_years(
    files: Files, rules: Rules, entry: str, years: float, segments: list[int | float], where: dict[str, Any]
) -> None:
    """000 二(三): 学习期限不少于; 不少于 includes the number. The exploratory track has no number (二(三)2)."""
    least = rules.raw(f"study_years.{entry}") if f"study_years.{entry}" in rules.pack.rules else None
    if least is not None and years < least:
        zh = f"学习年限{years}年，少于{least}年"
        files.refuse("study-years", zh, f"{years} academic years, fewer than {least}", **where)
    elif segments and sum(Fraction(str(s)) for s in segments) != Fraction(str(years)):
        files.refuse(
            "study-years", f"分段之和不等于{years}年", f"the segments do not add up to {years} years", **where
        )


def check_duplicates(files: Files, filing: Filing, lines: list[Line]) -> None:
    """CA-02: one college, one major, one kind of entrants, one live line a round; the refusal names the first."""
    keys: dict[str, Line] = {}
    for line in lines:
        key = filing.line_claim(line)
        if key in keys:
            zh, en = f"与专业线{keys[key].id}重复", f"the same as line {keys[key].id}"
            files.refuse("duplicate-line", zh, en, line=line.id, other=filing.id)
        keys[key] = line
    for key, holder in files.world.holders(keys).items():
        if holder != filing.id:
            zh, en = f"本轮已申报：{holder}", f"already filed in this round: {holder}"
            files.refuse("duplicate-line", zh, en, line=keys[key].id, other=holder)
