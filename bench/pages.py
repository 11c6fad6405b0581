"""How long the server takes for a page, and how large pages are, with 100,000 cases on PostgreSQL."""

import time

from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import select

from bench.docket import copies_of_patterns, fill
from bench.ground import Ground, ground, vacuum
from bench.report import Result, percentile
from console.web.app import make_app, make_place
from console.web.statistics import TASK
from console.web.throttle import Throttle
from gateway import accounts
from gateway.accounts import add_account
from gateway.clock import LegalClock, read_environment
from gateway.garbage import settle
from gateway.gateway import Gateway
from gateway.settings import Settings
from records.rebuild import rebuild
from records.schema import docket, streams

CASES = 100_000
COLLEGES = 2_500
"""That file in the one round: as many as there are technician colleges in the whole country."""
LOOKS = 60
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "maintenance_work_mem": "512MB"}
MOST_KB = 200


def measure(quick: bool) -> Result:
    """Everything between the request and the last byte of its answer, in one process; no network, one reader at a time."""
    result = Result("pages")
    result.limit = "deciding what may be done now; templates"
    with ground("postgresql", SETTINGS) as here:
        copies = copies_of_patterns(here, colleges=COLLEGES)
        fill(here, copies, 2_000 if quick else CASES)
        rebuild(here.engine)
        vacuum(here)
        times: dict[str, list[float]] = {}
        work: dict[str, list[float]] = {}
        largest: tuple[int, str] = (0, "")
        for name, size, seconds, cpu in _looks(here, 10 if quick else LOOKS, result):
            times.setdefault(name, []).append(seconds)
            work.setdefault(name, []).append(cpu)
            largest = max(largest, (size, name))
    for name, taken in times.items():
        result.at_most(f"{name}, p95", 1000 * percentile(taken, 0.95), 100, "ms")
        result.report("the same: the server's own CPU, median", 1000 * percentile(work[name], 0.5), "ms")
    result.at_most(f"the largest page ({largest[1]})", largest[0] / 1000, MOST_KB, "KB")
    return result


def _looks(here: Ground, many: int, result: Result) -> list[tuple[str, int, float, float]]:
    """Page by page in turn, so that each is seen under the same load: name, bytes, seconds, seconds of CPU."""
    environment = read_environment(here.engine)
    assert environment
    gateway = Gateway(here.engine, LegalClock(environment.clock))
    place = make_place(Settings(files=str(here.folder / "files")), gateway, environment)
    accounts.HASHER = PasswordHasher(
        time_cost=1, memory_cost=8, parallelism=1
    )  # the login is not what is measured
    found: list[tuple[str, int, float, float]] = []
    with TestClient(make_app(place), follow_redirects=False) as public:
        people = {who: _login(here, place, who) for who in ("clerk@tro", "approver@dept", "ops@dept")}
        pages = _pages(here)
        people["ops@dept"].get("/ops/statistics")
        place.jobs.wait(TASK, 600)
        count = place.jobs.get(TASK)
        assert count
        assert count.state == "done"
        result.report("counting the statistics, beside the requests", count.seconds, "s")
        settle()  # as the served console does
        for _ in range(many):
            for name, who, path in pages:
                place.throttle = Throttle()
                reader = people.get(who, public)
                begun, worked = time.perf_counter(), time.process_time()
                answer = reader.get(path)
                took, cpu = time.perf_counter() - begun, time.process_time() - worked
                assert answer.status_code == 200, (path, answer.status_code)
                found.append((name, len(answer.content), took, cpu))
    return found


def _login(here: Ground, place: object, who: str) -> TestClient:
    client = TestClient(make_app(place), follow_redirects=False)  # pyright: ignore[reportArgumentType]
    client.__enter__()
    password = add_account(here.engine, who, who, temporary=False)
    assert client.post("/login", data={"name": who, "password": password}).status_code == 303
    return client


def _pages(here: Ground) -> list[tuple[str, str, str]]:
    """What each person looks at: name, who, where."""
    with here.engine.connect().execution_options(reading=True) as connection:
        waits = docket.c.case_id
        case = connection.execute(select(waits).where(docket.c.for_ == "accept").limit(1)).scalar_one()
        round_ = connection.execute(select(streams.c.id).where(streams.c.kind == "round")).scalar_one()
        judged = connection.execute(
            select(streams.c.id).where(streams.c.kind == "evaluation").limit(1)
        ).scalar_one()
    return [
        ("an officer's docket", "clerk@tro", "/desk"), ("an agency's docket", "clerk@tro", "/desk?whole=true"),
        ("a case with what may be done now", "clerk@tro", f"/cases/{case}"), ("an act's form", "clerk@tro", f"/do/decline?case={case}"),
        ("an act's form with its foresight", "clerk@tro", f"/do/accept?case={case}"), ("an evaluation", "approver@dept", f"/cases/{judged}"),
        ("the board of a round", "approver@dept", f"/rounds/{round_}?state=filed"), ("the board of a round to a bureau", "clerk@tro", f"/rounds/{round_}"), ("search", "approver@dept", f"/search?q={case}"), ("statistics", "ops@dept", "/ops/statistics"),
        ("a replay", "ops@dept", f"/replay/{case}?at=1"), ("what happened to a case", "ops@dept", f"/audit/cases/{case}"),
        ("the public's home", "public", "/"), ("past notices", "public", "/public/notices"),
    ]  # fmt: skip
