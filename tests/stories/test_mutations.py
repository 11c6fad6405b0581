"""Whoever changes a value, an office or a duty of the pack changes the outcome of some story."""

import pytest

from domain.policy import Pack
from tests.stories.catalogue import story
from tests.stories.ledger_only import holds_under
from tests.stories.mutations import (
    OUTSIDE_OF_STORIES,
    PACK,
    acts,
    changed_offices,
    changed_rules,
    rule_keys,
    without_duties,
)
from tests.stories.seen_by import OFFICES_SEEN_BY, RULES_SEEN_BY, SELECTION_RULES_SEEN_BY

pytestmark = pytest.mark.slow
MOST_ACTS = ("wrong-place", "01-straight-run")


def unnoticed(pack: Pack, stories: tuple[str, ...]) -> bool:
    """Whether all of these stories go as if nothing had changed."""
    return all(holds_under(story(name), pack) for name in stories)


@pytest.mark.parametrize(("pack", "key"), [rule for rule in rule_keys() if rule[1] not in OUTSIDE_OF_STORIES])
def test_a_changed_value_changes_a_story(pack: str, key: str) -> None:
    stories = (RULES_SEEN_BY if pack == PACK else SELECTION_RULES_SEEN_BY).get(key)
    assert stories, (
        f"no story depends on {key}: write one in rehearsals/ and name it in mutations.RULES_SEEN_BY"
    )
    missed = [what for what, changed in changed_rules(pack, key) if unnoticed(changed, stories)]
    assert missed == [], f"{stories} go the same; a story in rehearsals/ must tell the difference"


@pytest.mark.parametrize(("pack", "act"), acts())
def test_a_changed_office_changes_a_story(pack: str, act: str) -> None:
    stories = OFFICES_SEEN_BY.get(act, MOST_ACTS)
    missed = [what for what, changed in changed_offices(pack, act) if unnoticed(changed, stories)]
    assert missed == [], f"{stories} go the same; a story in rehearsals/ must tell the difference"


def test_a_duty_that_is_dropped_changes_a_story() -> None:
    missed = [what for what, pack in without_duties() if unnoticed(pack, ("self-review", "selection-draw"))]
    assert missed == [], "rehearsals/self-review.yaml goes the same, or selection-draw"
