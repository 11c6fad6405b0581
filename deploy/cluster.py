"""`make cluster`: several machines' worth of Huiqian on one, all of it real, until Ctrl-C.

PostgreSQL with the records database and Temporal's own, each under its own role; Temporal's server on it; a relay, several
workers of processes, a worker of its own for each agency, and the pages. Everything lies in `var/cluster` (or
HUIQIAN_CLUSTER), so that the next `make cluster` carries on. `Installation` gives every part by its name, to be started,
stopped or killed alone.
"""

import os
import shlex
import sys
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from deploy.foreground import until_asked
from deploy.postgres import Cluster
from deploy.process import (
    ROOT,
    ChildFailed,
    ChildHolder,
    free_ports,
    keep_previous,
    require_free,
    say,
    spawn,
    tail,
)
from deploy.sealing import key_file
from deploy.setting_up import huiqian, set_up
from deploy.temporal_server import ROLE, TemporalServer
from workflows.search import SEARCH_ATTRIBUTES

AGENCIES = ("dept", "tro", "gz", "sz")
"""The department, the teaching-research office, Guangzhou and Shenzhen: each has a worker of its own."""
PROCESS_WORKERS = 2
NAMESPACE = "huiqian"
GRACE = 20.0
"""Seconds in which a worker may finish what it holds."""
AT_ONCE = 10.0
"""Seconds: a part that ends sooner after its start has a fault that starting it again does not mend."""


class Part(Protocol):
    """What an installation consists of."""

    @property
    def pid(self) -> int | None:
        """Its process id; None while it is stopped."""
        ...

    @property
    def returncode(self) -> int | None:
        """None while it runs or is stopped; its exit status when it has ended by itself or was killed."""
        ...

    def start(self) -> object:
        """Start it; it must not be running."""
        ...

    def stop(self) -> None:
        """Let it end in good order, or sweep up after `kill`."""
        ...

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        ...


class Program(ChildHolder):
    """One process of ours."""

    def __init__(self, name: str, command: Iterable[str], folder: Path, env: Mapping[str, str]) -> None:
        self.command, self.env = list(command), dict(env)
        self.log = folder / f"{name}.log"

    def start(self) -> None:
        """Start it with a new log; the last one is kept beside it."""
        if self._child is not None:
            raise RuntimeError("started already")
        keep_previous(self.log)
        self._child = spawn(self.command, self.log, env=self.env, cwd=ROOT, die_with_parent=True)

    def stop(self) -> None:
        """Let it finish what it holds, then end."""
        self._end(grace=GRACE)


