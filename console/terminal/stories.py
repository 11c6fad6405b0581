"""`huiqian rehearse`: stories with dates against the real processes, one time-skipping server for all of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError

from console.terminal.screen import DONE, REFUSED, UNREACHABLE, USAGE, Trouble, complain, emit, err, out
from deploy.servers import ensure_test_server
from gateway.gateway import Busy
from rehearsal.runner import play
from rehearsal.server import RehearsalServer, Standstill, time_skipping_server
from rehearsal.story import BadStory, Story, is_story, read_story

Say = Callable[[RenderableType], None]
OUTCOMES = ("holds", "failed", "wrong")


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
    count = Counter(r.outcome for r in results)
    if as_json:
        emit({"stories": [_told(r, verbose) for r in results], **{kind: count[kind] for kind in OUTCOMES}})
    else:
        say(Text.assemble(
            "\n", (f"成立 hold {count['holds']}", "green" if count["holds"] else "dim"), " · ",
            (f"不成立 fail {count['failed']}", "bold red" if count["failed"] else "dim"), " · ",
            (f"文件有误 wrong {count['wrong']}", "bold red" if count["wrong"] else "dim"),
        ))  # fmt: skip
    return verdict(count)


def verdict(outcomes: Iterable[str]) -> int:
    """The exit code: a wrong file outweighs a story that failed."""
    found = set(outcomes)
    return USAGE if "wrong" in found else REFUSED if "failed" in found else DONE


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
        return result.wrong(
            f"{file.name}: 无法读取 / cannot be read: {type(error).__name__}: {_first(error)}"
        ), None
    result.title = story.title
    return result, story


async def _play_all(ready: list[tuple[Result, Story]], say: Say, verbose: bool) -> None:
    """One server for all."""
    quiet = TelemetryConfig(logging=LoggingConfig(TelemetryFilter(core_level="ERROR", other_level="ERROR")))
    Runtime.set_default(Runtime(telemetry=quiet), error_if_already_set=False)
    path = ensure_test_server()
    async with AsyncExitStack() as running:
        try:
            server = await running.enter_async_context(time_skipping_server(path))
        except (RuntimeError, OSError) as error:  # an RPCError among them
            why = str(error).partition("\n")[0]
            raise Trouble(
                UNREACHABLE, f"测试服务器未能启动：{path}", f"the test server did not start: {why}"
            ) from None
        for n, (result, story) in enumerate(ready, 1):
            began = time.monotonic()
            with err().status(Text(f"[{n}/{len(ready)}] {story.path.name}  {story.title}")):
                await _play(server, result, story)
            result.seconds = round(time.monotonic() - began, 2)
            _report(result, say, result.narrated if verbose else [])


async def _play(server: RehearsalServer, result: Result, story: Story) -> None:
    try:
        outcome = await play(server, story, result.narrated)
    except BadStory as bad:
        result.wrong(str(bad))
    except (Standstill, RPCError, Busy) as error:
        result.outcome = "failed"
        result.failures = [f"测试服务器没有应答 / the test server: {error}"]
    except (ValueError, TypeError, AttributeError, KeyError) as error:  # what the file gave did not fit
        result.wrong(f"{story.path.name}: {type(error).__name__}: {_first(error)}")
    else:
        result.steps, result.failures = outcome.steps, outcome.failures
        result.outcome = "holds" if outcome.holds else "failed"


def _first(error: Exception) -> str:
    """What an exception says, on one line."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}".strip() for e in error.errors()[:3])
    return str(error).partition("\n")[0]


def _report(result: Result, say: Say, narrated: list[str] | None = None) -> None:
    mark, style = {"holds": ("✓", "green"), "failed": ("✗", "bold red"), "wrong": ("!", "bold red")}[
        result.outcome
    ]
    line = Text.assemble((f"{mark} ", style), (result.file.name, "bold"))
    if result.outcome != "wrong":
        line.append(f"  {result.steps} 步 steps, {result.seconds:.1f} s", style="dim")
        line.append(f"\n  {result.title}")
    else:
        line.append("  文件有误 the file is wrong", style="red")
    say(line)
    for told in narrated or []:
        code = told.rpartition(" ")[2] if len(told.split(" ")) > 4 else ""
        text = told.removesuffix(f" {code}") if code else told
        say(
            Padding(
                Text.assemble(text, (f"  ✗ {code}" if code else "", "yellow")), (0, 0, 0, 4), expand=False
            )
        )
    for failure in result.failures:
        say(Padding(Text(failure, style="red"), (0, 0, 0, 4), expand=False))


def _told(result: Result, verbose: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "file": str(result.file), "title": result.title, "outcome": result.outcome, "steps": result.steps,
        "failures": result.failures, "seconds": result.seconds,
    }  # fmt: skip
    return {**told, "acts": result.narrated} if verbose else told
