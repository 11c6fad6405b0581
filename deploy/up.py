"""`make up`: the dev server with a database file, the worker and the pages, until Ctrl-C.

Everything lives in `var/up`, so that the next `make up` carries on where this one stopped. The worker is
stopped before the server: it can then finish what it holds. When either ends by itself, so does this, with
an exit status that says so.
"""

import fcntl
import importlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

if not __package__:  # run as a script: the repository's root holds the packages
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.devserver import DevServer
from deploy.process import ROOT, ChildFailed, DeployError, keep_previous, port_taken, say, spawn, stop, tail

WORKER_GRACE_SECONDS = 20.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The person asked to stop. No Exception: nothing on the way may take it for an error."""


class Up:
    """The two children and the order in which they come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: DevServer | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.pages: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def on_signal(self, _number: int, _frame: object) -> None:
        """Once: stop in order. Again, while that takes long: at once."""
        if not self._stopping:
            self._stopping = True
            raise Stopped
        for child in (self.worker, self.pages):
            if child is not None:
                child.kill()
        if self.server is not None:
            self.server.kill()

    def run(self) -> None:
        """Start both, and return never but by `Stopped` or a failure."""
        address = os.environ.get("HUIQIAN_TEMPORAL_ADDRESS") or self._start_server()
        env = self._worker_environment(address)
        self._set_up(env)
        log = self.folder / "worker.log"
        keep_previous(log)
        self.worker = spawn([sys.executable, "worker.py"], log, env=env, cwd=ROOT, die_with_parent=True)
        say(f"工作进程 {self.worker.pid},记录 {log}", f"worker {self.worker.pid}, its log is {log}")
        address = self._start_pages(env)
        for name in ("HUIQIAN_TEMPORAL_ADDRESS", "HUIQIAN_DATABASE_URL", "HUIQIAN_FILES", "HUIQIAN_KEYS"):
            if not os.environ.get(name):  # what the person gave, they know; and it may hold a password
                print(f"export {name}={shlex.quote(env[name])}", flush=True)
        say(
            f"页面 {address} ,账号见首次启动时的说明;忘记密码: huiqian accounts reset NAME",
            "the pages are there",
        )
        say("已启动,按 Ctrl-C 停止", "up; Ctrl-C stops it")
        while True:
            time.sleep(0.3)
            if self.pages is not None and self.pages.poll() is not None:
                shown = tail(self.folder / "pages.log")
                raise ChildFailed("页面自行退出", f"the pages ended by themselves\n{shown}")
            if self.worker.poll() is not None:
                raise ChildFailed(
                    f"工作进程自行退出,退出码 {self.worker.returncode}",
                    f"the worker ended by itself, exit status {self.worker.returncode}\n{tail(log)}",
                )
            if self.server is not None and self.server.returncode is not None:
                shown = tail(self.folder / "temporal.log")
                raise ChildFailed(
                    f"Temporal 服务器自行退出,退出码 {self.server.returncode}",
                    f"the Temporal server ended by itself, exit status {self.server.returncode}\n{shown}",
                )

    def _start_server(self) -> str:
        ports = {
            "HUIQIAN_TEMPORAL_PORT": int(os.environ.get("HUIQIAN_TEMPORAL_PORT") or 7233),
            "HUIQIAN_UI_PORT": int(os.environ.get("HUIQIAN_UI_PORT") or 8233),
        }
        for variable, port in ports.items():
            if port_taken(port):
                raise DeployError(
                    f"端口 {port} 已被占用。请停止占用者,或设 {variable} 为别的端口",
                    f"port {port} is taken. Stop whoever has it, or set {variable} to another",
                )
        keep_previous(self.folder / "temporal.log")
        self.server = DevServer(
            db=self.folder / "temporal.db",
            port=ports["HUIQIAN_TEMPORAL_PORT"],
            ui_port=ports["HUIQIAN_UI_PORT"],
            search_attributes=_search_attributes(),
            log=self.folder / "temporal.log",
            die_with_parent=True,
        )
        self.server.start()
        say(f"Temporal {self.server.address},界面 {self.server.ui_url}", "Temporal and its UI")
        return self.server.address

    def _set_up(self, env: dict[str, str]) -> None:
        """A new records database gets its environment and its log's keys; what is there is left as it is."""
        for words in (("init", "--json"), ("audit", "keys")):
            done = subprocess.run(
                [sys.executable, "-c", "from cli import main; main()", *words],
                cwd=ROOT,
                env=env,
                capture_output=True,
                text=True,
            )
            if done.returncode != 0:
                command = " ".join(words)
                raise ChildFailed("初始化失败", f"`huiqian {command}` failed\n{done.stderr or done.stdout}")
            if words[0] == "init":
                for made in json.loads(done.stdout).get("accounts", []):  # shown once: kept nowhere in clear
                    say(f"账号 {made['account']} 密码 {made['password']}", "changed at the first login")

    def _start_pages(self, env: dict[str, str]) -> str:
        port = int(os.environ.get("HUIQIAN_WEB_PORT") or 8080)
        if port_taken(port):
            raise DeployError(
                f"端口 {port} 已被占用。请停止占用者,或设 HUIQIAN_WEB_PORT 为别的端口",
                f"port {port} is taken. Stop whoever has it, or set HUIQIAN_WEB_PORT to another",
            )
        log = self.folder / "pages.log"
        keep_previous(log)
        command = [sys.executable, "-c", "from cli import main; main()", "web", "--port", str(port)]
        self.pages = spawn(command, log, env=env, cwd=ROOT, die_with_parent=True)
        return f"http://127.0.0.1:{port}/"

    def _worker_environment(self, address: str) -> dict[str, str]:
        env = dict(os.environ)
        env["HUIQIAN_TEMPORAL_ADDRESS"] = address
        env["HUIQIAN_DATABASE_URL"] = (
            env.get("HUIQIAN_DATABASE_URL") or f"sqlite:///{self.folder / 'records.db'}"
        )
        env["HUIQIAN_FILES"] = env.get("HUIQIAN_FILES") or str(self.folder / "files")
        # On one machine every agency's key lies in one folder; in production each has its own, on its own machine.
        env["HUIQIAN_KEYS"] = env.get("HUIQIAN_KEYS") or str(self.folder / "keys")
        return env

    def stop(self) -> None:
        """The worker first, then the server."""
        self._stopping = True
        if self.pages is not None and self.pages.poll() is None:
            stop(self.pages, grace=5.0)
        if self.worker is not None and self.worker.poll() is None:
            say("正在停止,再按一次 Ctrl-C 立即结束", "stopping; Ctrl-C again ends it at once")
            stop(self.worker, grace=WORKER_GRACE_SECONDS)
        if self.server is not None:
            self.server.stop()


def _search_attributes() -> dict[str, str]:
    """What the workflows search by. Only the module's absence is forgiven, not an error inside it."""
    try:
        module = importlib.import_module("workflows.search")
    except ModuleNotFoundError as error:
        if error.name in ("workflows", "workflows.search"):
            return {}
        raise
    return dict(cast("dict[str, str]", module.SEARCH_ATTRIBUTES))


@contextmanager
def _only_one(folder: Path) -> Generator[None]:
    """Two servers on one database file would spoil it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip()
            raise DeployError(
                f"make up 已在运行(进程 {pid})", f"make up is running already (process {pid})"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def main() -> int:
    """Run until asked to stop (exit status 0) or until something fails (1)."""
    up = Up(ROOT / "var" / "up")
    for number in SIGNALS:
        signal.signal(number, up.on_signal)
    try:
        with _only_one(up.folder):
            try:
                up.run()
            finally:
                up.stop()
    except Stopped:
        say("已停止,下次 make up 接着运行", "stopped; the next make up carries on")
        return 0
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    return 1


if __name__ == "__main__":
    sys.exit(main())
