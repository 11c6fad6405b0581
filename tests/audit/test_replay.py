"""Histories are archived before anybody can lose them, replay with today's code, and agree with the ledger fact by fact."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select, text
from typer.testing import CliRunner

from audit.following import carried, unpacked
from audit.histories import Kept, fetch, given
from audit.replay import Asked, Replayed, replay, rows_of
from cli import app
from records.schema import APPEND_ONLY, runs, streams
from tests.audit.played import Played


def a_case(played: Played, kind: str) -> str:
    with played.engine().connect() as connection:
        query = (
            select(streams.c.id)
            .where(streams.c.kind == kind, streams.c.final)
            .order_by(streams.c.head.desc())
        )
        return str(connection.execute(query).scalars().first())


async def replayed(
    played: Played, case: str, change: Callable[[list[Kept]], None] = lambda kept: None
) -> Replayed:
    with played.engine().connect().execution_options(reading=True) as connection:
        kept, wrong = await fetch(connection, played.files, None, case)
        change(kept)
        return (await replay([Asked(case, rows_of(connection, case), kept, wrong)]))[0]


def found(done: Replayed) -> set[tuple[str, str, str]]:
    return {(f.kind, f.fact.rpartition("#")[2], f.field) for f in done.findings}


async def test_every_run_was_archived_and_every_case_is_the_same(played: Played) -> None:
    assert played.first.kept > 0
    assert (played.second.running, played.second.lost) == (0, 0)
    with played.engine().connect() as connection:
        rows = connection.execute(select(runs)).all()
        followed = (
            connection.execute(
                select(streams.c.id).where(streams.c.followed > 0, streams.c.kind.in_(["filing", "notice"]))
            )
            .scalars()
            .all()
        )
    assert all(row.history and row.ended and row.length for row in rows)
    assert set(followed) <= {row.stream for row in rows}
    for case in sorted({row.stream for row in rows}):
        done = await replayed(played, case)
        assert done.runs
        assert done.findings == [], (case, done.findings[:3])


async def test_a_fact_changed_in_the_ledger_differs_at_its_field(spoilt: Played) -> None:
    case = a_case(spoilt, "filing")
    _unlocked(
        spoilt, "UPDATE events SET digest = 'f' || substr(digest, 2) WHERE stream = ? AND seq = 2", case
    )
    assert ("differs", "2", "digest") in found(await replayed(spoilt, case))


async def test_a_fact_cut_off_the_ledger_is_lacking_there(spoilt: Played) -> None:
    case = a_case(spoilt, "notice")
    with spoilt.engine().connect() as connection:
        last = len(rows_of(connection, case))
    _unlocked(spoilt, f"DELETE FROM events WHERE stream = ? AND seq = {last}", case)
    assert ("ledger-lacks", str(last), "") in found(await replayed(spoilt, case))


async def test_a_fact_that_no_process_ever_read_is_lacking_in_the_history(played: Played) -> None:
    case = a_case(played, "filing")

    def forget(kept: list[Kept]) -> None:
        kept[0].text = _edited(kept[0].text, lambda slips: [s for s in slips if s["n"] != 3])

    assert ("history-lacks", "3", "") in found(await replayed(played, case, forget))


async def test_a_fact_with_another_name_in_the_history_differs(played: Played) -> None:
    case = a_case(played, "filing")

    def rename(kept: list[Kept]) -> None:
        kept[0].text = _edited(kept[0].text, lambda slips: [{**s, "type": "Invented"} for s in slips])

    assert ("differs", "2", "type") in found(await replayed(played, case, rename))


async def test_a_history_that_todays_code_would_not_write_names_the_event(played: Played) -> None:
    case = a_case(played, "notice")

    at: list[int] = []

    def turn(kept: list[Kept]) -> None:
        history = json.loads(kept[0].text)
        alarm = next(e for e in history["events"] if "timerStartedEventAttributes" in e)
        del alarm["timerStartedEventAttributes"]
        alarm["eventType"] = "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"
        alarm["activityTaskScheduledEventAttributes"] = {"activityId": "1", "activityType": {"name": "other"}}
        at.append(int(alarm["eventId"]))
        kept[0].text = json.dumps(history)

    done = await replayed(played, case, turn)
    broken = [f for f in done.findings if f.kind == "non-deterministic"]
    assert [f.event for f in broken] == at, broken[0].why


async def test_a_history_of_another_case_is_named_as_such(played: Played) -> None:
    case, other = a_case(played, "filing"), a_case(played, "notice")
    with played.engine().connect() as connection:
        strange, _ = await fetch(connection, played.files, None, other)
        done = (await replay([Asked(case, rows_of(connection, case), strange, [], whole=False)]))[0]
    assert {f.kind for f in done.findings} == {"foreign"}
    assert other in done.findings[0].why


@pytest.mark.parametrize(
    "spoil",
    [
        b"",
        b"not json",
        b"[]",
        b'{"events": []}',
        b"\x1f\x8b broken",
        '{"events": [{"eventId": "1"}]}'.encode("utf-16"),
    ],
)
async def test_what_is_no_history_is_said_to_be_none(played: Played, spoil: bytes) -> None:
    with played.engine().connect() as connection:
        rows = rows_of(connection, a_case(played, "filing"))
    kept, wrong = given({"x": spoil})
    done = (await replay([Asked("x", rows, kept, wrong, whole=False)]))[0]
    assert [f.kind for f in done.findings] == ["unreadable"]
    assert " / " in done.findings[0].why


async def test_an_archived_history_that_was_changed_or_removed_is_no_history(spoilt: Played) -> None:
    case = a_case(spoilt, "filing")
    with spoilt.engine().connect() as connection:
        digest = str(
            connection.execute(select(runs.c.history).where(runs.c.stream == case)).scalars().first()
        )
    path = spoilt.folder / "files" / digest[:2] / digest[2:4] / digest
    path.write_bytes(gzip.compress(b"{}"))
    assert {f.kind for f in (await replayed(spoilt, case)).findings} >= {"lost"}
    path.unlink()
    assert {f.kind for f in (await replayed(spoilt, case)).findings} >= {"lost"}


async def test_what_a_fact_says_changed_alone_with_its_digest_as_it_was_differs_too(spoilt: Played) -> None:
    case = a_case(spoilt, "filing")
    _unlocked(spoilt, "UPDATE events SET data = data || ' ' WHERE stream = ? AND seq = 2", case)
    assert ("differs", "2", "digest") in found(await replayed(spoilt, case))


def test_all_cases_means_also_those_whose_runs_somebody_dropped(spoilt: Played) -> None:
    case = a_case(spoilt, "notice")
    _unlocked(spoilt, "DELETE FROM runs WHERE stream = ?", case)
    code, same = _replay_all(spoilt.folder)
    assert (code, [one for one, holds in same.items() if not holds]) == (1, [case])


def _replay_all(folder: Path) -> tuple[int, dict[str, bool]]:
    env = {"HUIQIAN_DATABASE_URL": f"sqlite:///{folder}/records.db", "HUIQIAN_FILES": f"{folder}/files"}
    before = structlog.get_config()
    said = CliRunner().invoke(app, ["audit", "replay", "--all", "--offline", "--json"], env=env)
    structlog.configure(**before)
    return said.exit_code, {one["case"]: one["same"] for one in json.loads(said.stdout)["cases"]}


def test_what_a_run_carries_is_read_from_its_history(played: Played) -> None:
    case = a_case(played, "filing")
    with played.engine().connect() as connection:
        row = connection.execute(select(runs).where(runs.c.stream == case)).first()
    assert row is not None
    run = carried(json.loads(unpacked(played.files.get(row.history))))
    assert (run.run, run.stream, run.kind, run.closed) == (row.run, case, "filing", "completed")


def _unlocked(played: Played, sql: str, case: str) -> None:
    with played.engine().begin() as connection:
        for table in APPEND_ONLY:
            for name in (
                connection.execute(
                    text(f"SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='{table}'")
                )
                .scalars()
                .all()
            ):
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.exec_driver_sql(sql, (case,))


def _edited(history: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> str:
    """The history with other slips in the answers of `follow`."""
    whole = json.loads(history)
    for event in whole["events"]:
        if marker := event.get("markerRecordedEventAttributes"):
            payload = marker["details"]["result"]["payloads"][0]
            bearing = json.loads(base64.b64decode(payload["data"]))
            if isinstance(bearing, dict) and "slips" in bearing:
                bearing["slips"] = change(bearing["slips"])
                payload["data"] = base64.b64encode(json.dumps(bearing).encode()).decode()
    return json.dumps(whole)
