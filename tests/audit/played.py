"""A story played against the real processes, with everything it left kept: the ledger, the file store, the histories."""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from gateway.archivist import Archivist, Swept
from records.engine import open_engine
from records.files import FileStore
from rehearsal.runner import play_on, stage_of
from rehearsal.stage import Stage
from tests.stories.catalogue import story
from tests.stories.theatre import Theatre

STORY = "01-straight-run"


@dataclass(frozen=True)
class Played:
    """What is left when the processes have ended and their server is no longer needed."""

    folder: Path
    first: Swept
    """The sweep while some processes were still running."""
    second: Swept
    """The sweep after all had ended."""

    @property
    def url(self) -> str:
        """The records database."""
        return f"sqlite:///{self.folder}/records.db"

    @property
    def files(self) -> FileStore:
        """The file store, archived histories in it."""
        return FileStore(f"{self.folder}/files")

    def copied(self, to: Path) -> "Played":
        """A copy that a test may spoil."""
        shutil.copytree(self.folder, to)
        return Played(to, self.first, self.second)

    def engine(self) -> Engine:
        """The database, opened."""
        return open_engine(self.url)


async def played_out(theatre: Theatre, folder: Path) -> Played:
    """Play the story on the theatre's server, archive, and copy what must stay."""

    async def once() -> Played:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        one = story(STORY)
        async with stage_of(theatre.server, one, f"audit-{folder.name[:8]}") as stage:
            outcome = await play_on(stage, one)
            assert outcome.holds, outcome.failures
            await stage.caught_up()
            archivist = Archivist(stage.gateway.engine, stage.server.client, FileStore(f"{folder}/files"))
            first = await archivist.sweep()
            await stage.strike()
            second = await archivist.sweep()
            _keep(stage, folder)
        return Played(folder, first, second)

    return await theatre.server.played(once)


def _keep(stage: Stage, folder: Path) -> None:
    """The ledger beside the histories, and the documents that the processes wrote."""
    source = Path(str(stage.gateway.engine.url.database))
    with sqlite3.connect(source) as old, sqlite3.connect(folder / "records.db") as new:
        old.backup(new)
    shutil.copytree(source.parent / "files", folder / "files", dirs_exist_ok=True)
