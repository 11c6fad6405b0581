"""Long work begun on a page: known to every process that serves pages, begun once, and never running for ever."""

from threading import Event

from pydantic import TypeAdapter

from console.web.jobs import SILENCE, Jobs, Task
from domain.moments import stamp
from gateway.clock import system_time
from records.people import jobs
from tests.web.conftest import Web

COUNT = Task("count", TypeAdapter(dict[str, int]))


def test_another_process_sees_the_work_does_not_begin_it_again_and_shows_what_it_found(web: Web) -> None:
    here, elsewhere, go = Jobs(web.office.engine), Jobs(web.office.engine), Event()

    def work() -> dict[str, int]:
        assert go.wait(20)
        return {"cases": 3}

    here.start(COUNT, "ops@dept", work)
    elsewhere.start(COUNT, "auditor@dept", lambda: {"cases": 0})
    seen = elsewhere.get(COUNT)
    assert seen
    assert (seen.by, seen.state) == ("ops@dept", "running")
    go.set()
    here.wait(COUNT, 20)
    found = elsewhere.get(COUNT)
    assert found
    assert (found.by, found.state, found.result) == ("ops@dept", "done", {"cases": 3})


def test_work_whose_process_went_away_has_failed_and_may_be_begun_again(web: Web) -> None:
    begun, long_ago = stamp(system_time() - 3 * SILENCE), stamp(system_time() - 2 * SILENCE)
    row = {"name": COUNT.name, "run": "gone", "by": "ops@dept", "begun_at": begun, "seen_at": long_ago}
    with web.office.engine.begin() as connection:
        connection.execute(jobs.delete().where(jobs.c.name == COUNT.name))
        connection.execute(jobs.insert().values(**row, state="running", found=""))
    lost = Jobs(web.office.engine).get(COUNT)
    assert lost
    assert (lost.state, lost.problem) == ("failed", "")
    again = Jobs(web.office.engine)
    again.start(COUNT, "ops@dept", lambda: 1 // 0)  # pyright: ignore[reportArgumentType]
    again.wait(COUNT, 20)
    failed = again.get(COUNT)
    assert failed
    assert (failed.state, failed.problem) == ("failed", "ZeroDivisionError")
