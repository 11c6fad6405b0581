"""The records database is gone: a backup and the journal bring back all that the log has signed; what is missing is named."""

import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from audit.following import carried
from cli import app
from deploy.process import free_ports
from gateway.views import letters_of
from records.engine import open_engine
from records.files import FileStore
from records.schema import acts, events, person_keys
from records.verify import verify
from tests.conftest import Ground, Postgres, Soil
from tests.log.agencies import Agencies
from tests.world import Office

HISTORY = Path(__file__).parents[1] / "guards/histories/0001-filing.json.gz"

ONE_KIND = pytest.mark.parametrize("soil", ["sqlite"], indirect=True)
"""Whatever the database: one tells enough."""


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The record, row by row."""
    with engine.connect().execution_options(reading=True) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(table.c.position))]
            for table in (events, acts)
        }


def url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@dataclass
class Lost:
    """A record with a backup, acts since, and files, log and journal that survived."""

    folder: Path
    ground: Ground
    agencies: Agencies
    filing: str
    before: dict[str, list[tuple[Any, ...]]]
    signed: int
    """Events that the log had signed."""

    def new_place(self, soil: Soil) -> dict[str, str]:
        """An empty database of the same kind."""
        if isinstance(soil, Postgres):
            owner, own = soil.cluster.create_database(f"restored{self.ground.engine.url.database}")
            return {"HUIQIAN_DATABASE_URL": own, "HUIQIAN_OWNER_URL": owner}
        return {"HUIQIAN_DATABASE_URL": f"sqlite:///{self.folder}/new/records.db"}

    def typed(self, env: dict[str, str], *words: object) -> tuple[int, Any, str]:
        """Type `huiqian ops WORDS --json`."""
        (closed,) = free_ports(1)
        env = {
            "HUIQIAN_FILES": str(self.folder / "files"), "HUIQIAN_KEYS": str(self.folder / "keys/log"),
            "HUIQIAN_TEMPORAL_ADDRESS": f"127.0.0.1:{closed}", **env,
        }  # fmt: skip
        said = CliRunner().invoke(app, ["ops", *map(str, words), "--json"], env=env)
        if said.exception is not None and not isinstance(said.exception, SystemExit):
            raise said.exception
        return said.exit_code, json.loads(said.stdout or "null"), said.stderr

    def restored(self, soil: Soil, *words: object) -> tuple[int, Any, Engine]:
        """Put the backup back into an empty place."""
        env = self.new_place(soil)
        keys = ("--keys-from", self.folder / "vault/keys", "--passphrase-file", self.folder / "passphrase")
        code, report, err = self.typed(env, "restore", self.folder / "backup", *keys, *words)
        assert report, err
        return code, report, open_engine(env["HUIQIAN_DATABASE_URL"])


@pytest.fixture
def lost(ground: Ground, tmp_path: Path) -> Lost:
    """Backed up in the middle of a filing; afterwards an objection with personal data; then acts that no log has seen."""
    agencies, office = Agencies(tmp_path, ground.engine), Office(ground.engine)
    filing = office.passed("dg")
    agencies.round()
    FileStore(str(tmp_path / "files")).put(b"an attachment")
    (tmp_path / "passphrase").write_text("correct horse battery staple")
    lost = Lost(tmp_path, ground, agencies, filing, {}, 0)
    owner = {"HUIQIAN_OWNER_URL": url(ground.owner)} if ground.kind == "postgres" else {}
    env = {"HUIQIAN_DATABASE_URL": url(ground.engine), **owner}
    keys = ("--keys-to", tmp_path / "vault/keys", "--passphrase-file", tmp_path / "passphrase")
    code, made, err = lost.typed(env, "backup", tmp_path / "backup", *keys)
    assert code == 0, err
    assert made["damaged"] == []
    assert "witness" in made["left_out"]
    office.published(filing)
    agencies.round()
    lost.signed = len(rows(ground.engine)["events"])
    assert lost.signed > made["events"]
    office.objected(f"{filing}/1")
    lost.before = rows(ground.engine)
    return lost


def test_a_backup_and_the_journal_bring_back_everything_that_the_log_has_signed(
    lost: Lost, soil: Soil
) -> None:
    code, report, engine = lost.restored(soil)
    assert (code, report["whole"], report["verified"]["problems"]) == (0, True, [])
    assert report["backup"]["events"] + report["journal"]["events"] == lost.signed
    back = rows(engine)
    assert back["events"] == lost.before["events"][: lost.signed]
    assert back["acts"] == lost.before["acts"][: len(back["acts"])]
    # The letters of recovered facts go out again or stay out, under the ids that they had.
    known = {letter["id"] for letter in letters_of(lost.ground.engine)}
    assert {letter["id"] for letter in letters_of(engine)} <= known
    # People act, and every witness finds the log to continue what it cosigned.
    Office(engine).objected(f"{lost.filing}/1")
    lost.agencies.engine = engine
    lost.agencies.round()
    assert verify(engine).holds
    engine.dispose()


@ONE_KIND
def test_nothing_is_written_over_and_a_damaged_backup_is_named(lost: Lost, soil: Soil) -> None:
    env = {"HUIQIAN_DATABASE_URL": url(lost.ground.engine), "HUIQIAN_OWNER_URL": url(lost.ground.owner)}
    code, _, err = lost.typed(env, "restore", lost.folder / "backup", "--without-keys")
    assert code == 1
    assert "not empty" in " ".join(err.split())
    assert rows(lost.ground.engine) == lost.before
    (lost.folder / "backup/records").write_bytes(b"something else")
    code, _, err = lost.typed(lost.new_place(soil), "restore", lost.folder / "backup", "--without-keys")
    assert code == 1
    assert "records is not what its manifest says" in " ".join(err.split())


@ONE_KIND
def test_what_the_log_and_histories_know_and_nobody_has_is_named(lost: Lost, soil: Soil) -> None:
    shutil.rmtree(lost.folder / "files/journal")
    shutil.rmtree(lost.folder / "backup/files/journal", ignore_errors=True)
    manifest = json.loads((lost.folder / "backup/manifest.json").read_text())
    kept = {path: said for path, said in manifest["contents"].items() if "/journal/" not in path}
    (lost.folder / "backup/manifest.json").write_text(json.dumps({**manifest, "contents": kept}))
    FileStore(str(lost.folder / "files")).put(HISTORY.read_bytes())
    code, report, engine = lost.restored(soil)
    assert code == 1
    assert report["journal"]["events"] == 0
    assert report["log"]["leaves_missing"] == len(report["log"]["rows"]) > 0
    named = {row.removeprefix("event ") for row in report["log"]["rows"] if row.startswith("event ")}
    taken = report["backup"]["events"]
    assert named == {f"{row[1]}#{row[3]}" for row in lost.before["events"][taken : lost.signed]}
    history = json.loads(gzip.decompress(HISTORY.read_bytes()))
    stream = carried(history).stream
    assert {row["fact"].partition("#")[0] for row in report["histories"]["missing"]} == {stream}
    engine.dispose()


@ONE_KIND
def test_a_journal_that_does_not_fit_gives_nothing(lost: Lost, soil: Soil) -> None:
    name = sorted(path.name for path in (lost.folder / "files/journal").iterdir())[-1]
    path = lost.folder / "files/journal" / name
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    changed = next(line for line in lines if line["what"] == "event")
    changed["row"]["data"] = changed["row"]["data"].replace("1", "2")
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    env = lost.new_place(soil)
    code, report, err = lost.typed(env, "restore", lost.folder / "backup", "--without-keys")
    assert (code, report) == (1, None)
    assert "does not match its digest" in " ".join(err.split())


@ONE_KIND
def test_no_key_lies_in_the_backup_itself(lost: Lost) -> None:
    with lost.ground.engine.connect().execution_options(reading=True) as connection:
        keys = [bytes(row.key) for row in connection.execute(select(person_keys))]
    said = b"".join(path.read_bytes() for path in (lost.folder / "backup").rglob("*") if path.is_file())
    assert keys
    for key in keys:
        assert key not in said
        assert key.hex().encode() not in said
    log_key = (lost.folder / "keys/log/log.key").read_bytes().strip()
    assert log_key not in said + (lost.folder / "vault/keys").read_bytes()
