"""A whole Temporal server's database file, and the histories it exports, hold nothing in clear (issue 6, item 5)."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from audit.histories import fetch, given
from audit.replay import Asked, replay, rows_of
from deploy.devserver import DevServer
from gateway.archivist import Archivist, Swept
from gateway.codec import converter
from gateway.payload_keys import SM4, Ring, make_ring_file, read_ring_file, write_ring_file
from gateway.process_health import healths
from records.files import FileStore
from records.schema import events
from tests.processes.house import House
from tests.processes.test_personal_data import in_clear
from tests.quiet import quiet as quiet
from workflows.search import SEARCH_ATTRIBUTES

PLANTED, PERSON, MEMO = "planted-failure-text", "植入的张三丰", "planted-memo-text"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncGenerator[DevServer]:
    """A dev server with a database file of its own."""
    made = DevServer(
        db=tmp_path / "temporal.db", ui=False, search_attributes=SEARCH_ATTRIBUTES, die_with_parent=True
    )
    await asyncio.to_thread(made.start)
    yield made
    await asyncio.to_thread(made.stop)


POSTING = "post/tro"
"""The process whose letters fail: the receiving unit's post."""


def found(folder: Path, *texts: str) -> set[str]:
    """Which of these texts the server's database files hold."""
    held = b"".join(path.read_bytes() for path in folder.glob("temporal.db*"))
    return {text for text in texts if text.encode() in held}


@activity.defn(name="deliver")
def failing(self: object, ask: object) -> int:
    """In the place of the post: it fails with a text of its own."""
    raise ApplicationError(PLANTED)


def digests(house: House, case: str) -> list[str]:
    """The digests of a case's facts: they are in the answers that its process reads."""
    with house.engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(select(events.c.digest).where(events.c.stream == case)).scalars())


async def test_the_database_file_and_histories_hold_nothing_in_clear(
    server: DevServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "payload-keys.json"
    make_ring_file(keys)
    bare = await Client.connect(server.address)
    writes = converter(str(keys))
    house = House(tmp_path, await Client.connect(server.address, data_converter=writes), "sealed")
    clear = House(tmp_path, bare, "clear")
    cases = dict[str, str]()
    with monkeypatch.context() as broken:
        broken.setattr("activities.post.Post.deliver", failing)
        for each in (house, clear):
            async with each.served():
                await each.becomes(each.round, "open")
                cases[each.name] = case = each.filed("dg", "DEMO-0101")
                if each is house:  # the keys are rotated, to the other cipher, while its process runs
                    ring = read_ring_file(keys).added(SM4)
                    write_ring_file(keys, ring.using(ring.keys[-1].id))
                    await asyncio.sleep(1.1)
                each.done("filer@dg", "withdraw", case, reason=PERSON)
                await _failed_twice(each, POSTING)
                about = await healths(each.client, [f"{each.name}/{POSTING}"])
                assert PLANTED in about[f"{each.name}/{POSTING}"].en, "the operator is told what fails"
    await house.client.start_workflow(
        "nobody", MEMO, id="sealed/nobody", task_queue="none", memo={"about": MEMO}, static_summary=MEMO
    )
    for each in (house, clear):
        async with each.served():
            # An attempt at the post that the first worker took along is missed when its heartbeat is: a minute.
            await each.at_rest(patience=120.0)
            assert (await each.process(cases[each.name]).result()) in ("withdrawn", "completed", "closed")
    sealed, open_ = digests(house, cases["sealed"]), digests(clear, cases["clear"])
    assert found(tmp_path, *open_, PLANTED) == {*open_, PLANTED}, "what is in clear would be found"
    assert found(tmp_path, *sealed, PERSON, MEMO) == set()
    handle = bare.get_workflow_handle(f"sealed/{cases['sealed']}")
    exported = (await handle.fetch_history()).to_json()
    assert [text for text in (*sealed, PERSON, PLANTED) if text in in_clear(exported)] == []

    swept = await Archivist(house.engine, house.client, FileStore(f"{tmp_path}/files")).sweep()
    assert not swept.lost  # the worker may have kept some before
    with house.engine.connect().execution_options(reading=True) as connection:
        rows = rows_of(connection, cases["sealed"])
        kept, wrong = await fetch(connection, FileStore(f"{tmp_path}/files"), house.client, cases["sealed"])
    ours, theirs = given({"exported.json": exported.encode()}, writes.payload_codec)
    assert kept
    assert not wrong
    assert not theirs
    for some in (kept, ours):
        (done,) = await replay([Asked(cases["sealed"], rows, some, [], whole=some is kept)])
        assert done.same, done.findings
    unread, _ = given({"exported.json": exported.encode()})
    (done,) = await replay([Asked(cases["sealed"], rows, unread, [], whole=False)])
    assert [finding.kind for finding in done.findings] == ["unreadable"]
    house.close()
    clear.close()


async def test_a_history_whose_master_key_is_missing_keeps_no_other_from_the_archive(
    server: DevServer, tmp_path: Path
) -> None:
    keys, lacking = tmp_path / "payload-keys.json", tmp_path / "lacking.json"
    make_ring_file(keys)

    async def sweep(file: Path) -> Swept:
        client = await Client.connect(server.address, data_converter=converter(str(file)))
        return await Archivist(house.engine, client, FileStore(f"{tmp_path}/files")).sweep()

    house = House(
        tmp_path, await Client.connect(server.address, data_converter=converter(str(keys))), "rotated"
    )
    house.settings = house.settings.model_copy(update={"archive_every": 0})
    async with house.served():
        await house.becomes(house.round, "open")
        first, second = house.filed("dg", "DEMO-0101"), house.filed("zh", "DEMO-0101")
        house.done("filer@dg", "withdraw", first, reason="x")
        await house.at_rest()
        ring = read_ring_file(keys).added(SM4)
        new = ring.keys[-1]
        write_ring_file(keys, ring.using(new.id))
        await asyncio.sleep(1.1)
        third = house.filed("dg", "DEMO-0105")
        house.done("filer@dg", "withdraw", third, reason="x")
        await house.at_rest()
    write_ring_file(lacking, Ring(new.id, (new,)))
    swept = await sweep(lacking)
    assert swept.sealed
    assert swept.kept
    again = await sweep(keys)
    assert (again.sealed, again.kept) == (0, swept.sealed)
    assert (await house.process(second).describe()).close_time is None
    house.close()


async def _failed_twice(house: House, case: str) -> None:
    for _ in range(300):
        await asyncio.sleep(0.1)
        try:
            about = (await house.process(case).describe()).raw_description
        except RPCError:  # it is not there yet
            continue
        if any(pending.attempt > 1 for pending in about.pending_activities):
            return
    raise AssertionError("nothing fails")
