"""A doubled, late or lost wake changes nothing, nor does a process that ends and begins anew."""

import pytest

from tests.processes.disturbances import Deaf, Echoing, Forgetful
from tests.stories.catalogue import story
from tests.stories.ledger_only import play_on_the_ledger
from tests.stories.test_stories import must_hold
from tests.stories.theatre import Dressing, Theatre


async def goes_as_ever(theatre: Theatre, name: str, dressing: Dressing = lambda stage: stage) -> None:
    """The story holds, and leaves the record that the ledger alone would."""
    performance = await theatre.perform(story(name), dressing)
    must_hold(performance.outcome)
    _, record = play_on_the_ledger(story(name), prefix=performance.prefix)
    assert performance.record.differences(record) == []


@pytest.mark.slow
async def test_a_doubled_or_late_wake_changes_nothing(theatre: Theatre) -> None:
    await goes_as_ever(theatre, "11-partial-approval", Echoing)


async def test_a_lost_wake_costs_time_and_nothing_else(theatre: Theatre) -> None:
    await goes_as_ever(theatre, "02-spring-festival", Deaf)


@pytest.mark.slow
async def test_a_process_that_begins_anew_at_any_stage_goes_on_from_there(theatre: Theatre) -> None:
    before = Forgetful.ended
    await goes_as_ever(theatre, "14-supplement-visit-return", Forgetful)
    await goes_as_ever(theatre, "10-supplement", Forgetful)
    assert Forgetful.ended > before + 50
