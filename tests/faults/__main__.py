"""`make faults`: while filings run, parts are killed inside acts, connections cut and delayed, the disk filled, a clock wrong."""

import argparse
import itertools
import os
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random

from deploy.process import tail
from gateway.leaving import leave_after
from tests.faults.checks import everything, moving, sent_again
from tests.faults.fuse import AT_REST, BEFORE_COMMIT, BEFORE_WAKE, IN_ACTIVITY
from tests.faults.people import People
from tests.faults.town import UnderFire

PLAN = [
    (BEFORE_COMMIT, "gateway", "gateway"), (BEFORE_COMMIT, "worker", "worker"), (BEFORE_WAKE, "gateway", "gateway"),
    (BEFORE_WAKE, "worker", "worker"), (IN_ACTIVITY, "worker", "worker"), (BEFORE_COMMIT, "gateway", "PostgreSQL"),
    (IN_ACTIVITY, "worker", "PostgreSQL"), (IN_ACTIVITY, "worker", "Temporal"), (BEFORE_COMMIT, "worker", "Temporal"),
    (IN_ACTIVITY, "worker", "mail"),
]  # fmt: skip
"""At which point, in which process, who is killed."""
WEIGHTS = [6, 4, 5, 3, 8, 2, 1, 1, 1, 2]
SERVERS = ("PostgreSQL", "Temporal")
THREADS = 16
"""People who act at the same time."""
SECONDS_A_KILL = 8.0
"""About how long a kill takes, with what is started again after it."""
TAKEN = 10.0
"""Seconds that a fuse waits for its point."""
MOST = 3
"""How many times the filings that were asked for may run until the kills have landed."""
CALM = 900.0
"""Seconds in which everything must come to rest afterwards."""


def say(text: str) -> None:
    """One line of what happens."""
    print(text, flush=True)


class Campaign:
    """Kills one after the other, until enough have landed inside acts or nobody acts any more."""

    def __init__(self, fire: UnderFire, kills: int, seed: int) -> None:
        self._fire, self._wanted, self._chance = fire, kills, Random(seed)
        self.done = threading.Event()
        """Nobody acts any more."""
        self.enough = threading.Event()
        """What was wanted has landed, or the campaign failed: nobody need file for its sake."""
        self.failed: BaseException | None = None
        self.missed = Counter[str]()
        """At which points nobody came by while the fuse was armed."""

    def run(self) -> None:
        """Until one of both."""
        try:
            begun = 0
            while not self.done.is_set() and self.landed() < self._wanted:
                begun += 1
                self._kill()
                if begun % 5 == 0:
                    self._chance.choice(list(self._fire.proxies.values())).cut_one()
                if begun % 12 == 6 and self._fire.disk:
                    say("the disk of the file store is full")
                    self._fire.fill_disk()
                    time.sleep(4)
                    self._fire.free_disk()
                self.done.wait(self._chance.uniform(0.1, 0.8))
        except BaseException as error:
            self.failed = error
        finally:
            self.enough.set()

    def landed(self) -> int:
        """Kills inside acts so far."""
        return sum(kill["phase"] != AT_REST for kill in self._fire.fuse.kills())

    def _kill(self) -> None:
        phase, role, victim = self._chance.choices(PLAN, WEIGHTS)[0]
        before = self.landed()
        own = victim == role
        self._fire.fuse.arm(phase, role, victim, None if own else self._fire.pid(victim))
        for _ in range(int(TAKEN / 0.05)):
            if not self._fire.fuse.armed.exists() or self.done.is_set():
                break
            time.sleep(0.05)
        if self._fire.fuse.disarm():
            self.missed[f"{victim} {phase} (in the {role})"] += 1
            return
        end = time.monotonic() + TAKEN
        while self.landed() == before and time.monotonic() < end:
            time.sleep(0.05)  # who took the fuse kills first, and writes it down then
        say(f"{self.landed():>4}  killed {victim} {phase} (in the {role})")
        if victim in SERVERS:
            time.sleep(self._chance.uniform(0, 1.5))
            self._fire.revive(victim)


def at_rest(fire: UnderFire) -> None:
    """Wait until nothing moves."""
    end = time.monotonic() + CALM
    while left := moving(fire):
        if time.monotonic() > end:
            raise AssertionError(f"not at rest: {left[:20]}")
        time.sleep(0.5)


