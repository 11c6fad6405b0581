"""The auditor's commands: what they print, their exit codes, and what they refuse."""

import sqlite3

import pytest

from tests.terminal.conftest import Terminal


@pytest.fixture
def filing(office: Terminal) -> str:
    """A filing that was accepted, after somebody who may not tried."""
    filing = office.filed()
    office("act", "accept", "--by", "clerk@gz", "--case", filing)
    office.done("act", "accept", "--by", "clerk@tro", "--case", filing)
    return filing


def test_the_timeline_tells_acts_and_refusals_with_their_clauses(office: Terminal, filing: str) -> None:
    said = office("audit", "timeline", filing)
    assert said.code == 0
    for word in ("提交申报", "拒绝 refused", "wrong-agency", "受理期限", "五(四)", "明文·text", "clerk@tro"):
        assert word in said.text
    entries = office.done("audit", "timeline", filing)["entries"]
    assert [e["what"] for e in entries if e["what"] != "letter"] == ["act", "act", "refusal", "act"]


def test_the_court_file_is_written_where_it_was_asked_for(office: Terminal, filing: str) -> None:
    path = office.folder / "经过.docx"
    assert office("audit", "timeline", filing, "--docx", path).code == 0
    assert path.read_bytes()[:2] == b"PK"
    assert office("audit", "timeline", filing, "--docx", office.folder / "no" / "x.docx").code == 2
    assert office("audit", "timeline", filing, "--docx", "x.pdf").code == 2


def test_a_case_as_of_a_day_and_as_of_an_instant(office: Terminal, filing: str) -> None:
    assert office.done("audit", "as-of", filing, "2026-02-01")["known"] is None
    assert office.done("audit", "as-of", filing, "2026-03-31")["known"]["stage"] == "accepted"
    assert "已受理" in office("audit", "as-of", filing, "2026-03-31 09:00").text
    assert office("audit", "as-of", filing, "tomorrow").code == 2


def test_deciding_again_gives_the_same(office: Terminal, filing: str) -> None:
    found = office.done("audit", "redecide", filing)
    assert found["holds"]
    assert found["counts"]["differs"] == 0
    assert "结果一致" in office("audit", "redecide", filing, "--pack", "guangdong/pilot").text


def test_no_two_roles_met(office: Terminal, filing: str) -> None:
    assert office.done("audit", "duties")["clean"]
    assert "未见" in office("audit", "duties", filing).text


@pytest.mark.parametrize("command", ["duties", "readings"])
def test_an_answer_from_a_changed_record_says_that_it_was_changed(
    office: Terminal, filing: str, command: str
) -> None:
    assert office("audit", command).code == 0
    with sqlite3.connect(office.database) as record:
        (trigger,) = record.execute("SELECT name FROM sqlite_master WHERE tbl_name = 'acts' AND sql LIKE '%UPDATE%'").fetchone()  # fmt: skip
        record.execute(f"DROP TRIGGER {trigger}")
        record.execute("UPDATE acts SET actor = 'clerk@gz' WHERE subject = ? AND act = 'accept'", (filing,))
    said = office("audit", command, "--json")
    assert said.code == 1
    assert filing in said.err
    assert said.json, "standard output is JSON all the same"


def test_what_has_no_history_yet_says_so(office: Terminal, filing: str) -> None:
    said = office("audit", "replay", filing, "--offline")
    assert said.code == 1
    assert "历史所缺" in said.text
    assert office("audit", "replay").code == 2
    wrong = office.folder / "history.json"
    wrong.write_text("{}")
    assert "不能读取" in office("audit", "replay", filing, "--from", wrong).text


def test_a_case_that_is_not_there_is_a_usage_error(office: Terminal) -> None:
    for command in (("timeline",), ("as-of",), ("redecide",), ("duties",), ("replay",)):
        words = ["audit", *command, "filing-nothere", *(["2026-03-31"] if command == ("as-of",) else [])]
        assert office(*words).code == 2, command


def test_the_commands_ask_for_the_number_and_say_what_they_did(office: Terminal) -> None:
    found = office("records", "person", "--json", given="440106197810014568\n")
    assert found.code == 1
    assert found.json["cases"] == []
    clear = office("records", "erase", "440106197810014568", "--basis", "本人申请")
    assert clear.code == 2
    assert "命令行" in clear.text
    nobody = office("records", "erase", "p-" + "0" * 32, "--basis", "本人申请")
    assert nobody.code == 2
    none = office("audit", "readings")
    assert none.code == 0
    assert "没有人查阅过" in none.text
    assert "至少保存 3 年" in none.text
    assert office("audit", "timeline", "2026", "--personal").code == 2
    refused = office("audit", "timeline", "2026", "--personal", "--by", "clerk@tro", "--reason", "看看")
    assert refused.code == 1
    assert office.done("audit", "readings")["readings"][0]["outcome"] == "refused"
