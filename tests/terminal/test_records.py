"""The record from the terminal: verified, rebuilt, and found out when somebody changed it."""

import json
import sqlite3

from tests.terminal.conftest import Terminal


def test_a_sound_record_verifies_and_rebuilds_to_the_same(office: Terminal) -> None:
    office.filed()
    assert "账册完好 The record holds" in office("audit", "verify").out
    said = office("records", "rebuild")
    assert said.code == 0
    assert "与原来一致 identical" in said.out
    assert office.done("records", "rebuild")["changed"] == []


def test_a_read_model_that_was_tampered_with_is_put_right_and_named(office: Terminal) -> None:
    filing = office.filed()
    with sqlite3.connect(office.database) as connection:
        (state,) = connection.execute("SELECT state FROM streams WHERE id = ?", (filing,)).fetchone()
        wrong = json.dumps({**json.loads(state), "stage": "accepted"})
        connection.execute("UPDATE streams SET state = ? WHERE id = ?", (wrong, filing))
    connection.close()
    assert office("audit", "verify").code == 1
    assert office.done("records", "rebuild")["changed"] == [filing]
    assert office("audit", "verify").code == 0


def test_a_changed_event_is_found_out(office: Terminal) -> None:
    filing = office.filed()
    with sqlite3.connect(office.database) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("UPDATE events SET actor = 'filer@zh' WHERE stream = ?", (filing,))
    connection.close()
    said = office("audit", "verify")
    assert said.code == 1
    assert f"{filing}: event 1" in said.out
    assert office("audit", "verify", "--json").json["holds"] is False


def test_where_names_the_database_and_whether_it_is_set_up(terminal: Terminal, office: Terminal) -> None:
    found = office.done("records", "where")
    assert found["database"].endswith("records.db")
    assert found["environment"]["id"] == "test"
    assert found["pack"]["name"] == "guangdong/pilot"


def test_where_answers_before_anything_is_set_up(terminal: Terminal) -> None:
    assert terminal.done("records", "where")["environment"] is None
    assert "尚未初始化" in terminal("records", "where").out
    assert not terminal.database.exists()
