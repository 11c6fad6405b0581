"""A real browser on the real pages: Debian's chromium by Playwright. `make browser` runs these; `make test` leaves them out."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, sync_playwright

from gateway import accounts
from tests.conftest import Soil
from tests.web.conftest import Web, half_done
from tests.world import Office, staffed

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "var" / "browser"
"""Screenshots of every page that a test looked at, kept for people to see."""
AXE = Path(__file__).with_name("axe.min.js")
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}

if not os.environ.get("HUIQIAN_BROWSER"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    found = shutil.which("chromium")
    assert found, "chromium is missing: `make browser` installs it"
    shutil.rmtree(SHOTS, ignore_errors=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def served(app: Any) -> Generator[str]:
    """The application on a port of loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@dataclass
class Town:
    """A served environment and the browser that looks at it."""

    web: Web
    url: str
    browser: Browser

    def person(self, who: str | None, size: str = "desktop", lang: str = "zh-CN") -> "Person":
        """Somebody at a screen of their own, logged in by typing."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=lang,
            base_url=self.url,
            has_touch=size == "phone",
        )
        page = context.new_page()
        page.set_default_timeout(30_000)  # a busy machine is not a fault of the page
        someone = Person(page, size)
        page.on("pageerror", lambda error: someone.errors.append(str(error)))
        page.on("console", lambda said: someone.errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: someone.asked.add(asked.url))
        if who:
            page.goto("/login")
            page.fill("#name", who)
            page.fill("#password", self.web.account(who))
            page.press("#password", "Enter")
            page.wait_for_url("**/desk")
        return someone


class Person:
    """Somebody who looks at pages."""

    def __init__(self, page: Page, size: str) -> None:
        self.page, self.size = page, size
        self.errors: list[str] = []
        self.asked: set[str] = set()

    def see(self, path: str, name: str) -> Page:
        """Go to a page and look at it."""
        self.page.goto(path)
        return self.look(name)

    def look(self, name: str) -> Page:
        """Keep a picture of the page; it must have no accessibility violation and no sideways scrolling."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"{name}-{self.size}.png"), full_page=True)
        assert violations(self.page) == [], name
        overflow = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{name} ({self.size}) is {overflow} px too wide"
        return self.page


def violations(page: Page) -> list[str]:
    """What axe-core has against a page by WCAG 2.2 AA and its best practices."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    run = "axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
    found: dict[str, Any] = page.evaluate(run)
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]}"
        for v in found["violations"]
    ]


@pytest.fixture
def town(chromium: Browser, sqlite: Soil, tmp_path: Path) -> Iterator[Town]:
    """A round half done, served."""
    before = accounts.HASHER
    accounts.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    ground = sqlite.fresh(staffed)
    office = Office(ground.engine)
    web = Web(office, tmp_path / "files", half_done(office))
    with served(web.app) as url:
        yield Town(web, url, chromium)
    accounts.HASHER = before
    sqlite.clear(ground)
