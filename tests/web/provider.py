"""A real OpenID Connect provider on loopback: the server of zitadel/oidc, a certified implementation, from the module proxy."""

import json
import os
import re
import shutil
import subprocess
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import pytest
from httpx2 import Client

from deploy.process import free_ports, port_open, spawn, stop
from deploy.servers import cache_dir

PACKAGE = "github.com/zitadel/oidc/v3/example/server@v3.51.17"
CLIENT, SECRET, PASSWORD = "web", "secret", "correct horse"
"""The client that the program registers, and the password of everybody it knows here."""


@cache
def program() -> Path:
    """The built program, from the cache. Skips the test, loudly, where there is no Go."""
    built = cache_dir() / f"identity-provider-{PACKAGE.rpartition('@')[2]}" / "server"
    if not built.exists():
        if shutil.which("go") is None:
            warnings.warn("NO GO HERE: logging in by an identity provider was not tested", stacklevel=1)
            pytest.skip("no Go here: logging in by an identity provider was not tested")
        half = built.parent.with_suffix(f".{os.getpid()}")
        env = {**os.environ, "CGO_ENABLED": "0", "GOBIN": str(half), "GOFLAGS": "-trimpath"}
        subprocess.run(["go", "install", PACKAGE], env=env, check=True, capture_output=True)
        shutil.rmtree(built.parent, ignore_errors=True)
        half.rename(built.parent)
    return built


@contextmanager
def provider(folder: Path, people: list[str], back: str) -> Generator[str]:
    """The provider, knowing these people by their names as subjects; gives its issuer."""
    (port,) = free_ports(1)
    users = {name: {"ID": name, "Username": name, "Password": PASSWORD} for name in people}
    file = folder / "users.json"
    file.write_text(json.dumps(users), encoding="utf-8")
    env = {**os.environ, "PORT": str(port), "USERS_FILE": str(file), "REDIRECT_URI": back}
    child = spawn([program()], folder / "provider.log", env=env)
    try:
        while not port_open(port):
            assert child.poll() is None, (folder / "provider.log").read_text()
            time.sleep(0.05)
        yield f"http://localhost:{port}/"
    finally:
        stop(child)


def pass_through(address: str, name: str, password: str = PASSWORD) -> str:
    """What a person does at the provider, from the address we sent them to; gives the address it sends them back to."""
    with Client(follow_redirects=False, trust_env=False) as browser:
        answer = browser.get(address)
        while answer.is_redirect:
            address = urljoin(address, answer.headers["location"])
            answer = browser.get(address)
        found = re.search(r'name="id" value="([^"]+)"', answer.text)
        assert found, answer.text
        form = {"id": found[1], "username": name, "password": password}
        answer = browser.post(urljoin(address, "/login/username"), data=form)
        while answer.is_redirect and "/login/identity/back" not in answer.headers["location"]:
            answer = browser.get(urljoin(address, answer.headers["location"]))
        return str(answer.headers.get("location", ""))
