"""Objecting to a line on notice: anybody may, without an account; with files, which are looked at before they are kept."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from pydantic import ValidationError

from console.desk import DRAWN_ID, draw_id
from console.web.acting import errors_of
from console.web.guard import MOST_BYTES
from console.web.place import Visit
from domain.actors import parse_actor
from domain.files import Command
from gateway.answers import Answer
from gateway.attach import attach
from gateway.foresight import foresee
from gateway.publications import publication
from gateway.views import NoSuchCase, last_answer

router = APIRouter(include_in_schema=False)
PUBLIC = parse_actor("public")
Text = Annotated[str, Form(max_length=21_000)]
MOST_FILES = 5
PERSONAL = ("name", "id_no", "phone", "email")


@router.get("/public/object/{notice}")
def objection_form(request: Request, notice: str, line: str = "") -> Response:
    """The form for an objection to a line on notice."""
    visit = Visit(request)
    return _page(visit, 200, _notice(visit, notice), {"line": line, "kind": "person"})


def _page(
    visit: Visit, status: int, notice: dict[str, Any], given: dict[str, Any], refusal: Answer | None = None
) -> Response:
    rules = visit.desk.pack.on(visit.desk.today)
    errors = {k.rpartition(".")[2]: said for k, said in errors_of(visit.voice.lang, refusal).items()}
    return visit.page(
        "objection.html", status, notice=notice, given=given, errors=errors, refusal=refusal, id=draw_id(), most_files=MOST_FILES,
        most=min(rules.int("attachment.max_bytes"), MOST_BYTES), types=rules.list("attachment.types"),
    )  # fmt: skip


def _notice(visit: Visit, id_: str) -> dict[str, Any]:
    found = publication(visit.desk.engine, id_)
    if found["kind"] != "notice":
        raise NoSuchCase(id_)
    return found


@router.post("/public/object/{notice}")
def object_(
    request: Request, notice: str, line: Text = "", kind: Text = "person", name: Text = "", id_no: Text = "",
    phone: Text = "", email: Text = "", statement: Text = "", id: Text = "", sealed: Text = "",
    file: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:  # fmt: skip
    """Register an objection, through the same gateway as everything else; the same form sent twice is one objection."""
    visit = Visit(request)
    found = _notice(visit, notice)
    given = {
        "line": line, "kind": kind, "name": name, "id_no": id_no, "phone": phone, "email": email, "statement": statement,
        "sealed": sealed,
    }  # fmt: skip
    if not DRAWN_ID.fullmatch(id):
        id = draw_id()
    who = {} if kind == "anonymous" else {k: given[k].strip() for k in PERSONAL if given[k].strip()}
    with_: dict[str, Any] = {
        "line": line, "via": "email", "received": _sent(visit, id) or visit.now, "statement": statement,
        "who": {"kind": kind, **who, "sealed": bool(sealed)},
    }  # fmt: skip
    answer = _register(visit, id, with_, [f for f in file or [] if f.filename])
    if answer["outcome"] != "accepted":
        return _page(visit, 422, found, given, answer)
    return visit.go(f"/public/status?receipt={answer['case']}")


def _register(visit: Visit, id: str, with_: dict[str, Any], files: list[UploadFile]) -> Answer:
    """The act, its files first: none is kept for an objection that would be refused without them."""
    try:
        command = Command(id=id, act="object", by=PUBLIC, with_=with_)
        if files:
            refused = (
                last_answer(visit.desk.engine, id) is None and foresee(visit.desk.gateway, command).refused
            )
            if refused:
                return {"outcome": "refused", **refused}
            taken = _take(visit, files, with_["who"])
            if "materials" not in taken:
                return taken
            command = Command(id=id, act="object", by=PUBLIC, with_={**with_, **taken})
        return visit.desk.gateway.act(command)
    except (ValidationError, ValueError):
        return _wrong("内容过长，或含不可记录的字符", "too long, or not plain text")


def _take(visit: Visit, files: list[UploadFile], who: dict[str, Any]) -> Answer:
    """The files' content hashes as `materials`, or why one is not taken; looked at like everybody's, sealed like the rest."""
    if len(files) > MOST_FILES:
        return _wrong(f"最多随附{MOST_FILES}个文件", f"{MOST_FILES} files at most", "file")
    most = visit.desk.pack.on(visit.desk.today).int("attachment.max_bytes")
    kept: list[str] = []
    for one in files:
        name = one.filename or ""
        data = one.file.read(most + 1)
        answer = attach(visit.desk.gateway, visit.place.store, PUBLIC, name, data, who)
        if answer["outcome"] != "accepted":
            why = answer["reasons"][0]
            return _wrong(f"{name}：{why['zh']}", f"{name}: {why['en']}", "file")
        kept.append(answer["attachment"])
    return {"materials": list(dict.fromkeys(kept))}


def _wrong(zh: str, en: str, field: str | None = None) -> Answer:
    reason = {"code": "invalid", "zh": zh, "en": en, **({"field": field} if field else {})}
    return {"outcome": "refused", "code": "invalid", "reasons": [reason]}


def _sent(visit: Visit, command: str) -> str | None:
    """When this form was first taken in: sent again, it must say the same."""
    answer = last_answer(visit.desk.engine, command)
    return answer["at"] if answer and answer.get("outcome") == "accepted" else None
