"""For the auditor: search across everything that was filed, and a case as it was at each event, beside the event."""

import json
from contextlib import suppress
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from temporalio.service import RPCError

from audit.following import NotAHistory, carried
from audit.histories import fetch
from console.desk import cited
from console.temporal import connect
from console.web.case import related, said, title_of
from console.web.lists import Column, spreadsheet
from console.web.place import NotForYou, Visit
from console.web.voice import Voice
from gateway.views import NoSuchCase, refold
from records.people import logins
from records.schema import acts, lines, runs, streams

router = APIRouter(include_in_schema=False)
MOST, FEW = 100, 10
MOST_LOGINS = 20_000
"""Of a workbook."""
SEARCHERS = frozenset(
    {"auditor", "ops", "approver", "catalog-officer", "publisher", "inspector", "sanctions-approver"}
)


@router.get("/search")
def search(request: Request, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Cases by id, document number, year, college or major; only what the person may see is found."""
    visit = Visit(request)
    assert visit.me
    return visit.page("search.html", q=q.strip(), found=_found(visit, q.strip()))


@router.get("/search.xlsx")
def search_workbook(request: Request, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The same as a workbook."""
    visit = Visit(request)
    assert visit.me
    v = visit.voice
    columns: list[Column] = [
        (v.t("案件", "Case"), lambda r: r["id"]), (v.t("名称", "Title"), lambda r: r["title"]),
        (v.t("类别", "Kind"), lambda r: v.kind(r["kind"])), (v.t("阶段", "Stage"), lambda r: v.stage(r["stage"])),
    ]  # fmt: skip
    return spreadsheet(v.t("查询结果", "Found"), columns, _found(visit, q.strip()))


def _found(visit: Visit, text: str) -> list[dict[str, Any]]:
    """What matches and may be seen by who asks, at most so many; where that is little, with what hangs together with it."""
    ids = _matches(visit, text) if text else []
    views = {id_: visit.sight.standing(id_) for id_ in islice((i for i in ids if visit.sight.may(i)), MOST)}
    if len(views) <= FEW:
        beside = [id_ for x in views.values() if x["kind"] == "filing" for id_, _ in related(visit, x)]
        views |= {id_: visit.sight.standing(id_) for id_ in beside if id_ not in views}
    return [
        {"id": id_, "title": title_of(visit.voice, x), "kind": x["kind"], "stage": x["stage"]}
        for id_, x in views.items()
    ]


def _matches(visit: Visit, text: str) -> list[str]:
    desk = visit.desk
    ids: list[str] = []
    with suppress(NoSuchCase):
        ids.append(
            desk.find(
                text.rpartition("/")[0] if text.count("/") == 1 and text.startswith("filing-") else text
            )
        )
    colleges = [id_ for id_, name in desk.names.items() if text in name or text == id_]
    with desk.engine.connect().execution_options(reading=True) as connection:
        query = select(lines.c.filing).where(
            lines.c.college.in_(colleges)
            | (lines.c.major == text)
            | lines.c.filing.startswith(text, autoescape=True)
        )
        ids += connection.execute(query.distinct().limit(MOST)).scalars()
        begins = select(streams.c.id).where(streams.c.id.startswith(text, autoescape=True)).limit(MOST)
        ids += connection.execute(begins).scalars()
        ids += [f"college/{id_}" for id_ in colleges]
    return list(dict.fromkeys(ids))


@router.get("/replay/{id_:path}")
async def replay(request: Request, id_: str, at: Annotated[int, Query(ge=0)] = 0) -> Response:
    """The case as its events alone say, up to one of them; beside it the event, the act, its clause and where Temporal read it."""
    visit = Visit(request)
    if visit.me.actor.role not in SEARCHERS:
        raise NotForYou
    view = await run_in_threadpool(visit.sight.view, id_)
    carriers = await _carriers(visit, id_)
    return await run_in_threadpool(_replay, visit, view, at, carriers)


async def _carriers(visit: Visit, id_: str) -> dict[int, tuple[str, int]]:
    """Fact to the run and the event of its history at which the process read it; what no history shows is left out."""
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        query = select(runs.c.run).where(
            runs.c.stream == id_, runs.c.history.is_(None), runs.c.ended.is_(None)
        )
        running = connection.execute(query.limit(1)).scalar()
        client = await connect(visit.desk) if running else None
        try:
            kept, _ = await fetch(connection, visit.place.store, client, id_)
        except RPCError:
            return {}
    found: dict[int, tuple[str, int]] = {}
    for one in kept:
        with suppress(NotAHistory, ValueError):
            for event, bearing in carried(json.loads(one.text)).bearings:
                for slip in bearing.get("slips", []):
                    found.setdefault(int(slip["n"]), (one.run, event))
    return found


def _replay(visit: Visit, view: dict[str, Any], at: int, carriers: dict[int, tuple[str, int]]) -> Response:
    id_ = view["id"]
    total = len(view["events"])
    n = min(max(at or total, 1), total)
    event = view["events"][n - 1]
    before = refold(visit.desk.engine, id_, n - 1) if n > 1 else {}
    then = refold(visit.desk.engine, id_, n)
    told = {
        k: (_told(visit, k, before.get(k)), _told(visit, k, value))
        for k, value in then.items()
        if k not in ("version", "pack")
    }
    changed = {k: pair for k, pair in told.items() if pair[0] != pair[1]}
    apart = ("id", "kind", "version", "pack", "documents")
    whole = {
        k: _told(visit, k, value)
        for k, value in then.items()
        if k not in apart and value not in (None, [], {}, "", False)
    }
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(
            select(acts.c.act, acts.c.actor, acts.c.outcome, acts.c.legal_at, acts.c.digest).where(
                acts.c.command == event["command"]
            )
        ).first()
    authority = visit.desk.authority(event["act"])
    clause = (
        cited(visit.desk.pack.instruments.get(authority.source.instrument), authority.source.clause)
        if authority
        else ""
    )
    template = "replay_body.html" if visit.swap else "replay.html"
    return visit.page(
        template, view=view, then=then, event=event, n=n, total=total, changed=changed, whole=whole, act=row, clause=clause,
        title=title_of(visit.voice, view), refused=_refused(visit, id_), carrier=carriers.get(n), carriers=carriers,
        ticks=[(k, event["type"], event["at"]) for k, event in enumerate(view["events"], 1)],
    )  # fmt: skip


def _told(visit: Visit, name: str, value: Any) -> str:

    v = visit.voice
    if value in (None, [], {}, ""):
        return "—"
    match name:
        case "waiting":
            return "\n".join(
                f"{v.office(w['role'], w['agency'])}{v.t('：', ': ')}{v.act(w['for'])} {v.end(w['due'])}"
                for w in value
            )
        case "deadlines":
            return "\n".join(
                f"{v.deadline(n)} {v.end(d['ends_at'])}{v.t('：', ': ')}{v.of(d['words'])}"
                for n, d in value.items()
            )
        case "stage":
            return v.stage(value)
        case "lines" if isinstance(value, dict):
            return "\n".join(f"{id_} {line['major']} {v.state(line['state'])}" for id_, line in value.items())
        case "kind":
            return v.kind(value)
        case _ if isinstance(value, dict):
            return "\n".join(
                f"{v.field(str(k))}{v.t('：', ': ')}{said(v, str(k), part)}" for k, part in value.items()
            )
        case _ if isinstance(value, list):
            return "\n".join(said(v, name, part) for part in value)
        case _:
            return said(v, name, value)


def _refused(visit: Visit, id_: str) -> list[Any]:
    """Acts on the case that were refused: they are on the record too."""
    query = select(acts.c.legal_at, acts.c.act, acts.c.actor, acts.c.code).where(
        acts.c.subject == id_, acts.c.outcome == "refused"
    )
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(query.order_by(acts.c.position.desc()).limit(50)))


