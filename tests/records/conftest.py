"""Every test of this folder runs twice: on an SQLite file, and on PostgreSQL as the application's own role."""

import pytest

from tests.conftest import Ground
from tests.world import Office


@pytest.fixture
def office(ground: Ground) -> Office:
    """An office on either database, staffed, with this year's call issued."""
    return Office(ground.engine)
