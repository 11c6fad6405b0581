"""Child processes and words to the operator, shared by every script in this folder.

Every child gets a session of its own. A Ctrl-C in the terminal then reaches only the script, which can stop
its children in the right order; and a script can kill what it started without touching anything else.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRESS_SECONDS = 5.0


class DeployError(RuntimeError):
    """Something is missing or did not start; the text is for people, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


class ChildFailed(DeployError):
    """A child process ended by itself, or was not ready in time."""


def say(zh: str, en: str) -> None:
    """Tell the person at the terminal. Always on stderr: stdout carries only what programs read."""
    print(f"[huiqian] {zh} · {en}", file=sys.stderr, flush=True)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that are free now; all held at once, so that no two are the same."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def port_open(port: int) -> bool:
    """Whether something answers on this loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def port_taken(port: int) -> bool:
    """Whether a server could not listen on this loopback port now."""
    if port_open(port):
        return True
    try:
        # create_server sets SO_REUSEADDR: a port that a server left a moment ago counts as free
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


def require_free(port: int, variable: str) -> None:
    """Raise DeployError, naming the environment variable that sets another port, when this one is taken."""
    if port_taken(port):
        raise DeployError(
            f"端口 {port} 已被占用。请停止占用者,或设 {variable} 为别的端口",
            f"port {port} is taken. Stop whoever has it, or set {variable} to another",
        )


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, to show beside an error."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line[:300]}" for line in text.splitlines()[-lines:])


def keep_previous(log: Path) -> None:
    """Begin a new log, and keep the last one beside it: errors then show lines of this run only."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.old"))


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    die_with_parent: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child with its output in `log`.

    `die_with_parent` makes Linux send SIGTERM when the *thread* that started the child ends, however it
    ends: only for children started from the main thread. Without it, a SIGKILL to the parent leaves its
    servers behind, holding their ports and files.
    """
    argv = [str(part) for part in command]
    setpriv = shutil.which("setpriv") if die_with_parent and sys.platform == "linux" else None
    if setpriv:
        argv = [setpriv, "--pdeathsig", "TERM", "--", *argv]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            start_new_session=True,
        )


def stop(
    child: subprocess.Popen[bytes], *, first: int = signal.SIGTERM, grace: float = 10.0, group: bool = False
) -> None:
    """Ask the child to end, wait, then kill it; with `group` also what it started in its session."""
    if child.poll() is not None:
        return
    _signal(child, first, group)
    try:
        child.wait(timeout=grace)
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL, group)
        child.wait()


def _signal(child: subprocess.Popen[bytes], number: int, group: bool) -> None:
    if group:
        os.killpg(child.pid, number)  # the child leads a session, so its group has its number
    else:
        child.send_signal(number)


class ChildHolder:
    """What holds one child process at a time, or none."""

    _child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; None while it is stopped."""
        return None if self._child is None else self._child.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs or is stopped; its exit status when it has ended by itself or was killed."""
        return None if self._child is None else self._child.poll()

    def kill(self) -> None:
        """End it at once, as a power cut would; `stop` then sweeps up."""
        if self._child is not None:
            self._child.kill()

    def _end(self, *, first: int = signal.SIGTERM, grace: float) -> None:
        if self._child is not None:
            stop(self._child, first=first, grace=grace)
            self._child = None


def run_logged(
    command: Sequence[str | Path], log: Path, zh: str, en: str, *, env: Mapping[str, str] | None = None
) -> None:
    """Run a long command to its end with a line of progress every few seconds; its output goes to `log`."""
    log.unlink(missing_ok=True)
    begun = spoken = time.monotonic()
    child = spawn(command, log, env=env)
    try:
        while child.poll() is None:
            time.sleep(0.2)
            if time.monotonic() - spoken >= PROGRESS_SECONDS:
                spoken = time.monotonic()
                steps = log.read_text(encoding="utf-8", errors="replace").splitlines()
                last = steps[-1].strip()[:70] if steps else "…"
                say(
                    f"{zh} {spoken - begun:.0f} 秒",
                    f"{en}: {spoken - begun:.0f} s, step {len(steps)}: {last}",
                )
    finally:
        stop(child, group=True)
    if child.returncode != 0:
        raise ChildFailed(
            f"{zh}:失败,完整记录在 {log}",
            f"{en}: failed with exit status {child.returncode}, the full log is {log}\n{tail(log)}",
        )
    say(f"{zh}:完成,{time.monotonic() - begun:.0f} 秒", f"{en}: done in {time.monotonic() - begun:.0f} s")
