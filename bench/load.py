"""The cluster under load: acts acknowledged and driven with 1, 2 and 4 gateways and workers, lag, and what an act costs where."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from bench.children import cpu_of, mail_server
from bench.report import FOLDER, Result, percentile, say
from bench.rest import letters_by_status
from bench.town import Town, settle_town
from deploy.cluster import Installation
from deploy.postgres import APP
from deploy.process import ROOT
from gateway.views import behind, in_motion
from records.engine import migrate, open_engine
from records.schema import streams

PREFIX = "bench"
SIZES, CASES = (1, 2, 4), 120
AGENCIES = ("dept", "tro")
PATIENCE = 1800.0


@dataclass
class Seen:
    """The lag behind the ledger, sampled while a burst came in and drained."""

    at: list[float] = field(default_factory=list[float])
    streams: list[int] = field(default_factory=list[int])
    seconds: list[float] = field(default_factory=list[float])


def measure(quick: bool) -> Result:
    """One burst for each number of gateways and workers."""
    result = Result("load")
    sizes, cases = ((1, 2), 8) if quick else (SIZES, CASES)
    with _cluster(len(sizes), cases) as (installation, town):
        installation.worker("relay", parts="relay", agencies="none")
        for agency in AGENCIES:
            installation.worker(agency, parts="none", agencies=agency)
        running = 0
        for block, size in enumerate(sizes, 1):
            while running < size:
                running += 1
                installation.worker(f"processes-{running}", parts="processes", agencies="none")
            _rest(installation, town.engine)
            _burst(result, installation, town.engine, block, size, cases)
    costs = result.data["cpu_ms_an_act"][str(sizes[-1])]
    most = max(costs, key=lambda role: costs[role])
    result.limit = f"processor time: an act costs {sum(costs.values()):.1f} ms of it in all, most in {most}"
    return result


@contextmanager
def _cluster(blocks: int, cases: int) -> Generator[tuple[Installation, Town]]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="load-", dir=FOLDER))
    folder.chmod(0o711)
    with ExitStack() as cleaning:
        cleaning.callback(shutil.rmtree, folder, ignore_errors=True)
        smtp = cleaning.enter_context(mail_server(folder))
        installation = Installation(folder, prefix=PREFIX, settings={"HUIQIAN_SMTP_URL": smtp})
        cleaning.callback(installation.stop)
        installation.start_servers()
        owner = open_engine(installation.postgres.owner_url)
        migrate(owner, APP)
        owner.dispose()
        engine = open_engine(installation.postgres.app_url)
        cleaning.callback(engine.dispose)
        yield installation, settle_town(engine, PREFIX, colleges=cases, majors=blocks + 1)


def _burst(
    result: Result, installation: Installation, engine: Engine, block: int, size: int, cases: int
) -> None:
    """So many gateways do the acts of all cases as fast as they can; then everything comes to rest."""
    share = cases // size
    log, seen, over = installation.folder / "gateways.log", Seen(), threading.Event()
    gateways: list[subprocess.Popen[str]] = []
    watching = threading.Thread(target=_watch, args=(engine, seen, over))
    try:
        with log.open("ab") as errors:
            for n in range(size):
                words = [f"{block}.{n}", str(n * share), str(share), str(block)]
                gateways.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "bench.gateway_load", *words], cwd=ROOT, env=installation.environment(),
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                    )
                )  # fmt: skip
        for gateway in gateways:
            assert gateway.stdout
            assert gateway.stdout.readline() == "ready\n", log.read_text()[-1000:]
        before, begun = _cpu(installation), time.time()
        watching.start()
        for gateway in gateways:
            assert gateway.stdin
            gateway.stdin.write("\n")
            gateway.stdin.flush()
        told = [json.loads(gateway.communicate()[0]) for gateway in gateways]
        ended = _rest(installation, engine)
    finally:
        over.set()
        for gateway in gateways:
            if gateway.poll() is None:
                gateway.kill()
    watching.join()
    used = {role: seconds - before.get(role, 0.0) for role, seconds in _cpu(installation).items()}
    used["gateways"] = sum(one["cpu"] for one in told)
    _report(result, size, told, begun, ended, used, seen)


def _report(
    result: Result,
    size: int,
    told: list[dict[str, Any]],
    begun: float,
    ended: float,
    used: dict[str, float],
    seen: Seen,
) -> None:
    took = [seconds for one in told for seconds in one["took"]]
    acts, answered = len(took), max(one["ended"] for one in told)
    what = f"{size} gateway{'s' if size > 1 else ''}, {size} worker{'s' if size > 1 else ''} of processes"
    result.report(f"{what}: acts acknowledged", acts / (answered - begun), "/s")
    result.report(f"{what}: one act, p50", 1000 * percentile(took, 0.5), "ms")
    result.report(f"{what}: one act, p99", 1000 * percentile(took, 0.99), "ms")
    result.report(f"{what}: acts driven to rest", acts / (ended - begun), "/s")
    result.report(f"{what}: most processes behind the ledger", max(seen.streams, default=0))
    result.report(f"{what}: longest behind", max(seen.seconds, default=0.0), "s")
    result.report(f"{what}: at rest after the last answer", ended - answered, "s")
    cost = {role: 1000 * seconds / acts for role, seconds in sorted(used.items())}
    result.report(f"{what}: processor time of an act, all processes", sum(cost.values()), "ms")
    for role, milliseconds in cost.items():
        result.report(f"{what}: of that, {role}", milliseconds, "ms")
    result.data.setdefault("cpu_ms_an_act", {})[str(size)] = cost
    result.data[f"burst-{size}"] = {
        "acts": acts,
        "took": took,
        "seen": vars(seen),
        "told_seconds": ended - begun,
    }
    say(
        f"{what}: {acts / (answered - begun):.0f} acts/s answered, {acts / (ended - begun):.0f} driven, {cost}"
    )


def _watch(engine: Engine, seen: Seen, over: threading.Event) -> None:
    """Sample how many processes have not read the ledger's head, and since when the one furthest behind has not."""
    since: dict[str, float] = {}
    begun = time.monotonic()
    query = select(streams.c.id).where(streams.c.followed < streams.c.head)
    while not over.wait(0.2):
        with engine.connect().execution_options(reading=True) as connection:
            late = set(connection.execute(query).scalars())
        now = time.monotonic()
        since = {id_: since.get(id_, now) for id_ in late}
        seen.at.append(now - begun)
        seen.streams.append(len(late))
        seen.seconds.append(max((now - first for first in since.values()), default=0.0))


def _rest(installation: Installation, engine: Engine) -> float:
    """Wait until every process has read its stream and the post is out; gives the instant."""
    end = time.monotonic() + PATIENCE
    while behind(engine) or in_motion(engine) or letters_by_status(engine).get("due"):
        if gone := installation.ended():
            raise AssertionError(f"ended by themselves: {gone}")
        if time.monotonic() > end:
            raise AssertionError("not at rest")
        time.sleep(0.1)
    return time.time()


def _cpu(installation: Installation) -> dict[str, float]:
    """Seconds of processor time that each role has used."""
    used: dict[str, float] = {}
    for name, part in installation.parts.items():
        role = "agencies" if name in AGENCIES else name.partition("-")[0]
        if part.pid is not None:
            used[role] = used.get(role, 0.0) + cpu_of(part.pid)
    return used
