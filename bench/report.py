"""Figures with their targets, as tables for people, JSON for programs, and a table to paste into the README."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.process import ROOT
from gateway.logs import configure_logs

FOLDER = ROOT / "var" / "bench"
console = Console(stderr=False, highlight=False)


@dataclass(frozen=True)
class Figure:
    """One published number."""

    what: str
    value: float
    unit: str = ""
    target: str = ""
    holds: bool | None = None
    """None: reported without a target."""

    @property
    def shown(self) -> str:
        """The value as people read it."""
        digits = 0 if abs(self.value) >= 100 or self.value == int(self.value) else 2
        return f"{self.value:,.{digits}f}{' ' + self.unit if self.unit else ''}"


@dataclass
class Result:
    """What one benchmark found."""

    name: str
    figures: list[Figure] = field(default_factory=list)
    limit: str = ""
    """What limits it, in a sentence."""
    data: dict[str, Any] = field(default_factory=dict)
    """Every single measurement."""
    seconds: float = 0.0

    def at_least(self, what: str, value: float, least: float, unit: str = "") -> None:
        """A figure that must not be below."""
        self.figures.append(Figure(what, value, unit, f"≥ {least:g}", value >= least))

    def at_most(self, what: str, value: float, most: float, unit: str = "") -> None:
        """A figure that must not be above."""
        self.figures.append(Figure(what, value, unit, f"≤ {most:g}", value <= most))

    def report(self, what: str, value: float, unit: str = "") -> None:
        """A figure without a target."""
        self.figures.append(Figure(what, value, unit))

    @property
    def command(self) -> str:
        """What makes these figures."""
        return f"python -m bench {self.name}"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of neighbouring blocks: what disturbs the machine for a while disturbs both."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of the measurements does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """The machine in one line, and how busy it was when the run began."""
    cpu = platform.machine()
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        cpu = names[0] if names else cpu
    return (
        f"{cpu}, {os.cpu_count()} cores, {gigabytes:.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start"
    )


def version_of(program: Path, *arguments: str) -> str:
    """The first line a program says of its version."""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().partition("\n")[0]


def show(results: Sequence[Result], about: str) -> None:
    """Tables on the terminal."""
    table = Table(title="会签性能 · Huiqian bench", caption=about, caption_justify="left")
    for heading in ("", "figure", "value", "target", "holds"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for result in results:
        for n, figure in enumerate(result.figures):
            holds = "" if figure.holds is None else "[green]yes[/]" if figure.holds else "[red]NO[/]"
            table.add_row(result.name if n == 0 else "", figure.what, figure.shown, figure.target, holds)
        table.add_section()
    console.print(table)


def markdown(results: Sequence[Result], about: str) -> str:
    """The table for the README."""
    rows = [
        f"{about}",
        "",
        "| figure | measured | target | command | what limits it |",
        "|---|---|---|---|---|",
    ]
    for result in results:
        for n, figure in enumerate(result.figures):
            limit = result.limit if n == 0 else ""
            command = f"`{result.command}`" if n == 0 else ""
            rows.append(f"| {figure.what} | {figure.shown} | {figure.target} | {command} | {limit} |")
    return "\n".join(rows)


def save(results: Sequence[Result], about: str, quick: bool) -> Path:
    """Every measurement as JSON; gives the file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = "-".join(r.name for r in results) if len(results) < 4 else "all"
    path = FOLDER / f"{name}{'-quick' if quick else ''}.json"
    body = {
        "machine": about,
        "arguments": sys.argv[1:],
        "quick": quick,
        "results": [asdict(r) for r in results],
    }
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def logs_as_in_production() -> None:
    """The gateway logs every act as JSON, from here on into a file: that is part of an act's cost."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    configure_logs(to=(FOLDER / "acts.log").open("w"))


def say(text: str) -> None:
    """A line of progress."""
    console.print(f"[dim]{text}[/]")
