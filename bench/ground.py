"""Databases to measure on: an SQLite file and a PostgreSQL cluster, both durable (fsync on) and on the same disk."""

import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text

from bench.report import FOLDER
from deploy.postgres import APP, Cluster
from records.engine import migrate, open_engine

KINDS = ("postgresql", "sqlite")

plain = Table("plain", MetaData(), Column("id", Integer, primary_key=True), Column("data", Text))
"""What acts are compared with: a transaction that inserts one row here."""


@dataclass(frozen=True)
class Ground:
    """One migrated records database, as the application uses it."""

    kind: str
    url: str
    engine: Engine
    folder: Path
    cluster: Cluster | None = None

    def open(self) -> Engine:
        """Another engine on the same database, as another process would have it."""
        return open_engine(self.url)


@contextmanager
def ground(kind: str, settings: Mapping[str, str] | None = None) -> Generator[Ground]:
    """A fresh database of a kind, with the table `plain` beside the records, gone afterwards."""
    with ExitStack() as cleaning:
        folder = _folder()
        cleaning.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster: Cluster | None = None
        if kind == "sqlite":
            owner = url = f"sqlite:///{folder}/records.db"
        else:
            cluster = Cluster(fsync=True, settings=settings, die_with_parent=True).start()
            cleaning.callback(cluster.stop)
            owner, url = cluster.owner_url, cluster.app_url
        _migrate(owner)
        engine = open_engine(url)
        cleaning.callback(engine.dispose)
        yield Ground(kind, url, engine, folder, cluster)


def vacuum(here: Ground) -> None:
    """As autovacuum does some minutes after rows came. Only the owner may: for anybody else PostgreSQL does nothing."""
    assert here.cluster
    owner = open_engine(here.cluster.owner_url)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)")
    owner.dispose()


def _folder() -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="run-", dir=FOLDER))


def _migrate(url: str) -> None:
    engine = open_engine(url)
    role = None if engine.dialect.name == "sqlite" else APP
    migrate(engine, role)
    plain.metadata.create_all(engine)
    if role:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"GRANT SELECT, INSERT ON plain TO {role}")
            connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE plain_id_seq TO {role}")
    engine.dispose()
