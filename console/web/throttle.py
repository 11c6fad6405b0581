"""How often one address may ask for the pages that anybody can reach: so many at once, refilled steadily.

Held in the memory of one process: several processes allow as many times more. Logins are counted in the database.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

MOST_ADDRESSES = 50_000


@dataclass(frozen=True)
class Allowance:
    """So many at once, one more every `seconds`."""

    most: int
    seconds: float


READING = Allowance(120, 0.2)
WRITING = Allowance(6, 30.0)
"""Objections and other things that the public writes."""


class Throttle:
    """One bucket for each address and allowance."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, Allowance], tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, allowance: Allowance) -> int:
        """Take one; 0 when it was there, else the whole seconds until there is one."""
        key, now = (address, allowance), self._clock()
        with self._lock:
            left, at = self._buckets.pop(key, (float(allowance.most), now))
            left = min(float(allowance.most), left + (now - at) / allowance.seconds)
            taken = left >= 1
            self._buckets[key] = (left - taken, now)
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0 if taken else int((1 - left) * allowance.seconds) + 1
