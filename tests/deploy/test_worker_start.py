"""A worker that cannot start says why in the first line of its log, in both languages; never by a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.process import ROOT, free_ports
from gateway.clock import system_time
from gateway.founding import found, from_now
from policies import load_pack
from records.engine import migrate, open_engine


def started(folder: Path, **settings: str) -> tuple[int, dict[str, str]]:
    """Start a worker that will not do; gives its exit status and the one line that it logs."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("HUIQIAN_")}
    env |= {"HUIQIAN_DATABASE_URL": f"sqlite:///{folder}/records.db", "HUIQIAN_FILES": str(folder)}
    done = subprocess.run(
        [sys.executable, "worker.py"], cwd=ROOT, env=env | settings, capture_output=True, text=True, timeout=120
    )  # fmt: skip
    (line,) = done.stderr.splitlines()
    return done.returncode, json.loads(line)


@pytest.fixture
def founded(tmp_path: Path) -> Path:
    """A folder with an environment in its records."""
    engine = open_engine(f"sqlite:///{tmp_path}/records.db")
    migrate(engine)
    found(
        engine,
        id_="t",
        pack=load_pack("guangdong/pilot"),
        settings={},
        face=from_now(system_time()),
        schedules=[],
    )
    engine.dispose()
    return tmp_path


def test_nothing_is_set_up(tmp_path: Path) -> None:
    code, told = started(tmp_path)
    assert (code, told["en"]) == (1, "not set up: run `huiqian init` first")


def test_the_database_is_away(tmp_path: Path) -> None:
    away = f"postgresql+psycopg://nobody:secret@127.0.0.1:{free_ports(1)[0]}/huiqian"
    code, told = started(tmp_path, HUIQIAN_DATABASE_URL=away)
    assert (code, "账册数据库不可用" in told["zh"], "secret" in str(told)) == (1, True, False)


def test_temporal_is_away(founded: Path) -> None:
    code, told = started(founded, HUIQIAN_TEMPORAL_ADDRESS=f"127.0.0.1:{free_ports(1)[0]}")
    assert (code, told["zh"]) == (1, "连不上 Temporal，见 HUIQIAN_TEMPORAL_ADDRESS")


def test_a_setting_is_wrong(founded: Path) -> None:
    code, told = started(founded, HUIQIAN_LOG_EVERY="soon")
    assert (code, told["en"]) == (1, "not what is expected: HUIQIAN_LOG_EVERY")
    code, told = started(founded, HUIQIAN_PAYLOAD_KEYS=str(founded / "nowhere.json"))
    assert (code, "主密钥" in told["zh"]) == (1, True)
