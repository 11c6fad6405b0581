"""Asks an implementation that we did not write, Go's golang.org/x/mod/sumdb (`main.go`), about proofs and checkpoints."""

import base64
import json
import os
import shutil
import subprocess
import warnings
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from deploy.servers import cache_dir

FOLDER = Path(__file__).parent


@cache
def program() -> Path:
    """The built program, from the cache. Skips the test, loudly, where there is no Go."""
    sources = [FOLDER / name for name in ("go.mod", "go.sum", "main.go")]
    version = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    built = cache_dir() / f"oracle-{version}"
    if not built.exists():
        if shutil.which("go") is None:
            warnings.warn(
                "NO GO HERE: proofs and checkpoints were not checked by another implementation", stacklevel=1
            )
            pytest.skip("no Go here: proofs were not checked by another implementation")
        built.parent.mkdir(parents=True, exist_ok=True)
        half = built.with_suffix(f".{os.getpid()}")
        env = {**os.environ, "CGO_ENABLED": "0"}
        subprocess.run(["go", "build", "-trimpath", "-o", half, "."], cwd=FOLDER, env=env, check=True)
        half.replace(built)
    return built


def ask(questions: list[dict[str, Any]]) -> list[str]:
    """The answer to each question: `ok`, or why not. Bytes are sent as base64."""
    lines = "".join(f"{json.dumps(question, default=_b64)}\n" for question in questions)
    done = subprocess.run([program()], input=lines, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
