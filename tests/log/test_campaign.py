"""A campaign against a finished round: whatever is changed in the record, by whom ever, verification finds it.

Prints how many changes of which table were tried.
"""

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from proof.checkpoint import read_checkpoint
from proof.tiles import CHECKPOINT
from records.engine import open_engine
from records.projection import TABLES
from records.schema import APPEND_ONLY, NOT_THE_RECORD, acts, attachments, events, metadata, streams
from records.verify import Verified, verify
from records.verify_log import Brought
from tests.log.agencies import Agencies
from tests.log.attacker import ATTACKS, make_it_fit, unlock
from tests.stories.catalogue import story
from tests.stories.ledger_only import left_by

RECORD = tuple(name for name in APPEND_ONLY if name != "logins")
LEDGER = (*RECORD, *TABLES, "streams", "environment", "letters", "person_keys")
OPERATIONAL = {("streams", "followed"), ("letters", "again_at")}
"""How far a process has read: any number up to the head is as good. When a letter is to be tried again: any time is."""
LEAST = 1_000
# The round is played and logged once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("campaign")]


@pytest.fixture(scope="module")
def round_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agencies]:
    """A finished round, logged and cosigned in two rounds of the log."""
    folder = tmp_path_factory.mktemp("campaign")
    with left_by(story("11-partial-approval")) as engine:
        agencies = Agencies(folder, engine)
        row = {"sha256": "a" * 64, "name": "方案.pdf", "size": 1, "media_type": "application/pdf"}
        with engine.begin() as connection:
            connection.execute(attachments.insert().values(**row, agency="dg", stored_at="2026"))
        unlock(engine)
        agencies.round()
        assert found_in(agencies).holds
        yield agencies


def found_in(agencies: Agencies, *, copies: bool = True, fold: bool = True) -> Verified:
    """What an auditor finds who holds the trust roots, and (or not) the copy that one witness keeps."""
    witness = agencies.custody("tro").witness("tro")
    brought = Brought(agencies.trust, agencies.published, {"tro": witness.read} if copies else {})
    return verify(agencies.engine, brought, fold=fold)