class Installation:
    """All parts by name, in the order in which they start: `postgres`, `temporal`, `relay`, `processes-1`…, each agency, `pages-1`…

    `release` is what the workers of processes are (gateway.releases); empty: releases are not told apart.
    `settings` are further environment variables of every program of ours (`HUIQIAN_SMTP_URL`). The relay shows what
    Prometheus scrapes at `metrics_port`, and the pages at the ports after it. The main thread must start the parts: they
    end with it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        processes: int = PROCESS_WORKERS,
        pages: int = 1,
        agencies: Iterable[str] = AGENCIES,
        prefix: str = "huiqian",
        temporal_port: int | None = None,
        web_port: int | None = None,
        metrics_port: int | None = None,
        release: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.prefix = folder.absolute(), prefix
        self._wanted = (processes, pages, tuple(agencies))
        self._web_port, self._metrics_port = web_port, metrics_port
        self._settings = {"HUIQIAN_RELEASE": release} | dict(settings or {})
        self.postgres = Cluster(
            self.folder / "postgres", fsync=True, settings={"max_connections": "400"}, roles=[ROLE], die_with_parent=True
        )  # fmt: skip
        self.temporal = TemporalServer(
            self.folder, self.postgres, namespace=NAMESPACE, port=temporal_port,
            search_attributes=SEARCH_ATTRIBUTES, die_with_parent=True,
        )  # fmt: skip
        self.parts: dict[str, Part] = {"postgres": self.postgres, "temporal": self.temporal}
        self.page_ports: list[int] = []

    def start(self) -> Self:
        """Start servers, set the records database up, start every program. Raises DeployError; then nothing is left running."""
        if (
            self._web_port
        ):  # first of all: else another installation's pages answer at the address that is printed
            require_free(self._web_port, "HUIQIAN_WEB_PORT")
        if self._metrics_port:
            for n in range(len(self.metrics)):
                require_free(self._metrics_port + n, "HUIQIAN_METRICS_PORT")
        try:
            self.start_servers()
            self.set_up()
            self.start_programs()
        except BaseException:
            self.stop()
            raise
        return self

    def start_servers(self) -> None:
        """PostgreSQL and Temporal."""
        self.postgres.start()
        say(
            f"PostgreSQL 127.0.0.1:{self.postgres.port}",
            f"its log is {self.folder / 'postgres/postgres.log'}",
        )
        self.temporal.start()
        say(f"Temporal {self.temporal.address}", f"namespace {NAMESPACE}, its log is {self.temporal.log}")

    def set_up(self) -> None:
        """Schema, rules, first officer, log keys; what is there stays. Skip it to found the environment in another way."""
        set_up(self.environment(owner=True))

    def start_programs(self) -> None:
        """Relay, workers and pages."""
        processes, pages, agencies = self._wanted
        self.worker("relay", parts="relay", agencies="none")
        for n in range(1, processes + 1):
            self.worker(f"processes-{n}", parts="processes", agencies="none")
        for agency in agencies:
            self.worker(agency, parts="none", agencies=agency)
        ports = [self._web_port] if self._web_port and pages == 1 else free_ports(pages)
        for n, port in enumerate(ports, 1):
            self.page_ports.append(port)
            self._program(f"pages-{n}", huiqian("web", "--port", str(port)), self.environment())

    def worker(self, name: str, *, parts: str, agencies: str) -> None:
        """Add a worker and start it."""
        env = self.environment() | {"HUIQIAN_PARTS": parts, "HUIQIAN_AGENCIES": agencies}
        self._program(name, [sys.executable, "worker.py"], env)

    @property
    def metrics(self) -> dict[str, str]:
        """Where each part that shows something to Prometheus does so; empty where none was asked for."""
        names = ["relay", *(f"pages-{n}" for n in range(1, self._wanted[1] + 1))]
        return {
            name: f"127.0.0.1:{self._metrics_port + n}" for n, name in enumerate(names) if self._metrics_port
        }

    def _program(self, name: str, command: list[str], env: dict[str, str]) -> None:
        made = Program(name, command, self.folder, env | {"HUIQIAN_METRICS": self.metrics.get(name, "")})
        self.parts[name] = made
        made.start()

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        """What a program of this installation needs to know; nothing of the person's own settings. `owner`: may make tables."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("HUIQIAN_", "TEMPORAL_"))}
        env |= {
            "HUIQIAN_DATABASE_URL": self.postgres.app_url,
            "HUIQIAN_FILES": str(self.folder / "files"),
            "HUIQIAN_KEYS": str(self.folder / "keys"),
            "HUIQIAN_TEMPORAL_ADDRESS": self.temporal.address,
            "HUIQIAN_TEMPORAL_NAMESPACE": NAMESPACE,
            "HUIQIAN_PAYLOAD_KEYS": str(key_file(self.folder)),
            "HUIQIAN_PREFIX": self.prefix,
        }
        if owner:
            env["HUIQIAN_OWNER_URL"] = self.postgres.owner_url
        return env | self._settings

    def ended(self) -> dict[str, int]:
        """Which parts have ended by themselves or were killed, with their exit status."""
        codes = {name: part.returncode for name, part in self.parts.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def restart(self, name: str) -> None:
        """Start a part that was stopped, killed, or has ended."""
        part = self.parts[name]
        part.stop()
        part.start()

    def stop(self) -> None:
        """Stop everything, the last first: a worker can then still give back what it holds."""
        for part in reversed(list(self.parts.values())):
            part.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def cluster_folder() -> Path:
    """Where `make cluster` keeps everything."""
    return Path(os.environ.get("HUIQIAN_CLUSTER") or ROOT / "var" / "cluster").absolute()


def watch(installation: Installation) -> None:
    """Return never: a part that ended is started again, as systemd would. Raises ChildFailed when it ends again at once."""
    begun = dict.fromkeys(installation.parts, time.monotonic())
    while True:
        time.sleep(0.3)
        for name, code in installation.ended().items():
            log = installation.folder / ("postgres" if name == "postgres" else "") / f"{name}.log"
            zh, en = f"{name} 自行退出,退出码 {code}", f"{name} ended by itself, exit status {code}"
            if time.monotonic() - begun[name] < AT_ONCE:
                raise ChildFailed(zh, f"{en}\n{tail(log)}")
            say(f"{zh},重新启动", f"{en}: starting it again")
            installation.restart(name)
            begun[name] = time.monotonic()


def main() -> int:
    """Run until asked to stop (exit status 0) or until something fails (1)."""
    installation = Installation(
        cluster_folder(),
        temporal_port=int(os.environ.get("HUIQIAN_TEMPORAL_PORT") or 7233),
        web_port=int(os.environ.get("HUIQIAN_WEB_PORT") or 8080),
        metrics_port=int(os.environ.get("HUIQIAN_METRICS_PORT") or 9464),
        release=os.environ.get("HUIQIAN_RELEASE") or version("huiqian"),
    )

    def run() -> None:
        servers_only = bool(os.environ.get("HUIQIAN_SERVERS_ONLY"))  # to restore the records database into
        if servers_only:
            installation.start_servers()
        else:
            installation.start()
        for name, value in sorted(installation.environment().items()):
            if name.startswith("HUIQIAN_"):
                print(f"export {name}={shlex.quote(value)}", flush=True)
        owner = f"HUIQIAN_OWNER_URL={shlex.quote(installation.postgres.owner_url)}"
        print(f"# export {owner}  # only for: huiqian ops backup, ops restore, records migrate", flush=True)
        if not servers_only:
            say(f"页面 http://127.0.0.1:{installation.page_ports[0]}/", "the pages")
            for name, address in installation.metrics.items():
                say(f"Prometheus http://{address}/metrics", f"figures of the {name}")
        say("已启动,按 Ctrl-C 停止", "up; Ctrl-C stops it")
        watch(installation)

    def kill() -> None:
        for part in installation.parts.values():
            part.kill()

    return until_asked(installation.folder, "make cluster", run, installation.stop, kill)


if __name__ == "__main__":
    sys.exit(main())
