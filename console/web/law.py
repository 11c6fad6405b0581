"""The rules in words: every act and rule with its clause, its quotation and how sure it is; and what a draft would change."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from console.desk import cited
from console.terminal.law import plain, say
from console.web.guard import token_fits
from console.web.lists import Column, spreadsheet
from console.web.place import NotForYou, Visit
from domain.policy import Pack, Source
from gateway.packs import lay_before
from gateway.rule_changes import preview_policy
from gateway.views import NoSuchCase
from policies import BadPack, load_pack, pack_names

router = APIRouter(include_in_schema=False)
KEEPERS = frozenset({"ops", "approver", "catalog-officer", "auditor"})
"""Who looks at packs that are not in force; only `adopt-pack` puts one in force, and the gateway says who may."""
MOST = 500


@router.get("/law")
def law(request: Request, pack: Annotated[str, Query(max_length=80)] = "") -> Response:
    """The rules of a procedure that is in force here, for everybody."""
    visit = Visit(request)
    packs = visit.desk.packs
    chosen = next((p for p in packs if p.name == pack), packs[0])
    return visit.page("law.html", pack=chosen, packs=packs, today=visit.desk.today, **_words(visit, chosen))


def _words(visit: Visit, pack: Pack) -> dict[str, Any]:
    lang, today = visit.voice.lang, visit.desk.today

    def clause(source: Source) -> str:
        return cited(pack.instruments.get(source.instrument), source.clause)

    return {
        "rules": [(rule, say(rule, today, lang), clause(rule.source)) for rule in pack.rules.values()],
        "acts": [(a, clause(a.source)) for a in pack.acts.values()],
        "duties": [(d, clause(d.source)) for d in pack.duties], "plain": partial(plain, language=lang),
    }  # fmt: skip


@router.get("/law.xlsx")
def law_workbook(request: Request, pack: Annotated[str, Query(max_length=80)] = "") -> Response:
    """The same as a workbook."""
    visit = Visit(request)
    v, today = visit.voice, visit.desk.today
    chosen = next((p for p in visit.desk.packs if p.name == pack), visit.desk.pack)
    columns: list[Column] = [
        (v.t("规则", "Rule"), lambda r: r["key"]), (v.t("内容", "Says"), lambda r: r["says"]),
        (v.t("今日值", "Value today"), lambda r: r["value"]), (v.t("依据", "Clause"), lambda r: r["clause"]),
        (v.t("原文", "Quotation"), lambda r: r["quote"]), (v.t("效力依据", "Standing"), lambda r: v.standing(r["standing"])),
    ]  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"key": rule.key, "says": said, "value": plain(rule.on(today), v.lang), "clause": clause, "quote": rule.source.quote,
         "standing": rule.standing}
        for rule, said, clause in _words(visit, chosen)["rules"]
    ]  # fmt: skip
    return spreadsheet(v.t("规则", "Rules"), columns, rows)


@router.get("/law/packs")
def packs(request: Request) -> Response:
    """The packs that ship with the product, those in force here, and drafts."""
    visit = _keeper(request)
    rows: list[dict[str, Any]] = []
    for name in pack_names():
        try:
            pack = load_pack(name)
        except BadPack as bad:
            rows.append({"name": name, "problems": len(bad.problems)})
            continue
        rows.append({"name": name, "pack": pack, "here": visit.desk.policy.version_of(name), "problems": 0})
    return visit.page(
        "packs.html",
        rows=rows,
        adopts=visit.may_try("adopt-pack"),
        publishes=visit.may_try("publish-calendar"),
        calendar=visit.desk.pack.acts["publish-calendar"],
    )


@router.get("/law/preview")
def preview(request: Request, pack: Annotated[str, Query(max_length=80)]) -> Response:
    """Which open cases would stand otherwise under this pack; nothing is touched."""
    visit = _keeper(request)
    found = _shipped(pack)
    rows = preview_policy(visit.desk.gateway, found)
    return visit.page("preview_law.html", pack=found, rows=rows[:MOST], total=len(rows))


@router.post("/law/adopt")
def adopt(
    request: Request,
    pack: Annotated[str, Form(max_length=80)],
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Lay a pack before whoever may adopt it: it stands on record, and the act's form opens with it filled in."""
    visit = Visit(request)
    if not visit.may_try("adopt-pack") or not token_fits(request, csrf):
        raise NotForYou
    form = lay_before(visit.desk.engine, visit.desk.gateway.shelf, _shipped(pack), {})
    return visit.go(f"/do/adopt-pack?pack={form['pack']}")


def _keeper(request: Request) -> Visit:
    visit = Visit(request)
    if visit.me.actor.role not in KEEPERS:
        raise NotForYou
    return visit


def _shipped(name: str) -> Pack:
    if name not in pack_names():
        raise NoSuchCase(name)
    try:
        return load_pack(name)
    except BadPack:
        raise NoSuchCase(name) from None
