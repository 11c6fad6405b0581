"""For the operator: what does not move, why, on what evidence, and what to do about it; who serves which queue."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from console.temporal import connect
from console.web.lists import Column, spreadsheet
from console.web.place import NotForYou, Visit
from domain.acts.base import ACTS
from gateway.causes import CAUSES
from gateway.presence import last_seen
from gateway.stuck import find_stuck

router = APIRouter(include_in_schema=False)
MOST = 300
OUTSIDE = {
    "start-worker": ("启动工作进程：worker.py", "start the worker: worker.py"),
    "start-relay": (
        "启动中继：HUIQIAN_PARTS=relay worker.py",
        "start the relay: HUIQIAN_PARTS=relay worker.py",
    ),
    "start-temporal": ("启动 Temporal 服务器", "start the Temporal server"),
    "mend-mail": ("检查邮件设置：HUIQIAN_SMTP_URL", "look at the mail settings: HUIQIAN_SMTP_URL"),
    "move-to-release": (
        "移交到另一版本：huiqian ops upgrade",
        "move to another release: huiqian ops upgrade",
    ),
    "rebuild": ("成批重建流程：huiqian ops rebuild", "start many again: huiqian ops rebuild"),
    "audit-verify": ("核验账册：huiqian audit verify", "verify the record: huiqian audit verify"),
    "new-log": ("新立日志、另发信任文件", "a new log, with new trust roots"),
}
"""What is done outside of the gateway, in words and as it is typed; the runbooks say how."""


@router.get("/ops.xlsx")
async def board_workbook(request: Request) -> Response:
    """The same as a workbook."""
    visit = Visit(request)
    if visit.me.actor.role != "ops":
        raise NotForYou
    v, desk = visit.voice, visit.desk
    found = await find_stuck(desk.gateway, await connect(desk), desk.settings.prefix, limit=MOST)
    columns: list[Column] = [
        (v.t("自何时", "Since"), lambda r: v.at(r["since"])), (v.t("案件", "Case"), lambda r: r["case"]),
        (v.t("原因", "Cause"), lambda r: v.of(r["says"])), (v.t("证据", "Evidence"), lambda r: v.of(r["evidence"])),
        (v.t("等谁", "Whose move"), lambda r: r["whose"]),
    ]  # fmt: skip
    return await run_in_threadpool(
        spreadsheet, v.t("卡住的案件", "Stuck"), columns, [row.about() for row in found]
    )


@router.get("/ops")
async def board(request: Request, cause: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Stuck cases by cause, oldest first."""
    visit = Visit(request)
    if visit.me.actor.role != "ops":
        raise NotForYou
    desk = visit.desk
    client = await connect(desk)
    found = await find_stuck(desk.gateway, client, desk.settings.prefix, limit=MOST)
    rows = [row.about() for row in found if not cause or row.cause == cause][:MOST]
    return await run_in_threadpool(
        visit.page, "ops.html", rows=rows, counts=Counter(row.cause for row in found), cause=cause, causes=CAUSES, outside=OUTSIDE,
        there=client is not None, seen=last_seen(desk.engine), acts=set(ACTS), mine={name: act.on is not None for name, act in ACTS.items() if visit.may_try(name)},
    )  # fmt: skip
