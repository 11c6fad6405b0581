"""PostgreSQL's server programs: find them, or install them on Debian."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.process import DeployError, run_logged, say

OLDEST = 15
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
