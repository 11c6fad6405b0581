"""What every command prints with: results on standard output, everything else on standard error, both languages.

Exit codes: 0 done · 1 refused, or an expectation failed · 2 usage or a bad file · 3 not set up or not reachable ·
4 nothing is wrong, but not everything could be shown.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from console import words
from console.clean import clean

DONE, REFUSED, USAGE, UNREACHABLE, PARTLY = 0, 1, 2, 3, 4
STANDING_BADGES = {
    "text": Text(" 明文·text ", style="black on green"),
    "analogy": Text(" 类推·analogy ", style="black on yellow"),
    "assumption": Text(" 未经核实·unverified ", style="white on red"),
}
"""How sure a rule is: the document says so; another law, borrowed; nobody says so."""
CARD_STYLES = {"warning": "black on cyan", "yellow": "black on yellow", "red": "white on red"}
NARROW = 76
"""Terminals narrower than this get tables with fewer columns."""


class Trouble(Exception):
    """A command cannot go on: the exit code, and why in both languages."""

    def __init__(self, code: int, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code, self.zh, self.en = code, zh, en


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich would leave with 1, which here means refused."""
        raise BrokenPipeError


def out() -> Console:
    """Results. Made anew each time: what standard output is may change (tests, pipes)."""
    return _Console(highlight=False, emoji=False, markup=False)


def err() -> Console:
    """Progress, notes, trouble."""
    return _Console(stderr=True, highlight=False, emoji=False, markup=False)


def narrow() -> bool:
    """Whether tables have to leave something out."""
    return out().width < NARROW


def show(*parts: RenderableType) -> None:
    """Print results below each other."""
    console = out()
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text) and part.no_wrap is True)


def note(zh: str, en: str, style: str = "dim") -> None:
    """Say something that is not a result."""
    err().print(Text(f"{zh} · {en}", style=style))


def complain(zh: str, en: str) -> None:
    """Say what went wrong."""
    err().print(Text.assemble(("✗ ", "bold red"), (zh, "bold"), "\n  ", (en, "")))


def emit(value: Any) -> None:
    """The one JSON document that a program reads."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, sort_keys=False, default=str)
    sys.stdout.write("\n")


def table(*columns: str | tuple[str, str]) -> Table:
    """A table in the house style. A column is its heading, or heading and `right` or `fixed` (never broken)."""
    made = Table(box=box.SIMPLE_HEAD, header_style="bold", show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        heading, how = column if isinstance(column, tuple) else (column, "")
        justify = "right" if how == "right" else "left"
        made.add_column(heading, justify=justify, no_wrap=bool(how), overflow="fold")
    return made


def pairs(rows: Iterable[tuple[str, RenderableType | None]]) -> Table:
    """Labels and values below each other; rows without a value are left out."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        if value is not None and value != "":
            grid.add_row(label, value)
    return grid


def heading(zh: str, en: str) -> Text:
    """The heading of a part of a page."""
    return Text.assemble("\n", (zh, "bold cyan"), (f" {en}", "cyan"))


def stacked(zh: str, en: str) -> Text:
    """A sentence with its English below."""
    return Text.assemble(zh, "\n", (en, "dim"))


def code_line(words: Sequence[str]) -> Text:
    """A command line to copy: never broken by us."""
    return Text("$ " + clean(" ".join(words)), style="bold", no_wrap=True)


def card_chip(card: str) -> tuple[str, str]:
    """预警、黄牌 or 红牌 as a coloured mark."""
    return f" {words.CARDS[card]} {card} ", CARD_STYLES[card]
