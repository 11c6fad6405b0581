"""PostgreSQL for tests, benchmarks and `make cluster`: a cluster of one's own.

`python -m deploy.postgres` prints the folder with its programs.
"""

import json
import os
import pwd
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self

import psycopg
from psycopg import sql

if not __package__:  # run as a script: the repository's root holds the packages
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.postgres_programs import ensure_postgres
from deploy.process import ChildFailed, ChildHolder, DeployError, free_ports, port_taken, spawn, tail

OWNER = "huiqian_owner"
APP = "huiqian_app"
ADMIN = "huiqian_admin"
PRIVATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Cluster(ChildHolder):
    """A cluster on the loopback interface, with passwords (SCRAM) and two roles, and further `roles` that are named.

    `huiqian_owner` owns the databases and their schema; `huiqian_app`, the application, may only connect and
    use the schema: what it may do with a table, the migrations grant. Without `folder` everything lies in a
    temporary one and is gone after `stop`; a given folder (new, empty, or such a cluster's, and where the server's
    user may go) stays, and the next start carries on in it. `fsync` is off for tests; benchmarks turn it on.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        fsync: bool = False,
        settings: Mapping[str, str] | None = None,
        roles: Iterable[str] = (),
        die_with_parent: bool = False,
    ) -> None:
        self._given = folder
        self._folder: Path | None = None
        self._die_with_parent = die_with_parent
        self._fsync = fsync
        switch = "on" if fsync else "off"
        self._settings = {"fsync": switch, "full_page_writes": switch, "max_connections": "200"}
        self._settings |= dict(settings or {})
        self._passwords = {role: secrets.token_hex(16) for role in (ADMIN, OWNER, APP, *roles)}
        self.port = 0
        self.owner_url = ""
        self.app_url = ""

    def start(self, timeout: float = 60.0) -> Self:
        """Create the cluster, start it, and create the roles and the database `huiqian`, unless they are there."""
        if self._child is not None:
            raise RuntimeError("started already")
        programs = ensure_postgres()
        user = _server_user()
        if self._given is None:
            self._folder = Path(tempfile.mkdtemp(prefix="huiqian-postgres-"))
        else:
            self._given.mkdir(parents=True, exist_ok=True)
            self._folder = self._given.absolute()
        try:
            fresh = not self._recall()
            if fresh:
                self._initialise(programs, user)
            settings = {
                "port": str(self.port),
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": "",
            } | self._settings
            command: list[str | Path] = [programs / "postgres", "-D", self._folder / "data"]
            for key, value in settings.items():
                command += ["-c", f"{key}={value}"]
            self._launch(command, user, timeout)
            if fresh:
                with self._admin() as connection:
                    for role in self._passwords.keys() - {ADMIN}:
                        create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                        connection.execute(create.format(sql.Identifier(role), self._passwords[role]))
                self.create_database("huiqian")
            self._remember()
            self.owner_url, self.app_url = self.url(OWNER, "huiqian"), self.url(APP, "huiqian")
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def _log(self) -> Path:
        assert self._folder is not None
        return self._folder / "postgres.log"

    def _recall(self) -> bool:
        """Whether the folder holds a cluster of ours; its passwords and port are the same again."""
        assert self._folder is not None
        kept = self._folder / "cluster.json"
        if kept.is_file():
            found = json.loads(kept.read_text(encoding="utf-8"))
            self._passwords, self.port = found["passwords"], found["port"]
        elif any(self._folder.iterdir()):  # whose data is that? not ours to start
            raise DeployError(f"{self._folder} 不是空目录", f"{self._folder} is not empty")
        if not self.port or port_taken(self.port):
            (self.port,) = free_ports(1)
        return kept.is_file()

    def _remember(self) -> None:
        """For the next start; written when everything is there, so that what was interrupted is not taken for whole."""
        assert self._folder is not None
        if self._given is not None:
            about = json.dumps({"port": self.port, "passwords": self._passwords})
            with os.fdopen(os.open(self._folder / "cluster.json", PRIVATE, 0o600), "w") as file:
                file.write(about)

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

    def _launch(self, command: list[str | Path], user: str | None, timeout: float) -> None:
        """Start the server. After a kill, its predecessor's children may hold the shared memory for a moment: then again."""
        end = time.monotonic() + timeout
        while True:
            self._child = spawn(command, self._log, user=user, die_with_parent=self._die_with_parent)
            try:
                self._wait_ready(end - time.monotonic())
                return
            except ChildFailed:
                if "still in use" not in tail(self._log, 3) or time.monotonic() > end:
                    raise
                time.sleep(0.2)

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

    def create_database(
        self, name: str, *, template: str = "template1", owner: str = OWNER, options: LiteralString = ""
    ) -> tuple[str, str]:
        """A further database, empty or a copy of `template` (to which nobody may be connected now).

        Gives the URLs of owner and application. Copying a migrated database is much quicker than migrating.
        `options`: what else PostgreSQL's own CREATE DATABASE is told.
        """
        database, app = sql.Identifier(name), sql.Identifier(APP)
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY {} " + options)
        strategy = sql.SQL("wal_log" if self._fsync else "file_copy")  # without fsync a copy is the quicker
        with self._admin() as connection:
            connection.execute(
                create.format(database, sql.Identifier(owner), sql.Identifier(template), strategy)
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            if owner == OWNER:
                connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))
        return self.url(owner, name), self.url(APP, name)

    def has_database(self, name: str) -> bool:
        """Whether there is a database of this name."""
        with self._admin() as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, (name,)).fetchone() is not None

    def drop_database(self, name: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        with self._admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, role: str, name: str) -> str:
        """The SQLAlchemy URL of a role on a database."""
        return f"postgresql+psycopg://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{name}"

    def password(self, role: str) -> str:
        """A role's password."""
        return self._passwords[role]

    def stop(self) -> None:
        """Stop the server without waiting for its clients; a temporary folder goes with it."""
        self._end(first=signal.SIGINT, grace=20)
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
