"""A key that is not there: each command of the auditor says whether an act destroyed it, and none says that all is well."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.quiet import quiet as quiet
from tests.stories.catalogue import story
from tests.stories.ledger_only import left_by
from tests.terminal.conftest import Terminal

READ = ("--personal", "--by", "auditor@dept", "--reason", "复核")
NEVER_SAID = ("已删除 erased", "结果一致", "账册完好")


@pytest.fixture(scope="module")
def plays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The ledgers of two stories: objections that were decided, and one whose objector was erased ten years later."""
    found: dict[str, Path] = {}
    for name in ("objection-upheld", "erasure"):
        with left_by(story(name)) as engine, engine.connect() as connection:
            found[name] = tmp_path_factory.mktemp("gone") / "records.db"
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql(f"VACUUM INTO '{found[name]}'")
    return found


@pytest.fixture
def bereft(plays: dict[str, Path], terminal: Terminal) -> Terminal:
    """A terminal at a ledger from which somebody took every key of persons, and that of pseudonyms too."""
    shutil.copy(plays["objection-upheld"], terminal.database)
    terminal.done(
        "act",
        "appoint",
        "--by",
        "ops@dept",
        "--with",
        '{"agency": "dept", "role": "auditor", "person": "auditor@dept"}',
    )
    sql(terminal, "DELETE FROM person_keys WHERE person <> 'pepper'")
    return terminal


@pytest.fixture
def erased(plays: dict[str, Path], terminal: Terminal) -> Terminal:
    """A terminal at the ledger where an act erased the objector."""
    shutil.copy(plays["erasure"], terminal.database)
    return terminal


def sql(terminal: Terminal, statement: str) -> list[tuple[str, ...]]:
    """As whoever holds the database may."""
    with sqlite3.connect(terminal.database) as connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def case_of(terminal: Terminal, kind: str) -> str:
    return sql(terminal, f"SELECT id FROM streams WHERE kind = '{kind}' ORDER BY head DESC LIMIT 1")[0][0]


def test_a_key_that_nobody_destroyed_by_an_act_is_missed_by_every_command(bereft: Terminal) -> None:
    case = case_of(bereft, "objection")
    said = bereft("audit", "redecide", case)
    assert (said.code, "不成立" in said.text) == (1, True)
    assert "no act on record destroyed it" in said.text
    found = bereft("audit", "redecide", case, "--json").json
    assert (found["holds"], found["complete"], found["counts"]["keyless"]) == (False, False, 1)
    told = bereft("audit", "timeline", case, *READ)
    assert (told.code, "no act erased it" in told.text) == (1, True)
    verified = bereft("audit", "verify")
    assert (verified.code, "no act on record destroyed it" in verified.text) == (1, True)
    for answer in (said, told, verified):
        assert not [word for word in NEVER_SAID if word in answer.text]


def test_a_bundle_says_which_keys_it_could_not_take(bereft: Terminal) -> None:
    case, file = case_of(bereft, "objection"), bereft.folder / "b.zip"
    acts = bereft("audit", "redecide", case, "--json").json["acts"]
    person = next(act["why"] for act in acts if act["verdict"] == "keyless").split()[0]
    made = bereft("audit", "bundle", case, "--out", file, "--with-keys", *READ[1:], "--json")
    assert (made.code, f"keys.json {person}" in made.json["missing"]) == (4, True)
    checked = bereft("verify-bundle", file, "--json")
    decided = next(check for check in checked.json["checks"] if check["name"] == "decided")
    assert (checked.code, decided["state"]) == (4, "not-proved")
    assert any(f"{person} 的密钥不在此" in detail for detail in decided["details"])


def test_what_an_act_erased_is_said_to_be_erased_by_which_act(erased: Terminal) -> None:
    case = case_of(erased, "objection")
    said = erased("audit", "redecide", case)
    assert (said.code, "不能重断" in said.text) == (4, True)
    assert "was destroyed by an act (person/p-" in said.text
    told = erased("audit", "timeline", case, *READ)
    assert (told.code, "已删除 erased" in told.text) == (0, True)
    assert erased("audit", "verify").code == 0


def test_without_the_key_of_pseudonyms_nothing_is_decided_again_and_nobody_is_named(bereft: Terminal) -> None:
    sql(bereft, "DELETE FROM person_keys")
    case = case_of(bereft, "filing")
    found = bereft("audit", "redecide", case, "--json")
    assert (found.code, found.json["counts"]["same"]) == (1, 0)
    assert bereft("audit", "verify").code == 1
    person = bereft("records", "person", given="440106197810014568\n")
    assert (person.code, "账册不符，无法据以作答" in person.text) == (1, True)


def test_a_machine_whose_own_keys_are_gone_or_spoilt_says_which(erased: Terminal) -> None:
    case, keys = case_of(erased, "filing"), erased.folder / "keys"
    erased.env |= {"HUIQIAN_KEYS": str(keys), "HUIQIAN_PAYLOAD_KEYS": str(erased.folder / "nowhere.json")}
    replayed = erased("audit", "replay", case, "--offline")
    assert (replayed.code, "the payloads' master key" in replayed.text) == (3, True)
    del erased.env["HUIQIAN_PAYLOAD_KEYS"]
    erased.done("audit", "keys")
    for key in (keys / "log.key", keys / "witness" / "tro.key"):
        key.write_text("not a key")
    for words in (("integrate",), ("bundle", case, "--out", erased.folder / "b.zip"), ("keys",)):
        said = erased("audit", *words)
        assert (said.code in (1, 2), "not a signing key" in said.text) == (True, True), words
