"""Pages for everybody, which work without scripts: notices, announcements, decisions on violations; what became of an objection."""

from typing import Any
from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from console.web.choosing import labels
from console.web.lists import Column, comma_separated, spreadsheet
from console.web.place import Visit
from console.web.voice import Voice
from gateway.publications import KINDS, publication, published
from gateway.views import NoSuchCase, newest
from gateway.views import show as view_of

router = APIRouter(include_in_schema=False)
FRESH = {"Cache-Control": "public, max-age=60"}
LISTS = {"notices": "notice", "announcements": "announcement", "violations": "violation"}
"""The lists of what was made public, each by the kind of its cases."""
MOST = 1_000
"""Of a list that is taken away."""


@router.get("/")
def home(request: Request) -> Response:
    """What is on notice now, what was announced, and the way in."""
    visit = Visit(request)
    if visit.session is not None:
        return visit.go("/desk")
    engine = visit.desk.engine
    rounds = [r for r in newest(engine, "round", 5) if r["stage"] in ("called", "open")]
    return visit.page(
        "home.html",
        notices=published(engine, "notice", 20),
        announcements=published(engine, "announcement", 20),
        decisions=published(engine, "violation", 10),
        rounds=rounds,
    )


@router.get("/public/status")
def status(request: Request, receipt: str = "") -> Response:
    """What became of an objection, by its receipt number: its stage and its outcome, and nobody's name."""
    visit = Visit(request)
    found: dict[str, Any] | None = None
    if receipt.strip():
        try:
            view = view_of(visit.desk.engine, receipt.strip())
        except NoSuchCase:
            view = {"kind": ""}
        if view["kind"] == "objection":
            kept = ("id", "stage", "line", "received", "why_not", "outcome", "deadlines", "materials")
            found = {name: view[name] for name in kept}
    about = labels(visit.voice, [found["line"]])[found["line"]] if found else ""
    return visit.page("status.html", receipt=receipt.strip(), found=found, about=about)


@router.get("/public/notices")
def notices(request: Request, before: str = "") -> Response:
    """All notices, newest first."""
    return _past(request, "notices", before)


@router.get("/public/announcements")
def announcements(request: Request, before: str = "") -> Response:
    """All announcements and corrections, newest first."""
    return _past(request, "announcements", before)


@router.get("/public/violations")
def violations(request: Request, before: str = "") -> Response:
    """All decisions on violations, newest first; what was set aside says so."""
    return _past(request, "violations", before)


def _past(request: Request, name: str, before: str) -> Response:
    visit = Visit(request)
    rows = published(visit.desk.engine, LISTS[name], 50, before or None)
    more = rows[-1]["changed_at"] if len(rows) == 50 else ""
    return visit.page("publications.html", kind=LISTS[name], name=name, rows=rows, more=more)


def _all(visit: Visit, name: str) -> tuple[str, list[Column], list[dict[str, Any]]]:
    """Everything of a kind as a list to take away: its title, its columns and its rows."""
    v, base = visit.voice, str(visit.request.base_url).rstrip("/")
    columns: list[Column] = [
        (v.t("标题", "Title"), lambda r: _title(v, r)),
        (v.t("发布", "Published"), lambda r: v.at(r["at"])),
        (v.t("地址", "Address"), lambda r: f"{base}/public/{r['id']}"),
    ]
    return name, columns, published(visit.desk.engine, LISTS[name], MOST)


@router.get("/public/feed.atom")
def feed(request: Request) -> Response:
    """The newest publications as an Atom feed (RFC 4287)."""
    visit = Visit(request)
    engine, v = visit.desk.engine, visit.voice
    rows = sorted(
        [row for kind in KINDS for row in published(engine, kind, 30)],
        key=lambda r: r["at"],
        reverse=True,
    )[:30]
    base = str(request.base_url).rstrip("/")
    entries = "".join(
        f"<entry><id>{escape(base)}/public/{escape(r['id'])}</id><title>{escape(_title(v, r))}</title>"
        f"<updated>{escape((r.get('withdrawn_at') or r['at'])[:19])}Z</updated>"
        f'<link rel="alternate" href="{escape(base)}/public/{escape(r["id"])}"/></entry>'
        for r in rows
    )
    updated = rows[0]["at"][:19] if rows else "2026-01-01T00:00:00"
    text = (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{escape(base)}/public/feed.atom</id><title>{escape(v.t('会签：公示与公告', 'Huiqian: notices and announcements'))}</title>"
        f"<updated>{updated}Z</updated><author><name>{escape(v.agency('dept'))}</name></author>"
        f'<link rel="self" href="{escape(base)}/public/feed.atom"/>{entries}</feed>'
    )
    return Response(text, media_type="application/atom+xml; charset=utf-8", headers=FRESH)


