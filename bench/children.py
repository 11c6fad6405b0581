"""Processes measured from outside: the product's worker, the bare worker, a mail server; their CPU time and memory."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.ground import Ground
from deploy.devserver import DevServer
from deploy.process import ROOT, ChildFailed, free_ports, spawn, stop, tail
from workflows.search import SEARCH_ATTRIBUTES

_TICK = os.sysconf("SC_CLK_TCK")


class Child:
    """A process of ours, as /proc sees it."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name, self.process, self.log = name, process, log

    def cpu(self) -> float:
        """Seconds of processor time used so far, its own and the kernel's for it."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def peak(self) -> float:
        """The most memory it ever held, in MB."""
        return peak_of(self.process.pid)

    def alive(self) -> None:
        """Raise ChildFailed when it has ended."""
        if self.process.poll() is not None:
            raise ChildFailed(f"{self.name} 已退出", f"{self.name} ended\n{tail(self.log)}")

    def _proc(self, file: str) -> str:
        self.alive()
        return Path(f"/proc/{self.process.pid}/{file}").read_text()


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process, of its children that run, and of those that it waited for."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            total += sum(map(int, fields[11:13]))
    return total / _TICK


def peak_of(pid: int) -> float:
    """Peak resident memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@contextmanager
def python(
    name: str, arguments: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> Generator[Child]:
    """A Python process of this interpreter, stopped when the block ends."""
    log = folder / f"{name}.log"
    process = spawn(
        [sys.executable, *arguments], log, env={**os.environ, **(env or {})}, cwd=ROOT, die_with_parent=True
    )
    try:
        yield Child(name, process, log)
    finally:
        stop(process, grace=20)


@contextmanager
def mail_server(folder: Path) -> Generator[str]:
    """A real SMTP server on loopback that takes every letter; gives its URL."""
    (port,) = free_ports(1)
    where = f"127.0.0.1:{port}"
    arguments = ["-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", where]
    with python("mail", arguments, folder) as child:
        _listening(child, port)
        yield f"smtp://{where}"


def _listening(child: Child, port: int) -> None:
    for _ in range(300):
        child.alive()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise ChildFailed(f"{child.name} 未就绪", f"{child.name} is not ready\n{tail(child.log)}")


@contextmanager
def driven_town(here: Ground, prefix: str, *, papers: bool) -> Generator[tuple[DevServer, Child]]:
    """A dev server, a mail server, and the product's worker for a founded database, each a process of its own.

    `papers`: whether official documents are rendered, or a document made beforehand stands for each of them.
    """
    with ExitStack() as running:
        server = running.enter_context(
            DevServer(ui=False, search_attributes=SEARCH_ATTRIBUTES, die_with_parent=True)
        )
        settings = {
            "HUIQIAN_DATABASE_URL": here.url,
            "HUIQIAN_FILES": str(here.folder / "files"),
            "HUIQIAN_TEMPORAL_ADDRESS": server.address,
            "HUIQIAN_PREFIX": prefix,
            "HUIQIAN_PARTS": "processes",  # the relay that looks for all that is behind is the gateway's
            "HUIQIAN_SMTP_URL": running.enter_context(mail_server(here.folder)),
        }
        arguments = ["-m", "bench.worker", *(["--papers"] if papers else [])]
        worker = running.enter_context(python("worker", arguments, here.folder, settings))
        yield server, worker
