"""`huiqian rehearse`: stories with dates against the real processes, one time-skipping server for all of them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.text import Text

from console.terminal.screen import DONE, REFUSED, USAGE, complain, emit, err, out
from deploy.servers import ensure_test_server
from rehearsal.runner import Outcome, play
from rehearsal.stage import time_skipping_server
from rehearsal.story import BadStory, Story, is_story, read_story

Say = Callable[[Text], None]


@dataclass
class Result:
    """What became of one file."""

    file: Path
    title: str = ""
    outcome: str = "holds"
    """`holds`, `failed` (an expectation), or `wrong` (the file)."""
    steps: int = 0
    failures: list[str] = field(default_factory=list[str])
    narrated: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    def wrong(self, why: str) -> "Result":
        """The file cannot be played."""
        self.outcome, self.failures = "wrong", [why]
        return self


def rehearse(paths: list[Path], verbose: bool, as_json: bool) -> int:
    """Play every story; a wrong file does not stop the others. 2 when a file was wrong, else 1 when one failed."""
    say: Say = err().print if as_json else out().print
    results: list[Result] = []
    ready: list[tuple[Result, Story]] = []
    for path in paths:
        for result, story in _open(path):
            results.append(result)
            if story is None:
                _report(result, say)
            else:
                ready.append((result, story))
    if ready:
        asyncio.run(_play_all(ready, say, verbose))
    if not results:
        complain("没有找到剧本（有 title 的 YAML 文件）", "no stories found (YAML files with a title)")
        return USAGE
    count = {kind: sum(r.outcome == kind for r in results) for kind in ("holds", "failed", "wrong")}
    if as_json:
        emit({"stories": [_told(r, verbose) for r in results], **count})
    else:
        say(Text.assemble(
            "\n", (f"成立 hold {count['holds']}", "green" if count["holds"] else "dim"), " · ",
            (f"不成立 fail {count['failed']}", "bold red" if count["failed"] else "dim"), " · ",
            (f"文件有误 wrong {count['wrong']}", "bold red" if count["wrong"] else "dim"),
        ))  # fmt: skip
    return USAGE if count["wrong"] else REFUSED if count["failed"] else DONE


def _open(path: Path) -> list[tuple[Result, Story | None]]:
    """The stories a path names: the file, or every file with a title in the folder."""
    if not path.is_dir():
        return [_read(path)]
    files = sorted(f for f in path.iterdir() if f.suffix in (".yaml", ".yml") and f.is_file())
    found: list[tuple[Result, Story | None]] = []
    for file in files:
        try:
            if not is_story(file):
                continue  # only there to be included
        except BadStory as bad:
            found.append((Result(file).wrong(str(bad)), None))
            continue
        found.append(_read(file))
    return found


def _read(file: Path) -> tuple[Result, Story | None]:
    result = Result(file)
    try:
        if not is_story(file):
            zh = f"{file.name}: title: 没有标题，只供其他剧本 include"
            return result.wrong(f"{zh} / no title: such a file is only for `include`"), None
        story = read_story(file)
    except BadStory as bad:
        return result.wrong(str(bad)), None
    except Exception as error:  # reading is pure: whatever goes wrong there, the file did it
        return result.wrong(f"{file.name}: 无法读取 / cannot be read: {type(error).__name__}: {error}"), None
    result.title = story.title
    return result, story


async def _play_all(ready: list[tuple[Result, Story]], say: Say, verbose: bool) -> None:
    async with time_skipping_server(ensure_test_server()) as server:
        for n, (result, story) in enumerate(ready, 1):
            with err().status(f"[{n}/{len(ready)}] {story.path.name}  {story.title}"):
                began = time.monotonic()
                try:
                    _take(result, await play(server, story, result.narrated.append))
                except BadStory as bad:
                    result.wrong(str(bad))
                result.seconds = round(time.monotonic() - began, 2)
            _report(result, say, result.narrated if verbose else [])


def _take(result: Result, outcome: Outcome) -> None:
    result.steps, result.failures = outcome.steps, outcome.failures
    result.outcome = "holds" if outcome.holds else "failed"


def _report(result: Result, say: Say, narrated: list[str] | None = None) -> None:
    mark, style = {"holds": ("✓", "green"), "failed": ("✗", "bold red"), "wrong": ("!", "bold red")}[
        result.outcome
    ]
    line = Text.assemble((f"{mark} ", style), (result.file.name, "bold"), f"  {result.title}")
    if result.outcome != "wrong":
        line.append(f"  {result.steps} 步 steps, {result.seconds:.1f} s", style="dim")
    else:
        line.append("  文件有误 the file is wrong", style="red")
    say(line)
    for told in narrated or []:
        code = told.rpartition(" ")[2] if len(told.split(" ")) > 4 else ""
        text = told.removesuffix(f" {code}") if code else told
        say(Text.assemble("    ", text, ("  ✗ " + code if code else "", "yellow")))
    for failure in result.failures:
        say(Text(f"    {failure}", style="red"))


def _told(result: Result, verbose: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "file": str(result.file), "title": result.title, "outcome": result.outcome, "steps": result.steps,
        "failures": result.failures, "seconds": result.seconds,
    }  # fmt: skip
    return {**told, "acts": result.narrated} if verbose else told
