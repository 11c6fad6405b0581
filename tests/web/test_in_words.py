"""A page says what it means, in words: whose lines, which college, and nothing that nobody wrote."""

import re

from console import words
from console.web.ops import OUTSIDE
from domain.acts.base import ACTS
from gateway.stuck import REMEDIES
from tests.web.conftest import Web


def test_a_new_draft_holds_nothing_that_nobody_wrote(web: Web) -> None:
    form = web("filer@gm").page(f"/do/save-draft?case={web.office.round}")
    assert re.findall(r'name="lines\.0\.(?:id|plan|years)" [^>]*value="([^"]*)"', form) == ["1", "", ""]
    assert re.search(r'<select id="f-lines-0-major"[^>]*><option value="">', form)
    assert "selected" not in form.partition('id="f-lines-0-major"')[2].partition("</select>")[0]


def test_whoever_judges_sees_whose_lines_and_a_search_for_a_college_finds_what_hangs_together(
    web: Web,
) -> None:
    chair, case = web("expert:zhao"), web.cases["noticed"]
    evaluation = re.findall(r"evaluation-\w+", web("approver@dept").page(f"/cases/{case}"))[0]
    page = chair.page(f"/cases/{evaluation}")
    assert "<h1>珠海市技师学院 评估论证</h1>" in page
    assert "DEMO-0203" in page
    found = web("approver@dept").page("/search?q=zh")
    assert {evaluation, case, "college/zh"} <= set(re.findall(r'href="/cases/([^"]+)"', found))
    assert "notice-" in found


def test_a_replay_speaks_in_words(web: Web) -> None:
    told = web("approver@dept").page(f"/replay/{web.cases['passed']}?at=1")
    assert "东莞市技师学院" in told
    assert "routing.by_affiliation" not in told
    assert "false" not in told.partition('<div id="then"')[2]


def test_a_deadline_says_line_only_of_lines() -> None:
    assert words.deadline_en("reconsideration/1") == "reconsideration, line 1"
    assert words.deadline_en("enrolment/2026") == "enrolment 2026"


def test_a_replay_says_in_words_why_an_act_was_refused(web: Web) -> None:
    case = web.cases["accepted"]
    assert web.office.act("2026-04-14 09:00", "clerk@tro", "accept", case)["code"] == "wrong-stage"
    words_ = web.place.desk().pack.refusals["wrong-stage"].says.zh
    assert words_ in web("ops@dept").page(f"/replay/{case}")


def test_every_remedy_is_said_in_words() -> None:
    named = {remedy for remedies in REMEDIES.values() for remedy in remedies}
    assert named - ACTS.keys() == OUTSIDE.keys()


def test_every_field_of_every_form_has_a_word_of_its_own_in_both_languages(web: Web) -> None:
    plain = re.compile(r"[A-Za-z]+")
    for act, form in ACTS.items():
        if form.internal:
            continue
        for name in form.form.model_json_schema(by_alias=True)["properties"]:
            said = words.FIELDS_OF.get(act, {}).get(name, (words.FIELDS.get(name, ""), ""))[0]
            assert said, f"{act}: {name}"
            assert not plain.fullmatch(said), f"{act}: {name}"


def test_whoever_is_awaited_and_cannot_act_is_led_to_the_reason(web: Web) -> None:
    page = web("filer@dg").page(f"/cases/{web.cases['draft']}")
    assert "DEMO-0401" in page, "the draft's lines stand on its page"
    way = f"/do/submit-filing?case={web.cases['draft']}&amp;look=true"
    assert re.search(f'href="{re.escape(way)}">现在为什么不能办', page)
    assert "这样会被拒绝" in web("filer@dg").page(way.replace("&amp;", "&"))


def test_the_register_stands_on_the_pages_of_a_college_and_of_an_agency(web: Web) -> None:
    college = web("clerk@gz").page("/cases/college/dg")
    assert "技师学院" in college
    assert "市属" in college
    clerk = web("clerk@gz")
    assert 'href="/cases/agency/gz"' in clerk.page("/desk")
    offices = clerk.page("/cases/agency/gz")
    assert "organiser@gz" in offices
    assert "没有委托" in offices
    web.office.do(
        "2026-04-14 09:00",
        "clerk@tro",
        "delegate",
        to="organiser@tro",
        **{"from": "2026-04-15", "until": "2026-04-20", "reason": "出差"},
    )
    given = web("organiser@tro").page("/cases/agency/tro")
    assert "2026-04-15 – 2026-04-20" in given
    assert "delegations" not in given
