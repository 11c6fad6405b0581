"""The Chinese README says what the English one says: the same sections in the same order, the same commands."""

from deploy.readme import ROOT, blocks, command, in_step, sections


def both() -> tuple[str, str]:
    """The two texts."""
    return (ROOT / "README.md").read_text("utf-8"), (ROOT / "README.zh.md").read_text("utf-8")


def test_sections_are_the_same_in_the_same_order() -> None:
    english, chinese = both()
    assert sections(chinese) == sections(english), (
        "write the section in README.zh.md: `## 中文 · English heading`"
    )


def test_commands_are_the_same() -> None:
    english, chinese = both()
    told = [[command(line) for line in block.splitlines()] for block in blocks(english)]
    assert [[command(line) for line in block.splitlines()] for block in blocks(chinese)] == told, (
        "run python deploy/readme.py"
    )


def test_a_command_that_changes_is_brought_over_and_its_own_comment_kept() -> None:
    english = "# A\n```console\n$ make x  # new\n$ make y  # why\n```\n"
    chinese = "# 甲 · A\n```console\n$ make z  # 旧\n$ make y  # 缘由\n```\n"
    assert in_step(english, chinese) == "# 甲 · A\n```console\n$ make x  # new\n$ make y  # 缘由\n```\n"