def _title(v: Voice, row: dict[str, Any]) -> str:
    if row["kind"] == "violation":
        who = row["college_name"]
        if row["withdrawn_at"]:
            return v.t(
                f"对{who}的处理决定已撤销，撤回公开", f"The decision on {who} was set aside and is withdrawn"
            )
        return v.t(f"对{who}的处理决定", f"Decision on {who}") + f"：{v.choice(row['measure'])}"
    if row["kind"] == "notice":
        return v.t(
            f"专业公示（{row['count']}项，至{row['ends']}）",
            f"Public notice of {row['count']} lines, until {row['ends']}",
        )
    what = v.t("更正公告", "Correction") if row["corrects"] else v.t("公告", "Announcement")
    return f"{row['document_no']} {what}"


def _columns(visit: Visit, found: dict[str, Any]) -> list[Column]:
    """Every list's first columns, then what its procedure makes public of a line."""
    v = visit.voice
    first: list[Column] = [
        (v.t("院校", "College"), lambda r: r["college_name"]),
        (v.t("专业代码", "Major"), lambda r: r["major"]),
        (v.t("专业名称", "Name"), lambda r: r["major_name"]),
    ]
    if ranked(found):
        pack = visit.desk.pack_of(found["pack"])
        return [
            *first, (v.t("类别", "Category"), lambda r: v.category(pack, r["category"])), (v.t("名次", "Place"), lambda r: r["place"]),
            (v.t("得分", "Score"), lambda r: r["score"]), (v.t("拟扶持资金（元）", "Grant (yuan)"), lambda r: r["grant"]),
            (v.t("编号", "Line"), lambda r: r["line"]),
        ]  # fmt: skip
    return [
        *first,
        (v.t("生源类别", "Entry"), lambda r: v.choice(r["entry"])),
        (v.t("学制（学年）", "Years"), lambda r: r["years"]),
        (v.t("招生计划", "Plan"), lambda r: r["plan"]),
        (v.t("编号", "Line"), lambda r: r["line"]),
    ]


def ranked(found: dict[str, Any]) -> bool:
    """Whether a publication is of a selection, whose lines have a category and a place."""
    return any("category" in line for line in found["lines"])


@router.get("/public/{id_}.json")
def as_json(request: Request, id_: str) -> Response:
    """A publication for programs, or a whole list of them without their lines."""
    engine = Visit(request).desk.engine
    found = published(engine, LISTS[id_], MOST) if id_ in LISTS else publication(engine, id_)
    return JSONResponse(found, headers=FRESH)


@router.get("/public/{id_}.csv")
def as_csv(request: Request, id_: str) -> Response:
    """Its lines as CSV, or a whole list."""
    visit = Visit(request)
    if id_ in LISTS:
        return comma_separated(*_all(visit, id_))
    found = publication(visit.desk.engine, id_)
    if found["kind"] == "violation":
        raise NoSuchCase(id_)  # no list: the page and the JSON say it all
    return comma_separated(found["document_no"] or id_, _columns(visit, found), found["lines"])


@router.get("/public/{id_}.xlsx")
def as_workbook(request: Request, id_: str) -> Response:
    """Its lines as a workbook, or a whole list."""
    visit = Visit(request)
    if id_ in LISTS:
        return spreadsheet(*_all(visit, id_))
    found = publication(visit.desk.engine, id_)
    if found["kind"] == "violation":
        raise NoSuchCase(id_)
    return spreadsheet(found["document_no"] or id_, _columns(visit, found), found["lines"])


@router.get("/public/{id_}")
def one(request: Request, id_: str) -> Response:
    """A publication at its permanent address; it prints on paper as it stands."""
    visit = Visit(request)
    found = publication(visit.desk.engine, id_)
    told: dict[str, Any] = {
        "found": found,
        "title": _title(visit.voice, found),
        "address": f"{request.base_url}public/{id_}",
    }
    if found["kind"] == "violation":
        return visit.page("decision.html", **told, issuer=visit.voice.of(visit.desk.pack.agencies["dept"]))
    pack = visit.desk.pack_of(found["pack"])
    paper = pack.papers["correction" if found["corrects"] else found["kind"]]
    return visit.page(
        "publication.html", **told, ranked=ranked(found), pack=pack, heading=_heading(visit.voice, found),
        issuer=visit.voice.of(pack.agencies[paper.agency]),
    )  # fmt: skip


def _heading(v: Voice, found: dict[str, Any]) -> str:
    """What stands over a publication on its own page, where its number and its days stand below."""
    if found["kind"] == "notice":
        return v.t("评估结果公示", "Public notice of the evaluation")
    return (
        v.t("更正公告", "Correction")
        if found["corrects"]
        else v.t("公布专业名单的公告", "Announcement of majors")
    )
