"""A fixture for the folders whose tests cause thousands of acts; their conftest imports it."""

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(scope="package", autouse=True)
def quiet() -> Iterator[None]:
    """A test that fails says why by itself; thousands of acknowledged acts around it would hide that."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**usual)
