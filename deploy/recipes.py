"""How each Temporal server is downloaded, built and tried; `deploy.servers` says when."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.process import DeployError, free_ports, port_open, run_logged, say, spawn, stop, tail

CLI_VERSION = "1.5.1"  # the newest tag that `go install` builds
OLDEST_SERVER = (1, 29)  # what that tag contains; an older dev server lacks what the workers ask for
TEST_SERVER_VERSION = "1.38.0"
CLUSTER_SERVER_VERSION = "1.31.0"
DOWNLOAD_STALL_SECONDS = 10.0

POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>huiqian</groupId><artifactId>test-server</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId>
      <version>{TEST_SERVER_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"""
LAUNCHER = """#!/bin/sh
exec java -XX:+UseSerialGC -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
"""
# In a process of its own: a download that hangs in the SDK's native code cannot be cancelled, only killed.
# It leaves by os._exit, because SDK 1.35's threads now and then crash an interpreter that is finalizing.
DOWNLOAD = """
import asyncio, datetime, os, sys
from temporalio.testing import WorkflowEnvironment as Env
async def main(kind, folder):
    start = Env.start_local if kind == "dev" else Env.start_time_skipping
    patience = {f"{kind}_server_startup_timeout": datetime.timedelta(seconds=60)}
    await (await start(download_dest_dir=folder, **patience)).shutdown()
asyncio.run(main(*sys.argv[1:]))
os._exit(0)
"""


def download(kind: str, program: Path, log: Path) -> bool:
    """Let the SDK download the server of this kind to `program`; given up as soon as no more bytes come."""
    folder = program.parent
    child = spawn([sys.executable, "-c", DOWNLOAD, kind, folder], log)
    size, moved = -1, time.monotonic()
    try:
        while child.poll() is None and time.monotonic() - moved < DOWNLOAD_STALL_SECONDS:
            time.sleep(0.2)
            now = sum(file.stat().st_size for file in list(folder.iterdir()) if file.exists())
            if now != size:
                size, moved = now, time.monotonic()
    finally:
        stop(child, group=True, grace=2)
    made = [file for file in folder.iterdir() if file.suffix != ".downloading"]
    if child.returncode != 0 or not made:
        return False
    made[0].rename(program)
    program.chmod(0o755)
    return True


def build_dev(program: Path, log: Path) -> None:
    """Build the `temporal` command line, with server and UI, from the Go module proxy."""
    say("构建 Temporal 开发服务器,首次需数分钟", "building the Temporal dev server takes minutes, once")
    package = f"github.com/temporalio/cli/cmd/temporal@v{CLI_VERSION}"
    _go_install(
        "HUIQIAN_TEMPORAL_CLI",
        program.parent,
        log,
        "构建 Temporal 开发服务器",
        "Temporal dev server",
        package,
    )


def build_cluster(program: Path, log: Path) -> None:
    """Build the server for a cluster, and beside it the tool that makes its schema in PostgreSQL."""
    say("构建 Temporal 服务器,首次需数分钟", "building the Temporal server takes minutes, once")
    module = "go.temporal.io/server/cmd"
    packages = [f"{module}/{name}@v{CLUSTER_SERVER_VERSION}" for name in ("server", "tools/sql")]
    _go_install(
        "HUIQIAN_TEMPORAL_SERVER", program.parent, log, "构建 Temporal 服务器", "Temporal server", *packages
    )
    program.with_name("server").rename(program)
    program.with_name("sql").rename(sql_tool(program))


def sql_tool(program: Path) -> Path:
    """The tool for the schema, beside a server; both under the names that Temporal's own packages give them."""
    return program.with_name("temporal-sql-tool")


def _go_install(variable: str, folder: Path, log: Path, zh: str, en: str, *packages: str) -> None:
    _need(variable, go="Go 1.25+ (1.21+ 可自动取得 fetches it; apt-get install golang-go)")
    # GOBIN does not go with cross-compilation; without cgo no C compiler is needed; under "auto" an older
    # Go fetches the one the module asks for from the module proxy.
    env = {key: value for key, value in os.environ.items() if key not in ("GOOS", "GOARCH")}
    env |= {"GOBIN": str(folder), "GO111MODULE": "on", "CGO_ENABLED": "0"}
    env.setdefault("GOTOOLCHAIN", "auto")
    # -v: a line a package shows that it moves
    run_logged(["go", "install", "-v", "-ldflags=-s -w", *packages], log, zh, en, env=env)


def build_test(program: Path, log: Path) -> None:
    """Put the Java test server and what it depends on beside a launcher."""
    _need(
        "HUIQIAN_TEMPORAL_TEST_SERVER",
        java="Java 11+ (apt-get install default-jre-headless)",
        mvn="Maven 3.6.3+ (apt-get install maven)",
    )
    pom = program.with_name("pom.xml")
    pom.write_text(POM, encoding="utf-8")
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={program.with_name('lib')}"]
    run_logged(["mvn", "-B", "-f", pom, goal, *options], log, "获取时间跳跃测试服务器", "test server")
    program.write_text(LAUNCHER, encoding="utf-8")
    program.chmod(0o755)


def _need(variable: str, **tools: str) -> None:
    missing = {tool: how for tool, how in tools.items() if shutil.which(tool) is None}
    if missing:
        names, hows = ", ".join(missing), "; ".join(missing.values())
        raise DeployError(
            f"缺少 {names},无法构建。请安装 {hows},或把 {variable} 设为已有程序的路径",
            f"{names} missing, cannot build. Install {hows}, or set {variable} to the path of one",
        )


def dev_fault(program: Path) -> str | None:
    """Why this `temporal` cannot be used, or None."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    match = re.search(r"Server (\d+)\.(\d+)\.", done.stdout)
    if done.returncode != 0 or match is None:
        return (done.stderr or done.stdout).strip()[:200] or f"exit status {done.returncode}"
    if (int(match[1]), int(match[2])) < OLDEST_SERVER:
        return f"{match[0]} < {'.'.join(map(str, OLDEST_SERVER))}"
    return None


def cluster_fault(program: Path) -> str | None:
    """Why this server cannot be used, or None: it and its schema tool must be there, and of the version that was tried."""
    wanted = ".".join(CLUSTER_SERVER_VERSION.split(".")[:2])
    for each in (program, sql_tool(program)):
        try:
            done = subprocess.run(
                [each, "--version"], capture_output=True, text=True, timeout=60, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode != 0 or f" {wanted}." not in done.stdout:
            return f"{each.name}: {(done.stdout or done.stderr).strip()[:200]}, not {wanted}"
    return None


def test_fault(program: Path) -> str | None:
    """Why this test server cannot be used, or None: start it, and see whether it listens."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        try:
            child = spawn([program, str(port)], log)
        except OSError as error:
            return str(error)
        try:
            end = time.monotonic() + 60
            while child.poll() is None and time.monotonic() < end:
                if port_open(port):
                    return None
                time.sleep(0.1)
            return tail(log, 5).strip() or "does not listen on its port"
        finally:
            stop(child)
