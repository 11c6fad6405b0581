"""Telling what happens while it happens: one line an act or lapse, with legal date, actor, what and result."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from demo.stage import Stage
from domain.cases.announcement import AnnouncementPublished
from domain.cases.approval import ApprovalOpened
from domain.cases.filing_facts import FilingAccepted
from domain.cases.notice import NoticeClosed
from domain.cases.round import RoundCompleted, WindowClosed, WindowOpened
from domain.events import Event
from domain.moments import CHINA
from records.rows import fact
from records.schema import events

WEEKDAYS = "一二三四五六日"
WHO = 33


def shown(at: datetime) -> str:
    """A legal instant in a line's first column; the end of a day is written 24:00, as the law says it."""
    local = at.astimezone(CHINA)
    clock = f"{local:%H:%M}"
    if clock == "00:00":
        local, clock = local - timedelta(minutes=1), "24:00"
    return f"{local:%m-%d} {WEEKDAYS[local.weekday()]} {clock}"


class Narrator:
    """Writes lines, and on a terminal keeps the legal clock running below them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._after = 0
        """The ledger's last event that was looked at."""

    def heading(self, zh: str, en: str) -> None:
        """A new part of the round begins."""
        self._console.print()
        self._console.print(Text(f"── {zh} · {en}", style="bold cyan"))

    def say(self, text: str, style: str = "dim") -> None:
        """A line that is no act."""
        self._console.print(Text(text, style=style), soft_wrap=True)

    def line(self, at: datetime, who: str, zh: str, en: str, style: str = "") -> None:
        """One act or lapse."""
        pad = " " * max(WHO - cell_len(who), 1)
        text = Text()
        text.append(shown(at), style="dim").append(f"  {who}{pad}", style=style or "bold")
        text.append(zh, style=style).append(f" · {en}", style=style or "dim")
        self._console.print(text, soft_wrap=True)

    async def clock(self, stage: Stage) -> None:
        """On a terminal: the legal date below the lines, until cancelled."""
        if not self._console.is_terminal:
            return
        with self._console.status("") as status:
            while True:
                now = stage.now()
                day = now.astimezone(CHINA)
                status.update(
                    f"{day:%Y-%m-%d} 星期{WEEKDAYS[day.weekday()]} {day:%H:%M} · 信件 letters {len(stage.post.letters)}"
                )
                await asyncio.sleep(0.1)

    async def follow(self, stage: Stage, owner: Callable[[str], str]) -> None:
        """Tell what the processes did by themselves, as it appears in the ledger, until cancelled."""
        while True:
            rows = await asyncio.to_thread(_news, stage, self._after)
            for row in rows:
                self._after = row["position"]
                event, moment = fact(row)
                if told := _told(event):
                    who = f"▸ {owner(row['stream'])}"
                    self.line(moment.at, who, told[0], f"{told[1]} ({row['stream']})", style="magenta")
            await asyncio.sleep(0.05)


def _news(stage: Stage, after: int) -> list[dict[str, Any]]:
    query = select(events).where(events.c.position > after).order_by(events.c.position)
    with stage.gateway.engine.connect().execution_options(reading=True) as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _told(event: Event) -> tuple[str, str] | None:
    match event:
        case WindowOpened():
            return "申报窗口开启", "the window opens by itself"
        case WindowClosed():
            return "申报窗口关闭", "the window closes by itself"
        case FilingAccepted(deemed=True):
            return "逾期未告知，自收到之日起视为受理", "silence accepts, as from receipt"
        case NoticeClosed():
            return (
                f"公示期满，{len(event.clean)} 条无异议",
                f"the notice is over, {len(event.clean)} lines clean",
            )
        case ApprovalOpened():
            return f"{len(event.lines)} 条报请省厅审定", "laid before the department"
        case AnnouncementPublished():
            return "文件已制发并送达各校", "the document is out"
        case RoundCompleted():
            return "本轮全部申报办结", "every filing is final, the round is completed"
        case _:
            return None
