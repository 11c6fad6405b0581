"""Find or make the Temporal servers: the dev server (`temporal`), the time-skipping test server, the cluster's server.

The SDK downloads both when it can. Many agencies' networks are closed, so there are other ways; the first
that works is taken:

1. a path in HUIQIAN_TEMPORAL_CLI / HUIQIAN_TEMPORAL_TEST_SERVER / HUIQIAN_TEMPORAL_SERVER,
2. a program on PATH (`temporal` / `temporal-test-server` / `temporal-server` with `temporal-sql-tool` beside it),
3. the project's cache (`.cache/huiqian`, or HUIQIAN_CACHE),
4. the SDK's own download (of the first two), given up as soon as it stalls,
5. a build from the package registries: the Go module proxy for CLI and server, Maven for the test server.

`python deploy/servers.py dev|test|cluster|all` prints the paths on stdout; everything else is said on stderr.
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

if not __package__:  # run as a script: the repository's root holds the packages
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy import recipes
from deploy.process import ROOT, ChildFailed, DeployError, say, tail


@dataclass(frozen=True)
class Server:
    """One of the servers: what it is called, and how it is made and tried."""

    kind: str
    zh: str
    en: str
    variable: str
    program: str
    built: str
    build: Callable[[Path, Path], None]
    fault: Callable[[Path], str | None]
    downloads: bool = True
    """Whether the SDK knows where to download it."""


DEV = Server(
    kind="dev",
    zh="Temporal 开发服务器",
    en="Temporal dev server",
    variable="HUIQIAN_TEMPORAL_CLI",
    program="temporal",
    built=f"temporal-cli-{recipes.CLI_VERSION}",
    build=recipes.build_dev,
    fault=recipes.dev_fault,
)
TEST = Server(
    kind="test",
    zh="时间跳跃测试服务器",
    en="time-skipping test server",
    variable="HUIQIAN_TEMPORAL_TEST_SERVER",
    program="temporal-test-server",
    built=f"temporal-test-server-{recipes.TEST_SERVER_VERSION}",
    build=recipes.build_test,
    fault=recipes.test_fault,
)


CLUSTER = Server(
    kind="cluster",
    zh="Temporal 服务器",
    en="Temporal server",
    variable="HUIQIAN_TEMPORAL_SERVER",
    program="temporal-server",
    built=f"temporal-server-{recipes.CLUSTER_SERVER_VERSION}",
    build=recipes.build_cluster,
    fault=recipes.cluster_fault,
    downloads=False,
)


def cache_dir() -> Path:
    """Where what was made is kept for the next time."""
    return Path(os.environ.get("HUIQIAN_CACHE") or ROOT / ".cache" / "huiqian").absolute()


def ensure_dev_server() -> Path:
    """The `temporal` command line, which holds the dev server and its UI."""
    return _ensure(DEV)


def ensure_test_server() -> Path:
    """A launcher that takes a port: `start_time_skipping(test_server_existing_path=…)` of the SDK."""
    return _ensure(TEST)


def ensure_cluster_server() -> Path:
    """The server of a production cluster, with `recipes.sql_tool` beside it."""
    return _ensure(CLUSTER)


def _ensure(server: Server) -> Path:
    if given := os.environ.get(server.variable):
        path = Path(given).absolute()
        if not _executable(path):
            raise DeployError(
                f"{server.variable}={given}:没有这个可执行文件",
                f"{server.variable}={given}: no such executable file",
            )
        return path
    if found := shutil.which(server.program):
        fault = server.fault(Path(found))
        if fault is None:
            return Path(found)
        say(f"不用 PATH 上的 {found}:{fault}", f"passing over {found} on PATH: {fault}")
    if path := _cached(server):
        return path
    with _lock(server):
        return _cached(server) or _download(server) or _build(server)


def _executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _cached(server: Server) -> Path | None:
    places = (cache_dir() / f"sdk-{server.kind}", cache_dir() / server.built)
    return next((place / server.program for place in places if _executable(place / server.program)), None)


@contextmanager
def _lock(server: Server) -> Generator[None]:
    """Two processes must not build the same thing twice: the second waits, then finds it in the cache."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / f"{server.kind}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"另一进程正在准备{server.zh},等待", f"another process is making the {server.en}, waiting")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _work_folder(server: Server) -> Generator[Path]:
    """A folder beside the cache's entries, so that finished work gets its name in one atomic step."""
    folder = Path(tempfile.mkdtemp(prefix=f".{server.kind}-", dir=cache_dir()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _publish(server: Server, work: Path, name: str) -> Path:
    if fault := server.fault(work / server.program):
        raise ChildFailed(
            f"{server.zh}已生成,但不能运行:{fault}",
            f"the {server.en} was made but does not run: {fault}",
        )
    work.chmod(0o755)
    place = cache_dir() / name
    shutil.rmtree(place, ignore_errors=True)  # the remains of an entry whose program somebody deleted
    work.rename(place)
    return place / server.program


def _download(server: Server) -> Path | None:
    """The SDK's own download; None, and the reason said, when the network does not allow it."""
    if not server.downloads or importlib.util.find_spec("temporalio") is None:
        return None
    say(f"{server.zh}:先试 SDK 的下载", f"{server.en}: trying the SDK's download first")
    log = cache_dir() / f"download-{server.kind}.log"
    log.unlink(missing_ok=True)
    with _work_folder(server) as work:
        if recipes.download(server.kind, work / server.program, log):
            return _publish(server, work, f"sdk-{server.kind}")
    reason = tail(log, 1).strip()[-250:] or "no answer from the network"
    say("SDK 不能下载(网络封闭?),改从软件源构建", f"no download, building from registries ({reason})")
    return None


def _build(server: Server) -> Path:
    with _work_folder(server) as work:
        server.build(work / server.program, cache_dir() / f"build-{server.kind}.log")
        return _publish(server, work, server.built)


def _terminated(signum: int, _frame: object) -> None:
    sys.exit(128 + signum)


def main(arguments: list[str]) -> int:
    """Print the path of each server asked for."""
    choices = {"dev": [DEV], "test": [TEST], "cluster": [CLUSTER], "all": [DEV, TEST]}
    wanted = choices.get(arguments[0]) if len(arguments) == 1 else None
    if wanted is None:
        print("usage: python deploy/servers.py dev|test|cluster|all", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _terminated)  # so that a build's processes are stopped with it
    try:
        for server in wanted:
            print(_ensure(server), flush=True)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
