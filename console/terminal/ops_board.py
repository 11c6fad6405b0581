"""`huiqian ops stuck` and `huiqian ops workers`: what an operator looks at."""

import asyncio
from collections import Counter
from typing import get_args

from rich.text import Text

from console import words
from console.clean import clean
from console.desk import Desk
from console.temporal import connect
from console.terminal.desk import open_desk
from console.terminal.screen import DONE, REFUSED, USAGE, Trouble, emit, note, show, stacked, table
from domain.moments import instant, spoken
from gateway.causes import CAUSES, Cause
from gateway.presence import last_seen, relay_sign, served
from gateway.stuck import Stuck, find_stuck

STARTS = {
    "start-worker": "启动 worker.py · start it",
    "start-relay": "以 HUIQIAN_PARTS=relay 启动 worker.py · start it with that",
    "start-temporal": "启动 Temporal · start it",
    "mend-mail": "检查 HUIQIAN_SMTP_URL · check it",
    "retry-post": "huiqian ops retry [CASE]",
    "restart-process": "huiqian ops restart CASE --reason …",
    "rebuild": "huiqian ops rebuild --preview (许多件时 · for many)",
    "move-to-release": "huiqian ops upgrade RELEASE (回退亦同 · also back to the release before)",
    "nudge": "huiqian ops nudge --case CASE --by …",
    "reassign": "huiqian ops reassign OFFICE PERSON --by …",
    "delegate": "huiqian act delegate --by OFFICE …",
    "appoint": "huiqian act appoint --by ops@dept …",
    "publish-calendar": "huiqian act publish-calendar --by catalog-officer@dept …",
    "audit-verify": "huiqian audit verify --trust trust.policy --copy …",
    "new-log": "新立日志、另发信任文件 · a new log, new trust roots",
}
"""What a remedy is typed as."""


def look(desk: Desk, causes: list[str], limit: int) -> tuple[list[Stuck], bool]:
    """What is stuck now, and whether Temporal answers."""

    async def ask() -> tuple[list[Stuck], bool]:
        client = await connect(desk)
        found = await find_stuck(desk.gateway, client, desk.settings.prefix, only=causes, limit=limit)
        return found, client is not None

    return asyncio.run(ask())


def stuck(causes: list[str], limit: int, as_json: bool) -> int:
    """The board. 1 when anything is stuck."""
    known = get_args(Cause)
    if unknown := [c for c in causes if c not in known]:
        raise Trouble(
            USAGE, f"没有这种原因：{unknown[0]}（有：{'、'.join(known)}）", f"causes are: {', '.join(known)}"
        )
    desk = open_desk()
    rows, temporal = look(desk, causes, limit)
    if as_json:
        emit({"temporal": temporal, "stuck": [row.about() for row in rows]})
        return REFUSED if rows else DONE
    if not temporal:
        note(
            "连不上 Temporal：办理照常，流程和投递暂停",
            "Temporal cannot be reached: people act as usual, processes and post stand still",
            "yellow",
        )
    if not rows:
        show(Text("没有卡住的案件 · nothing is stuck", style="green"))
        return DONE
    counts: Counter[Cause] = Counter(row.cause for row in rows)
    show(Text.assemble(("卡住的案件 Stuck", "bold"), f"  {len(rows)} 条 in all"))
    for cause, many in counts.most_common():
        show(
            Text.assemble(
                f"  {many:>5}  ", (CAUSES[cause].zh, "bold"), f"  {cause}  ", (CAUSES[cause].en, "dim")
            )
        )
    made = table(("起于 Since", "fixed"), "案件 Case", "原因与证据 Cause and evidence", "该谁办 Whose move")
    for row in rows:
        made.add_row(
            spoken(instant(row.since)), Text.assemble(row.case, "\n", (words.both(words.STAGES, row.stage), "dim")),
            Text.assemble((f"{CAUSES[row.cause].zh} ", "bold red"), clean(row.zh), "\n", (clean(row.en), "dim")),
            stacked(row.whose, row.what),
        )  # fmt: skip
    show(made, Text("办法 Remedies", style="bold"))
    for cause in counts:
        about = next(row.about() for row in rows if row.cause == cause)
        for remedy in about["remedies"]:
            show(Text.assemble(f"  {cause:18}", (STARTS[remedy], "cyan")))
    return REFUSED


def workers(as_json: bool) -> int:
    """Every queue that should be served, and whether it is. 1 when one is not."""
    desk = open_desk()
    seen, now_there = last_seen(desk.engine), served(desk.engine)
    prefix = desk.settings.prefix
    queues = {
        prefix: "流程 processes",
        relay_sign(prefix): "中继 relay",
        **{f"{prefix}.{a}": words.zh for a, words in desk.pack.agencies.items()},
    }
    rows = [(q, what, seen.get(q)) for q, what in queues.items()]
    there = [queue in now_there for queue in queues]
    if as_json:
        emit(
            [
                {"queue": q, "there": is_, "last_seen": last and last.isoformat()}
                for (q, _, last), is_ in zip(rows, there, strict=True)
            ]
        )
        return DONE if all(there) else REFUSED
    made = table("队列 Queue", "", "状态 State", "最后出现 Last seen")
    for (queue, what, last), is_ in zip(rows, there, strict=True):
        state = Text("在线 there", style="green") if is_ else Text("不在线 gone", style="bold red")
        made.add_row(queue, what, state, spoken(last) if last else "从未 never")
    show(made)
    return DONE if all(there) else REFUSED
