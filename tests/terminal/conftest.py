"""A terminal to type in: the real command line on a database of its own."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from cli import app
from domain.moments import instant
from gateway.clock import system_time
from gateway.founding import found, from_now, published_schedules
from policies import load_pack
from records.engine import migrate, open_engine

HERE = Path(__file__).parents[2]
DEMO = HERE / "demo"
CALL = """
year: 2026
document_no: 粤人社函〔2026〕50号
window: {opens: 2026-03-02 09:00, closes: 2026-03-31 17:30}
majors:
  - {code: DEMO-0101, name: 数控加工}
  - {code: DEMO-0105, name: 模具制造与维修}
  - {code: DEMO-0203, name: 电气自动化设备安装与维修}
  - {code: DEMO-0209, name: 工业机器人应用与维护}
  - {code: DEMO-0401, name: 新能源汽车检测与维修}
"""
LINE = '{"id": "%s", "major": "%s", "entry": "senior-high", "years": %s, "plan": 40}'


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)

    @property
    def text(self) -> str:
        """Both outputs with every break of a line taken out, to look for sentences in."""
        return " ".join((self.out + " " + self.err).split())


@dataclass
class Terminal:
    """Types commands; each works on this terminal's own database and file store."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.database = self.folder / "records.db"
        self.env = {
            "HUIQIAN_DATABASE_URL": f"sqlite:///{self.database}", "HUIQIAN_FILES": str(self.folder / "files"),
            "COLUMNS": "200", **self.env,
        }  # fmt: skip

    def __call__(self, *words: object, given: str | None = None, columns: int | None = None) -> Said:
        """Type `huiqian WORDS`."""
        env = {**self.env, "COLUMNS": str(columns)} if columns else self.env
        result = CliRunner().invoke(app, [str(word) for word in words], input=given, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    def done(self, *words: object) -> Any:
        """A command that must succeed; gives its JSON."""
        said = self(*words, "--json")
        assert said.code == 0, said.out + said.err
        return said.json

    def evaluated(self, filing: str, at: str = "tro") -> None:
        """The filing's line 1 passes its panel."""
        self.done("act", "accept", "--by", f"clerk@{at}", "--case", filing)
        panel = ["--set", "experts=zhao,qian,zheng,chu,wei", "--set", "chair=zhao"]
        self.done("act", "form-panel", "--by", f"organiser@{at}", "--case", filing, *panel)
        for expert in ("zhao", "qian", "zheng", "chu", "wei"):
            marks = ["--set", "line=1", "--set", "marks.overall=86"]
            self.done("act", "score", "--by", f"expert:{expert}", "--case", filing, *marks)
        self.done("act", "conclude", "--by", "expert:zhao", "--case", filing, "--set", "results.1=passed")

    def in_a_year(self) -> None:
        """A year passes in which no process runs."""
        with sqlite3.connect(self.database) as connection:
            connection.execute("UPDATE environment SET clock_legal = '2027-03-02T00:00:00.000000Z'")
        connection.close()

    def filed(self, college: str = "dg", *lines: str) -> str:
        """A filing of one line, or of the lines given; gives its id."""
        body = f'{{"lines": [{", ".join(lines) or line()}]}}'
        round_ = self.done("show", "2026")["id"]
        return str(
            self.done(
                "act", "submit-filing", "--by", f"filer@{college}", "--with", body, "--set", f"round={round_}"
            )["case"]
        )


def line(id_: str = "1", major: str = "DEMO-0209", years: float = 4) -> str:
    """One line as JSON."""
    return LINE % (id_, major, years)


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Commands configure logging for their process; in the tests' own process it is put back."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal where nothing is set up yet."""
    return Terminal(tmp_path)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database founded on 2026-03-02, with the demo's register and this year's call, all entered by commands."""
    terminal = Terminal(tmp_path_factory.mktemp("prepared"))
    engine = open_engine(terminal.env["HUIQIAN_DATABASE_URL"])
    migrate(engine)
    face = from_now(system_time(), legal=instant("2026-03-02 09:00"))
    found(
        engine, id_="test", pack=load_pack("guangdong/pilot"), settings={}, face=face,
        schedules=published_schedules(range(2018, 2028)),
    )  # fmt: skip
    engine.dispose()
    before = structlog.get_config()
    assert terminal.done("init", "--demo-register", DEMO / "colleges.yaml")["register"]["refused"] == []
    (terminal.folder / "call.yaml").write_text(CALL, encoding="utf-8")
    terminal.done(
        "act", "issue-call", "--by", "catalog-officer@dept", "--with", f"@{terminal.folder / 'call.yaml'}"
    )
    structlog.configure(**before)
    with sqlite3.connect(terminal.database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return terminal.database


@pytest.fixture
def office(prepared: Path, terminal: Terminal) -> Terminal:
    """A terminal on an environment of its own, ready for filings."""
    shutil.copy(prepared, terminal.database)
    return terminal


def pdf(text: str) -> bytes:
    """A small PDF that differs by its text."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n0\n%%EOF\n%" + text.encode()
    )
