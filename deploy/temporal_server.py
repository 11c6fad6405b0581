"""Temporal's server as in production, on PostgreSQL: all four services in one process, on the loopback interface."""

import json
import os
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from deploy.administer import TUNING, add_attributes, environment, missing_attributes, temporal
from deploy.postgres import PRIVATE, Cluster
from deploy.process import ChildFailed, ChildHolder, keep_previous, port_taken, run_logged, spawn, tail
from deploy.recipes import sql_tool
from deploy.servers import ensure_cluster_server, ensure_dev_server

ROLE = "temporal"
"""The server's own role on PostgreSQL: it owns its two databases and may not enter the records'."""
STORES = {"temporal": "postgresql/v12/temporal", "temporal_visibility": "postgresql/v12/visibility"}
SERVICES = ("frontend", "history", "matching", "worker")
SHARDS = 16
"""Fixed for the life of a database: how many parts histories are divided into."""
MEMORY = "1GiB"
"""Above this the server's garbage collector works harder: several people's machines run it beside other things."""


class TemporalServer(ChildHolder):
    """One server on a PostgreSQL cluster that has the role `temporal`. Stopped or killed, it can be started again."""

    def __init__(
        self,
        folder: Path,
        postgres: Cluster,
        *,
        namespace: str,
        port: int | None = None,
        search_attributes: Mapping[str, str],
        retention: str = "72h",
        shards: int = SHARDS,
        die_with_parent: bool = False,
    ) -> None:
        self._folder, self._postgres, self.namespace = folder, postgres, namespace
        self._given, self._attributes = port, dict(search_attributes)
        self._retention, self._shards = retention, shards
        self._die_with_parent = die_with_parent
        self._port = 0
        self.log = folder / "temporal.log"

    @property
    def address(self) -> str:
        """Where clients connect; the same after each start."""
        return f"127.0.0.1:{self._port}"

    def start(self, timeout: float = 120.0) -> Self:
        """Make the databases unless they are there, start, and return when namespace and search attributes are there."""
        if self._child is not None:
            raise RuntimeError("started already")
        program, self._command_line = ensure_cluster_server(), ensure_dev_server()
        self._folder.mkdir(parents=True, exist_ok=True)
        for database, schema in STORES.items():
            self._store(sql_tool(program), database, schema)
        config = self._configure()
        keep_previous(self.log)
        self._child = spawn(
            [program, "--config-file", config, "--allow-no-auth", "start"],
            self.log,
            env=environment() | {"GOMEMLIMIT": MEMORY},
            die_with_parent=self._die_with_parent,
        )
        try:
            self._wait_ready(timeout)
        except BaseException:
            self.stop()
            raise
        return self

    def _store(self, tool: Path, database: str, schema: str) -> None:
        """A database of the server's own, with the schema of its version; what is older is brought up to date."""
        fresh = not self._postgres.has_database(database)
        if fresh:
            self._postgres.create_database(database, owner=ROLE)
        where = ["--plugin", "postgres12", "--endpoint", "127.0.0.1", "--port", str(self._postgres.port)]
        where += ["--user", ROLE, "--database", database]
        env = environment() | {"SQL_PASSWORD": self._postgres.password(ROLE)}
        log = self._folder / f"schema-{database}.log"
        steps = [["setup-schema", "-v", "0.0"]] if fresh else []
        for step in [*steps, ["update-schema", "--schema-name", schema]]:
            run_logged([tool, *where, *step], log, f"建库 {database}", f"schema of {database}", env=env)

    def _configure(self) -> Path:
        """The server's configuration (JSON is YAML), readable by its owner only: a password is in it."""
        ports = self._ports()
        self._port = ports["frontend"]

        def store(database: str, connections: int) -> dict[str, object]:
            about = {
                "pluginName": "postgres12", "databaseName": database, "connectProtocol": "tcp",
                "connectAddr": f"127.0.0.1:{self._postgres.port}", "user": ROLE, "password": self._postgres.password(ROLE),
                "maxConns": connections, "maxIdleConns": connections, "maxConnLifetime": "1h",
            }  # fmt: skip
            return {"sql": about}

        def rpc(service: str) -> dict[str, object]:
            gossip = ports[f"{service}-membership"]
            return {"grpcPort": ports[service], "membershipPort": gossip, "bindOnIP": "127.0.0.1"}

        config: dict[str, object] = {
            "log": {"stdout": True, "level": "warn"},
            "persistence": {
                "defaultStore": "histories", "visibilityStore": "visibility", "numHistoryShards": self._shards,
                "datastores": {"histories": store("temporal", 40), "visibility": store("temporal_visibility", 10)},
            },
            "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
            "services": {service: {"rpc": rpc(service)} for service in SERVICES},
            "clusterMetadata": {
                "enableGlobalNamespace": False, "failoverVersionIncrement": 10,
                "masterClusterName": "active", "currentClusterName": "active",
                "clusterInformation": {
                    "active": {"enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend", "rpcAddress": self.address}
                },
            },
            "dcRedirectionPolicy": {"policy": "noop"},
            "dynamicConfigClient": {"filepath": str(TUNING), "pollInterval": "60s"},
        }  # fmt: skip
        path = self._folder / "temporal.json"
        with os.fdopen(os.open(path, PRIVATE, 0o600), "w") as file:
            json.dump(config, file, indent=1)
        return path

    def _ports(self) -> dict[str, int]:
        """The same as last time where they are free: clients and the server's own membership table know them."""
        kept = self._folder / "ports.json"
        names = [f"{service}{part}" for service in SERVICES for part in ("", "-membership")]
        ports: dict[str, int] = json.loads(kept.read_text()) if kept.is_file() else {}
        if self._port:
            ports["frontend"] = self._port
        elif self._given is not None:
            ports["frontend"] = self._given
        missing = [name for name in names if name not in ports or port_taken(ports[name])]
        for name in missing:
            ports[name] = _low_port(set(ports.values()))
        kept.write_text(json.dumps(ports))
        return ports

    def _wait_ready(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        program, at = self._command_line, self.address
        while (missing := missing_attributes(program, at, self.namespace, self._attributes)) != set():
            if self.returncode is not None or time.monotonic() > end:
                raise ChildFailed(
                    f"Temporal 服务器未就绪,记录在 {self.log}",
                    f"the Temporal server is not ready, its log is {self.log}\n{tail(self.log)}",
                )
            if missing:
                lacking = {name: self._attributes[name] for name in missing}
                add_attributes(program, at, self.namespace, lacking)
            else:
                about = ("--namespace", self.namespace, "--retention", self._retention)
                temporal(program, at, "operator", "namespace", "create", *about)
            time.sleep(0.3)

    def stop(self, grace: float = 20.0) -> None:
        """Stop the server: ask, wait, then kill. Stopping twice is no mistake."""
        self._end(grace=grace)


def _low_port(but: set[int]) -> int:
    """A free port that Temporal's membership table, a column of smallint, has room for; nobody's outgoing one either."""
    while True:
        port = random.randrange(20_000, 32_000)
        if port not in but and not port_taken(port):
            return port
