"""Setting up: once, again, differently, with a register, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from deploy.postgres import Cluster
from tests.terminal.conftest import DEMO, Terminal


def test_a_second_init_says_that_it_was_set_up_and_changes_nothing(terminal: Terminal) -> None:
    first, second = terminal("init"), terminal("init")
    assert (first.code, second.code) == (0, 0)
    assert "已初始化 Set up" in first.out
    assert "此前已初始化 Set up before" in second.out
    assert terminal.done("audit", "verify")["acts"] == 1


def test_no_new_record_is_founded_beside_the_journal_of_one_that_was_lost(terminal: Terminal) -> None:
    terminal.done("init")
    terminal.database.unlink()
    segment = terminal.folder / "files/journal/000000000000-000000000020.jsonl.gz"
    segment.parent.mkdir(parents=True)
    segment.touch()
    said = terminal("init")
    assert (said.code, "huiqian ops restore" in said.err) == (1, True)
    assert not terminal.database.exists(), "a restore wants an empty place"


def test_the_values_set_at_init_are_in_force_and_shown_as_set_here(terminal: Terminal) -> None:
    terminal.done("init", "--set", "notice.cut_off=17:30", "--set", "panel.min_members=7")
    assert terminal.done("policy", "show", "notice.cut_off")["value"] == "17:30"
    shown = terminal("policy", "show", "panel.min_members")
    assert "已另行设定 set here" in shown.out
    assert "at least 7 members" in shown.out


def test_an_init_that_asks_for_other_values_is_refused_and_changes_nothing(terminal: Terminal) -> None:
    terminal.done("init")
    said = terminal("init", "--set", "notice.working_days=7")
    assert said.code == 1
    assert "nothing was changed" in said.err
    assert terminal.done("policy", "show", "notice.working_days")["value"] == 5


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--set", "notice.nothing=7"], "not a configurable key"),
        (["--set", "notice.working_days=0"], "a whole number of at least 1"),
        (["--set", "eligibility.kinds=x"], "not a configurable key"),
        (["--set", "notice.working_days"], "takes key=value"),
        (["--pack", "nowhere/nothing"], "no such policy pack"),
        (["--database-url", "not a url"], "not understood"),
    ],
)
def test_a_wrong_init_is_a_usage_error_and_makes_no_database(
    terminal: Terminal, words: list[str], why: str
) -> None:
    said = terminal("init", *words)
    assert said.code == 2
    assert why in said.text
    assert not terminal.database.exists()


@pytest.mark.parametrize(
    "words",
    [
        "docket --as clerk@tro",
        "show 2026",
        "act accept --by clerk@tro --case F",
        "records rebuild",
        "audit verify",
    ],
)
def test_before_init_commands_say_so_and_make_no_database(terminal: Terminal, words: str) -> None:
    said = terminal(*words.split())
    assert said.code == 3
    assert "尚未初始化" in said.err
    assert "run `huiqian init` first" in said.err
    assert not terminal.database.exists()


def test_the_same_register_may_be_entered_again(terminal: Terminal) -> None:
    first = terminal.done("init", "--demo-register", DEMO / "colleges.yaml")["register"]
    acts = terminal.done("audit", "verify")["acts"]
    assert terminal.done("init", "--demo-register", DEMO / "colleges.yaml")["register"] == first
    assert terminal.done("audit", "verify")["acts"] == acts
    assert (first["colleges"], first["experts"], first["officers"], first["refused"]) == (17, 16, 32, [])
    assert terminal.done("show", "agency/tro")["offices"] == {
        "notice-officer": ["notice-officer@tro"], "clerk": ["clerk@tro"], "organiser": ["organiser@tro"],
    }  # fmt: skip


def test_a_register_with_a_wrong_entry_enters_the_others_and_names_it(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "register.yaml"
    file.write_text(
        "colleges:\n"
        "- {id: dg, name: 东莞市技师学院, kind: technician-college, city: '4419', affiliation: municipal}\n"
        "- {id: zh, name: 珠海市技师学院, kind: kindergarten, city: '4404', affiliation: municipal}\n"
    )
    said = terminal("init", "--demo-register", file)
    assert said.code == 1
    assert "colleges[1] zh: kind" in said.err
    assert terminal("show", "college/dg").code == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("colleges: {dg: 1}", "colleges: expected a list"),
        ("schools: []", "schools: unknown field"),
        ("a: [", "register.yaml:1"),
    ],
)
def test_a_file_that_is_no_register_is_named_and_nothing_is_set_up(
    terminal: Terminal, tmp_path: Path, text: str, why: str
) -> None:
    file = tmp_path / "register.yaml"
    file.write_text(text)
    said = terminal("init", "--demo-register", file)
    assert said.code == 2
    assert why in said.text
    assert not terminal.database.exists()


def test_on_postgresql_the_owner_makes_the_tables_and_the_application_uses_them(
    postgres: object, tmp_path: Path
) -> None:
    cluster: Cluster = postgres.cluster  # pyright: ignore[reportAttributeAccessIssue]
    owner, app = cluster.create_database("terminal")
    terminal = Terminal(tmp_path, {"HUIQIAN_DATABASE_URL": app})
    without = terminal("init")
    assert without.code == 2
    assert "--owner-url" in without.err
    assert terminal("docket", "--agency", "tro").code == 3
    assert terminal("init", "--owner-url", app).code == 2  # the application may not own the record
    assert terminal("init", "--owner-url", owner).code == 0
    assert terminal.done("audit", "verify")["holds"]
    assert terminal.done("records", "migrate", "--owner-url", owner)["migrated"]
    shown = terminal("records", "where")
    assert str(make_url(app).password) not in shown.out + shown.err
    assert "huiqian_app:***@" in shown.out


def test_a_database_that_would_order_text_by_a_language_is_refused_with_the_way_to_make_one(
    postgres: object, tmp_path: Path
) -> None:
    cluster: Cluster = postgres.cluster  # pyright: ignore[reportAttributeAccessIssue]
    options = "LOCALE_PROVIDER icu ICU_LOCALE 'zh'"
    owner, app = cluster.create_database("collated", template="template0", options=options)
    said = Terminal(tmp_path, {"HUIQIAN_DATABASE_URL": app})("init", "--owner-url", owner)
    assert said.code == 2
    assert "LOCALE 'C'" in said.err


def test_a_database_that_cannot_be_reached_is_said_to_be_so_without_its_password(terminal: Terminal) -> None:
    terminal.env["HUIQIAN_DATABASE_URL"] = (
        "postgresql+psycopg://app:geheim@127.0.0.1:1/huiqian?password=geheim"
    )
    said = terminal("docket", "--agency", "tro")
    assert said.code == 3
    where = terminal("records", "where", "--json")
    assert where.json["reachable"] is False
    assert "geheim" not in said.text + where.text


def test_a_file_that_is_no_database_is_said_to_be_unusable(terminal: Terminal) -> None:
    terminal.database.write_text("not a database, but long enough to look like a file of one " * 20)
    said = terminal("docket", "--agency", "tro")
    assert said.code == 3
    assert "not a database" in said.err
