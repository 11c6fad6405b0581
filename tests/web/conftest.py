"""The console in this process: a round half done, somebody logged in for each office, and the pages asked for by httpx."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx2 import Response

from console.web.app import make_app, make_place
from gateway import accounts
from gateway.accounts import add_account
from gateway.settings import Settings
from tests.conftest import Soil
from tests.world import Office, line, staffed

PEOPLE = (
    "catalog-officer@dept", "approver@dept", "publisher@dept", "ops@dept", "clerk@tro", "organiser@tro", "notice-officer@tro",
    "clerk@gz", "organiser@gz", "filer@dg", "filer@zh", "filer@gm", "expert:zhao", "expert:li",
)  # fmt: skip
NOW = "2026-04-14 09:00"


@pytest.fixture(scope="session", autouse=True)
def quick_hash() -> Iterator[None]:
    """Passwords are hashed with the least work, so that the tests do not wait for it."""
    before = accounts.HASHER
    accounts.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    accounts.HASHER = before


@dataclass
class Web:
    """The pages of one environment, and the people who look at them."""

    office: Office
    files: Path
    cases: dict[str, str] = field(default_factory=dict[str, str])
    passwords: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.open = ExitStack()
        self.place = make_place(Settings(files=str(self.files)), self.office.gateway, self.office.environment)
        self.app = make_app(self.place)
        self.readers: dict[str, Reader] = {}

    def account(self, person: str) -> str:
        """The password of a person's account, made when it is first asked for."""
        if person not in self.passwords:
            self.passwords[person] = add_account(self.office.engine, person, person, temporary=False)
        return self.passwords[person]

    def __call__(self, person: str | None = None) -> "Reader":
        """Somebody at a browser, logged in unless it is the public."""
        key = person or "public"
        if key not in self.readers:
            client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=True)
            reader = Reader(self.open.enter_context(client))  # entered: one event loop for all its requests
            if person:
                answer = reader.post("/login", {"name": person, "password": self.account(person)})
                assert answer.status_code == 303, answer.text
            self.readers[key] = reader
        return self.readers[key]


@dataclass
class Reader:
    """A browser without scripts: follows forms, keeps cookies."""

    client: TestClient

    def get(self, path: str, **more: Any) -> Response:
        """A page, whatever its status."""
        return self.client.get(path, **more)

    def page(self, path: str) -> str:
        """A page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-300:])
        return answer.text

    def post(self, path: str, data: dict[str, Any], **more: Any) -> Response:
        """A form, sent."""
        return self.client.post(path, data=data, **more)

    @property
    def csrf(self) -> str:
        """The session's token, as every form carries it."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get("/password").text)
        assert found
        return found[1]

    def form(self, act: str, case: str = "", **filled: Any) -> dict[str, Any]:
        """The form of an act as it is drawn, its hidden fields included, with something filled in."""
        text = self.page(f"/do/{act}?case={case}" if case else f"/do/{act}")
        hidden = dict(re.findall(r'name="(_(?:csrf|case|id|drawn))" value="([^"]*)"', text))
        return {**hidden, **filled}

    def do(self, act: str, case: str = "", **filled: Any) -> Response:
        """Fill in the form of an act and press the button."""
        return self.post(f"/do/{act}", {**self.form(act, case, **filled), "_press": "do"})


def half_done(o: Office) -> dict[str, str]:
    """One filing at each station: a draft, submitted, accepted, scored, passed, on notice with an objection."""
    cases = {"round": o.round}
    cases["draft"] = o.do(
        "2026-03-04 09:00", "filer@dg", "save-draft", round=o.round, lines=[line("1", "DEMO-0401")]
    )
    cases["passed"] = o.passed("dg", line(), line("2", "DEMO-0105"))
    cases["noticed"] = o.passed("zh", line("1", "DEMO-0203"))
    cases["notice"] = str(o.published(cases["noticed"], at="2026-04-13 09:00"))
    cases["objection"] = o.objected(f"{cases['noticed']}/1", at="2026-04-13 10:00")
    cases["submitted"] = o.submitted("gm", line(), at="2026-03-31 10:00")
    cases["accepted"] = o.submitted("jx", line("1", "DEMO-0101"), at="2026-03-31 11:00")
    o.accepted(cases["accepted"], at="2026-04-01 09:00")
    cases["scored"] = o.submitted("dg", line("1", "DEMO-0101"), at="2026-03-31 12:00")
    o.accepted(cases["scored"], at="2026-04-01 10:00")
    o.panelled(cases["scored"], at="2026-04-02 09:00")
    cases["evaluation"] = str(o.state(cases["scored"])["evaluation"])
    o.now = o.now.replace(month=4, day=14, hour=9)
    return cases


@pytest.fixture(scope="module")
def web(sqlite: Soil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The console on a round half done; tests of a module share it, so that they look more than they act."""
    ground = sqlite.fresh(staffed)
    office = Office(ground.engine)
    office.appoint("ops@dept")
    cases = half_done(office)
    made = Web(office, tmp_path_factory.mktemp("files"), cases)
    with made.open:
        yield made
    sqlite.clear(ground)
