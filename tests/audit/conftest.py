"""A finished round to audit: one filing announced, with refusals, an objection and a lapse on its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Engine

from tests.audit.bundles import Issued, issue
from tests.audit.played import Played, played_out
from tests.conftest import Ground, Soil
from tests.quiet import quiet as quiet
from tests.stories.theatre import Theatre
from tests.world import Office, line, staffed

EMPLOYED = "2026-03-16 08:00"


@dataclass(frozen=True)
class Round:
    """The office, its ground, and the two filings of the round."""

    office: Office
    ground: Ground
    filing: str
    other: str

    @property
    def engine(self) -> Engine:
        """The records database."""
        return self.office.engine


def finished(engine: Engine) -> None:
    """One filing refused twice, evaluated, objected to, consented and announced; another beside it, left to lapse."""
    staffed(engine)
    office = Office(engine)
    filing = office.submitted("dg", line("1"), line("2", major="DEMO-0101"))
    office.submitted("szjs", at="2026-03-05 09:00")
    office.refused("2026-03-06 09:00", "clerk@gz", "accept", filing)
    office.refused("2026-03-06 09:10", "notice-officer@tro", "publish-notice", lines=[f"{filing}/1"])
    office.accepted(filing)
    office.panelled(filing)
    office.scored(filing)
    office.concluded(filing)
    office.published(filing)
    held = office.objected(f"{filing}/2")
    office.do(
        "2026-04-15 09:00",
        "notice-officer@tro",
        "decide-objection",
        held,
        outcome="dismissed",
        finding="设备清单属实",
    )
    office.consented(filing)
    office.announced(filing)


@pytest.fixture
def round_(sqlite: Soil) -> Iterator[Round]:
    """The finished round, a copy for each test."""
    ground = sqlite.fresh(finished)
    office = Office(ground.engine)
    office.now = office.now.replace(year=2026, month=5)
    filings = {
        c: next(i for i in office.cases() if i.startswith("filing-") and office.state(i)["college"] == c)
        for c in ("dg", "szjs")
    }
    yield Round(office, ground, filings["dg"], filings["szjs"])
    sqlite.clear(ground)


@pytest_asyncio.fixture(scope="session")
async def played(theatre: Theatre, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A whole round played by the real processes, archived; read only."""
    return await played_out(theatre, tmp_path_factory.mktemp("audit") / "played")


@pytest.fixture
def spoilt(played: Played, tmp_path: Path) -> Played:
    """A copy to spoil."""
    return played.copied(tmp_path / "spoilt")


@pytest.fixture(scope="session")
def issued(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """The bundle of a filing, with keys and without, and the trust roots."""
    folder = tmp_path_factory.mktemp("issued") / "copy"
    return issue(played.copied(folder), folder)
