"""Digest chains over the stored rows: an honest record verifies, and no byte of it can be changed unnoticed."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select, text

from domain.chain import canonical, digest
from records.projection import TABLES
from records.rebuild import rebuild
from records.schema import acts, events, metadata, streams
from records.verify import verify
from tests.conftest import Ground
from tests.verify import broken_chains, faults
from tests.world import Office

KEYS = {"events": "stream", "acts": "subject"}


@pytest.fixture
def told(office: Office) -> Office:
    """A record with done and refused acts, of many kinds of cases."""
    filing = office.passed("dg")
    office.refused("2026-03-28 09:00", "filer@dg", "accept", filing)
    office.published(filing)
    office.objected(f"{filing}/1")
    assert (
        office.act("2026-04-20 09:00", "approver@dept", "consent", lines=[f"{filing}/1"])["code"]
        == "objection-open"
    )
    return office


def other(value: Any, chance: Random) -> Any:
    """A value that differs in one place."""
    if isinstance(value, int):
        return value + 1000
    if not value:
        return "x"
    place = chance.randrange(len(value))
    return value[:place] + ("0" if value[place] != "0" else "1") + value[place + 1 :]


def tampered(connection: Connection, table: Table, row: dict[str, Any], **changes: Any) -> list[str]:
    """What checking finds after a row was changed so; the change is taken back."""
    point = connection.begin_nested()
    connection.execute(table.update().where(table.c.position == row["position"]).values(**changes))
    found = broken_chains(connection)
    point.rollback()
    return found


def rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).order_by(table.c.position)).mappings()]


def models(office: Office) -> dict[str, list[dict[str, Any]]]:
    """The read models, and the record that they are made of."""
    return {
        name: office.rows(metadata.tables[name]) for name in (*TABLES, "streams", "events", "acts", "letters")
    }


def test_an_honest_record_verifies(told: Office) -> None:
    told.check()
    verified = verify(told.engine)
    assert verified.problems == []
    assert (verified.events, verified.acts) == (len(told.rows(events)), len(told.rows(acts)))


@pytest.mark.parametrize("table", [events, acts], ids=lambda table: table.name)
def test_a_changed_byte_is_found_where_it_stands(told: Office, ground: Ground, table: Table) -> None:
    chance, key, missed = Random(table.name), KEYS[table.name], list[str]()
    # `position` is only the order of arrival over all streams: a record's place is its stream and number.
    columns = [column.name for column in table.columns if column.name != "position"]
    with ground.unlocked() as connection:
        rows = rows_of(connection, table)
        for column in columns:
            for row in chance.sample(rows, 3):
                changed = other(row[column], chance)
                found = tampered(connection, table, row, **{column: changed})
                place = "" if column in (key, "seq") else f"{table.name} of {row[key]}: {row['seq']}"
                if not any(fault.startswith(place) for fault in found):
                    missed.append(f"{row[key]} {row['seq']}: {column} = {changed}")
    assert missed == []


@pytest.mark.parametrize("table", [events, acts], ids=lambda table: table.name)
def test_a_record_that_is_missing_or_forged_is_found(told: Office, ground: Ground, table: Table) -> None:
    with ground.unlocked() as connection:
        rows = rows_of(connection, table)
        for row in (rows[0], rows[len(rows) // 2], rows[-1]):
            point = connection.begin_nested()
            connection.execute(table.delete().where(table.c.position == row["position"]))
            assert broken_chains(connection)
            point.rollback()
        # Rightly chained to the last one, but nobody's head knows of it.
        last = dict(rows[-1])
        forged = {**last, "seq": last["seq"] + 1, "previous": last["digest"]}
        forged |= {"command": "forged"} if table is acts else {"type": "FilingAbandoned"}
        del forged["position"]
        bare = {k: v for k, v in forged.items() if k not in ("previous", "digest")}
        connection.execute(
            table.insert().values(**{**forged, "digest": digest(last["digest"], canonical(bare))})
        )
        assert broken_chains(connection)


def test_the_products_own_check_finds_what_was_changed(told: Office, ground: Ground) -> None:
    filing = told.refs(*[id_ for id_ in told.cases() if id_.startswith("filing-")])[0].partition("/")[0]
    with ground.unlocked() as connection:
        connection.execute(
            events.update()
            .where(events.c.stream == filing, events.c.seq == 2)
            .values(legal_at="2026-03-08T01:00:00.000000Z")
        )
    problems = verify(told.engine).problems
    assert any(problem.startswith(f"{filing}: event 2") for problem in problems)


def test_a_changed_snapshot_or_read_model_is_found_and_put_back(told: Office) -> None:
    before = models(told)
    with told.engine.begin() as connection:
        for table in TABLES.values():
            connection.execute(table.delete())
        connection.execute(
            streams.update()
            .where(streams.c.kind == "filing")
            .values(state=streams.c.state.op("||")(text("' '")), stage="x")
        )
        connection.execute(streams.delete().where(streams.c.kind == "notice"))
    assert not verify(told.engine).holds
    rebuilt = rebuild(told.engine)
    after = models(told)
    for row in [*before["streams"], *after["streams"]]:
        if row["kind"] == "notice":
            del row["followed"]  # how far its process had read went with the row
    assert after == before
    assert rebuilt.streams == len(before["streams"])
    assert verify(told.engine).holds


def test_rebuilding_what_is_right_changes_nothing(told: Office) -> None:
    before = models(told)
    assert rebuild(told.engine).changed == []
    assert models(told) == before


def test_digests_cover_the_stored_text_and_nothing_else(told: Office) -> None:
    # What an auditor with nothing but SQL and sha256sum would do.
    for row in told.rows(events)[:20]:
        bare = {k: v for k, v in row.items() if k not in ("position", "previous", "digest")}
        assert row["digest"] == digest(row["previous"], canonical(bare))
    with told.engine.connect().execution_options(reading=True) as connection:
        assert faults(connection) == []


def test_folding_on_all_processors_gives_the_same(told: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # A large ledger is folded by other processes, which know nothing but what they import.
    monkeypatch.setattr("records.rebuild.BATCH", 3)
    done = rebuild(told.engine)
    assert done.streams > 3
    assert done.changed == []
    told.check()
