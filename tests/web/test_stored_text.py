"""What people wrote into the record is text on every page that shows it, whoever looks."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.conftest import Soil
from tests.web.conftest import Web
from tests.world import Office, line, staffed

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{7*7}}'
RAW = ("<script>alert", "<img src=x", '"><img', "alert(2)>49")
PAGES = 120
"""That each person looks at, at most."""


@pytest.fixture(scope="module")
def told(sqlite: Soil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A round in which every free text is hostile: names, reasons, items, statements, findings."""
    office = Office(sqlite.fresh(staffed).engine)
    office.appoint("ops@dept")
    college = {"id": "hx", "kind": "technician-college", "city": "4419", "affiliation": "municipal"}
    office.do(
        "2026-03-02 09:00", "approver@dept", "register-college", name=HOSTILE, mail="a@b.example", **college
    )
    office.appoint("filer@hx")
    partner = {"uscc": "91440300MADEM00700", "posts": 9, "agreement_until": "2032-08-31"}
    lines = [line("1"), line("2", "DEMO-0105")]
    filing = office.submitted("hx", *lines, partners=[{"name": HOSTILE, **partner}])
    office.do("2026-03-05 09:00", "clerk@tro", "ask-supplement", filing, items=[HOSTILE])
    office.do("2026-03-06 09:00", "filer@hx", "supply", filing, items=[HOSTILE])
    declined = office.submitted("hx", line("1", "DEMO-0203"), at="2026-03-06 10:00")
    office.do("2026-03-06 11:00", "clerk@tro", "decline", declined, reason=HOSTILE)
    office.accepted(filing, at="2026-03-09 09:00")
    office.panelled(filing)
    office.scored(filing)
    office.concluded(filing)
    office.published(filing)
    first = office.objected(f"{filing}/1", statement=HOSTILE)
    answer = {"outcome": "dismissed", "finding": HOSTILE}
    office.do("2026-04-15 09:00", "notice-officer@tro", "decide-objection", first, **answer)
    office.do("2026-04-21 10:00", "approver@dept", "refuse", lines=[f"{filing}/2"], reasons=HOSTILE)
    web = Web(office, tmp_path_factory.mktemp("files"), {"filing": filing})
    with web.open:
        yield web


@pytest.mark.parametrize("who", ["ops@dept", "approver@dept", "clerk@tro", "filer@hx", None])
def test_what_was_written_is_text_wherever_it_is_shown(told: Web, who: str | None) -> None:
    reader = told(who)
    begin = (
        ["/", "/public/notices", "/public/feed.atom"]
        if who is None
        else ["/desk", "/desk?whole=true", "/rounds", "/register"]
    )
    begin += ["/search?q=hx"] if who else []
    begin += [f"/audit/cases/{told.cases['filing']}"] if who == "ops@dept" else []
    waiting, seen, shown = [*begin, *([f"/cases/{told.cases['filing']}"] if who else [])], set[str](), 0
    while waiting and len(seen) < PAGES:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = reader.get(path)
        if answer.headers.get("content-type", "").partition(";")[0] not in (
            "text/html",
            "application/atom+xml",
        ):
            continue
        found = [mark for mark in RAW if mark in answer.text]
        assert found == [], (path, found)
        shown += "alert(1)" in answer.text
        links = (unescape(link).partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', answer.text))
        waiting += [link for link in links if "logout" not in link and not link.startswith("/static")]
    assert shown >= (1 if who is None else 3), "the hostile text is on pages that were looked at"
