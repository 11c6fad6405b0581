"""`python -m tests.faults.nest ROLE FOLDER`: forks a child that runs a part of the product, and another whenever it dies.

The parent has imported everything, so a new child is there in a moment; it is a process of its own, killed for good.
"""

import asyncio
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import console.web.serve
import gateway.settings
import worker
from tests.faults.fuse import Fuse, lay


def run(role: str, folder: Path) -> None:
    """What a child does, for ever."""
    if role == "mail":
        _mail(folder)
    lay(Fuse(folder), role)
    if role == "gateway":
        console.web.serve.serve(
            gateway.settings.read_settings(), "127.0.0.1", int(os.environ["FAULTS_WEB_PORT"])
        )
    else:
        asyncio.run(worker.main())


def _sleep(seconds: float) -> None:
    """Under `faketime` the C library refuses to sleep until an instant of the monotonic clock (EINVAL), which is how
    Python sleeps: so sleep by a period."""
    select.select([], [], [], seconds)


def _mail(folder: Path) -> None:
    from email import message_from_bytes

    from aiosmtpd.controller import Controller

    class Box:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            with (folder / "mail.txt").open("a") as file:
                file.write(f"{message_from_bytes(envelope.content)['Message-ID']}\n")
                file.flush()
                os.fsync(file.fileno())
            return "250 kept"

    Controller(Box(), hostname="127.0.0.1", port=int(os.environ["FAULTS_MAIL_PORT"])).start()
    while True:
        time.sleep(60)


def _end(*_: object) -> None:
    os._exit(0)


def main(name: str, folder: Path) -> None:
    """`name` may end in a number: worker1, worker2."""
    signal.signal(signal.SIGTERM, _end)
    if "FAKETIME" in os.environ:
        time.sleep = _sleep
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                run(name.rstrip("0123456789"), folder)
            finally:
                sys.stderr.flush()
                os._exit(1)
        (folder / f"{name}.pid").write_text(str(child))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            with (folder / "exits.txt").open("a") as file:
                file.write(f"{name} {os.waitstatus_to_exitcode(status)}\n")
            time.sleep(0.5)  # it could not start: the database is not back yet


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
