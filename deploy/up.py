"""`make up`: the dev server with a database file, the worker and the pages, until Ctrl-C.

Everything lives in `var/up`, so that the next `make up` carries on where this one stopped. The worker is
stopped before the server: it can then finish what it holds. When either ends by itself, so does this, with
an exit status that says so.
"""

import importlib
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

if not __package__:  # run as a script: the repository's root holds the packages
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.devserver import DevServer
from deploy.foreground import until_asked
from deploy.process import ROOT, ChildFailed, keep_previous, require_free, say, spawn, stop, tail
from deploy.sealing import key_file
from deploy.setting_up import huiqian, set_up

WORKER_GRACE_SECONDS = 20.0
SHOWN = tuple(
    f"HUIQIAN_{name}" for name in ("TEMPORAL_ADDRESS", "DATABASE_URL", "FILES", "KEYS", "PAYLOAD_KEYS")
)
"""What another terminal needs to know."""


class Up:
    """The two children and the order in which they come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: DevServer | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.pages: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """End both at once."""
        for child in (self.worker, self.pages):
            if child is not None:
                child.kill()
        if self.server is not None:
            self.server.kill()

    def run(self) -> None:
        """Start both, and return never but by being stopped or a failure."""
        address = os.environ.get("HUIQIAN_TEMPORAL_ADDRESS") or self._start_server()
        env = self._worker_environment(address)
        set_up(env)
        log = self.folder / "worker.log"
        keep_previous(log)
        self.worker = spawn([sys.executable, "worker.py"], log, env=env, cwd=ROOT, die_with_parent=True)
        say(f"工作进程 {self.worker.pid},记录 {log}", f"worker {self.worker.pid}, its log is {log}")
        address = self._start_pages(env)
        for name in SHOWN:
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
            require_free(port, variable)
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

    def _start_pages(self, env: dict[str, str]) -> str:
        port = _web_port()
        require_free(port, "HUIQIAN_WEB_PORT")
        log = self.folder / "pages.log"
        keep_previous(log)
        env = env | {"HUIQIAN_METRICS": _port_after(env.get("HUIQIAN_METRICS", ""))}
        self.pages = spawn(huiqian("web", "--port", str(port)), log, env=env, cwd=ROOT, die_with_parent=True)
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
        env["HUIQIAN_PAYLOAD_KEYS"] = env.get("HUIQIAN_PAYLOAD_KEYS") or str(key_file(self.folder))
        if self.server is not None and self.server.ui_url:
            env["HUIQIAN_TEMPORAL_UI"] = env.get("HUIQIAN_TEMPORAL_UI") or self.server.ui_url
        return env

    def stop(self) -> None:
        """The worker first, then the server."""
        if self.pages is not None and self.pages.poll() is None:
            stop(self.pages, grace=5.0)
        if self.worker is not None and self.worker.poll() is None:
            say("正在停止,再按一次 Ctrl-C 立即结束", "stopping; Ctrl-C again ends it at once")
            stop(self.worker, grace=WORKER_GRACE_SECONDS)
        if self.server is not None:
            self.server.stop()


def _web_port() -> int:
    return int(os.environ.get("HUIQIAN_WEB_PORT") or 8080)


def _port_after(address: str) -> str:
    """Where the pages show their figures: beside the worker's, whose address was given; nowhere when none was."""
    host, _, port = address.rpartition(":")
    return f"{host}:{int(port) + 1}" if port.isdigit() else address


def _search_attributes() -> dict[str, str]:
    """What the workflows search by. Only the module's absence is forgiven, not an error inside it."""
    try:
        module = importlib.import_module("workflows.search")
    except ModuleNotFoundError as error:
        if error.name in ("workflows", "workflows.search"):
            return {}
        raise
    return dict(cast("dict[str, str]", module.SEARCH_ATTRIBUTES))


def main() -> int:
    """Run until asked to stop (exit status 0) or until something fails (1)."""
    up = Up(ROOT / "var" / "up")
    return until_asked(up.folder, "make up", up.run, up.stop, up.kill)


if __name__ == "__main__":
    sys.exit(main())
