"""People who act at the same time, over HTTP, and ask again under the same key until they are answered."""

import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random
from typing import Any

from bench.town import EXPERTS, college, evaluation, major, submission
from domain.files import Command
from tests.faults.town import UnderFire

PATIENCE = 900.0
"""Seconds after which somebody gives up, which no campaign may make anybody do."""


@dataclass
class People:
    """Everybody's tokens, and what they were answered."""

    fire: UnderFire
    filings: int
    seed: int
    pace: float
    """The longest that somebody waits before the next act, in seconds."""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    silent: list[str] = field(default_factory=list[str])
    """Filings that nobody answers: silence accepts them."""
    asked: int = 0
    doubled: int = 0

    def __post_init__(self) -> None:
        offices = ["clerk@tro", "organiser@tro", *(f"expert:{expert}" for expert in EXPERTS)]
        offices += [f"filer@{college(n)}" for n in range(self.filings)]
        self._tokens = {office: self.fire.token(office) for office in offices}
        self._lock = threading.Lock()

    def file(self, n: int) -> None:
        """One filing from submission to the panel's conclusion; of every fourth only the submission."""
        chance = Random(self.seed * 1_000_003 + n)
        filing = self.done(submission(f"filing-{n}", college(n), self.fire.town.round, [major(0)]), chance)[
            "case"
        ]
        if n % 4 == 3:
            with self._lock:
                self.silent.append(filing)
            return
        for wish in evaluation(f"filing-{n}", filing, 1):
            time.sleep(chance.uniform(0, self.pace))
            self.done(wish, chance)

    def done(self, wish: Command, chance: Random) -> dict[str, Any]:
        """An answer, which must be a receipt; now and then asked for twice at the same time."""
        if chance.random() < 0.2:
            self.doubled += 1
            with ThreadPoolExecutor(2) as both:
                first, second = both.map(self._until_answered, (wish, wish))
            assert first == second, (first, second)
        else:
            first = self._until_answered(wish)
        assert first["outcome"] == "accepted", first
        with self._lock:
            self.answers[wish.id] = first
        return first

    def _until_answered(self, wish: Command) -> dict[str, Any]:
        office = (
            f"expert:{wish.by.person}" if wish.by.role == "expert" else f"{wish.by.role}@{wish.by.agency}"
        )
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.fire.web}/api/v1/acts/{wish.act}",
            json.dumps({"case": wish.case, "with": wish.with_}).encode(),
            {"Authorization": f"Bearer {self._tokens[office]}", "Idempotency-Key": wish.id, "Content-Type": "application/json"},
        )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.asked += 1
            # Cut off, also in the middle of an answer: nobody knows whether it was done, and the same key may be sent again.
            with suppress(OSError, ValueError, HTTPException):
                try:
                    with urllib.request.urlopen(request, timeout=20) as said:
                        return json.load(said)
                except urllib.error.HTTPError as error:
                    if error.code < 500 and error.code not in (401, 429):
                        return {
                            "outcome": "refused",
                            "status": error.code,
                            "says": json.loads(error.read() or b"{}"),
                        }
            time.sleep(0.2)
        raise AssertionError(f"{wish.id} was never answered")
