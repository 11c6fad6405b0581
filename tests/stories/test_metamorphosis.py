"""Other names, another order, other weeks: the story goes as it did (FORMAT.md)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rehearsal.runner import Outcome
from rehearsal.story import Story
from tests.stories.catalogue import closed_stories, story
from tests.stories.ledger_only import play_on_the_ledger
from tests.stories.metamorphosis import inline, renamed, reordered, shifted, stays_in_its_years
from tests.stories.test_stories import must_hold

WEEKS = 2
NOT_SHIFTED = {
    "08-next-years-schedule", "unpublished-year", "wrong-place", "enrolment", "unexplained-stop", "07-suspension-in-flight",
    "frozen-everywhere", "frozen-in-notice", "hearing", "officers", "wrong-place-programmes",
    "frozen-in-part", "codes-reused", "another-programme",
    "student-practice", "student-hours", "student-registration", "student-stages", "student-survey", "wrong-place-students", "selection-grants", "selection-two-procedures",
}  # fmt: skip
"""They speak of several years."""


def told_otherwise(name: str, change: Callable[[Story], Story]) -> Outcome:
    """How the changed story goes."""
    outcome, _ = play_on_the_ledger(change(story(name)))
    return outcome


@pytest.mark.parametrize("name", closed_stories())
def test_names_and_order_mean_nothing(name: str) -> None:
    must_hold(told_otherwise(name, lambda told: reordered(renamed(told))))


@pytest.mark.parametrize("name", [name for name in closed_stories() if name not in NOT_SHIFTED])
def test_whole_weeks_mean_nothing_when_the_calendar_shifts_along(name: str) -> None:
    weeks = WEEKS if stays_in_its_years(story(name), WEEKS) else -WEEKS
    assert stays_in_its_years(story(name), weeks), f"{name} crosses a year; say why in NOT_SHIFTED"
    must_hold(told_otherwise(name, lambda told: shifted(told, weeks)))


def test_a_renamed_story_names_nothing_as_it_was() -> None:
    told = renamed(story("11-partial-approval"))
    assert {c["id"] for c in told.colleges}.isdisjoint(
        {c["id"] for c in story("11-partial-approval").colleges}
    )
    assert not any(
        ref.startswith("F/") for step in told.steps for ref in map(str, step.with_.get("lines") or [])
    )


def test_weeks_do_mean_something_when_the_calendar_stays() -> None:
    told = story("02-spring-festival")
    must_hold(play_on_the_ledger(shifted(told, 1))[0])
    assert not play_on_the_ledger(replace(shifted(told, 1), calendar=inline(told)))[0].holds
