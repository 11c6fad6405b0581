"""Acting from the terminal: receipts, refusals in both languages, the rest of the lines, and what bad input gets."""

import json
import shlex
from pathlib import Path

import pytest

from console.forms import example
from domain.acts.base import ACTS
from policies import load_pack
from tests.terminal.conftest import Terminal, line, pdf


def test_a_receipt_names_the_case_the_events_and_an_id_to_repeat(office: Terminal) -> None:
    filing = office.filed()
    said = office("act", "accept", "--by", "clerk@tro", "--case", filing)
    assert said.code == 0
    assert "已办理 受理 accept" in said.out
    assert f"{filing}#2" in said.out
    id_ = said.out.rpartition("编号 Command")[2].strip()
    assert len(id_) == 26
    again = office("act", "accept", "--by", "clerk@tro", "--case", filing, "--id", id_)
    assert again.out == said.out


def test_an_id_used_for_another_act_is_refused_with_the_packs_words(office: Terminal) -> None:
    filing = office.filed()
    office("act", "accept", "--by", "clerk@tro", "--case", filing, "--id", "the-clerks-act-1")
    words = [
        "act",
        "decline",
        "--by",
        "clerk@tro",
        "--case",
        filing,
        "--set",
        "reason=x",
        "--id",
        "the-clerks-act-1",
    ]
    said = office(*words, "--json")
    assert said.code == 1
    assert said.json["reasons"][0]["field"] == "id"
    assert said.json["next"]["en"]


def test_a_refusal_names_code_clause_and_next_step_in_both_languages(office: Terminal) -> None:
    body = f'{{"lines": [{line(years=3)}]}}'
    round_ = office.done("show", "2026")["id"]
    words = ["act", "submit-filing", "--by", "filer@dg", "--with", body, "--set", f"round={round_}"]
    said = office(*words)
    assert said.code == 1
    for part in (
        "study-years", "学习年限少于该类生源的最低年限", "shorter than these entrants need", "二(三)", "下一步 Next",
        "请按所列最低年限", "Give at least the academic years", "学习年限3", "专业线 line 1", "字段 field lines.0",
    ):  # fmt: skip
        assert part in said.text, part
    answer = office(*words, "--json")
    assert answer.code == 1
    assert answer.json["code"] == "study-years"
    assert answer.json["next"].keys() == {"zh", "en"}


def test_the_refusal_of_a_batch_offers_the_other_lines_as_a_command_that_works(office: Terminal) -> None:
    filing = office.filed("dg", line("1"), line("2", "DEMO-0101"))
    said = office(
        "act",
        "withdraw",
        "--by",
        "filer@dg",
        "--case",
        filing,
        "--set",
        "lines=1,9",
        "--set",
        "reason=不再 申报",
    )
    assert said.code == 1
    offered = next(text for text in said.out.splitlines() if text.startswith("$ huiqian act withdraw"))
    assert office(*shlex.split(offered)[2:]).code == 0
    states = {id_: found["state"] for id_, found in office.done("show", filing)["lines"].items()}
    assert states == {"1": "withdrawn", "2": "filed"}


def test_fields_may_be_given_one_by_one_from_a_file_or_from_standard_input(
    office: Terminal, tmp_path: Path
) -> None:
    round_ = office.done("show", "2026")["id"]
    one = ["--set", f"round={round_}", "--set", "lines.0.id=1", "--set", "lines.0.major=DEMO-0209", "--set"]
    one += ["lines.0.entry=senior-high", "--set", "lines.0.years=4", "--set", "lines.0.plan=40"]
    first = office("act", "submit-filing", "--by", "filer@dg", *one, "--json")
    file = tmp_path / "lines.yaml"
    file.write_text(f"round: {round_}\nlines: [{line(major='DEMO-0101')}]\n", encoding="utf-8")
    second = office("act", "submit-filing", "--by", "filer@dg", "--with", f"@{file}", "--json")
    body = f'{{"round": "{round_}", "lines": [{line(major="DEMO-0105")}]}}'
    third = office("act", "submit-filing", "--by", "filer@dg", "--with", "@-", "--json", given=body)
    assert [said.json["outcome"] for said in (first, second, third)] == ["accepted"] * 3
    assert office.done("show", first.json["case"])["lines"]["1"]["plan"] == 40


