"""The published language: codes in their order, acts with their offices, names that fit (rehearsals/FORMAT.md)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import decide
from domain.acts.base import ACTS
from domain.ids import derived, line_ref, split_line_ref
from domain.refusals import CODES, Refusals, Refused
from policies import load_pack, pack_names

assert decide  # registers every act

PUBLISHED = """invalid not-authorised wrong-agency recused self-review stale calendar-missing document-no document-no-used
frozen already-asked deemed-accepted signed notice-open objection-open hearing-pending heavier-after-defence window-closed
not-a-technician-college outside-jurisdiction major-not-in-catalog code-changed mixed-entry study-years duplicate-line
grant-open panel-composition panel-incomplete score-out-of-range visitors not-ranked over-quota over-budget not-announced
enrolment-not-filed over-plan wrong-stage"""
"""FORMAT.md's, and those of the funded selection (rehearsals/SELECTION.md) among them."""
OURS = {"draft-rules"}
"""Codes that the published language does not name: it has no act by which rules change."""
OF_SELECTIONS = {"grant-open", "not-ranked", "over-quota", "over-budget"}
ISSUE_3 = """issue-call publish-calendar amend-register save-draft submit-filing withdraw route accept decline ask-supplement
supply form-panel disclose-tie replace-expert score visit conclude publish-notice object decide-objection consent refuse
return announce correct"""


def test_the_codes_stand_in_their_published_order() -> None:
    assert tuple(PUBLISHED.split()) == tuple(code for code in CODES if code not in OURS)


@given(st.lists(st.sampled_from(CODES), min_size=1, max_size=6))
def test_of_several_reasons_the_first_in_that_order_is_the_answer(codes: list[str]) -> None:
    refusals = Refusals()
    for code in codes:
        refusals.add(code, "中", "en")
    with pytest.raises(Refused) as raised:
        refusals.check()
    assert raised.value.code == min(codes, key=CODES.index)
    assert [r.code for r in raised.value.reasons] == sorted(codes, key=CODES.index)


def test_a_code_that_is_not_published_cannot_be_given() -> None:
    with pytest.raises(KeyError):
        Refusals().add("forbidden", "中", "en")


def test_every_published_act_of_this_issue_can_be_done_and_somebody_may() -> None:
    published = set(ISSUE_3.split())
    assert published <= set(ACTS)
    given = {name for pack in pack_names() for name in load_pack(pack).acts}
    assert {name for name, act in ACTS.items() if not act.internal} == given


def test_every_code_has_its_words() -> None:
    assert set(load_pack("guangdong/key-majors").refusals) == set(CODES)
    assert set(CODES) - set(load_pack("guangdong/pilot").refusals) == OF_SELECTIONS


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_the_same_command_gives_the_same_id(parts: list[str]) -> None:
    assert derived("filing", *parts) == derived("filing", *parts)
    assert len(derived("announcement", *parts)) <= 80


@given(st.text(min_size=1), st.text(min_size=1).filter(lambda text: "/" not in text))
def test_a_line_reference_splits_where_it_was_joined(filing: str, line: str) -> None:
    assert split_line_ref(line_ref(filing, line)) == (filing, line)


@pytest.mark.parametrize("wrong", ["", "/", "F", "F/", "/1"])
def test_what_is_no_line_reference(wrong: str) -> None:
    with pytest.raises(ValueError, match=" / "):
        split_line_ref(wrong)
