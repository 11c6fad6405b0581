"""A staffed database with a log and its witnesses."""

from pathlib import Path

import pytest

from tests.conftest import Ground
from tests.log.agencies import Agencies
from tests.world import Office


@pytest.fixture
def agencies(office: Office, tmp_path: Path) -> Agencies:
    """On SQLite."""
    return Agencies(tmp_path, office.engine)


@pytest.fixture
def agencies_on(ground: Ground, tmp_path: Path) -> Agencies:
    """On either database."""
    return Agencies(tmp_path, ground.engine)
