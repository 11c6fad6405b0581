"""May this person do this act on this case? Role, agency and object; the pack says which (design.md: one way to act)."""

from domain.actors import SYSTEM
from domain.case import Case
from domain.cases.evaluation import Evaluation
from domain.cases.filing import Filing
from domain.cases.register import Agency, College, Expert
from domain.cases.selection import Selection
from domain.files import Files
from domain.kinds import college_of
from domain.moments import local_day
from domain.policy import Office
from domain.vocabulary import ROLES, in_chinese


def authorise(files: Files, case: Case | None) -> None:
    """Note `not-authorised`, `wrong-agency` or `recused` when the actor may not do this act on this case."""
    actor, act = files.actor, files.command.act
    if actor.role == SYSTEM:
        return  # the gateway lets nobody but its own processes use this role
    if actor.on_behalf_of:
        if not _holds_by_delegation(files, actor.on_behalf_of):
            return
    elif not _holds_office(files):
        files.refuse("not-authorised", f"{actor}未任此职", f"{actor} does not hold this office")
        return
    authority = files.pack.acts.get(act)
    offices = [o for o in authority.by if o.role in (actor.role, "anyone")] if authority else []
    if not offices:
        allowed = sorted({o.role for o in authority.by}) if authority else []
        zh, en = f"此事由{in_chinese(ROLES, allowed)}办理", f"this is for: {', '.join(allowed)}"
        files.refuse("not-authorised", zh, en)
        return
    if not any(_at(files, office, case) for office in offices):
        _refuse_place(files, case)


def _refuse_place(files: Files, case: Case | None) -> None:
    actor = files.actor
    if actor.role == "expert":
        evaluation = files.find(case.evaluation, Evaluation) if isinstance(case, Filing) else None
        if evaluation and actor.person in evaluation.barred:
            files.refuse("recused", "须回避，不再参加本组评估论证", "stands aside from this panel")
        else:
            files.refuse(
                "not-authorised", "不是本组专家或组长", "not a member, or not the chair, of this panel"
            )
    else:
        files.refuse("wrong-agency", f"此事不归{actor.agency}办理", f"not a matter of {actor.agency}")


def _holds_office(files: Files) -> bool:
    actor = files.actor
    if actor.role == "public":
        return True
    if actor.role == "expert":
        return files.find(f"expert/{actor.person}", Expert) is not None
    agency = files.find(f"agency/{actor.agency}", Agency)
    return agency is not None and agency.holds(actor.role, actor.person)


def _holds_by_delegation(files: Files, principal: str) -> bool:
    """Whether the office was given to the actor, for today, by somebody who holds it themselves; says what is lacking."""
    actor, today = files.actor, local_day(files.now)
    agency = files.find(f"agency/{actor.agency}", Agency)
    given = agency.delegations_to(actor.role, actor.person, principal) if agency else []
    if agency and not agency.holds(actor.role, principal):
        zh, en = f"委托人{principal}未任此职", f"{principal} does not hold this office"
    elif not given:
        zh, en = f"{principal}没有委托{actor.person}", f"{principal} has delegated nothing to {actor.person}"
    elif any(d.covers(today) for _, d in given):
        return True
    else:
        number, last = given[0]
        ended = last.revoked or today > last.until
        zh = f"委托{number}（{last.since}至{last.until}）{'已撤回' if last.revoked else '已期满' if ended else '尚未开始'}"
        en = f"delegation {number} ({last.since} to {last.until}) {'was revoked' if last.revoked else 'has ended' if ended else 'has not begun'}"
    files.refuse("not-authorised", zh, en)
    return False


def _at(files: Files, office: Office, case: Case | None) -> bool:
    """Whether the actor's agency is the place the office must be at, seen from the case."""
    agency, person = files.actor.agency, files.actor.person
    match office.at:
        case "anywhere":
            return True
        case "own-college":
            return (
                _owner(files, case) in (None, agency) and files.find(f"college/{agency}", College) is not None
            )
        case "applicant":
            return isinstance(case, Filing) and case.college == agency
        case "receiving-unit":
            return isinstance(case, Filing) and case.route == agency
        case "awaited":  # whoever has to decide it now must be able to read it (个保法 6: no more than that)
            ours = (files.actor.role, agency)
            return case is not None and any((w.role, w.agency) == ours for w in case.waiting())
        case "panel" | "chair":
            evaluation = files.find(case.evaluation, Evaluation) if isinstance(case, Filing) else None
            if evaluation is None:
                return isinstance(case, Filing)  # no panel yet: the act itself says `wrong-stage`
            return person == evaluation.chair if office.at == "chair" else person in evaluation.panel
        case place:
            return agency == place


def _owner(files: Files, case: Case | None) -> str | None:
    """The college that a case is about, or the programme that an act names, or the act itself names."""
    owner = college_of(case) if case else None
    named, college = files.command.with_.get("programme"), files.command.with_.get("college")
    if owner is None and isinstance(named, str):
        filing = files.find(named.rpartition("/")[0], Filing)
        return filing.college if filing else None
    return college if owner is None and isinstance(college, str) else owner


def keep_to_assigned(files: Files, cases: list[Case]) -> None:
    """Note `not-authorised` when a case was given to another officer of the actor's office."""
    actor = files.actor
    for case in cases:
        given = case.assigned.get(f"{actor.role}@{actor.agency}")
        if given and given not in actor.accounts:
            zh, en = f"{case.id}已改派给{given}", f"{case.id} was given to {given}"
            files.refuse("not-authorised", zh, en, other=case.id)


def keep_duties_apart(files: Files, cases: list[Case]) -> None:
    """Note `self-review` when the person did an act on the same filing that may not meet this one."""
    act, people = files.command.act, files.actor.accounts
    for duty in files.pack.duties:
        if act not in duty.acts:
            continue
        other = duty.acts[0] if duty.acts[1] == act else duty.acts[1]
        for case in cases:
            if isinstance(case, Filing | Selection) and _did(files, case, people, case.deeds.get(other, [])):
                zh, en = (
                    f"同一人不得既办理“{files.pack.acts[other].says.zh}”又办理“{files.pack.acts[act].says.zh}”",
                    f"the same person may not both {other} and {act}",
                )
                files.refuse("self-review", zh, en, other=case.id)


def _did(files: Files, case: Filing | Selection, people: tuple[str, ...], accounts: list[str]) -> bool:
    """Whether one of these accounts is the actor's, or another account of the same person as far as appointments say."""
    if not accounts or set(people) & set(accounts):
        return bool(accounts)
    own = {mark for person in people for mark in _likeness(files, case, person)}
    return bool(own) and any(own & _likeness(files, case, account) for account in accounts)


def _likeness(files: Files, case: Filing | Selection, account: str) -> set[str]:
    """The keyed digests of who holds an account, at the agencies that may have to do with the case, or as an expert."""
    _, at, place = account.rpartition("@")
    # What cannot be is not looked for: experts act for no agency, and no expert's id has an @.
    places = {*files.pack.agencies} | ({place} if at else set())
    places |= {files.actor.agency} if files.actor.role != "expert" else set()
    places |= {case.college} if isinstance(case, Filing) else set()
    files.fetch([*([] if at else [f"expert/{account}"]), *(f"agency/{place}" for place in places)])
    agencies = [files.find(f"agency/{place}", Agency) for place in sorted(places)]
    found = {agency.likeness[account] for agency in agencies if agency and account in agency.likeness}
    expert = None if at else files.find(f"expert/{account}", Expert)
    return found | set(expert.likeness if expert else [])
