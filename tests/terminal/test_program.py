"""The installed program itself, in a process of its own: exit codes, pure output, rehearsals."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from console.terminal.stories import verdict
from deploy.process import free_ports
from tests.terminal.conftest import HERE, Terminal

SHARED = HERE / ".." / "shared" / "rehearsals"
HUIQIAN = Path(sys.executable).with_name("huiqian")


def run(*words: object, terminal: Terminal | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    env = {**os.environ, **(terminal.env if terminal else {}), "COLUMNS": "200"}
    line = [str(HUIQIAN), *map(str, words)]
    return subprocess.run(line, env=env, cwd=HERE, capture_output=True, text=True, check=False, timeout=300)


def test_the_help_teaches_with_examples_and_names_the_exit_codes() -> None:
    said = run("--help")
    assert said.returncode == 0
    for part in (
        "huiqian init --demo-register",
        "huiqian docket --as clerk@tro",
        "退出码",
        "3 未初始化或连不上",
    ):
        assert part in said.stdout, part


def test_the_program_leaves_with_the_exit_code_of_its_command(office: Terminal) -> None:
    filing = office.filed()
    done = run("show", filing, "--json", terminal=office)
    assert (done.returncode, json.loads(done.stdout)["id"], done.stderr) == (0, filing, "")
    refused = run("act", "accept", "--by", "filer@dg", "--case", filing, "--json", terminal=office)
    assert (refused.returncode, json.loads(refused.stdout)["outcome"], refused.stderr) == (1, "refused", "")
    nowhere = Terminal(office.folder / "nowhere")
    assert run("docket", "--agency", "tro", terminal=nowhere).returncode == 3


def test_the_pages_show_prometheus_how_long_the_acts_took_that_they_answered(office: Terminal) -> None:
    filing = office.filed()
    token = office.done("token", "figures", "--office", "clerk@tro")["token"]
    port, figures = free_ports(2)
    env = {**os.environ, **office.env, "HUIQIAN_METRICS": f"127.0.0.1:{figures}"}
    pages = subprocess.Popen([str(HUIQIAN), "web", "--port", str(port)], env=env, cwd=HERE)
    try:
        act = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/acts/accept", json.dumps({"case": filing, "with": {}}).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": "figures-0001"},
        )  # fmt: skip
        for _ in range(300):
            try:
                assert urllib.request.urlopen(act).status == 200
                break
            except urllib.error.HTTPError:
                raise
            except urllib.error.URLError:  # not there yet
                time.sleep(0.1)
        told = urllib.request.urlopen(f"http://127.0.0.1:{figures}/metrics").read().decode()
    finally:
        pages.terminate()
        pages.wait(30)
    assert 'huiqian_act_seconds_count{act="accept"} 1.0' in told


def test_a_reader_that_stops_reading_is_no_error(office: Terminal) -> None:
    env = {**os.environ, **office.env}
    line = f"'{HUIQIAN}' acts | head -1; echo ${{PIPESTATUS[0]}}"
    said = subprocess.run(
        ["bash", "-c", line], env=env, capture_output=True, text=True, check=True, timeout=300
    )
    assert said.stdout.splitlines()[-1] == "0"
    assert "Traceback" not in said.stderr


STORY = """
title: {title}
pack: guangdong/pilot
include: [common.yaml]
steps:
  - {{at: 2026-03-04 09:00, by: filer@dg, do: {act}, with: {{round: R, lines: [{{id: "1", major: DEMO-0101, entry: senior-high, years: 3, plan: 40}}]}}, refused: {code}}}
"""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of stories: one that holds, one whose expectation fails, two wrong files, one only for `include`."""
    folder = tmp_path_factory.mktemp("stories")
    (folder / "common.yaml").write_text(
        (SHARED / "common.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    written = {
        "1-holds.yaml": STORY.format(title="年限不足", act="submit-filing", code="study-years"),
        "2-fails.yaml": STORY.format(title="期望有误", act="submit-filing", code="mixed-entry"),
        "3-wrong.yaml": STORY.format(title="写错", act="submit-filing", code="study-years").replace(
            "do:", "did:"
        ),
        "4-broken.yaml": "title: [",
    }
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_published_rehearsal_holds() -> None:
    said = run("rehearse", SHARED / "04-programme-length.yaml", "-v")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "✓ 04-programme-length.yaml" in said.stdout
    assert "2026-03-04 09:00 filer@dg submit-filing  ✗ study-years" in said.stdout
    assert "成立 hold 1" in said.stdout


@pytest.mark.slow
def test_a_wrong_file_does_not_stop_the_others_and_decides_the_exit_code(stories: Path) -> None:
    said = run("rehearse", stories, "--json")
    assert said.returncode == 2, said.stderr
    told = json.loads(said.stdout)
    found = {Path(row["file"]).name: row["outcome"] for row in told["stories"]}
    assert found == {
        "1-holds.yaml": "holds",
        "2-fails.yaml": "failed",
        "3-wrong.yaml": "wrong",
        "4-broken.yaml": "wrong",
    }
    failures = {Path(row["file"]).name: " ".join(row["failures"]) for row in told["stories"]}
    assert (
        "2-fails.yaml step 1: submit-filing: 期望 expected mixed-entry, 实际 found study-years"
        in failures["2-fails.yaml"]
    )
    assert "3-wrong.yaml step 1: did" in failures["3-wrong.yaml"]
    assert "4-broken.yaml:1" in failures["4-broken.yaml"]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [(["holds", "holds"], 0), (["holds", "failed"], 1), (["failed", "wrong", "holds"], 2)],
)
def test_the_exit_code_is_that_of_the_worst_file(outcomes: list[str], code: int) -> None:
    assert verdict(outcomes) == code


def test_a_file_that_is_only_for_include_is_a_wrong_file_when_it_is_named(
    stories: Path, terminal: Terminal
) -> None:
    said = terminal("rehearse", stories / "common.yaml", stories / "nowhere.yaml")
    assert said.code == 2
    assert "such a file is only for `include`" in said.out
    assert "nowhere.yaml: 没有这个文件 / no such file" in said.out


def test_a_story_that_expects_a_code_nobody_gives_is_a_wrong_file(tmp_path: Path, terminal: Terminal) -> None:
    # Misspelt, it would tell of a product that broke its word; the file did (FORMAT.md: exit status 2).
    (tmp_path / "common.yaml").write_text("steps: []\n", encoding="utf-8")
    story = tmp_path / "misspelt.yaml"
    story.write_text(
        STORY.format(title="拒绝代码写错", act="submit-filing", code="study-year"), encoding="utf-8"
    )
    said = terminal("rehearse", story)
    assert said.code == 2
    assert "misspelt.yaml step 1: refused: 没有这个拒绝代码 / no such refusal code: study-year" in said.out
