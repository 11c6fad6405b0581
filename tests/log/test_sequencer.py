"""The sequencer: every row becomes a leaf once, in an order that stays, whoever runs it and whenever it is cut off."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from proof.checkpoint import Checkpoint, read_checkpoint
from proof.merkle import Tree, leaf_hash
from proof.tiles import TileReader, entries_path
from records import sequencer
from records.engine import open_engine
from records.files import PlainFolder
from records.leaves import SOURCES, entries
from records.schema import acts, events, leaves
from records.sequencer import LogBroken
from tests.conftest import Ground
from tests.log.agencies import Agencies
from tests.world import Office


def rows(agencies: Agencies) -> int:
    with agencies.engine.connect() as connection:
        return sum(
            connection.execute(select(func.count()).select_from(source.table)).scalar_one()
            for source in SOURCES
        )


def checked(agencies: Agencies) -> Checkpoint:
    """The newest checkpoint, after all that must hold of it and of the published files."""
    note = agencies.published.get("checkpoint.signed")
    checkpoint = agencies.trust.check(note).checkpoint
    with agencies.engine.connect() as connection:
        order = list(connection.execute(select(leaves.c.leaf).order_by(leaves.c.leaf)).scalars())
        known = entries(connection, 0, checkpoint.size)
    assert order[: checkpoint.size] == list(range(checkpoint.size))
    assert None not in known
    logged = [entry for entry in known if entry]
    assert Tree(map(leaf_hash, logged)).root() == checkpoint.root
    reader = TileReader(agencies.published.get, checkpoint.size)
    bundles = [reader.entries(n) for n in range(-(-checkpoint.size // 256))]
    assert [entry for bundle in bundles for entry in bundle] == logged
    assert b"".join(reader.tile(0, n) for n in range(len(bundles))) == b"".join(map(leaf_hash, logged))
    return checkpoint


def test_every_row_of_the_record_becomes_a_leaf(agencies_on: Agencies, ground: Ground) -> None:
    office = Office(ground.engine)
    office.submitted()
    assert agencies_on.integrate().added == rows(agencies_on)
    assert checked(agencies_on).size == rows(agencies_on)
    office.refused("2026-03-10 09:00", "clerk@tro", "conclude", "filing-nowhere")
    assert agencies_on.integrate().added == 1
    assert checked(agencies_on).size == rows(agencies_on)


def test_nothing_new_changes_nothing(agencies: Agencies) -> None:
    first = agencies.integrate()
    again = agencies.integrate(whole=True)
    assert (again.added, again.size, again.checkpoint) == (0, first.size, first.checkpoint)


def test_two_at_once_give_every_row_one_place(agencies_on: Agencies, ground: Ground) -> None:
    Office(ground.engine).submitted()
    with ThreadPoolExecutor(4) as threads:
        sizes = [run.result().size for run in [threads.submit(agencies_on.integrate) for _ in range(4)]]
    assert set(sizes) == {rows(agencies_on)}
    assert checked(agencies_on).size == rows(agencies_on)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 12), max_size=4))
def test_cut_off_anywhere_it_goes_on_and_comes_out_the_same(
    prepared: tuple[Agencies, Path], cuts: list[int]
) -> None:
    agencies, folder = prepared
    shutil.rmtree(agencies.folder / "files", ignore_errors=True)
    agencies = restored(agencies, folder)
    for cut in cuts:
        with suppress(_PowerCut), _cut_after(cut):
            agencies.integrate()
    agencies.integrate()
    assert checked(agencies).size == rows(agencies)
    agencies.engine.dispose()


class _PowerCut(Exception):
    pass


class _cut_after:
    """The machine stops before the n-th file is written."""

    def __init__(self, writes: int) -> None:
        self.writes = writes

    def __enter__(self) -> None:
        self.put = put = PlainFolder.put
        numbers, writes = count(), self.writes

        def cut(self: PlainFolder, path: str, data: bytes) -> None:
            if next(numbers) >= writes:
                raise _PowerCut
            put(self, path, data)

        PlainFolder.put = cut

    def __exit__(self, *_: object) -> None:
        PlainFolder.put = self.put


def restored(agencies: Agencies, folder: Path) -> Agencies:
    shutil.copy(folder / "records.db", agencies.folder / "records.db")
    return Agencies(agencies.folder, open_engine(f"sqlite:///{agencies.folder}/records.db"))


@pytest.fixture
def prepared(office: Office, tmp_path: Path) -> tuple[Agencies, Path]:
    """A record with some cases, kept as a file to begin from again and again."""
    office.submitted()
    kept = tmp_path / "kept"
    kept.mkdir()
    with office.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{kept / 'records.db'}'")
    (tmp_path / "run").mkdir()
    return Agencies(tmp_path / "run", office.engine), kept


def test_lost_or_damaged_tiles_are_written_anew_from_the_record(agencies: Agencies, office: Office) -> None:
    before = agencies.integrate()
    shutil.rmtree(agencies.folder / "files" / "log" / "tile")
    office.submitted()
    assert agencies.integrate().size > before.size
    checked(agencies)


def test_a_record_that_lost_what_was_signed_is_not_signed_over(agencies_on: Agencies, ground: Ground) -> None:
    office = Office(ground.engine)
    office.submitted()
    agencies_on.integrate()
    shutil.rmtree(agencies_on.folder / "files" / "log" / "tile")
    with ground.unlocked() as connection:
        oldest = select(func.min(acts.c.position)).scalar_subquery()
        connection.execute(delete(acts).where(acts.c.position == oldest))
    office.refused("2026-03-10 09:00", "clerk@tro", "conclude", "filing-nowhere")
    with pytest.raises(LogBroken):
        agencies_on.integrate()


def test_an_old_backup_is_not_signed_as_if_nothing_had_followed(agencies: Agencies, office: Office) -> None:
    agencies.integrate()
    ahead = Agencies(agencies.folder, agencies.engine)
    office.submitted()
    ahead.integrate()
    with office.engine.begin() as connection:
        for table in ("leaves", "checkpoints"):
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        connection.exec_driver_sql("DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)")
    with pytest.raises(LogBroken, match="旧备份"):
        agencies.integrate()


def test_a_row_that_was_committed_late_is_found(
    agencies: Agencies, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL numbers rows before they are committed: a lower number may appear after a higher one is a leaf."""
    office.submitted()
    with office.engine.begin() as connection:
        late = connection.execute(select(func.max(events.c.position))).scalar_one() - 2
        held = dict(connection.execute(select(events).where(events.c.position == late)).mappings().one())
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER events_no_{verb}")
        connection.execute(delete(events).where(events.c.position == late))
    agencies.integrate()
    with office.engine.begin() as connection:
        connection.execute(events.insert().values(held))
    assert agencies.integrate().added == 1
    monkeypatch.setattr(sequencer, "LOOKBACK", 0)
    assert agencies.integrate(whole=True).added == 0
    assert checked(agencies).size == rows(agencies)


def test_entries_name_rows_and_hold_nothing_of_their_content(agencies: Agencies, office: Office) -> None:
    office.submitted()
    size = agencies.integrate().size
    published = agencies.published.get(entries_path(0, size)) if size < 256 else b""
    with office.engine.connect() as connection:
        persons = set(connection.execute(select(acts.c.actor)).scalars())
    assert b"filing-" in published
    assert not any(person.encode() in published for person in persons)
    assert read_checkpoint(agencies.published.get("checkpoint.signed"))[1].size == size
