"""Rounds of the log on a real Temporal server: started by its schedule, cosigned on each agency's own queue."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.custody import LOG, Custody, trust_roots
from gateway.views import show
from proof.checkpoint import Checkpoint, read_checkpoint
from proof.note import Note
from proof.tiles import CHECKPOINT, grow
from proof.trust import Witnessed
from records.files import FileStore
from records.schema import events
from records.sequencer import FOLDER
from records.verify import verify
from records.verify_log import Brought
from tests.processes.house import House

ORIGIN = "huiqian.example/round"


@pytest.fixture
def keys(house: House, tmp_path: Path) -> Custody:
    """All keys on one machine, as `make up` has them."""
    custody = Custody(tmp_path / "keys")
    made = {who: custody.make(who, ORIGIN) for who in (LOG, "dept", "gz", "sz", "tro")}
    custody.trust_file.write_text(trust_roots(made.pop(LOG), made, 3).encode())
    house.settings = house.settings.model_copy(update={"keys": str(custody.folder), "log_every": 1})
    return custody


async def until[T](found: Callable[[], T | None], patience: float = 30) -> T:
    for _ in range(int(patience / 0.05)):
        if (what := found()) is not None:
            return what
        await asyncio.sleep(0.05)
    raise AssertionError("not within patience")


async def test_the_schedule_integrates_and_agencies_that_are_up_cosign(house: House, keys: Custody) -> None:
    published = FileStore(house.settings.files).folder(FOLDER)

    def cosigned(size: int, by: set[str]) -> Callable[[], Witnessed | None]:
        def look() -> Witnessed | None:
            try:
                found = keys.trust().check(published.get(CHECKPOINT))
            except FileNotFoundError:
                return None
            return found if found.checkpoint.size > size and by <= set(found.cosigned) else None

        return look

    async with house.served():
        first = await until(cosigned(0, {"dept", "gz", "sz", "tro"}))
    house.filed("dg", "DEMO-0209")
    async with house.served(agencies="dept,gz,tro"):  # one agency is down: only its cosignature is missing
        second = await until(cosigned(first.checkpoint.size, {"dept", "gz", "tro"}))
    assert second.enough
    assert "sz" not in second.cosigned


async def test_a_log_that_contradicts_itself_raises_an_alarm_that_names_both(
    house: House, keys: Custody
) -> None:
    published = FileStore(house.settings.files).folder(FOLDER)
    witness, key = keys.witness("tro"), keys.key(LOG)
    # What tro has seen and cosigned before: a log under the same key, of which the records here know nothing.
    witness.memory.mkdir(parents=True)
    seen = Checkpoint(key.name, 1, grow(witness.read, witness.write, 0, [b"what was shown to tro"]))
    held = Note(seen.text()).signed(key).encode()
    witness.write(CHECKPOINT, held)

    def alarm() -> str | None:
        with house.engine.connect().execution_options(reading=True) as connection:
            query = select(events.c.data).where(events.c.type == "CheckpointDisputed")
            return connection.execute(query.order_by(events.c.position)).scalars().first()

    async with house.served():
        data = await until(alarm)
        await until(lambda: _size(published.get, CHECKPOINT))
    said = json.loads(data)
    assert said["held"] == held.decode()
    assert keys.trust().check(said["offered"].encode()).checkpoint.size > 1
    assert show(house.engine, "agency/tro")["disputes"] >= 1
    assert "tro" not in keys.trust().check(published.get(CHECKPOINT)).cosigned
    assert witness.held() == held
    found = verify(house.engine, Brought(keys.trust(), published), fold=False).problems
    assert any(problem.startswith("agency/tro#") and f"{ORIGIN} 1 " in problem for problem in found)


def _size(get: Callable[[str], bytes], path: str) -> int | None:
    try:
        return read_checkpoint(get(path))[1].size
    except FileNotFoundError:
        return None
