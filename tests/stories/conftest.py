"""Fixtures of this folder."""

from collections.abc import Iterator

import pytest

from tests.quiet import quiet as quiet
from tests.stories.ledger_only import forget_prepared


@pytest.fixture(scope="session", autouse=True)
def tidy() -> Iterator[None]:
    """Nothing stays on disk."""
    yield
    forget_prepared()
