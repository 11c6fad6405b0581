"""A new records database gets its environment and its log's keys, by the product's own commands; what is there stays."""

import json
import subprocess
import sys
from collections.abc import Mapping

from deploy.process import ROOT, ChildFailed, say


def huiqian(*words: str) -> list[str]:
    """The product's command line in this interpreter."""
    return [sys.executable, "-c", "from cli import main; main()", *words]


def set_up(env: Mapping[str, str]) -> None:
    """Run `huiqian init` and `huiqian audit keys`; a first account's password is shown once. Raises ChildFailed."""
    for words in (("init", "--json"), ("audit", "keys")):
        done = subprocess.run(huiqian(*words), cwd=ROOT, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            command = " ".join(words)
            raise ChildFailed("初始化失败", f"`huiqian {command}` failed\n{done.stderr or done.stdout}")
        if words[0] == "init":
            for made in json.loads(done.stdout).get("accounts", []):  # shown once: kept nowhere in clear
                say(f"账号 {made['account']} 密码 {made['password']}", "changed at the first login")
