"""Files: taken in with the same inspection as everywhere, given out only to whom the case shows them."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from starlette.datastructures import UploadFile as StarletteFile

from console.web.guard import MOST_BYTES, token_fits
from console.web.leafing import DOCX, LEAFED, leaf
from console.web.lists import Column, attachment, spreadsheet
from console.web.personal import read_by
from console.web.place import NotForYou, Visit
from gateway.attach import attach, opened
from gateway.personal import particulars
from gateway.views import NoSuchCase
from records.files import FileDamaged, FileMissing
from records.keys import Erased
from records.schema import attachments
from records.sealed_files import SEALED, Opened

router = APIRouter(include_in_schema=False)
MOST_AT_ONCE = 50
VIEWABLE = frozenset({"application/pdf", "image/png", "image/jpeg"})


@router.get("/files")
def mine(request: Request) -> Response:
    """What one's agency has handed in, and where to hand in more."""
    return _page(Visit(request), 200)


@router.post("/files")
def take_in(
    request: Request,
    file: Annotated[list[UploadFile], File()],
    csrf: Annotated[str, Form(max_length=100)] = "",
    about: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Take files in, sealed when they are about one person; each is accepted or refused by itself, and the page says why."""
    visit = Visit(request)
    if not token_fits(request, csrf):
        raise NotForYou
    answers = take(visit, file, particulars(about) if about.strip() else None)
    refused = any(answer["outcome"] != "accepted" for answer in answers)
    return _page(visit, 422 if refused else 200, answers)


def take(
    visit: Visit, files: Sequence[StarletteFile], about: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Take files in for whoever asks, sealed for the person they are about; each is accepted or refused by itself, under its name."""
    gateway, store, by = visit.desk.gateway, visit.place.store, visit.me.actor
    return [
        {
            "name": f.filename or "",
            **attach(gateway, store, by, f.filename or "", f.file.read(MOST_BYTES), about),
        }
        for f in files[:MOST_AT_ONCE]
    ]


@router.get("/files.xlsx")
def list_workbook(request: Request) -> Response:
    """The list as a workbook, further back."""
    visit = Visit(request)
    v = visit.voice
    columns: list[Column] = [
        (v.t("文件", "File"), lambda r: r["name"]), (v.t("类型", "Type"), lambda r: r["media_type"]),
        (v.t("字节", "Bytes"), lambda r: r["size"]), (v.t("收下时间", "Taken in"), lambda r: v.at(r["stored_at"])),
        ("SHA-256", lambda r: r["sha256"]),
    ]  # fmt: skip
    return spreadsheet(v.t("附件", "Files"), columns, _own(visit, 10_000))


def _own(visit: Visit, most: int) -> list[dict[str, Any]]:
    """What one's agency has handed in, the newest first."""
    query = select(attachments).where(attachments.c.agency == visit.me.actor.agency)
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        found = connection.execute(query.order_by(attachments.c.stored_at.desc()).limit(most)).mappings()
        return [dict(row) for row in found]


def _page(visit: Visit, status: int, answers: list[dict[str, Any]] | None = None) -> Response:
    rules = visit.desk.pack.on(visit.desk.today)
    return visit.page(
        "files.html", status, rows=_own(visit, 200), answers=answers or [], most=rules.int("attachment.max_bytes"),
        types=rules.list("attachment.types"),
    )  # fmt: skip


@router.get("/files/{digest}")
def give(request: Request, digest: str, case: str = "", look: bool = False, reading: str = "") -> Response:
    """A file of a case that one may see, or of one's own agency."""
    visit = Visit(request)
    found = _content(visit, digest, case, *_allowed(visit, digest, case, reading))
    inline = look and found.media_type in VIEWABLE
    kind = found.media_type if inline else "application/octet-stream"
    response = attachment(found.data, found.name, kind, inline=inline)
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
    )
    return response


@router.get("/files/{digest}/preview")
def preview(request: Request, digest: str, case: str = "", reading: str = "") -> Response:
    """A file beside what is known of it; what a browser cannot show safely is offered for download."""
    visit = Visit(request)
    name, kind = _allowed(visit, digest, case, reading)
    if kind == SEALED:  # name and type are sealed with the content, so there is no knowing them without it
        found = _content(visit, digest, case, name, kind)
        name, kind = found.name, found.media_type
        told = leaf(kind, found.data)
    elif not visit.place.store.exists(digest):
        raise NoSuchCase(digest)
    else:
        told = leaf(kind, _content(visit, digest, case, name, kind).data) if kind in LEAFED else None
    return visit.page(
        "preview.html",
        name=name,
        kind=kind,
        digest=digest,
        case=case,
        shown=kind in VIEWABLE,
        leaf=told,
        where=f"case={quote(case)}&reading={quote(reading)}" if reading else f"case={quote(case)}",
    )


def _content(visit: Visit, digest: str, case: str, name: str, kind: str) -> Opened:
    """What lies in the store, opened where it is sealed. Raises NoSuchCase."""
    try:
        data = visit.place.store.get(digest)
        if kind != SEALED:
            return Opened(name, kind, data)
        if not case:  # sealed under a person's key: it opens only in a case, after a reading
            raise NoSuchCase(digest)
        with visit.desk.engine.connect().execution_options(reading=True) as connection:
            return opened(visit.desk.gateway, connection, data)
    except (FileMissing, FileDamaged, Erased, ValueError):
        raise NoSuchCase(digest) from None


def _allowed(visit: Visit, digest: str, case: str, reading: str) -> tuple[str, str]:
    """Name and type, as stored, of a file this person may have; what came with an objection, only once its reading is on record.

    Raises NoSuchCase.
    """
    own = visit.me.actor.agency
    query = select(attachments).where(attachments.c.sha256 == digest)
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(query).first()
    if case:
        view = visit.sight.standing(case)
        if digest in view["documents"].values():
            paper = next(k for k, d in view["documents"].items() if d == digest).rpartition("/")[2]
            papers = visit.desk.pinned(view).papers
            named = visit.voice.of(papers[paper].name) if paper in papers else paper
            return f"{named}.docx", DOCX
        personal = view["kind"] == "objection" or (row is not None and row.media_type == SEALED)
        if personal and not read_by(visit, case, reading):
            raise NoSuchCase(digest)
        if row is not None and digest in (view.get("materials") or []):
            return row.name, row.media_type
    elif row is not None and row.agency == own:
        return row.name, row.media_type
    raise NoSuchCase(digest)
