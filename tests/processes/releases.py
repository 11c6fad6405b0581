"""Releases of the processes' code, each a copy of the sources with one place changed, run as worker programs of their own."""

import os
import shutil
import sys
from pathlib import Path
from subprocess import Popen

from deploy.process import ROOT, spawn
from tests.processes.house import House

NEEDED = ("proof", "domain", "policies", "records", "gateway", "activities", "workflows")

EARLIER = (
    "workflows/process.py",
    "            self._show()\n",
    "            self._show()\n            await workflow.sleep(0.02)\n",
)
"""The release before this one: it waits a moment after it has read, so its histories are not those of today's code."""
TODAY = None
BAD = (
    "workflows/process.py",
    "            self._show()\n",
    "            self._show()\n            if not workflow.unsafe.is_replaying():\n                workflow.upsert_memo({'seen': True})\n",
)
"""Does at first what it does not do when it is replayed."""


def released(folder: Path, change: tuple[str, str, str] | None, *, forgets: bool = False) -> Path:
    """The sources with this change. `forgets`: keeps no process in memory, so that each task replays."""
    for name in NEEDED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    worker = (ROOT / "worker.py").read_text()
    (folder / "worker.py").write_text(
        worker.replace("max_cached_workflows=500", "max_cached_workflows=0") if forgets else worker
    )
    if change:
        file, before, after = folder / change[0], change[1], change[2]
        assert file.read_text().count(before) == 1, "the place to change is not there any more"
        file.write_text(file.read_text().replace(before, after))
    return folder


def run(house: House, folder: Path, release: str) -> Popen[bytes]:
    """A worker of processes of this release, until it is stopped."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("HUIQIAN_", "PYTHONPATH"))} | {
        "HUIQIAN_DATABASE_URL": str(house.engine.url), "HUIQIAN_FILES": house.settings.files,
        "HUIQIAN_TEMPORAL_ADDRESS": house.client.service_client.config.target_host,
        "HUIQIAN_TEMPORAL_NAMESPACE": house.client.namespace, "HUIQIAN_PREFIX": house.name,
        "HUIQIAN_PARTS": "processes", "HUIQIAN_AGENCIES": "none", "HUIQIAN_RELEASE": release,
    }  # fmt: skip
    return spawn([sys.executable, "worker.py"], folder / "log", env=env, cwd=folder, die_with_parent=True)
