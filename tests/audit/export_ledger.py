"""Keeps a ledger as today's schema and code write it: `python -m tests.audit.export_ledger`, once for each released schema.

What is committed under ledgers/ was written by a released version; it must migrate, fold and verify for ever. (0014 and 0015
were released together: 0014 is what that release wrote, without 0015's column.)
"""

import gzip
import sqlite3
import tempfile
from pathlib import Path

from records.engine import migrate, open_engine
from tests.stories.catalogue import story
from tests.stories.ledger_only import play_into

KEPT = Path(__file__).parent / "ledgers"
STORY = "14-supplement-visit-return"


def main() -> None:
    """Write the file of the newest migration, unless it is there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.db"
        engine = open_engine(f"sqlite:///{path}")
        migrate(engine)
        assert play_into(engine, story(STORY)).holds
        engine.dispose()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.close()
        kept = KEPT / f"{revision}.db.gz"
        if not kept.exists():
            kept.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    main()
