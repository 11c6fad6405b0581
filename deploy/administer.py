"""Temporal's administrative calls by its own command line, so that scripts without an event loop can make them."""

import json
import os
import subprocess
from pathlib import Path

from ruamel.yaml import YAML

TUNING = Path(__file__).with_name("temporal-server.yaml")
"""What every server is told beside its configuration."""


def tuning() -> dict[str, str]:
    """The same as setting and JSON value, as the dev server takes it on its command line."""
    told: dict[str, list[dict[str, object]]] = YAML(typ="safe").load(TUNING)
    return {key: json.dumps(entry["value"]) for key, (entry,) in told.items()}


def temporal(program: Path, address: str, *command: str) -> subprocess.CompletedProcess[str]:
    """One call of the `temporal` command line. What it answers is the caller's to judge: nothing is raised."""
    return subprocess.run(
        [program, *command, "--address", address, "--command-timeout", "5s"],
        capture_output=True,
        text=True,
        env=environment(),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def missing_attributes(
    program: Path, address: str, namespace: str, wanted: dict[str, str]
) -> set[str] | None:
    """Which search attributes a namespace lacks; None while the server or the namespace does not answer."""
    listed = temporal(program, address, "operator", "search-attribute", "list", "--namespace", namespace)
    return None if listed.returncode else wanted.keys() - set(listed.stdout.split())


def add_attributes(program: Path, address: str, namespace: str, wanted: dict[str, str]) -> None:
    """Add search attributes, each with Temporal's word for its type."""
    for name, kind in sorted(wanted.items()):
        about = ("--namespace", namespace, "--name", name, "--type", kind)
        temporal(program, address, "operator", "search-attribute", "create", *about)


def environment() -> dict[str, str]:
    """Without TEMPORAL_*: the person's own profile (another address, TLS, an API key) must not leak in."""
    return {key: value for key, value in os.environ.items() if not key.startswith("TEMPORAL_")}
