"""A programme's agreements with its partner enterprises: reminded of before they end, renewed, or a lead (000 三(一); RF-04)."""

from datetime import timedelta

from pydantic import Field

from domain.acts.base import act
from domain.acts.leads import open_lead
from domain.acts.programme_forms import OfProgramme
from domain.acts.programmes import programme_of
from domain.cases.filing import Filing
from domain.cases.programme import Agreement, Programme
from domain.cases.programme_facts import AgreementEnding, AgreementExpired, AgreementRenewed
from domain.clocks import Deadline, appoint
from domain.files import Files
from domain.moments import Day, first_moment, local_day
from domain.policy import Rules
from domain.vocabulary import STAGES

RULE = "agreement.reminder_calendar_days"


class RenewAgreement(OfProgramme):
    """With which partner (by credit code), and until when it holds now."""

    uscc: str = Field(max_length=40)
    until: Day


def agreements_of(files: Files, filing: Filing) -> tuple[dict[str, Agreement], list[Deadline]]:
    """The agreements that a filing names and when the college is reminded of each; nothing by a pack that has no such rule."""
    rules = files.rules_of(filing)
    if not rules.has(RULE):
        return {}, []
    found = {p.uscc: Agreement(name=p.name, until=p.agreement_until) for p in filing.partners}
    return found, [_reminder(files, rules, uscc, agreement) for uscc, agreement in sorted(found.items())]


def _reminder(files: Files, rules: Rules, uscc: str, agreement: Agreement) -> Deadline:
    day = agreement.until - timedelta(days=rules.int(RULE))
    return appoint(f"agreement/{uscc}", first_moment(day), RULE, files.calendar)


@act("renew-agreement", RenewAgreement)
def renew_agreement(files: Files, form: RenewAgreement, _: None) -> None:
    """Also after it has ended: from here on its mentors may guide again."""
    programme = programme_of(files, form.programme)
    files.check()
    assert programme is not None
    held = programme.agreements.get(form.uscc)
    if programme.stage not in ("active", "suspended") and not programme.taught_out:
        files.refuse(
            "wrong-stage", f"项目{STAGES.get(programme.stage)}", f"the programme is {programme.stage}"
        )
    if held is None:
        zh, en = f"{form.uscc}不是该项目的合作企业", f"{form.uscc} is no partner of this programme"
        files.refuse("invalid", zh, en, field="uscc")
    elif form.until <= max(held.until, local_day(files.now)):
        zh, en = (
            f"须晚于今天和原截止日{held.until}",
            f"later than today and than {held.until}, its end so far",
        )
        files.refuse("invalid", zh, en, field="until")
    files.check()
    assert held is not None
    agreement = Agreement(name=held.name, until=form.until)
    reminder = _reminder(files, files.rules_of(programme), form.uscc, agreement)
    files.append(programme, AgreementRenewed(uscc=form.uscc, agreement=agreement, reminder=reminder))
    files.opened = programme.id


def agreement_lapses(files: Files, programme: Programme, deadline: Deadline) -> None:
    """First the reminder, then the end; an agreement that ended unrenewed is a lead (mentors come from partners: 000 三(三))."""
    uscc, at = deadline.name.removeprefix("agreement/"), deadline.ends_at
    agreement = programme.agreements[uscc]
    if uscc not in programme.ending:
        over = first_moment(agreement.until + timedelta(days=1))
        end = appoint(deadline.name, over, RULE, files.calendar)
        files.append(programme, AgreementEnding(uscc=uscc, name=agreement.name, end=end), at=at)
        return
    files.append(programme, AgreementExpired(uscc=uscc), at=at)
    zh = f"与{agreement.name}的协议于{agreement.until}到期未续"
    found = f"{zh} / the agreement with {agreement.name} ended on {agreement.until} and was not renewed"
    open_lead(files, programme, "other", found, cause=f"{uscc}/{agreement.until}", at=at)
