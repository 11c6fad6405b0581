"""Verifying the record: events per second against the bare cost of writing the same rows as canonical JSON and hashing them."""

import time
from itertools import count, islice
from pathlib import Path

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

CASES = 10_000
ROUNDS = 5
_OWN = ("position", "previous", "digest")


def measure(quick: bool) -> Result:
    """On PostgreSQL, alternating: bare, chains with log, everything; medians."""
    result = Result("verification")
    result.limit = "one interpreter; of the whole verification, folding each case into its state"
    with ground("postgresql") as here:
        fill(here, copies_of_patterns(here), 300 if quick else CASES)
        rebuild(here.engine)
        begun = time.perf_counter()
        brought = _logged(here)
        took = time.perf_counter() - begun
        bare: list[float] = []
        proved: list[float] = []
        whole: list[float] = []
        rows = 0
        for n in islice(count(1), 1 if quick else ROUNDS):
            rows, seconds = _bare(here)
            bare.append(rows / seconds)
            for into, fold in ((proved, False), (whole, True)):
                begun = time.perf_counter()
                found = verify(here.engine, brought, fold=fold)
                into.append((found.events + found.acts) / (time.perf_counter() - begun))
                assert found.holds, found.problems[:5]
            say(f"{n}: {bare[-1]:,.0f} bare, {proved[-1]:,.0f} chains and log, {whole[-1]:,.0f} with folding")
        ratios = [one / other for one, other in zip(proved, bare, strict=True)]
        folded = [one / other for one, other in zip(whole, bare, strict=True)]
        result.data = {"bare": bare, "proved": proved, "whole": whole}
        result.report("rows of the record verified", rows, "")
        result.report("integrated into the log, tiles and all", rows / took, "/s")
        result.at_least("chains and log, share of bare canonical JSON and SHA-256", _median(ratios), 0.5)
        result.at_least("the same with every case folded and every read model compared", _median(folded), 0.5)
        result.report("rows verified, folding included", _median(whole), "/s")
    return result


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _bare(here: Ground) -> tuple[int, float]:
    """The same rows, in memory already: canonical JSON and the hash of it. What no verification can do without."""
    rows: list[tuple[str, dict[str, object]]] = []
    with here.engine.connect().execution_options(reading=True) as connection:
        for table in (events, acts):
            for row in connection.execute(select(table)).mappings():
                record = {name: value for name, value in row.items() if name not in _OWN}
                rows.append((row["previous"], record))
    begun = time.perf_counter()
    for previous, record in rows:
        digest(previous, canonical(record))
    return len(rows), time.perf_counter() - begun


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
