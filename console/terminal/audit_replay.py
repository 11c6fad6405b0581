"""`huiqian audit replay`: histories replayed with today's code and held against the ledger."""

import asyncio
from itertools import batched
from pathlib import Path

from rich.text import Text
from sqlalchemy import func, select, union
from temporalio.client import Client
from temporalio.service import RPCError

from audit.following import Finding
from audit.histories import fetch, given
from audit.replay import Asked, Replayed, replay, rows_of
from console.terminal.acting import read_bytes
from console.terminal.desk import Desk, open_desk, open_store
from console.terminal.screen import DONE, REFUSED, UNREACHABLE, USAGE, Trouble, clean, emit, note, pairs, show
from domain.kinds import DRIVEN
from gateway.archivist import Archivist
from gateway.codec import converter
from gateway.temporal import connect
from records.schema import runs, streams

KINDS = {
    "non-deterministic": ("今日代码重放不一致", "not what today's code does"), "ledger-lacks": ("账册所缺", "the ledger lacks it"),
    "history-lacks": ("历史所缺", "the history lacks it"), "differs": ("两处不同", "they differ"), "foreign": ("他案历史", "of another case"),
    "unreadable": ("不能读取", "cannot be read"), "lost": ("历史不在", "the history is not there"),
}  # fmt: skip
AT_ONCE = 200
"""Cases whose histories are in memory together."""


def again(case: str | None, files: list[Path], everything: bool, offline: bool, as_json: bool) -> int:
    """Replay a case, from the archive and Temporal or from files; or every case that has run."""
    if (case is None) is not everything:
        raise Trouble(USAGE, "须写明案件，或用 --all", "name a case, or use --all")
    desk = open_desk()
    cases = [desk.find(case)] if case else _all(desk)
    found = asyncio.run(_replay(desk, cases, files, offline))
    same = all(one.same for one in found)
    if as_json:
        emit({"same": same, "cases": [_as_json(one) for one in found]})
    else:
        for one in found:
            if not everything or not one.same:
                _show(one)
        if everything:
            _sum(found)
    return DONE if same else REFUSED


def archive(as_json: bool) -> int:
    """Keep the histories of all runs that are over, now."""
    desk = open_desk()

    async def sweep() -> dict[str, int]:
        client = await _client(desk)
        if client is None:
            raise Trouble(
                UNREACHABLE, "流程服务连不上，未能归档", "Temporal cannot be reached; nothing was archived"
            )
        try:
            done = await Archivist(desk.engine, client, open_store(desk.settings), most=10_000).sweep()
        except RPCError as error:
            raise Trouble(
                UNREACHABLE, f"流程服务：{error.status.name}", f"Temporal: {error.status.name}"
            ) from None
        return {"kept": done.kept, "running": done.running, "lost": _lost(desk), "sealed": done.sealed}

    done = asyncio.run(sweep())
    if as_json:
        emit(done)
    else:
        said = pairs(
            [
                ("已归档 Kept", str(done["kept"])),
                ("进行中 Running", str(done["running"])),
                ("已丢失 Lost", str(done["lost"]) if done["lost"] else None),
                ("缺主密钥，打不开 Master key missing", str(done["sealed"]) if done["sealed"] else None),
            ]
        )
        show(Text.assemble(("✓ ", "bold green"), ("历史已归档 Histories archived", "bold")), said)
    return REFUSED if done["lost"] or done["sealed"] else DONE


def _lost(desk: Desk) -> int:
    """How many runs ever ended without their history having been kept: it stays a loss whoever found it out."""
    query = select(func.count()).select_from(runs).where(runs.c.ended == "lost")
    with desk.engine.connect().execution_options(reading=True) as connection:
        return int(connection.execute(query).scalar_one())


def _all(desk: Desk) -> list[str]:
    """Every case that has run, and every one that a process should have followed: also those whose runs are noted no more."""
    driven = select(streams.c.id).where(streams.c.kind.in_(sorted(DRIVEN)))
    with desk.engine.connect().execution_options(reading=True) as connection:
        return sorted(connection.execute(union(select(runs.c.stream), driven)).scalars())


async def _client(desk: Desk) -> Client | None:
    try:
        return await asyncio.wait_for(connect(desk.settings), 10)
    except (RuntimeError, TimeoutError):
        return None


async def _replay(desk: Desk, cases: list[str], files: list[Path], offline: bool) -> list[Replayed]:
    client = None if offline or files else await _client(desk)
    if client is None and not offline and not files:
        note("流程服务连不上，只看归档", "Temporal cannot be reached; the archive alone is read", "yellow")
    codec = converter(desk.settings.payload_keys).payload_codec
    store = open_store(desk.settings)
    found: list[Replayed] = []
    with desk.engine.connect().execution_options(reading=True) as connection:
        for some in batched(cases, AT_ONCE):
            asked: list[Asked] = []
            for case in some:
                if files:
                    kept, wrong = given({path.name: read_bytes(path) for path in files}, codec)
                else:
                    kept, wrong = await fetch(connection, store, client, case)
                asked.append(Asked(case, rows_of(connection, case), kept, wrong, whole=not files))
            found += await replay(asked)
    return found


def _as_json(one: Replayed) -> dict[str, object]:
    return {
        "case": one.case, "same": one.same, "facts": one.facts,
        "runs": [{"run": r.run, "from": one.origins[r.run], "kind": r.kind, "after": r.after, "ended": r.closed or None} for r in one.runs],
        "findings": [f.model_dump(exclude_none=True) for f in one.findings],
    }  # fmt: skip


def _show(one: Replayed) -> None:
    if one.same:
        show(
            Text.assemble(
                ("✓ ", "bold green"),
                ("重放一致 ", "bold"),
                f"{one.case}  {len(one.runs)} 次运行 runs  {one.facts} 条事实 facts",
            )
        )
        return
    show(Text.assemble(("✗ ", "bold red"), ("重放不一致 Not the same ", "bold red"), one.case))
    for raw in one.findings[:50]:
        finding = Finding.model_validate(clean(raw.model_dump()))
        zh, en = KINDS[finding.kind]
        at = f"  第{finding.event}项 event {finding.event}" if finding.event else ""
        show(
            Text.assemble(
                (f"  {zh} {en}", "red"), f"  {finding.fact} {finding.field}{at}", (f"  {finding.run}", "dim")
            )
        )
        if finding.ledger is not None or finding.history is not None:
            show(Text(f"    账册 ledger: {finding.ledger}\n    历史 history: {finding.history}"))
        if finding.why:
            show(Text(f"    {finding.why}", style="dim"))


def _sum(found: list[Replayed]) -> None:
    wrong = sum(not one.same for one in found)
    total = sum(len(one.runs) for one in found)
    mark = ("✗ ", "bold red") if wrong else ("✓ ", "bold green")
    show(
        Text.assemble(
            mark, (f"{len(found)} 案 cases  {total} 份历史 histories  不一致 not the same: {wrong}", "bold")
        )
    )