def test_a_field_that_takes_text_keeps_a_number_as_text(office: Terminal) -> None:
    filing = office.filed()
    office.evaluated(filing)
    assert office.done("show", filing)["lines"]["1"]["state"] == "passed"


def test_an_act_on_a_page_that_is_out_of_date_is_refused_as_stale(office: Terminal) -> None:
    filing = office.filed()
    said = office(
        "act", "accept", "--by", "clerk@tro", "--case", filing, "--read", "2026-03-01 08:00", "--json"
    )
    assert said.code == 1
    assert said.json["code"] == "stale"


def test_an_unknown_act_is_refused_on_the_record_and_the_list_of_acts_is_pointed_to(office: Terminal) -> None:
    before = office.done("audit", "verify")["acts"]
    said = office("act", "bless", "--by", "clerk@tro")
    assert said.code == 1
    assert "no such act: bless" in said.out
    assert "huiqian acts" in said.err
    assert office.done("audit", "verify")["acts"] == before + 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--by", "clerk"], "not role@agency"),
        (["--by", "clerk@tro", "--with", "{"], "not JSON"),
        (["--by", "clerk@tro", "--with", "[1]"], "takes an object"),
        (["--by", "clerk@tro", "--with", '{"a": NaN}'], "not a number"),
        (["--by", "clerk@tro", "--with", "@nowhere.json"], "cannot be read"),
        (["--by", "clerk@tro", "--with", r'{"a": "\ud800"}'], "not data that can be recorded"),
        (["--by", "clerk@tro", "--set", "reason"], "takes field=value"),
        (["--by", "clerk@tro", "--set", "lines.7.id=1"], "no such place"),
        (["--by", "clerk@tro", "--read", "yesterday"], "expected a date and time"),
        (["--by", "clerk@tro", "--id", "short"], "8 to 80"),
        (["--by", "clerk@tro", "--case", "x" * 300], "at most 200"),
        ([], "Missing option '--by'"),
    ],
)
def test_wrong_usage_is_no_act_at_all(office: Terminal, words: list[str], why: str) -> None:
    before = office.done("audit", "verify")["acts"]
    said = office("act", "submit-filing", *words)
    assert said.code == 2
    assert why in said.text
    assert said.out == ""
    assert office.done("audit", "verify")["acts"] == before


def test_every_act_is_listed_with_its_offices_and_an_example_that_fits_its_form(terminal: Terminal) -> None:
    listed = {row["act"]: row for row in terminal.done("acts")}
    assert listed.keys() == load_pack("guangdong/pilot").acts.keys(), (
        "what no procedure here has is not listed"
    )
    for name, row in listed.items():
        assert row["by"], name
        ACTS[name].form.model_validate(example(ACTS[name]))
        assert terminal("acts", name, columns=60).code == 0
    assert "--case" in terminal("acts", "accept").out
    assert {field["field"] for field in listed["score"]["fields"]} == {"line", "marks", "opinion"}


def test_a_misspelt_act_is_answered_with_the_one_that_was_meant(terminal: Terminal) -> None:
    said = terminal("acts", "acept")
    assert said.code == 2
    assert "did you mean accept" in said.err


def test_an_attached_file_is_named_by_its_digest_and_a_bad_one_is_refused(
    office: Terminal, tmp_path: Path
) -> None:
    good, bad = tmp_path / "培养方案.pdf", tmp_path / "plan.pdf"
    good.write_bytes(pdf("a"))
    bad.write_text("not a pdf at all")
    said = office("attach", good, "--by", "filer@dg", "--json")
    assert said.code == 0
    assert len(said.json["attachment"]) == 64
    both = office("attach", good, bad, "--by", "filer@dg", "--json")
    assert both.code == 1
    assert [answer["outcome"] for answer in both.json] == ["accepted", "refused"]
    shown = office("attach", bad, "--by", "filer@dg")
    assert "the content is not that of a .pdf file" in shown.out
    assert office("attach", tmp_path / "nowhere.pdf", "--by", "filer@dg").code == 2


def test_json_output_is_one_document_and_nothing_else(office: Terminal) -> None:
    filing = office.filed()
    for words in (
        ["docket", "--agency", "tro"], ["show", filing], ["acts"], ["acts", "score"], ["policy", "list"],
        ["policy", "check"], ["policy", "show"], ["records", "where"], ["records", "rebuild"], ["init"],
    ):  # fmt: skip
        said = office(*words, "--json")
        assert said.code == 0, words
        json.loads(said.out)
