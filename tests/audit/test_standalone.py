"""The verifier as one file: a Python with nothing installed, no database, no Temporal and no network, comes to the same verdict."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audit.standalone import main
from deploy.verifier import build
from tests.audit.bundles import Issued

ALONE = {"PATH": os.environ.get("PATH", ""), "LANG": "C"}


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("verifier") / "huiqian-verify.pyz")


def run(verifier: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run it by a bare interpreter: isolated, without site-packages, in an empty folder."""
    command = [sys.executable, "-I", "-S", str(verifier), *map(str, words)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=ALONE,
        cwd=verifier.parent,
        encoding="utf-8",
    )


def test_it_proves_what_can_be_proved_and_finds_what_was_changed(
    verifier: Path, issued: Issued, tmp_path: Path
) -> None:
    bundle, trust = tmp_path / "b.zip", tmp_path / "trust.policy"
    bundle.write_bytes(issued.made.data)
    trust.write_text(issued.trust.encode())
    whole = run(verifier, bundle, "--trust", trust)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "全部证实" in whole.stdout
    bundle.write_bytes(issued.made.data[:-7])
    cut = run(verifier, bundle)
    assert cut.returncode == 1
    assert "截断" in cut.stdout
    assert "Traceback" not in whole.stderr + cut.stderr


def test_its_exit_code_says_how_far_the_proof_goes(
    issued: Issued, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, trust = tmp_path / "b.zip", tmp_path / "trust.policy"
    bundle.write_bytes(issued.made.data)
    trust.write_text(issued.trust.encode())
    assert main([str(bundle), "--trust", str(trust)]) == 0
    capsys.readouterr()
    assert main([str(bundle), "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["holds"]
    assert main([str(tmp_path / "nothing.zip")]) == 2
    trust.write_text("rubbish")
    assert main([str(bundle), "--trust", str(trust)]) == 2


def test_it_is_the_same_file_each_time(verifier: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "again.pyz").read_bytes() == verifier.read_bytes()
