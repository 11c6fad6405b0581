"""The rules in words, and packs that are not sound."""

import shutil
from pathlib import Path

from policies.loader import HOME
from tests.terminal.conftest import Terminal

PILOT = HOME / "guangdong" / "pilot"


def test_a_broken_pack_is_named_by_file_line_and_field(terminal: Terminal, tmp_path: Path) -> None:
    copy = tmp_path / "pack"
    shutil.copytree(PILOT, copy)
    rules = copy / "rules.yaml"
    text = rules.read_text(encoding="utf-8").replace(
        "- key: notice.working_days\n  values: [{since: 2022-01-01, value: 5}]",
        "- key: notice.working_days\n  values: [{since: 2022-01-01, value: five}]",
    )
    rules.write_text(text, encoding="utf-8")
    line = text[: text.index("value: five")].count("\n") + 1
    said = terminal("policy", "check", copy, "guangdong/pilot")
    assert said.code == 1
    assert f"{rules}:{line}: notice.working_days.values: 应为不小于1的整数" in said.out
    assert "✓ guangdong/pilot" in said.out
    problems = terminal("policy", "check", copy, "--json").json[0]["problems"]
    assert [(p["file"], p["line"], p["field"]) for p in problems] == [
        (str(rules), line, "notice.working_days.values")
    ]
    shown = terminal("policy", "show", "--pack", copy)
    assert shown.code == 2
    assert f"{rules}:{line}" in shown.err


def test_the_packs_of_the_product_are_sound(terminal: Terminal) -> None:
    assert terminal("policy", "check").code == 0
    assert "guangdong/pilot" in {row["pack"] for row in terminal.done("policy", "list")["packs"]}


def test_a_pack_that_is_not_there_is_a_usage_error(terminal: Terminal) -> None:
    for words in (["check", "nowhere/nothing"], ["show", "--pack", "nowhere/nothing"]):
        said = terminal("policy", *words)
        assert said.code == 2
        assert "no such policy pack" in said.err


def test_a_rule_is_shown_with_its_value_clause_quote_and_standing(terminal: Terminal) -> None:
    said = terminal("policy", "show", "completeness.working_days")
    for part in (
        "受理单位应在5个工作日内受理或一次性告知补正", "within 5 working days", "《中华人民共和国行政许可法》第三十二条",
        "应当当场或者在五日内一次告知", "类推·analogy", "2022-01-01",
    ):  # fmt: skip
        assert part in said.text, part
    told = terminal.done("policy", "show", "completeness.working_days")
    assert (told["value"], told["standing"], told["says"]["en"].count("5")) == (5, "analogy", 1)


def test_the_table_of_rules_shows_every_rule_and_marks_what_nobody_said(terminal: Terminal) -> None:
    rules = terminal.done("policy", "show")
    for width in (60, 100):
        said = terminal("policy", "show", columns=width)
        assert all(rule["key"] in said.out for rule in rules)
        assert said.out.count("未经核实·unverified") == sum(
            rule["standing"] == "assumption" for rule in rules
        )
    assert "$value" not in terminal("policy", "show").out


def test_a_misspelt_rule_is_answered_with_the_one_that_was_meant(terminal: Terminal) -> None:
    said = terminal("policy", "show", "notice.working_day")
    assert said.code == 2
    assert "did you mean notice.working_days" in said.err