def play(fire: UnderFire, filings: int, kills: int, seed: int) -> int:
    """People and kills at the same time; then rest, kills at rest, rest again, and the checks.

    People file as many as were asked for, and go on (to MOST times as many) until enough kills have landed inside acts.
    """
    # About as long as the kills take, so that there is always somebody who acts.
    pace = 2 * SECONDS_A_KILL * kills * THREADS / (8 * filings)
    people, campaign = People(fire, MOST * filings, seed, pace), Campaign(fire, kills, seed)
    numbers = itertools.count()

    def file(_: int) -> None:
        for n in numbers:
            if n >= MOST * filings or (n >= filings and campaign.enough.is_set()):
                return
            people.file(n)

    killing = threading.Thread(target=campaign.run, daemon=True)
    killing.start()
    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(file, range(THREADS)))
    say(
        f"everybody is answered after {time.monotonic() - begun:.0f} s: {len(people.answers)} acts, {people.asked} requests"
    )
    campaign.done.set()
    killing.join(120)
    fire.fuse.disarm()
    if campaign.failed:
        raise campaign.failed
    fire.free_disk()
    at_rest(fire)
    for victim in ("gateway", "worker1", "worker2", "mail", *SERVERS):
        fire.fuse.note(victim, AT_REST, "")
        fire.kill(victim)
        if victim in SERVERS:
            fire.revive(victim)
    for proxy in fire.proxies.values():
        proxy.calm = True
    # What nobody answers is accepted when its days are over: half a minute is a day.
    time.sleep(1)
    at_rest(fire)
    end = time.monotonic() + CALM
    while any(_open(fire, filing) for filing in people.silent) and time.monotonic() < end:
        time.sleep(1)
    at_rest(fire)
    return report(fire, people, campaign, kills)


def _open(fire: UnderFire, filing: str) -> bool:
    from gateway.views import show

    return show(fire.engine, filing)["stage"] == "submitted"


def report(fire: UnderFire, people: People, campaign: Campaign, kills: int) -> int:
    """Counts, and what does not hold. 1 when anything does not."""
    phases = Counter((kill["phase"], kill["victim"]) for kill in fire.fuse.kills())
    say("\nkills by phase")
    for phase in (BEFORE_COMMIT, BEFORE_WAKE, IN_ACTIVITY, AT_REST):
        each = {victim: many for (at, victim), many in sorted(phases.items()) if at == phase}
        say(f"  {phase:28}{sum(each.values()):>5}  {', '.join(f'{v} {n}' for v, n in each.items())}")
    say(f"  {'inside acts together':28}{campaign.landed():>5}  nobody came by: {dict(campaign.missed)}")
    cut = ", ".join(
        f"{name} {p.cut} cut, {p.delayed} delayed, {p.doubled} doubled" for name, p in fire.proxies.items()
    )
    say(f"connections: {cut}; asked twice at once: {people.doubled}")
    say(f"letters that went out again under their id: {sent_again(fire)}")
    exits = fire.folder / "exits.txt"
    if exits.exists():
        say(f"processes that ended by themselves: {dict(Counter(exits.read_text().splitlines()))}")
    short = kills - campaign.landed()
    wrong = {f"{kills} kills landed inside acts": [f"{short} are missing"] if short > 0 else []}
    wrong |= everything(fire, people)
    for name, found in wrong.items():
        say(f"{'✗' if found else '✓'} {name}" + "".join(f"\n    {line}" for line in found[:20]))
    return 1 if any(wrong.values()) else 0


def main() -> int:
    """Run one campaign."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--filings", type=int, default=int(os.environ.get("FAULTS_FILINGS") or 200))
    given.add_argument("--kills", type=int, default=int(os.environ.get("FAULTS_KILLS") or 100))
    given.add_argument("--seed", type=int, default=int(os.environ.get("FAULTS_SEED") or 1))
    wish = given.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="huiqian-faults-"))
    say(
        f"{wish.filings} filings, {wish.kills} kills inside acts wanted, seed {wish.seed}; everything lies in {folder}"
    )
    with ExitStack() as stack:
        fire = UnderFire(folder, MOST * wish.filings, wish.seed, stack)
        try:
            code = play(fire, wish.filings, wish.kills, wish.seed)
        except AssertionError as error:
            say(f"✗ {error}")
            for name in ("gateway", "worker1", "worker2", "mail"):
                say(f"{name}:\n{tail(folder / f'{name}.log', 8)}")
            code = 1
    return code


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    leave_after(main)
