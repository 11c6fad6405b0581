"""The operator's commands: what is listed, asked about and done in bulk, and what programs read of it."""

import sqlite3

from tests.terminal.conftest import Terminal, line


def given_up(office: Terminal) -> None:
    """All letters so far were tried in vain, half of them for the last time."""
    with sqlite3.connect(office.database) as database:
        database.execute("UPDATE letters SET status = 'failed', attempts = 8, problem = '550 no such user'")
        database.execute("UPDATE letters SET status = 'due', attempts = 2, again_at = '2199' WHERE rowid % 2")
    database.close()


def test_letters_of_all_cases_are_listed_asked_about_and_tried_again(office: Terminal) -> None:
    cases = {office.filed(), office.filed("dg", line(major="DEMO-0101"))}
    given_up(office)
    listed = office("ops", "retry", given="n\n")
    assert listed.code == 0
    assert all(case in listed.text for case in cases)
    assert "550 no such user" in listed.text
    answers = office.done("ops", "retry", "--yes")
    assert cases <= {answer["case"] for answer in answers}
    assert {answer["outcome"] for answer in answers} == {"accepted"}
    with sqlite3.connect(office.database) as database:
        left = database.execute("SELECT DISTINCT status, attempts, again_at FROM letters").fetchall()
    database.close()
    assert left == [("due", 0, "")]


def test_where_nothing_is_to_be_done_programs_read_an_empty_list(office: Terminal) -> None:
    assert office.done("ops", "nudge", "--by", "approver@dept", "--yes") == []
    assert office.done("ops", "retry", "--yes") == []
