"""Verifying the record: events per second against the bare cost of writing the same rows as canonical JSON and hashing them."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy import select

from bench.docket import copies_of_patterns, fill
from bench.ground import Ground, ground
from bench.report import Result, say
from domain.chain import canonical, digest
from gateway.custody import LOG, Custody, trust_roots
from proof.checkpoint import read_checkpoint
from proof.note import Note
from records.files import FileStore
from records.rebuild import rebuild
from records.schema import acts, events
from records.sequencer import FOLDER, add_cosignatures, integrate
from records.verify import verify
from records.verify_log import Brought

CASES = 200_000
ROUNDS, WHOLE = 5, 2
"""Rounds; in the first ones the whole verification, which takes minutes, is measured as well."""
_OWN = ("position", "previous", "digest")


def measure(quick: bool) -> Result:
    """On PostgreSQL, alternating: bare, chains with log, and twice everything; medians."""
    result = Result("verification")
    result.limit = "reading the rows; the hash of each as a leaf; of the whole verification, folding each case into its state"
    with ground("postgresql") as here:
        fill(here, copies_of_patterns(here), 300 if quick else CASES)
        rebuild(here.engine)
        begun = time.perf_counter()
        brought = _logged(here)
        took = time.perf_counter() - begun
        spent: dict[str, list[Spent]] = {"bare": [], "proved": [], "whole": []}
        rows = 0
        for n in range(1, 2 if quick else ROUNDS + 1):
            rows, bare = _bare(here)
            spent["bare"].append(bare)
            for name, fold in (("proved", False), ("whole", True))[: 2 if n <= WHOLE else 1]:
                found, cost = _spent(lambda fold=fold: verify(here.engine, brought, fold=fold))
                assert found.holds, found.problems[:5]
                assert found.events + found.acts == rows
                spent[name].append(cost)
            say(
                f"{n}: " + ", ".join(f"{name} {rows / one[-1][0]:,.0f} rows/s" for name, one in spent.items())
            )
        result.data = {"rows": rows, **spent}
        result.report("rows of the record verified", rows, "")
        result.report("integrated into the log, tiles and all", rows / took, "/s")
        what = "chains and log, share of bare canonical JSON and SHA-256"
        result.at_least(what, _share(spent, "proved", 0), 0.5)
        result.report("the same, by processor time instead of the clock", _share(spent, "proved", 1))
        what = "the same with every case folded and every read model compared"
        result.report(what, _share(spent, "whole", 0))
        result.report("the same, by processor time instead of the clock", _share(spent, "whole", 1))
        result.report(
            "rows verified, folding included", median(rows / one[0] for one in spent["whole"]), "/s"
        )
    return result


Spent = tuple[float, float]
"""Seconds by the clock, and of processor time of this process and those it started."""


def _spent[T](work: Callable[[], T]) -> tuple[T, Spent]:
    begun, before = time.perf_counter(), sum(os.times()[:4])
    done = work()
    return done, (time.perf_counter() - begun, sum(os.times()[:4]) - before)


def _share(spent: dict[str, list[Spent]], name: str, of: int) -> float:
    return median(bare[of] / own[of] for bare, own in zip(spent["bare"], spent[name], strict=False))


def _bare(here: Ground) -> tuple[int, Spent]:
    """The same rows, in memory already: canonical JSON and the hash of it. What no verification can do without."""
    rows: list[tuple[str, dict[str, object]]] = []
    with here.engine.connect().execution_options(reading=True) as connection:
        for table in (events, acts):
            for row in connection.execute(select(table)).mappings():
                record = {name: value for name, value in row.items() if name not in _OWN}
                rows.append((row["previous"], record))

    def hash_all() -> None:
        for previous, record in rows:
            digest(previous, canonical(record))

    return len(rows), _spent(hash_all)[1]


def _logged(here: Ground) -> Brought:
    """Everything integrated and cosigned by one agency."""
    custody = Custody(Path(here.folder) / "keys")
    made = {who: custody.make(who, "huiqian.example/bench") for who in (LOG, "tro")}
    trust = trust_roots(made.pop(LOG), made, 1)
    custody.trust_file.write_text(trust.encode())
    published = FileStore(str(here.folder / "files")).folder(FOLDER)
    done = integrate(here.engine, published, custody.key(LOG), whole=True)
    note, _ = read_checkpoint(done.checkpoint)
    signature = custody.witness("tro").consider(done.checkpoint, published.get, 1_800_000_000)
    add_cosignatures(published, done.size, [Note(note.text, (signature,))], trust)
    return Brought(trust, published)
