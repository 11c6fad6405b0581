"""What tests run on: SQLite files and a real PostgreSQL (each test gets a copy of a prepared database), and Temporal servers."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest
import pytest_asyncio
from hypothesis import settings
from sqlalchemy import Connection, Engine
from temporalio.client import Client

from deploy.devserver import DevServer
from deploy.postgres import APP, Cluster
from deploy.servers import ensure_test_server
from records.engine import migrate, open_engine
from records.schema import APPEND_ONLY
from rehearsal.server import time_skipping_server
from tests.stories.theatre import Theatre
from tests.world import Office, staffed
from workflows.search import SEARCH_ATTRIBUTES

settings.register_profile("huiqian", settings(), deadline=None, max_examples=40)
settings.load_profile("huiqian")

LONGEST_NAME = 1_000
"""Characters of a parameter that may stand in a test's name."""
Recipe = Callable[[Engine], object]
"""What a database is prepared with, before it is copied for each test."""


@dataclass(frozen=True)
class Ground:
    """One records database: as the application may use it, and as its owner may."""

    kind: str
    engine: Engine
    owner: Engine

    @contextmanager
    def unlocked(self) -> Generator[Connection]:
        """A transaction of somebody who may change the record: the tables' owner, on SQLite whoever has the file."""
        with self.owner.begin() as connection:
            if self.kind == "sqlite":
                for table in APPEND_ONLY:
                    triggers = connection.exec_driver_sql(
                        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
                    )
                    for name in triggers.scalars().all():
                        connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection


class Soil(Protocol):
    """A kind of database."""

    kind: str

    def fresh(self, recipe: Recipe) -> Ground:
        """A new database, prepared so."""
        ...

    def clear(self, ground: Ground) -> None:
        """Give it up."""
        ...


class Sqlite:
    """SQLite files."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prepared: dict[Recipe, Path] = {}
        self._count = 0

    def fresh(self, recipe: Recipe) -> Ground:
        """Copying a file is the quickest way to an environment."""
        if recipe not in self._prepared:
            self._count += 1  # also when preparing fails, so that nobody builds on what is left
            path = self._folder / f"prepared-{self._count}.db"
            engine = open_engine(f"sqlite:///{path}")
            migrate(engine)
            recipe(engine)
            engine.dispose()
            with sqlite3.connect(path) as connection:  # nothing may stay behind in the write-ahead log
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            self._prepared[recipe] = path
        self._count += 1
        copy = self._folder / f"{self._count}.db"
        shutil.copy(self._prepared[recipe], copy)
        url = f"sqlite:///{copy}"
        return Ground(self.kind, open_engine(url), open_engine(url))

    def clear(self, ground: Ground) -> None:
        """Close and delete the file."""
        for engine in (ground.engine, ground.owner):
            engine.dispose()
        Path(str(ground.engine.url.database)).unlink()


class Postgres:
    """Databases of a throw-away cluster; the application has a role of its own that owns nothing."""

    kind = "postgres"

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._prepared: dict[Recipe, str] = {}
        self._count = 0

    def fresh(self, recipe: Recipe) -> Ground:
        """A copy of a database that the owner migrated and the application founded."""
        if recipe not in self._prepared:
            self._count += 1
            name = f"prepared{self._count}"
            ground = self._open(*self.cluster.create_database(name))
            migrate(ground.owner, app_role=APP)
            recipe(ground.engine)
            ground.engine.dispose()
            ground.owner.dispose()
            self._prepared[recipe] = name
        self._count += 1
        template = self._prepared[recipe]
        return self._open(*self.cluster.create_database(f"test{self._count}", template=template))

    def _open(self, owner: str, app: str) -> Ground:
        return Ground(self.kind, open_engine(app), open_engine(owner))

    def clear(self, ground: Ground) -> None:
        """Close and drop the database."""
        for engine in (ground.engine, ground.owner):
            engine.dispose()
        self.cluster.drop_database(str(ground.engine.url.database))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """A parameter of megabytes is not spelt out in its test's name, which each worker would make and send."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_NAME:
        return f"{argname}-{len(val)}"
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers (`-n`), the tests that share a Temporal server, or a database that takes long to prepare, run in one
    of them, and begin first.
    """
    for name in ("theatre", "temporal", "prepared"):
        for item in items:
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(scope="session")
def sqlite() -> Iterator[Soil]:
    """SQLite files in a folder of this session; in memory where the machine has such a folder, since each act syncs."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="huiqian-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Sqlite(Path(folder))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this session, 15 or newer."""
    with Cluster(die_with_parent=True) as cluster:
        yield Postgres(cluster)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def soil(request: pytest.FixtureRequest) -> Soil:
    """Each of the databases that the records system runs on."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def ground(soil: Soil) -> Iterator[Ground]:
    """A founded and staffed database of either kind."""
    ground = soil.fresh(staffed)
    yield ground
    soil.clear(ground)


@pytest.fixture
def office(sqlite: Soil) -> Iterator[Office]:
    """An office on SQLite, staffed, with this year's call issued."""
    ground = sqlite.fresh(staffed)
    yield Office(ground.engine)
    sqlite.clear(ground)


@pytest_asyncio.fixture(scope="session")
async def theatre() -> AsyncIterator[Theatre]:
    """One time-skipping server for the whole session, where every story is played once."""
    async with time_skipping_server(ensure_test_server()) as server:
        yield Theatre(server)


@pytest_asyncio.fixture(scope="session")
async def temporal() -> AsyncGenerator[Client]:
    """A client of the session's real dev server."""
    server = DevServer(ui=False, search_attributes=SEARCH_ATTRIBUTES, die_with_parent=True)
    await asyncio.to_thread(server.start)
    yield await Client.connect(server.address)
    await asyncio.to_thread(server.stop)
