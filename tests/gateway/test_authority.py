"""Who may do what: role, agency, object, and the separation of duties; what is only the processes' own."""

from typing import Any

import pytest

from console.student_words import EXAMPLES
from domain import decide
from domain.actors import parse_actor
from domain.acts.base import ACTS
from domain.files import Command
from policies import load_pack
from records.schema import acts
from tests.register import PANEL
from tests.world import Office, line

assert decide  # registers every act
PUBLIC = sorted(load_pack("guangdong/pilot").acts)
"""The acts of the pilot; those that only a funded selection has: tests/selection."""
INTERNAL = sorted(name for name, act in ACTS.items() if act.internal)
PEOPLE = (
    "catalog-officer@dept", "approver@dept", "publisher@dept", "ops@dept", "clerk@tro", "organiser@tro", "notice-officer@tro",
    "clerk@sz", "filer@zh", "filer@dg", "expert:zhao", "expert:li", "public",
)  # fmt: skip


def test_only_the_offices_of_the_pack_get_further_than_the_door(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    forms, wrong = fitting_forms(office, filing), list[str]()
    for act in PUBLIC:
        may = {held.role for held in load_pack("guangdong/pilot").acts[act].by}
        case, with_ = forms[act]
        for who in PEOPLE:
            actor = parse_actor(who)
            stopped = (
                office.act("2026-04-14 09:00", actor, act, case, **with_).get("code") == "not-authorised"
            )
            theirs = actor.role in may or "anyone" in may
            if stopped == theirs and not (stopped and actor.role == "expert"):
                wrong.append(f"{act} by {who}: {'stopped' if stopped else 'let in'}")
    assert wrong == []
    office.check()


def student_forms(o: Office) -> dict[str, tuple[str | None, dict[str, Any]]]:
    """The same for the acts on a cohort, of a filing that was announced before."""
    filing = o.passed("dg", line("1", "DEMO-0105"))
    o.published(filing, at="2026-03-30 09:00")
    o.consented(filing, at="2026-04-07 09:00")
    o.announced(filing, at="2026-04-08 09:00", number=81)
    named: dict[str, Any] = {"programme": f"{filing}/1", "year": 2026}
    o.do("2026-04-09 09:00", "filer@dg", "file-enrolment", plan=9, fees=[], **named)
    o.do("2026-04-09 10:00", "approver@dept", "accept-enrolment", **named)
    cohort = o.do("2026-04-10 09:00", "filer@dg", "open-cohort", students=9, **named)
    return {act: (cohort, form) for act, form in EXAMPLES.items()}


def fitting_forms(o: Office, filing: str) -> dict[str, tuple[str | None, dict[str, Any]]]:
    """For every act a form that is rightly filled in, whatever the stage."""
    ref = f"{filing}/1"
    objection = o.objected(ref, at="2026-04-13 10:00")
    lead = o.do(
        "2026-04-13 11:00", "public", "report-violation", subject="dg", offence="other", statement="x"
    )
    college = {
        "id": "new",
        "name": "示例技师学院丁",
        "kind": "technician-college",
        "city": "4401",
        "affiliation": "private",
    }
    seen = {"date": "2026-04-14", "visitors": ["a", "b"], "places": ["x"], "finding": "x"}
    post = {"agency": "gz", "role": "clerk", "person": "wang"}
    number = "粤人社函〔2026〕88号"
    call = {
        "year": 2027, "document_no": number, "window": {"opens": "2026-12-01", "closes": "2026-12-31"},
        "majors": [{"code": "DEMO-0101", "name": "数控加工"}],
    }  # fmt: skip
    told = {
        "line": ref,
        "via": "email",
        "received": "2026-04-14 08:00",
        "who": {"kind": "anonymous"},
        "statement": "x",
    }
    correction = {
        "document_no": number,
        "corrects": "粤人社函〔2026〕87号",
        "changes": [{"line": ref, "field": "plan", "to": 1}],
    }
    return {
        **student_forms(o),
        "adopt-pack": (None, {"pack": "0" * 64}), "accept": (filing, {}), "amend-register": (None, {"college": "dg", "changes": {"city": "4419"}, "from": "2027-01-01"}),
        "announce": (None, {"document_no": number, "lines": [ref]}), "appoint": (None, post), "dismiss": (None, post),
        "ask-supplement": (filing, {"items": ["x"]}), "conclude": (filing, {"results": {"1": "passed"}}),
        "consent": (None, {"lines": [ref]}), "correct": (None, correction), "decline": (filing, {"reason": "x"}),
        "decide-objection": (objection, {"outcome": "dismissed", "finding": "x"}),
        "declare-no-tie": (filing, {}), "disclose-tie": (filing, {"expert": "zhao", "org": "别处"}), "form-panel": (filing, {"experts": list(PANEL), "chair": "zhao"}),
        "found-agency": (None, {"id": "newbureau"}), "issue-call": (None, call), "object": (None, told),
        "publish-calendar": (None, {"year": 2027, "holidays": []}), "publish-notice": (None, {"lines": [ref]}),
        "refuse": (None, {"lines": [ref], "reasons": "x"}), "register-college": (None, college),
        "register-expert": (None, {"id": "neu", "name": "某", "side": "college", "employers": [{"org": "x"}]}),
        "replace-expert": (filing, {"out": "zhao", "in": "feng"}), "return": (None, {"lines": [ref], "reasons": "x"}),
        "route": (filing, {"to": "tro", "reason": "x"}), "save-draft": (None, {"round": o.round}),
        "score": (filing, {"line": "1", "marks": {"overall": 90}}), "submit-filing": (None, {"round": o.round, "lines": [line()]}),
        "file-enrolment": (None, {"programme": ref, "year": 2026, "plan": 1, "fees": []}),
        "accept-enrolment": (None, {"programme": ref, "year": 2026}),
        "refuse-enrolment": (None, {"programme": ref, "year": 2026, "reasons": "x"}),
        "open-cohort": (None, {"programme": ref, "year": 2026, "students": 1}),
        "record-admissions": (None, {"programme": ref, "year": 2026, "letters": [{"at": "2026-04-14 08:00", "entry": "senior-high", "count": 1}]}),
        "record-fees": (None, {"programme": ref, "year": 2026, "fees": [{"item": "学费", "amount": 1}]}),
        "explain-no-enrolment": (None, {"programme": ref, "year": 2026, "reason": "x"}),
        "renew-agreement": (None, {"programme": ref, "uscc": "91440300MADEM00700", "until": "2034-08-31"}),
        "relinquish": (None, {"programme": ref, "reason": "x"}),
        "file-work-group": (None, {"college": "dg", "leader": "甲", "post": "校长", "teachers": ["乙"], "managers": ["丙"]}),
        "report-violation": (None, {"subject": "dg", "offence": "other", "statement": "x"}),
        "open-violation": (lead, {"officers": ["inspector@dept"]}), "close-violation": (lead, {"reasons": "x"}),
        "record-evidence": (lead, {"finding": "x", "officers": ["inspector@dept"]}),
        "notify-measure": (lead, {"measure": "warn", "reasons": "x"}), "state-defence": (lead, {"statement": "x"}),
        "request-hearing": (lead, {"statement": "x"}),
        "nudge": (filing, {"for": "conclude"}), "extend": (filing, {"reason": "x"}), "withdraw-card": (filing, {"card": "x", "reason": "x"}),
        "reassign": (filing, {"office": "organiser@tro", "to": "x", "reason": "x"}),
        "delegate": (None, {"to": "x", "from": "2026-04-14", "until": "2026-04-15", "reason": "x"}),
        "revoke-delegation": (None, {"agency": "tro", "number": "x", "reason": "x"}), "retry-post": (filing, {}),
        "restart-process": (filing, {"reason": "x"}),
        "announce-hearing": (lead, {"at": "2026-06-14 09:00", "place": "x", "chair": "x"}),
        "hold-hearing": (lead, {"date": "2026-04-14", "chair": "x", "record": "x"}),
        "decide-sanction": (lead, {"measure": "warn", "reasons": "x"}),
        "lift-suspension": (lead, {"from": "2026-05-14", "reasons": "x"}),
        "review-suspension": (lead, {"finding": "x"}), "overturn-sanction": (lead, {"reasons": "x"}),
        "open-personal": (objection, {"what": "timeline", "reason": "x"}), "erase-person": (objection, {"basis": "x"}),
        "supply": (filing, {"items": ["x"]}), "visit": (filing, seen), "withdraw": (filing, {"reason": "x"}),
    }  # fmt: skip


def test_a_fitting_form_is_known_for_every_act(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    assert set(fitting_forms(office, filing)) == set(PUBLIC)


@pytest.mark.parametrize(
    "who", ["clerk@tro#stranger", "ops@gz", "clerk@nowhere", "filer@nowhere", "expert:nobody", "approver@tro"]
)
def test_who_holds_no_office_may_do_nothing(office: Office, who: str) -> None:
    filing = office.submitted()
    for act, case, with_ in (
        ("accept", filing, {}), ("appoint", None, {"agency": "dept", "role": "ops", "person": "stranger"}),
        ("submit-filing", None, {"round": office.round, "lines": [line("1", "DEMO-0101")]}),
    ):  # fmt: skip
        assert office.refused("2026-03-05 09:00", who, act, case, **with_) == "not-authorised"
    office.check()


def test_an_officer_who_was_dismissed_may_do_nothing_more(office: Office) -> None:
    filing = office.submitted()
    office.do("2026-03-04 11:00", "ops@dept", "dismiss", agency="tro", role="clerk", person="clerk@tro")
    assert office.refused("2026-03-05 09:00", "clerk@tro", "accept", filing) == "not-authorised"
    office.appoint("clerk@tro#wang")
    office.do("2026-03-05 09:00", "clerk@tro#wang", "accept", filing)


def test_a_draft_is_its_own_colleges_alone(office: Office) -> None:
    mentor = {"name": "高师傅", "id_no": "440303200802290016", "employer": "示例激光公司"}
    draft = office.do(
        "2026-03-04 09:00", "filer@dg", "save-draft", round=office.round, lines=[line()], mentors=[mentor]
    )
    assert (
        office.refused("2026-03-04 10:00", "filer@zh", "save-draft", draft, round=office.round)
        == "wrong-agency"
    )
    assert office.refused("2026-03-04 10:00", "filer@zh", "submit-filing", draft) == "wrong-agency"
    assert office.refused("2026-03-04 10:00", "filer@zh", "withdraw", draft, reason="x") == "wrong-agency"
    office.do("2026-03-04 11:00", "filer@dg", "submit-filing", draft)
    assert office.state(draft)["college"] == "dg"


def test_an_expert_discloses_only_ties_of_their_own(office: Office) -> None:
    filing = office.submitted()
    office.accepted(filing)
    office.panelled(filing)
    tie = {"expert": "qian", "org": "dg"}
    assert (
        office.refused("2026-03-17 09:00", "expert:zhao", "disclose-tie", filing, **tie) == "not-authorised"
    )
    office.do("2026-03-17 09:00", "expert:qian", "disclose-tie", filing, **tie)
    assert (
        office.refused("2026-03-18 09:00", "expert:qian", "score", filing, line="1", marks={"overall": 9})
        == "recused"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [("accept", "score"), ("accept", "conclude"), ("submit-filing", "accept"), ("submit-filing", "score")],
)
def test_the_same_person_may_not_do_both(office: Office, first: str, second: str) -> None:
    for held in ("clerk@tro#zhao", "filer@dg#zhao"):
        office.appoint(held)
    filer = "filer@dg#zhao" if first == "submit-filing" else "filer@dg"
    filing = office.do("2026-03-04 10:12", filer, "submit-filing", round=office.round, lines=[line()])
    if second == "accept":
        assert office.refused("2026-03-09 09:00", "clerk@tro#zhao", "accept", filing) == "self-review"
        return
    office.do("2026-03-09 09:00", "clerk@tro#zhao" if first == "accept" else "clerk@tro", "accept", filing)
    office.panelled(filing)
    forms = {"score": {"line": "1", "marks": {"overall": 90}}, "conclude": {"results": {"1": "passed"}}}
    assert office.refused("2026-03-18 09:00", "expert:zhao", second, filing, **forms[second]) == "self-review"
    office.check()


@pytest.mark.parametrize("act", INTERNAL)
@pytest.mark.parametrize("who", ["ops@dept", "approver@dept", "public", "process@dept", "process@tro"])
def test_what_is_the_processes_own_cannot_be_asked_for(office: Office, act: str, who: str) -> None:
    filing = office.submitted()
    before = office.views()
    paper = {"paper": "acceptance", "sha256": "0" * 64, "name": "x", "for_event": f"{filing}#1"}
    with_ = paper if act == "issue-document" else {}
    for case in (filing, office.round, "calendar/cn", None):
        answer = office.act("2026-03-20 09:00", who, act, case, **with_)
        assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
    assert office.views() == before
    assert [row["code"] for row in office.rows(acts)[-4:]] == ["invalid"] * 4


@pytest.mark.parametrize("act", ["accept", "consent", "appoint", "publish-calendar", "withdraw"])
def test_nobody_may_pass_for_a_process(office: Office, act: str) -> None:
    filing = office.submitted()
    before = office.views()
    for who in ("process@dept", "process@founding", "process@tro"):
        answer = office.gateway.act(
            Command(id=f"x-{who}", act=act, by=parse_actor(who), case=filing, with_={})
        )
        assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
    assert office.views() == before


def test_even_a_process_does_only_what_can_be_done(office: Office) -> None:
    filing = office.submitted()
    hand = parse_actor("process@tro")
    for n, (act, case) in enumerate(
        [("lapse", "no-such-case"), ("complete-round", filing), ("record-publication", filing)]
    ):
        answer = office.gateway.act(Command(id=f"p-{n}", act=act, by=hand, case=case), internal=True)
        assert (answer["outcome"], answer["code"]) == ("refused", "invalid")
    office.check()


NUMBER = {"id_no": "440106197810014568"}


def test_one_person_under_two_accounts_is_refused_as_one_when_the_appointments_say_who_they_are(
    office: Office,
) -> None:
    filing = office.submitted("dg")
    for agency, role, person in (("dg", "filer", "filer@dg"), ("tro", "clerk", "clerk/2@tro")):
        office.do(
            "2026-03-05 09:00", "ops@dept", "appoint", agency=agency, role=role, person=person, who=NUMBER
        )
    assert office.refused("2026-03-06 09:00", "clerk/2@tro", "accept", filing) == "self-review"
    office.do("2026-03-06 09:30", "clerk@tro", "accept", filing)
    office.check()
