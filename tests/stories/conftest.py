"""Fixtures of this folder: the theatre where stories are played."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog

from tests.stories.ledger_only import forget_prepared
from tests.stories.theatre import Theatre, the_theatre


@pytest_asyncio.fixture(scope="session")
async def theatre() -> AsyncIterator[Theatre]:
    """One time-skipping server for the whole session."""
    async with the_theatre() as opened:
        yield opened


@pytest.fixture(scope="package", autouse=True)
def quiet() -> Iterator[None]:
    """A story that fails says why by itself; thousands of acknowledged acts around it would hide that."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**usual)


@pytest.fixture(scope="session", autouse=True)
def tidy() -> Iterator[None]:
    """Nothing stays on disk."""
    yield
    forget_prepared()
