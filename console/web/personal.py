"""Opening the personal data of a case on a page: only whoever may, only after saying why, and on the record before anything opens."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import Connection, select

from console.desk import DRAWN_ID, draw_id
from console.web.case import title_of
from console.web.guard import token_fits
from console.web.place import NotForYou, Visit
from domain.acts.personal import people_of
from domain.case import Case
from domain.files import Command
from gateway.attach import opened as unsealed
from gateway.personal import Opener, may_open
from records.files import FileDamaged, FileMissing
from records.keys import Erased
from records.schema import acts, attachments
from records.sealed_files import SEALED

router = APIRouter(include_in_schema=False)
ACT = "open-personal"
Row = tuple[str, str]
"""A field's name as events call it, and its clear text."""


@router.get("/personal/{id_:path}")
def ask(request: Request, id_: str) -> Response:
    """Nothing is shown yet: first the reason."""
    visit = Visit(request)
    case = visit.sight.case(id_)
    if not visit.may_try(ACT):
        raise NotForYou
    return _page(visit, case, 200)


@router.post("/personal/{id_:path}")
def opened(
    request: Request,
    id_: str,
    reason: Annotated[str, Form(max_length=400)] = "",
    id: Annotated[str, Form(max_length=40)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """The reading goes on record, or its refusal; then the data is shown, on this page only."""
    visit = Visit(request)
    case = visit.sight.case(id_)
    if not visit.may_try(ACT) or not token_fits(request, csrf) or not DRAWN_ID.fullmatch(id):
        raise NotForYou
    with_ = {"what": "page", "reason": reason.strip()}
    answer = may_open(visit.desk.gateway, Command(id=id, act=ACT, by=visit.me.actor, case=id_, with_=with_))
    if answer["outcome"] != "accepted":
        return _page(visit, case, 422, refusal=answer, reason=reason)
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        opener = Opener(visit.desk.gateway, connection)
        rows = _clear(case.model_dump(mode="json"), "", opener)
        wanted: list[str] = getattr(case, "materials", [])
        query = select(attachments).where(attachments.c.sha256.in_(wanted))
        files = [_file(visit, connection, dict(row)) for row in connection.execute(query).mappings()]
    return _page(visit, case, 200, rows=rows, files=files, command=id, reason=reason, at=answer["at"])


def _file(visit: Visit, connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    """What is known of an attachment, by its own name where it was sealed and opens."""
    if row["media_type"] != SEALED:
        return row
    try:
        clear = unsealed(visit.desk.gateway, connection, visit.place.store.get(row["sha256"]))
    except (FileMissing, FileDamaged, Erased, ValueError):
        return row
    return {**row, "name": clear.name, "size": len(clear.data)}


def _page(visit: Visit, case: Case, status: int, **more: Any) -> Response:
    shown: dict[str, Any] = {
        "refusal": None,
        "rows": None,
        "files": [],
        "reason": "",
        "command": "",
        "at": "",
    }
    view = visit.sight.standing(case.id)
    return visit.page(
        "personal.html", status, view=view, title=title_of(visit.voice, view), id=draw_id(),
        people=len(people_of(case)), line_label=str, since=[], act=ACT, **{**shown, **more},
    )  # fmt: skip


def _clear(value: Any, name: str, opener: Opener) -> list[Row]:
    """Every sealed part of a case in clear, under its field's name."""
    if isinstance(value, list):
        parts: list[Any] = value
        return [row for part in parts for row in _clear(part, name, opener)]
    if not isinstance(value, dict):
        return []
    table: dict[str, Any] = value
    if table.keys() == {"person", "sealed"}:
        return _plain(_read(opener(table)), name)
    return [row for key, part in table.items() for row in _clear(part, key, opener)]


def _read(clear: str) -> Any:
    try:
        return json.loads(clear)
    except ValueError:
        return clear


def _plain(value: Any, name: str) -> list[Row]:
    if isinstance(value, dict):
        return [row for key, part in value.items() for row in _plain(part, str(key))]
    return [(name, str(value))]


def read_by(visit: Visit, case: str, command: str) -> bool:
    """Whether this command is a reading of the case that this person has put on record."""
    query = select(acts.c.actor).where(
        acts.c.command == command, acts.c.act == ACT, acts.c.outcome == "accepted", acts.c.case_id == case
    )
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        return connection.execute(query).scalar() == str(visit.me.actor)
