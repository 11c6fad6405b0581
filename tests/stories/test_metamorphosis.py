"""Other names, another order, other weeks: the story goes as it did (FORMAT.md)."""

from dataclasses import replace

import pytest

from rehearsal.story import Story
from tests.stories.catalogue import closed_stories, story
from tests.stories.ledger_only import played
from tests.stories.metamorphosis import inline, renamed, reordered, shifted, stays_in_its_years
from tests.stories.test_stories import must_hold

WEEKS = 2
NOT_SHIFTED = {
    "08-next-years-schedule", "unpublished-year", "wrong-place", "enrolment", "unexplained-stop", "07-suspension-in-flight",
    "frozen-everywhere", "frozen-in-notice", "hearing", "officers", "wrong-place-programmes",
    "catalog-replaced", "frozen-in-part", "frozen-on-the-panel", "stopped-clocks", "broken-notice-judged-anew", "codes-reused", "another-programme",
    "never-filed", "agreements", "admitted-while-shut", "student-leave", "overturned-late", "student-practice", "student-hours", "student-registration", "student-stages", "student-survey", "wrong-place-students", "selection-grants", "selection-two-procedures",
}  # fmt: skip
"""They speak of several years."""


def otherwise(name: str) -> Story:
    """The story under other names, in another order and, where it stays within its years, in other weeks."""
    told = reordered(renamed(story(name)))
    if name in NOT_SHIFTED:
        return told
    weeks = WEEKS if stays_in_its_years(told, WEEKS) else -WEEKS
    assert stays_in_its_years(told, weeks), f"{name} crosses a year; say why in NOT_SHIFTED"
    return shifted(told, weeks)


@pytest.mark.parametrize("name", closed_stories())
def test_names_and_order_and_whole_weeks_mean_nothing(name: str) -> None:
    must_hold(played(otherwise(name)))


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
    must_hold(played(shifted(told, 1)))
    assert not played(replace(shifted(told, 1), calendar=inline(told))).holds
