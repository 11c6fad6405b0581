"""PostgreSQL for tests, benchmarks and rehearsals: find it, install it on Debian, run a throw-away cluster.

`python -m deploy.postgres` prints the folder with its programs.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

if not __package__:  # run as a script: the repository's root holds the packages
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.process import ChildFailed, DeployError, free_ports, run_logged, say, spawn, stop, tail

OLDEST = 15
OWNER = "huiqian_owner"
APP = "huiqian_app"
ADMIN = "huiqian_admin"
DEBIAN_FOLDER = Path("/usr/lib/postgresql")
DEBIAN_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/huiqian.conf")


def ensure_postgres() -> Path:
    """The folder with `initdb` and `postgres` of PostgreSQL 15 or newer; installed by apt when it can be."""
    found = _search()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _search()
    if found is None:
        raise DeployError(
            f"没有找到 PostgreSQL {OLDEST} 以上的服务器程序。"
            "Debian/Ubuntu:以 root 执行 apt-get install postgresql;或设 HUIQIAN_POSTGRES 为 initdb 所在目录",
            f"no server programs of PostgreSQL {OLDEST} or newer. "
            "Debian, Ubuntu: apt-get install postgresql, as root; or set HUIQIAN_POSTGRES to initdb's folder",
        )
    return found


def _search() -> Path | None:
    if given := os.environ.get("HUIQIAN_POSTGRES"):
        return Path(given) if _version(Path(given)) >= OLDEST else None
    # Debian first: on its PATH are wrappers only, and psql without a server
    folders = list(DEBIAN_FOLDER.glob("*/bin"))
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    return max((one for one in folders if _version(one) >= OLDEST), key=_version, default=None)


def _version(folder: Path) -> int:
    """The major version of the server in this folder; 0 when there is none that runs."""
    if not (folder / "initdb").is_file():
        return 0
    try:
        done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    match = re.search(r"(\d+)", done.stdout)
    return int(match[1]) if match and done.returncode == 0 else 0


def _install() -> None:
    """By apt, and without the cluster that Debian would create and start by itself."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-o", "DPkg::Lock::Timeout=300"]
    made = not DEBIAN_NO_CLUSTER.exists()
    if made:
        DEBIAN_NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        DEBIAN_NO_CLUSTER.write_text("create_main_cluster = false\n", encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "apt.log"
            say("安装 PostgreSQL(apt)", "installing PostgreSQL by apt")
            run_logged(["apt-get", *options, "update"], log, "apt-get update", "apt-get update", env=env)
            install = ["apt-get", *options, "--no-install-recommends", "install", "postgresql"]
            run_logged(install, log, "apt-get install", "apt-get install", env=env)
    finally:
        if made:
            DEBIAN_NO_CLUSTER.unlink()


class Cluster:
    """A throw-away cluster on the loopback interface, with passwords (SCRAM) and two roles.

    `huiqian_owner` owns the databases and their schema; `huiqian_app`, the application, may only connect and
    use the schema: what it may do with a table, the migrations grant. Without `folder` everything lies in a
    temporary one and is gone after `stop`; a given folder (new or empty, and where the server's user may go)
    is left to look at. `fsync` is off for tests; benchmarks turn it on.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        fsync: bool = False,
        settings: Mapping[str, str] | None = None,
        die_with_parent: bool = False,
    ) -> None:
        self._given = folder
        self._folder: Path | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._die_with_parent = die_with_parent
        self._fsync = fsync
        switch = "on" if fsync else "off"
        self._settings = {"fsync": switch, "full_page_writes": switch, "max_connections": "200"}
        self._settings |= dict(settings or {})
        self._passwords = {role: secrets.token_hex(16) for role in (ADMIN, OWNER, APP)}
        self.port = 0
        self.owner_url = ""
        self.app_url = ""

    def start(self, timeout: float = 60.0) -> Self:
        """Create the cluster, start it, and create the roles and the database `huiqian`."""
        if self._child is not None:
            raise RuntimeError("started already")
        programs = ensure_postgres()
        user = _server_user()
        if self._given is None:
            self._folder = Path(tempfile.mkdtemp(prefix="huiqian-postgres-"))
        else:
            self._given.mkdir(parents=True, exist_ok=True)
            if any(self._given.iterdir()):  # whose data is that? not ours to start
                raise DeployError(f"{self._given} 不是空目录", f"{self._given} is not empty")
            self._folder = self._given.absolute()
        try:
            self._initialise(programs, user)
            (self.port,) = free_ports(1)
            settings = {
                "port": str(self.port),
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": "",
            } | self._settings
            command: list[str | Path] = [programs / "postgres", "-D", self._folder / "data"]
            for key, value in settings.items():
                command += ["-c", f"{key}={value}"]
            self._child = spawn(command, self._log, user=user, die_with_parent=self._die_with_parent)
            self._wait_ready(timeout)
            with self._admin() as connection:
                for role in (OWNER, APP):
                    create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                    connection.execute(create.format(sql.Identifier(role), self._passwords[role]))
            self.owner_url, self.app_url = self.create_database("huiqian")
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def _log(self) -> Path:
        assert self._folder is not None
        return self._folder / "postgres.log"

    def _initialise(self, programs: Path, user: str | None) -> None:
        assert self._folder is not None
        data, password = self._folder / "data", self._folder / "password"
        data.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(self._passwords[ADMIN], encoding="utf-8")
        if user is not None:
            self._folder.chmod(0o711)
            for path in (data, password):
                shutil.chown(path, user, user)
        options = ["--auth=scram-sha-256", f"--username={ADMIN}", f"--pwfile={password}", "--no-sync"]
        options += ["--encoding=UTF8", "--locale=C", "-D", str(data)]
        child = spawn([programs / "initdb", *options], self._log, user=user, cwd=Path("/"))
        child.wait()
        password.unlink()
        if child.returncode != 0:
            raise ChildFailed(
                f"initdb 失败(运行用户 {user or '本人'} 须能进入 {self._folder})\n{tail(self._log)}",
                f"initdb failed (the user {user or 'you'} must be able to enter {self._folder})",
            )

    def _wait_ready(self, timeout: float) -> None:
        assert self._child is not None
        end = time.monotonic() + timeout
        while True:
            try:
                self._admin().close()
                return
            except psycopg.OperationalError:
                if self._child.poll() is not None or time.monotonic() > end:
                    raise ChildFailed(
                        f"PostgreSQL 未能启动\n{tail(self._log)}", "PostgreSQL did not start"
                    ) from None
                time.sleep(0.05)

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the superuser, whose password nobody outside this object has."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=ADMIN,
            password=self._passwords[ADMIN],
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def create_database(self, name: str, *, template: str = "template1") -> tuple[str, str]:
        """A further database, empty or a copy of `template` (to which nobody may be connected now).

        Gives the URLs of owner and application. Copying a migrated database is much quicker than migrating.
        """
        database, owner, app = sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(APP)
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY {}")
        strategy = sql.SQL("wal_log" if self._fsync else "file_copy")  # without fsync a copy is the quicker
        with self._admin() as connection:
            connection.execute(create.format(database, owner, sql.Identifier(template), strategy))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))
        return self.url(OWNER, name), self.url(APP, name)

    def drop_database(self, name: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        with self._admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, role: str, name: str) -> str:
        """The SQLAlchemy URL of a role on a database."""
        return f"postgresql+psycopg://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{name}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return None if self._child is None else self._child.pid

    def stop(self) -> None:
        """Stop the server without waiting for its clients; a temporary folder goes with it."""
        if self._child is not None:
            stop(self._child, first=signal.SIGINT, grace=20)
            self._child = None
        if self._folder is not None and self._given is None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: then the system's `postgres`, or else `nobody`, runs it."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def main() -> int:
    """Print the folder with PostgreSQL's programs."""
    try:
        print(ensure_postgres())
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
