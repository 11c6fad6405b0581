"""Fixtures of this folder."""

from collections.abc import Iterator

import pytest
from temporalio.client import Client

from tests.processes.house import A_THIRD_OF_A_DAY, HALF_AN_HOUR, House
from tests.quiet import quiet as quiet


@pytest.fixture
def rate() -> str:
    """Legal seconds in a second, in the house of a test."""
    return HALF_AN_HOUR


@pytest.fixture
def house(
    temporal: Client, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, rate: str
) -> Iterator[House]:
    """An environment of the test's own on the dev server."""
    name = f"h{abs(hash(request.node.name)) % 10**8}"
    house = House(tmp_path_factory.mktemp("house"), temporal, name, rate=rate)
    yield house
    house.close()


days_pass = pytest.mark.parametrize("rate", [A_THIRD_OF_A_DAY], ids=["days-pass"])
"""For a test in which a deadline of days is to run out."""
