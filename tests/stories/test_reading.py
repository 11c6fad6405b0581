"""A story's file is read whole or called wrong, by file, step and field; what it promises is the product's to keep."""

from pathlib import Path

import pytest

from rehearsal.runner import schedules_of
from rehearsal.story import BadStory, Story, read_story

CALL = """
steps:
  - {at: 2026-03-02 09:00, by: catalog-officer@dept, do: issue-call, as: R}
"""
TITLED = "title: t\n"


def read(folder: Path, **files: str) -> Story:
    """Write files into a folder, and read the one that is called `story`."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_story(folder / "story.yaml")


def test_what_an_included_file_includes_comes_before_it_and_only_once(tmp_path: Path) -> None:
    part = "include: [call.yaml]\nsteps: [{at: 2026-03-03 09:00, expect: {R: {stage: open}}}]\n"
    story = read(tmp_path, call=CALL, part=part, story=f"{TITLED}include: [part.yaml, call.yaml]\n")
    assert [step.place for step in story.steps] == ["call.yaml step 1", "part.yaml step 1"]


def test_a_file_that_includes_itself_by_way_of_another_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(BadStory, match=r"part\.yaml: include: story\.yaml .*includes itself"):
        read(tmp_path, part="include: [story.yaml]\n", story=f"{TITLED}include: [part.yaml]\n")


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("by: filer@dg, do: submit-fling", r"step 2: do: .*no such act: submit-fling"),
        ("by: clerk@tro, do: accept, case: F", r"step 2: case: .*no case of this name: F"),
        ("expect: {F: {stage: open}}", r"step 2: expect: .*no case of this name: F"),
    ],
)
def test_a_misspelt_act_or_case_makes_the_file_wrong(tmp_path: Path, step: str, why: str) -> None:
    with pytest.raises(BadStory, match=why):
        read(tmp_path, story=f"{TITLED}{CALL}  - {{at: 2026-03-03 09:00, {step}}}\n")


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("at: 2026-02-30", r"story\.yaml step 1: at: "),
        ("at: 2026-03-01, by: filer at dg, do: accept", r"story\.yaml step 1: by: "),
        ("at: 2026-03-01, by: clerk@tro, do: accept, read: soon", r"story\.yaml step 1: read: "),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(tmp_path: Path, step: str, why: str) -> None:
    with pytest.raises(BadStory, match=why):
        read(tmp_path, story=f"{TITLED}steps: [{{{step}}}]\n")


def test_a_day_that_no_year_has_is_named_in_an_inline_calendar(tmp_path: Path) -> None:
    calendar = "calendar: {2026: {holidays: [2026-02-29], workdays: []}}\n"
    with pytest.raises(BadStory, match=r"story\.yaml: calendar\.2026: "):
        read(tmp_path, story=TITLED + calendar)


def test_a_missing_include_is_named_where_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BadStory, match=r"story\.yaml: include: nowhere\.yaml: .*no such file"):
        read(tmp_path, story=f"{TITLED}include: [nowhere.yaml]\n")


def test_what_a_story_says_is_refused_is_left_to_the_act(tmp_path: Path) -> None:
    refused = "  - {at: 2026-03-03 09:00, by: clerk@tro, do: accept, case: F, as: G, refused: invalid}\n"
    assert len(read(tmp_path, story=TITLED + CALL + refused).steps) == 2
    with pytest.raises(BadStory, match="no case of this name: G"):  # refused, it opened nothing
        read(tmp_path, story=f"{TITLED}{CALL}{refused}  - {{at: 2026-03-04, expect: {{G: {{}}}}}}\n")


def test_a_story_goes_by_the_published_schedules_of_all_its_years(tmp_path: Path) -> None:
    years = "steps: [{at: 2019-03-01 09:00}, {at: 2026-04-01 09:00}]\n"
    assert {2019, 2026} <= {schedule.year for schedule in schedules_of(read(tmp_path, story=TITLED + years))}
