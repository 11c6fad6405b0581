"""How `make up` and `make cluster` run: one of them in a folder, until Ctrl-C, and what they started is stopped in order."""

import fcntl
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from deploy.process import DeployError, say

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The person asked to stop. No Exception: nothing on the way may take it for an error."""


def until_asked(
    folder: Path, name: str, run: Callable[[], None], stop: Callable[[], None], at_once: Callable[[], None]
) -> int:
    """Run until asked to stop (exit status 0) or until something fails (1). `at_once`: what a second Ctrl-C does."""
    stopping = False

    def on_signal(_number: int, _frame: object) -> None:
        nonlocal stopping
        if stopping:
            at_once()
            return
        stopping = True
        raise Stopped

    for number in SIGNALS:
        signal.signal(number, on_signal)
    try:
        with only_one(folder, name):
            try:
                run()
            finally:
                stopping = True
                stop()
    except Stopped:
        say(f"已停止,下次 {name} 接着运行", f"stopped; the next {name} carries on")
        return 0
    except DeployError as error:
        print(error, file=sys.stderr)
    return 1


@contextmanager
def only_one(folder: Path, name: str) -> Generator[None]:
    """Two at once on one folder's databases would spoil them. Raises DeployError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip()
            raise DeployError(
                f"{name} 已在运行(进程 {pid})", f"{name} is running already (process {pid})"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
