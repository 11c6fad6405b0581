"""A Temporal dev server as a child process: for `make up`, the demo and tests.

It is asked whether it is ready through its own command line, so that this module needs no event loop and can
be used before, inside and outside of one (inside: `await asyncio.to_thread(server.start)`).
"""

import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.administer import add_attributes, environment, missing_attributes, tuning
from deploy.process import ChildFailed, ChildHolder, free_ports, spawn, tail
from deploy.servers import ensure_dev_server

TAKEN = "address already in use"
ATTEMPTS = 3
"""How often it is started: between our finding a free port and its listening there, a connection of somebody's may take it."""


class DevServer(ChildHolder):
    """One dev server on the loopback interface.

    Without `db` it forgets everything when it stops; with it, the next one carries on. Ports not given are
    free ones. `search_attributes` maps names to Temporal's types ("Keyword", "Datetime", …). With
    `die_with_parent` (Linux, main thread only) it ends with this process even when that is killed.
    """

    def __init__(
        self,
        *,
        db: Path | None = None,
        port: int | None = None,
        ui_port: int | None = None,
        ui: bool = True,
        namespace: str = "default",
        search_attributes: Mapping[str, str] | None = None,
        log: Path | None = None,
        die_with_parent: bool = False,
    ) -> None:
        self._given_ports = (port, ui_port)
        self._ui = ui
        self._db = db
        self._attributes = dict(search_attributes or {})
        self._die_with_parent = die_with_parent
        self._log = log
        self._folder: Path | None = None
        self._program: Path | None = None
        self._port = self._ui_port = 0
        self.namespace = namespace

    @property
    def address(self) -> str:
        """Where clients connect. Known once started."""
        return f"127.0.0.1:{self._port}"

    @property
    def ui_url(self) -> str | None:
        """Temporal's own pages, None without them. Known once started."""
        return f"http://127.0.0.1:{self._ui_port}" if self._ui else None

    @property
    def log(self) -> Path | None:
        """The file with the server's output."""
        return self._log

    def start(self, timeout: float = 60.0) -> Self:
        """Start, and return when the server answers and knows its namespace and search attributes."""
        if self._child is not None:
            raise RuntimeError("started already")
        self._program = ensure_dev_server()
        if self._log is None:
            self._folder = Path(tempfile.mkdtemp(prefix="huiqian-temporal-"))
            self._log = self._folder / "temporal.log"
        for _ in range(ATTEMPTS - 1):
            try:
                return self._begun(timeout)
            except ChildFailed:
                if None not in self._given_ports or TAKEN not in self._log.read_text(errors="replace"):
                    raise
        return self._begun(timeout)

    def _begun(self, timeout: float) -> Self:
        assert self._program is not None
        assert self._log is not None
        free = free_ports(2)
        self._port, self._ui_port = (given or free[i] for i, given in enumerate(self._given_ports))
        self._child = spawn(
            [self._program, *self._arguments()],
            self._log,
            env=environment(),
            die_with_parent=self._die_with_parent,
        )
        try:
            self._wait_ready(timeout)
        except BaseException:
            self._end(grace=10)  # the log stays: the error names it
            raise
        return self

    def _arguments(self) -> list[str]:
        arguments = ["server", "start-dev", "--ip", "127.0.0.1", "--port", str(self._port)]
        arguments += ["--ui-port", str(self._ui_port)] if self._ui else ["--headless"]
        arguments += ["--namespace", self.namespace, "--log-level", "warn"]
        if self._db is not None:
            self._db.parent.mkdir(parents=True, exist_ok=True)
            arguments += ["--db-filename", str(self._db.absolute())]
        for name, kind in self._attributes.items():
            arguments += ["--search-attribute", f"{name}={kind}"]
        for key, value in tuning().items():
            arguments += ["--dynamic-config-value", f"{key}={value}"]
        return arguments

    def _wait_ready(self, timeout: float) -> None:
        """Ready when the namespace has every search attribute.

        The server's own option adds them only to a new database: on an old one, what is new is added here.
        """
        assert self._program is not None
        end = time.monotonic() + timeout
        while (
            missing := missing_attributes(self._program, self.address, self.namespace, self._attributes)
        ) != set():
            if self.returncode is not None or time.monotonic() > end:
                raise self._failure(timeout)
            if missing:
                lacking = {name: self._attributes[name] for name in missing}
                add_attributes(self._program, self.address, self.namespace, lacking)
            time.sleep(0.1)

    def _failure(self, timeout: float) -> ChildFailed:
        ended = self.returncode is not None
        zh = "已退出" if ended else f"在 {timeout:.0f} 秒内未就绪"
        en = "ended" if ended else f"was not ready in {timeout:.0f} s"
        shown = tail(self._log) if self._log else ""
        return ChildFailed(
            f"Temporal 开发服务器{zh},记录在 {self._log}",
            f"the Temporal dev server {en}, its log is {self._log}\n{shown}",
        )

    def stop(self, grace: float = 10.0) -> None:
        """Stop the server: ask, wait, then kill. Stopping twice is no mistake."""
        self._end(grace=grace)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = self._log = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
