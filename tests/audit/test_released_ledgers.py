"""Ledgers that released versions wrote: every one migrates, folds, verifies and can still be told and replayed."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

import records.engine
from audit.collect import read_dossier
from audit.ledger_source import LedgerSource
from audit.redecide import redecide
from audit.timeline import timeline
from gateway.clock import LegalClock, read_environment
from gateway.gateway import Gateway
from records.engine import migrate, open_engine
from records.rebuild import rebuild
from records.schema import acts, events, streams
from records.verify import verify
from tests.audit.export_ledger import KEPT
from tests.verify import faults


@pytest.fixture(params=sorted(path.name for path in KEPT.glob("*.db.gz")))
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A released ledger, brought up to today's schema."""
    path = tmp_path / "records.db"
    path.write_bytes(gzip.decompress((KEPT / request.param).read_bytes()))
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        before = connection.execute(select(events.c.digest).order_by(events.c.position)).scalars().all()
    migrate(engine)
    with engine.connect() as connection:
        assert (
            connection.execute(select(events.c.digest).order_by(events.c.position)).scalars().all() == before
        )
    yield engine
    engine.dispose()


def test_a_ledger_of_every_schema_is_kept_but_of_the_newest_at_most_not_yet() -> None:
    migrations = Path(records.engine.__file__).parent.glob("migrations/versions/[0-9]*.py")
    *released, _ = sorted(path.name[:4] for path in migrations)
    assert set(released) <= {path.name[:4] for path in KEPT.glob("*.db.gz")}, (
        "python -m tests.audit.export_ledger"
    )


def test_it_folds_and_verifies(ledger: Engine) -> None:
    found = verify(ledger)
    assert found.holds, found.problems
    assert found.events > 50
    rebuild(ledger)
    with ledger.connect().execution_options(reading=True) as connection:
        assert faults(connection) == []


def test_its_cases_are_told_and_its_acts_decided_again(ledger: Engine) -> None:
    environment = read_environment(ledger)
    assert environment is not None
    gateway = Gateway(ledger, LegalClock(environment.clock))
    with ledger.connect().execution_options(reading=True) as connection:
        for case in (
            connection.execute(select(streams.c.id).where(streams.c.kind == "filing")).scalars().all()
        ):
            entries = timeline(read_dossier(connection, case))
            assert {"act", "refusal"} <= {entry.what for entry in entries}
        rows = [dict(row) for row in connection.execute(select(acts)).mappings()]
        found = list(redecide(LedgerSource(connection, gateway), rows))
    assert [(row.act, row.why, row.differences[:2]) for row in found if row.verdict == "differs"] == []
