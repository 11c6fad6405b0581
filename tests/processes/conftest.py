"""Fixtures of this folder: the theatre that the stories share, and a real dev server for what it cannot show."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog
from temporalio.client import Client

from deploy.devserver import DevServer
from tests.processes.house import House
from tests.stories.theatre import Theatre, the_theatre
from workflows.search import SEARCH_ATTRIBUTES


@pytest_asyncio.fixture(scope="session")
async def theatre() -> AsyncIterator[Theatre]:
    """One time-skipping server for the whole session, the stories' own."""
    async with the_theatre() as opened:
        yield opened


@pytest_asyncio.fixture(scope="session")
async def temporal() -> AsyncGenerator[Client]:
    """A client of a real dev server."""
    server = DevServer(ui=False, search_attributes=SEARCH_ATTRIBUTES, die_with_parent=True)
    await asyncio.to_thread(server.start)
    yield await Client.connect(server.address)
    await asyncio.to_thread(server.stop)


@pytest.fixture
def house(
    temporal: Client, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[House]:
    """An environment of the test's own on the dev server."""
    house = House(tmp_path_factory.mktemp("house"), temporal, f"h{abs(hash(request.node.name)) % 10**8}")
    yield house
    house.close()


@pytest.fixture(scope="package", autouse=True)
def quiet() -> Iterator[None]:
    """A test that fails says why by itself; thousands of acknowledged acts around it would hide that."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**usual)
