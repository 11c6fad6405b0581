"""Container files and systemd units name only commands, files, settings and versions that exist here."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy import recipes
from deploy.cluster import AGENCIES, NAMESPACE
from deploy.process import ROOT
from deploy.temporal_server import STORES
from gateway.payload_keys import AES, read_ring_file
from gateway.settings import Settings
from workflows.search import SEARCH_ATTRIBUTES

CONTAINERS, UNITS = ROOT / "deploy" / "containers", sorted((ROOT / "deploy" / "systemd").glob("*.service"))
DOCKERFILE = (CONTAINERS / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: Any = YAML(typ="safe").load(CONTAINERS / "compose.yaml")
SETTINGS = {f"HUIQIAN_{name.upper()}" for name in Settings.model_fields} | {
    "HUIQIAN_OWNER_URL",
    "HUIQIAN_PROXIES",
}


def test_every_setting_that_is_named_is_one() -> None:
    files = [*CONTAINERS.iterdir(), *UNITS]
    named = {
        name for file in files if file.is_file() for name in re.findall(r"HUIQIAN_[A-Z_]+", file.read_text())
    }
    assert named <= SETTINGS


def test_the_image_takes_in_what_the_package_consists_of_and_nothing_that_is_not_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    lines = re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.M)
    copied = {name for line in lines for name in line.split()}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert wanted <= copied
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert not wanted & set(ignored)


def test_containers_run_the_versions_that_the_cluster_runs() -> None:
    versions = set(re.findall(r"go\.temporal\.io/server/\S+@v([\d.]+)", DOCKERFILE))
    assert versions == {recipes.CLUSTER_SERVER_VERSION}
    assert re.findall(r"temporalio/cli/\S+@v([\d.]+)", DOCKERFILE) == [recipes.CLI_VERSION]
    schema = (CONTAINERS / "temporal-schema.sh").read_text()
    assert re.findall(r"(\w+):(\w+)", schema.partition("for database in ")[2].partition(";")[0]) == [
        (database, name.rpartition("/")[2]) for database, name in STORES.items()
    ]
    assert next(iter(STORES.values())).rpartition("/")[0] in schema


def test_containers_have_the_parts_of_the_cluster() -> None:
    services = COMPOSE["services"]
    served = {
        name: about["environment"] for name, about in services.items() if "worker" in about.get("command", [])
    }
    given = {name: (env["HUIQIAN_PARTS"], env["HUIQIAN_AGENCIES"]) for name, env in served.items()}
    assert given == {
        "relay": ("relay", "none"), "processes": ("processes", "none"), **{a: ("none", a) for a in AGENCIES},
    }  # fmt: skip
    assert {about["build"]["target"] for about in services.values() if "build" in about} == {
        target
        for target in re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M)
        if target not in ("go", "build")
    }
    assert {env["HUIQIAN_TEMPORAL_NAMESPACE"] for env in served.values()} == {NAMESPACE}


def test_the_namespace_gets_the_search_attributes_of_the_workflows() -> None:
    script = (CONTAINERS / "temporal-namespace.sh").read_text()
    assert set(re.findall(r"Huiqian\w+", script)) == set(SEARCH_ATTRIBUTES)


def test_the_secrets_script_makes_what_compose_reads(tmp_path: Path) -> None:
    script = tmp_path / "secrets.sh"
    shutil.copy(CONTAINERS / "secrets.sh", script)
    subprocess.run(["sh", script], check=True, capture_output=True)
    made = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "secrets").iterdir()}
    read = {about["file"] for about in COMPOSE["secrets"].values()}
    read |= {name for about in COMPOSE["services"].values() for name in about.get("env_file", [])}
    assert made == read
    ring = read_ring_file(tmp_path / "secrets" / "payload-keys.json")
    assert [(key.id, key.cipher, len(key.key)) for key in ring.keys] == [(ring.current, AES, 32)]
    again = subprocess.run(["sh", script], check=False, capture_output=True)
    assert again.returncode == 1
    for ignored in (".dockerignore", ".gitignore"):
        lines = [line.rstrip("/") for line in (ROOT / ignored).read_text().split()]
        assert "deploy/containers/secrets" in lines, "neither in an image nor in the repository"


def test_postgres_makes_roles_with_the_passwords_that_the_others_are_given(tmp_path: Path) -> None:
    """Its script runs as PostgreSQL's own user, who can read no file that belongs to whoever made the secrets."""
    shutil.copy(CONTAINERS / "secrets.sh", tmp_path)
    subprocess.run(["sh", tmp_path / "secrets.sh"], check=True, capture_output=True)
    psql = tmp_path / "psql"
    psql.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    psql.chmod(0o755)
    (env_file,) = COMPOSE["services"]["postgres"]["env_file"]
    given = dict(line.split("=", 1) for line in (tmp_path / env_file).read_text().splitlines())
    env = {**given, "POSTGRES_USER": "postgres", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    told = subprocess.run(
        ["sh", CONTAINERS / "roles.sh"], check=True, capture_output=True, text=True, env=env
    ).stdout.split()
    others = {
        name: (tmp_path / "secrets" / f"{name}.env").read_text() for name in ("owner", "huiqian", "temporal")
    }
    for role, file in (("owner", "owner"), ("app", "huiqian"), ("temporal", "temporal")):
        (password,) = [word.partition("=")[2] for word in told if word.startswith(f"{role}=")]
        assert len(password) == 32
        assert password in others[file]


def test_servers_in_containers_are_waited_for_and_heard_from_outside() -> None:
    services = COMPOSE["services"]
    ready = services["postgres"]["healthcheck"]["test"]
    assert ready[ready.index("-h") + 1] == "127.0.0.1", "its first start answers on the socket, and then ends"
    temporal = services["temporal"]["environment"]
    assert temporal["BIND_ON_IP"] == "0.0.0.0"
    assert temporal["TEMPORAL_BROADCAST_ADDRESS"] == "127.0.0.1", (
        "without it the server refuses to bind to all"
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_what_there_is(unit: Path) -> None:
    (command,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.M)
    program, *words = command.split()
    assert program.startswith("/opt/huiqian/.venv/bin/")
    assert Path(sys.executable).with_name(Path(program).name).exists()
    if program.endswith("python"):
        assert [(ROOT / word).is_file() for word in words] == [True]
    else:
        told = subprocess.run(
            [sys.executable, "-c", "from cli import main; main()", words[0], "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0
        assert [word for word in words if word.startswith("--") and word not in told.stdout] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    names: list[str] = []
    for unit in (ROOT / "deploy" / "systemd").iterdir():
        name = unit.name.replace("@.", "@8080.")
        text = re.sub(r"/opt/huiqian/\.venv/bin/\w+", "/bin/true", unit.read_text())
        (tmp_path / name).write_text(text.replace("/opt/huiqian", "/"), encoding="utf-8")
        names.append(name)
    done = subprocess.run(
        ["systemd-analyze", "verify", *(f"./{n}" for n in names)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    about = [line for line in (done.stdout + done.stderr).splitlines() if "huiqian" in line]
    assert (done.returncode, about) == (0, [])