@router.get("/logins")
def login_log(request: Request) -> Response:
    """Who logged in, from where, with what success; newest first."""
    visit, rows = _logins(request, 300)
    return visit.page("logins.html", rows=rows, outcomes=_outcomes(visit.voice))


@router.get("/logins.xlsx")
def login_workbook(request: Request) -> Response:
    """The same as a workbook, further back."""
    visit, rows = _logins(request, MOST_LOGINS)
    v = visit.voice
    outcomes = _outcomes(v)
    columns: list[Column] = [
        (v.t("时间（真实）", "At (real time)"), lambda r: v.at(r["at"])), (v.t("账号", "Account"), lambda r: r["account"]),
        (v.t("来自", "From"), lambda r: r["address"]), (v.t("结果", "Outcome"), lambda r: outcomes.get(r["outcome"], r["outcome"])),
    ]  # fmt: skip
    return spreadsheet(v.t("登录记录", "Logins"), columns, rows)


def _logins(request: Request, most: int) -> tuple[Visit, list[dict[str, Any]]]:
    visit = Visit(request)
    if visit.me.actor.role not in ("auditor", "ops"):
        raise NotForYou
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        found = connection.execute(select(logins).order_by(logins.c.position.desc()).limit(most)).mappings()
        return visit, [dict(row) for row in found]


def _outcomes(v: Voice) -> dict[str, str]:
    return {
        "in": v.t("登录", "in"), "out": v.t("退出", "out"), "wrong": v.t("密码不对", "wrong"),
        "wait": v.t("次数过多", "too many"), "closed": v.t("已停用", "closed"),
    }  # fmt: skip
