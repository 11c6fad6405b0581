"""Every story holds: on the real processes, and on the ledger alone, with the same record afterwards."""

import pytest

from policies import load_pack
from rehearsal.runner import Outcome
from tests.stories.catalogue import COPIES, PUBLISHED, STILL_OPEN, of_every_day, story, story_files
from tests.stories.ledger_only import play_on_the_ledger
from tests.stories.theatre import Theatre


def every_story() -> list[object]:
    """All stories as parameters; those whose issue is open must fail until it is done."""
    found: list[object] = []
    for name in story_files():
        marks = [pytest.mark.xfail(strict=True, reason=STILL_OPEN[name])] if name in STILL_OPEN else []
        marks += [] if name in of_every_day() else [pytest.mark.slow]
        found.append(pytest.param(name, marks=marks))
    return found


def must_hold(outcome: Outcome) -> None:
    """A failed story is told to people: the step, what was expected, what was found."""
    if not outcome.holds:
        pytest.fail(
            "\n".join([f"{outcome.story.path}: {outcome.story.title}", *outcome.failures]), pytrace=False
        )


@pytest.mark.parametrize("name", every_story())
async def test_the_story_holds_on_the_processes_and_leaves_the_record_that_the_ledger_alone_would(
    theatre: Theatre, name: str
) -> None:
    performance = await theatre.seen(story(name))
    must_hold(performance.outcome)
    outcome, record = play_on_the_ledger(story(name), prefix=performance.prefix)
    must_hold(outcome)
    assert performance.outcome.steps == outcome.steps
    assert performance.record.differences(record) == []
    assert not any(record.refused.values()), f"English in a Chinese sentence: {record.refused}"
    packs = [load_pack(pack) for pack in (story(name).pack, *story(name).beside)]
    known = {key for pack in packs for key in pack.rules}
    assert record.cited <= known, "`huiqian policy show` tells what a deadline rests on"


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published stories are not beside this clone")
def test_our_copies_of_the_published_stories_are_exact() -> None:
    published = {file.name: file.read_bytes() for file in PUBLISHED.glob("*.yaml")}
    copies = {file.name: file.read_bytes() for file in COPIES.glob("*.yaml")}
    assert copies == published, "copy ../shared/rehearsals/*.yaml to rehearsals/shared/"


def test_every_story_has_a_title_that_no_other_has() -> None:
    titles = [story(name).title for name in story_files()]
    assert sorted(titles) == sorted(set(titles))
