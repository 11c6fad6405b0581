"""A fuse: armed by the campaign, it goes off in whatever process comes first to its point within an act.

The product knows nothing of it: `lay` wraps the product's functions in the child that is to be killed. Taking the fuse is
renaming a file, so exactly one process has it; it writes down where it was, and kills its victim: itself, or another.
"""

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEFORE_COMMIT, BEFORE_WAKE, IN_ACTIVITY, AT_REST = (
    "before commit", "after commit, before wake", "inside an activity", "at rest",
)  # fmt: skip


class Fuse:
    """One folder that all processes of a campaign share."""

    def __init__(self, folder: Path) -> None:
        self.armed, self.log = folder / "armed", folder / "kills.jsonl"
        self._folder = folder

    def arm(self, phase: str, role: str, victim: str, pid: int | None) -> None:
        """At this phase, in a process of this role, this victim is killed (None: the process itself)."""
        half = self._folder / "arming"
        half.write_text(json.dumps({"phase": phase, "role": role, "victim": victim, "pid": pid}))
        half.replace(self.armed)

    def disarm(self) -> bool:
        """Take it back; False when it has gone off."""
        try:
            self.armed.rename(self._folder / "disarmed")
        except FileNotFoundError:
            return False
        return True

    def at(self, phase: str, role: str) -> None:
        """A process is at this phase: it dies here when the fuse says so."""
        try:
            said = json.loads(self.armed.read_text())
            if (said["phase"], said["role"]) != (phase, role):
                return
            self.armed.rename(self._folder / f"taken-{os.getpid()}-{threading.get_ident()}")
        except (FileNotFoundError, ValueError):
            return
        if said["pid"] is None:
            self.note(said["victim"], phase, role)
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            os.kill(said["pid"], signal.SIGKILL)
        except ProcessLookupError:
            return  # it has just died otherwise
        self.note(said["victim"], phase, role)

    def note(self, victim: str, phase: str, role: str) -> None:
        """Write a kill down."""
        line = json.dumps({"victim": victim, "phase": phase, "in": role}) + "\n"
        with self.log.open("a") as file:
            file.write(line)

    def kills(self) -> list[dict[str, str]]:
        """Every kill so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


def lay(fuse: Fuse, role: str) -> None:
    """Wrap the product's own functions in this process."""
    from sqlalchemy import Engine, event

    import activities.ledger as hand
    from activities.post import Post
    from gateway.gateway import Gateway

    deciding = threading.local()
    once: Callable[..., Any] = Gateway._once  # pyright: ignore[reportPrivateUsage]

    def decided(self: Gateway, *given: Any) -> Any:
        deciding.now = True
        try:
            return once(self, *given)
        finally:
            deciding.now = False

    def commits(_: Any) -> None:
        if getattr(deciding, "now", False):
            fuse.at(BEFORE_COMMIT, role)

    def told(self: Gateway) -> Callable[[dict[str, int]], None]:
        def wake(heads: dict[str, int]) -> None:
            fuse.at(BEFORE_WAKE, role)
            vars(self)["told"](heads)

        return wake

    def tell(self: Gateway, wake: Callable[[dict[str, int]], None]) -> None:
        vars(self)["told"] = wake

    read: Callable[..., Any] = hand.run
    send: Callable[..., Any] = Post._send  # pyright: ignore[reportPrivateUsage]

    def reads(*given: Any) -> Any:
        found = read(*given)
        fuse.at(IN_ACTIVITY, role)  # inside the transaction of `follow`
        return found

    def sent(self: Post, *given: Any) -> Any:
        outcome = send(self, *given)
        fuse.at(IN_ACTIVITY, role)  # the letter has gone out, and nobody knows yet
        return outcome

    Gateway._once = decided  # pyright: ignore
    Gateway.on_commit = property(told, tell)  # pyright: ignore
    hand.run = reads
    Post._send = sent  # pyright: ignore
    event.listen(Engine, "commit", commits)