def others(value: Any, chance: random.Random) -> Iterator[Any]:
    """Values that differ from this one by little."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, value + 100_003)
    elif value is None:
        yield from ("", "x")
    elif isinstance(value, bytes):
        yield from (value[:-1] + bytes([value[-1] ^ 1]), value[1:], b"")
    elif isinstance(value, str):
        at = chance.randrange(len(value) + 1)
        yield value[:at] + " " + value[at:]
        if value:
            at = chance.randrange(len(value))
            yield value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
            yield value[:at] + value[at + 1 :]


def changes(
    connection: Connection, table: Table, chance: random.Random
) -> Iterator[tuple[Any, str, Any, Any]]:
    """(key condition, column, old, new) of every column, over rows spread through the table."""
    rows = list(connection.execute(select(table)).mappings())
    for column in table.columns:
        if (table.name, column.name) in OPERATIONAL:
            continue
        for row in chance.sample(rows, min(len(rows), 6)):
            same = [key == row[key.name] for key in table.primary_key.columns]
            for new in others(row[column.name], chance):
                yield same, column.name, row[column.name], new


def test_every_table_is_in_the_campaign_or_is_said_not_to_be() -> None:
    assert {*LEDGER, *NOT_THE_RECORD} == set(metadata.tables)


def test_no_change_of_a_single_value_goes_unfound(
    round_: Agencies, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261122)
    tried: Counter[str] = Counter()
    unfound: list[str] = []
    for name in LEDGER:
        table = metadata.tables[name]
        fold = name in ("streams", "person_keys", *TABLES)
        with round_.engine.connect() as connection:
            planned = list(changes(connection, table, chance))
        assert planned, f"nothing to change in {name}"
        for same, column, old, new in planned:
            try:
                with round_.engine.begin() as connection:
                    connection.execute(update(table).where(*same).values({column: new}))
            except IntegrityError:
                continue
            tried[f"{name}.{column}"] += 1
            # What the record alone betrays needs no log, and the log only ever adds to it.
            if verify(round_.engine, fold=fold).holds and found_in(round_, fold=fold).holds:
                unfound.append(f"{name}.{column}: {old!r} -> {new!r}")
            back = [new if key.name == column else old_ for key, old_ in _values(table, same)]
            with round_.engine.begin() as connection:
                where = [key == value for key, value in zip(table.primary_key.columns, back, strict=True)]
                connection.execute(update(table).where(*where).values({column: old}))
    assert found_in(round_).holds
    per_table = Counter(
        {name: sum(n for k, n in tried.items() if k.startswith(f"{name}.")) for name in LEDGER}
    )
    with capsys.disabled():
        print(f"\n{sum(tried.values())} changes of single values, {len(unfound)} unfound: {dict(per_table)}")
    assert unfound == []
    assert sum(tried.values()) >= LEAST
    columns = {
        f"{t}.{c.name}" for t in LEDGER for c in metadata.tables[t].columns if (t, c.name) not in OPERATIONAL
    }
    assert tried.keys() == columns


def _values(table: Table, same: list[Any]) -> list[tuple[Any, Any]]:
    return [
        (key, condition.right.value) for key, condition in zip(table.primary_key.columns, same, strict=True)
    ]


@pytest.fixture
def victim(round_: Agencies, tmp_path: Path) -> Iterator[Agencies]:
    """The same round, to be spoilt: database, published files and witnesses are copies."""
    shutil.copytree(round_.folder, tmp_path / "v")
    with round_.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'v.db'}'")
    engine = open_engine(f"sqlite:///{tmp_path / 'v.db'}")
    yield Agencies(tmp_path / "v", engine)
    engine.dispose()


@pytest.mark.parametrize("keep_cosigned", [True, False], ids=["cosigned shown", "cosigned hidden"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_superuser_with_the_logs_key_is_found_and_the_rows_are_named(
    victim: Agencies, attack: str, keep_cosigned: bool
) -> None:
    with victim.engine.begin() as connection:
        ATTACKS[attack](connection)
    make_it_fit(victim, keep_cosigned=keep_cosigned)
    assert verify(victim.engine).problems == [], "the attacker left traces that need no log"
    alone = found_in(victim, copies=False)
    assert not alone.holds
    located = [problem for problem in found_in(victim).problems if problem.startswith("leaf ")]
    assert located
    assert any(what in problem for problem in located for what in ("event ", "act ", "letter "))


@pytest.mark.parametrize("table", [events, acts], ids=["events", "acts"])
def test_any_column_rewritten_with_everything_recomputed_is_found(victim: Agencies, table: Table) -> None:
    made = {"position", "previous", "digest", "seq"}  # what the attacker recomputes anyway
    for column in table.columns:
        if column.name in made or column.name in ("stream", "subject", "command"):
            continue
        with victim.engine.begin() as connection:
            row = dict(
                connection.execute(select(table).order_by(table.c.position.desc())).mappings().all()[2]
            )
            value = row[column.name]
            new = value + 1 if isinstance(value, int) else f"{value or ''} "
            one = table.c.position == row["position"]
            connection.execute(update(table).where(one).values({column.name: new}))
        make_it_fit(victim, keep_cosigned=True)
        found = [p for p in found_in(victim, fold=False).problems if p.startswith("leaf ")]
        assert found, column.name
        with victim.engine.begin() as connection:
            connection.execute(update(table).where(one).values({column.name: value}))
    make_it_fit(victim, keep_cosigned=True)
    assert [p for p in found_in(victim, fold=False).problems if p.startswith("leaf ")] == []


def test_a_snapshot_altered_alone_is_found_and_named(victim: Agencies) -> None:
    with victim.engine.begin() as connection:
        filing = connection.execute(select(streams.c.id).where(streams.c.kind == "filing")).scalars().first()
        connection.execute(update(streams).where(streams.c.id == filing).values(stage="consented"))
    assert any(str(filing) in problem for problem in found_in(victim).problems)


def test_what_is_not_even_text_gets_a_verdict(victim: Agencies) -> None:
    for name in (*RECORD, "streams"):
        table = metadata.tables[name]
        for column in table.columns:
            if column.primary_key or (name, column.name) in OPERATIONAL:
                continue
            first = next(iter(table.primary_key.columns))
            with victim.engine.begin() as connection:
                newest = select(first, column).order_by(first.desc()).limit(1)
                key, kept = connection.execute(newest).one()
                spoil = text(f"UPDATE {name} SET {column.name} = x'00ff' WHERE {first.name} = :key")
                connection.execute(spoil, {"key": key})
            assert not found_in(victim).holds, f"{name}.{column.name}"
            with victim.engine.begin() as connection:
                connection.execute(update(table).where(first == key).values({column.name: kept}))
    assert found_in(victim).holds


def test_a_stream_whose_id_is_no_text_gets_a_verdict(victim: Agencies) -> None:
    with victim.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE streams SET id = x'00ff' WHERE kind = 'filing'")
    assert not verify(victim.engine).holds


def test_what_was_appended_since_is_said_to_be_proved_by_receipts_only(victim: Agencies) -> None:
    with victim.engine.begin() as connection:
        row = dict(connection.execute(select(acts).order_by(acts.c.position.desc())).mappings().first() or {})
        row |= {"position": row["position"] + 1, "command": "appended", "seq": row["seq"] + 1}
        connection.execute(insert(acts).values(row))
    found = found_in(victim)
    assert found.log is not None
    assert found.log.behind == 1


def test_a_log_rolled_back_to_an_older_cosigned_checkpoint_is_found_by_who_saw_the_newer(
    victim: Agencies,
) -> None:
    """Everything behind the older checkpoint is cut, and the older checkpoint with its cosignatures is shown again."""
    old = victim.published.get(CHECKPOINT)
    seen = victim.custody("gz").witness("gz").held()
    assert read_checkpoint(old)[1].size == read_checkpoint(seen)[1].size
    with victim.engine.begin() as connection:
        ATTACKS["dropped refusal"](connection)
    make_it_fit(victim, keep_cosigned=False)
    brought = Brought(victim.trust, victim.published, {}, {"who was there": seen})
    assert any("who was there" in problem for problem in verify(victim.engine, brought, fold=False).problems)
