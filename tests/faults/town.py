"""The town under fire: PostgreSQL, Temporal's server on it, two workers (one with a wrong clock), the gateway, mail; each may be killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from bench.town import Town, settle_town
from deploy.postgres import APP, Cluster
from deploy.process import ROOT, free_ports, spawn, stop
from deploy.temporal_server import ROLE, TemporalServer
from gateway.sessions import make_token
from records.engine import migrate, open_engine
from tests.faults.fuse import Fuse
from tests.faults.proxy import Proxy
from workflows.search import SEARCH_ATTRIBUTES

RATE = 2_880
"""Legal seconds for a real one: half a minute is a day."""
AHEAD = "+45s"
"""How far the second worker's clock is wrong: a day and a half of legal time."""
PREFIX = "faults"


class UnderFire:
    """Everything that runs, and how to kill it."""

    def __init__(self, folder: Path, filings: int, seed: int, stack: ExitStack) -> None:
        self.folder, self.fuse, self._stack = folder, Fuse(folder), stack
        folder.chmod(0o711)  # PostgreSQL runs as a user of its own
        settings = {"track_commit_timestamp": "on", "max_connections": "400"}
        self.cluster = Cluster(folder / "postgres", fsync=True, settings=settings, roles=[ROLE])
        stack.enter_context(self.cluster)
        owner, app = self.cluster.create_database(PREFIX)
        migrate(open_engine(owner), app_role=APP)
        self.engine = open_engine(app)
        self.owner = open_engine(owner)
        self.town: Town = settle_town(
            self.engine, PREFIX, colleges=filings, majors=1, rate=str(RATE), days=600
        )
        self.web, pages, mail, postgres, temporal, smtp = free_ports(6)
        self.server = TemporalServer(
            folder / "temporal", self.cluster, namespace="default", search_attributes=SEARCH_ATTRIBUTES
        ).start()
        self.proxies = {
            "PostgreSQL": Proxy(postgres, self.cluster.port, seed),
            "Temporal": Proxy(temporal, int(self.server.address.rpartition(":")[2]), seed + 1),
            "SMTP": Proxy(smtp, mail, seed + 2),
            "gateway": Proxy(self.web, pages, seed + 3, doubles=0.1),
        }
        self.files = folder / "files"
        self.disk = self._small_disk()
        self.env = os.environ | {
            "HUIQIAN_DATABASE_URL": app.replace(f":{self.cluster.port}/", f":{postgres}/"),
            "HUIQIAN_FILES": str(self.files),
            "HUIQIAN_TEMPORAL_ADDRESS": f"127.0.0.1:{temporal}",
            "HUIQIAN_PREFIX": PREFIX,
            "DONT_FAKE_MONOTONIC": "1",
            "HUIQIAN_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "FAULTS_WEB_PORT": str(pages),
            "FAULTS_MAIL_PORT": str(mail),
        }
        self._nests: list[subprocess.Popen[bytes]] = []
        for name, before in (
            ("mail", ()),
            ("gateway", ()),
            ("worker1", ()),
            ("worker2", ("faketime", "-f", AHEAD)),
        ):
            command = [*before, sys.executable, "-m", "tests.faults.nest", name, str(folder)]
            self._nests.append(spawn(command, folder / f"{name}.log", env=self.env, cwd=ROOT))
        stack.callback(self.close)
        for name in ("mail", "gateway", "worker1", "worker2"):
            self.pid(name)

    def _small_disk(self) -> bool:
        """The file store on a disk of 24 MB of its own, where this user may mount one."""
        self.files.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(self.files)], check=False
        )
        if made.returncode == 0:
            self._stack.callback(subprocess.run, ["umount", "-l", str(self.files)], check=False)
        return made.returncode == 0

    def fill_disk(self) -> None:
        """Not a byte is left."""
        with (self.files / ".filling").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 65_536)
            except OSError:
                return

    def free_disk(self) -> None:
        """There is room again."""
        (self.files / ".filling").unlink(missing_ok=True)

    def token(self, office: str) -> str:
        """The API's token of an office."""
        return make_token(self.engine, "faults", office)

    def pid(self, victim: str) -> int:
        """The process id of a victim that is there; waits for one that is being born."""
        if victim == "PostgreSQL":
            return self.cluster.pid or 0
        if victim == "Temporal":
            return self.server.pid or 0
        for _ in range(600):
            try:
                return int((self.folder / f"{victim}.pid").read_text())
            except (FileNotFoundError, ValueError):
                time.sleep(0.1)
        raise AssertionError(f"{victim} does not start")

    def revive(self, victim: str) -> None:
        """Start a server again that was killed; the others are born anew by their nests."""
        if victim == "PostgreSQL":
            self.cluster.stop()
            self.cluster.start(120)
            for engine in (self.engine, self.owner):  # the campaign's own connections died as well
                engine.dispose()
        if victim == "Temporal" or self.server.returncode is not None:
            self.server.stop(0.1)
            self.server.start()

    def kill(self, victim: str) -> None:
        """Now, wherever it is; one that is being born is waited for."""
        for _ in range(100):
            try:
                os.kill(self.pid(victim), signal.SIGKILL)
                return
            except ProcessLookupError:
                time.sleep(0.1)
        raise AssertionError(f"{victim} is not there")

    def close(self) -> None:
        """End what was started here."""
        for nest in self._nests:
            stop(nest, group=True, grace=2.0)
        self.server.stop()
        self.engine.dispose()
        self.owner.dispose()

    def __enter__(self) -> Self:
        return self
