"""Fixtures of this folder."""

from collections.abc import Iterator

import pytest
from temporalio.client import Client

from tests.processes.house import House
from tests.quiet import quiet as quiet


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Legal time that passes by half an hour a second, in a house that is made after this: nothing lapses, cases sleep."""
    monkeypatch.setattr("tests.processes.house.RATE", "1800")


@pytest.fixture
def house(
    temporal: Client, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[House]:
    """An environment of the test's own on the dev server."""
    house = House(tmp_path_factory.mktemp("house"), temporal, f"h{abs(hash(request.node.name)) % 10**8}")
    yield house
    house.close()
