"""Looking: the docket by office and agency, and one case on one page, for people and for programs."""

import json
import re

import pytest

from gateway.views import show
from records.engine import open_engine
from tests.terminal.conftest import Terminal, line


def test_the_docket_says_what_waits_for_whom_and_until_when_in_china_time(office: Terminal) -> None:
    filing = office.filed()
    said = office("docket", "--as", "clerk@tro")
    assert said.code == 0
    for part in (
        "省教研室受理岗 clerk@tro",
        "1 件 in all",
        "2026-03-09 24:00",
        filing,
        "东莞市技师学院",
        "受理",
    ):
        assert part in said.out, part
    row = office.done("docket", "--as", "clerk@tro")["rows"][0]
    assert (row["case"], row["for"], row["due"], row["overdue"]) == (
        filing,
        "accept",
        "2026-03-09T16:00:00.000000Z",
        False,
    )
    assert office.done("docket", "--agency", "tro")["count"] == 1
    assert office.done("docket", "--as", "organiser@tro")["rows"] == []


def test_an_expert_has_a_docket_too(office: Terminal) -> None:
    filing = office.filed()
    office.done("act", "accept", "--by", "clerk@tro", "--case", filing)
    panel = ["--set", "experts=zhao,qian,zheng,chu,wei", "--set", "chair=zhao"]
    office.done("act", "form-panel", "--by", "organiser@tro", "--case", filing, *panel)
    assert [row["for"] for row in office.done("docket", "--as", "expert:wei")["rows"]] == ["score"]
    assert office.done("docket", "--agency", "experts")["count"] == 5


def test_what_is_overdue_is_marked_and_comes_first(office: Terminal) -> None:
    filing = office.filed("szjs")
    office.evaluated(filing, "sz")
    office.in_a_year()
    docket = office("docket", "--agency", "tro")
    assert "已逾期 overdue 1" in docket.out
    assert "逾期 late 3" in docket.out


def test_what_silence_has_settled_is_not_marked_as_overdue(office: Terminal) -> None:
    filing = office.filed("szjs")
    office.in_a_year()
    docket = office("docket", "--agency", "sz")
    assert "overdue" not in docket.out
    assert "期满自行生效 settled by silence" in docket.out
    assert "逾期 late" not in office("show", filing).out


def test_a_long_docket_is_cut_and_says_so(office: Terminal) -> None:
    for college in ("dg", "zh", "st"):
        office.filed(college)
    said = office("docket", "--agency", "tro", "--limit", "2")
    assert "3 件 in all" in said.out
    assert "the first 2 only" in said.out
    page = office.done("docket", "--agency", "tro", "--limit", "2")
    assert (len(page["rows"]), page["count"], page["more"]) == (2, 3, False)


@pytest.mark.parametrize("words", [[], ["--as", "clerk@tro", "--agency", "tro"], ["--as", "nobody"]])
def test_a_docket_of_nobody_or_of_two_is_a_usage_error(office: Terminal, words: list[str]) -> None:
    assert office("docket", *words).code == 2


def test_the_json_of_a_case_is_its_published_view(office: Terminal) -> None:
    filing = office.filed()
    assert office.done("show", filing) == show(open_engine(office.env["HUIQIAN_DATABASE_URL"]), filing)


def test_the_page_of_a_case_says_where_it_stands_and_what_each_deadline_rests_on(office: Terminal) -> None:
    filing = office.filed()
    office.done("act", "ask-supplement", "--by", "clerk@tro", "--case", filing, "--set", "items=校企合作协议")
    said = office("show", filing)
    for part in (
        "东莞市技师学院", "待补正 supplementing", "工业机器人应用与维护", "高中毕业", "补正期限 supplement",
        "10个工作日，首日不计", "10 working days", "《中华人民共和国行政复议法》第三十一条（参照）", "未经核实·unverified",
        "东莞市技师学院申报岗 filer@dg", "一次性告知补正 Supplement asked", "请补正申报材料", "待发 due", "五(四)", "明文·text",
    ):  # fmt: skip
        assert part in said.text, part


def test_a_round_is_found_by_its_year_and_an_announcement_by_its_number(office: Terminal) -> None:
    filing = office.filed()
    shown = office.done("show", "2026")
    assert (shown["kind"], shown["filings"]) == ("round", [filing])
    assert office.done("show", "粤人社函[2026]50号")["id"] == shown["id"]
    assert "DEMO-0401" in office("show", "2026").out


def test_a_case_that_is_not_there_is_a_usage_error(office: Terminal) -> None:
    said = office("show", "filing-nowhere")
    assert said.code == 2
    assert "没有这个案件" in said.err
    assert "no such case" in said.err


def test_what_others_wrote_cannot_take_over_the_terminal(office: Terminal) -> None:
    filing = office.filed("dg", line("1"), line("2", "DEMO-0101"))
    hostile = "清屏\x1b[2J\x9b2J 反写\u202egnp.exe"
    words = [
        "act",
        "withdraw",
        "--by",
        "filer@dg",
        "--case",
        filing,
        "--with",
        json.dumps({"lines": ["1", hostile], "reason": hostile}),
    ]
    refused = office(*words)
    office.done(
        "act",
        "ask-supplement",
        "--by",
        "clerk@tro",
        "--case",
        filing,
        "--with",
        json.dumps({"items": [hostile]}),
    )
    shown = office("show", filing)
    for said in (refused, shown):
        assert "清屏�[2J" in said.text
        assert not re.search("[\x1b\x9b\u202e]", said.out)


def test_no_screen_is_wider_than_the_terminal(office: Terminal) -> None:
    from rich.cells import cell_len

    filing = office.filed()
    for words in (
        ["show", filing],
        ["show", "2026"],
        ["docket", "--agency", "tro"],
        ["acts"],
        ["policy", "show"],
    ):
        for width in (60, 100):
            said = office(*words, columns=width)
            wide = [text for text in said.out.splitlines() if cell_len(text) > width]
            assert wide == [], words
            assert not re.search(r"\x1b", said.out)  # no colour where nobody sees it
