"""The receipt of one's own act, and its proof: a file that is checked where there is nothing of this system."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.web.lists import attachment
from console.web.place import Visit
from gateway.views import NoSuchCase, receipt_of
from records.proving import NotYet, prove_act
from records.sequencer import FOLDER

router = APIRouter(include_in_schema=False)
SUFFIX = ".tlog-proof"


@router.get("/receipts/{command}" + SUFFIX)
def proof(request: Request, command: str) -> Response:
    """The proof that the act stands on the record as its receipt says (C2SP tlog-proof)."""
    visit = Visit(request)
    found = _own(visit, command)
    published = visit.place.store.folder(FOLDER)
    try:
        with visit.desk.engine.connect().execution_options(reading=True) as connection:
            data = prove_act(connection, published, command).encode()
    except NotYet:
        return _page(visit, found, early=True)
    return attachment(data, f"{found['act']}-{command[:8]}{SUFFIX}", "text/plain; charset=utf-8")


@router.get("/receipts/{command}")
def receipt(request: Request, command: str) -> Response:
    """The receipt of one's own act."""
    visit = Visit(request)
    return _page(visit, _own(visit, command))


def _own(visit: Visit, command: str) -> dict[str, Any]:
    """The receipt, if it is of an act of one's own office. Raises NoSuchCase."""
    mine = {str(office) for office in visit.me.offices}
    found = receipt_of(visit.desk.engine, command)
    if found is None or found["actor"] not in mine:
        raise NoSuchCase(command)
    return found


def _page(visit: Visit, found: dict[str, Any], *, early: bool = False) -> Response:
    """`early`: the proof was asked for before enough agencies have cosigned the log so far."""
    case = found.get("case")
    view = visit.sight.standing(case) if case and visit.sight.may(case) else None
    silent = visit.sight.case(str(case)).settled_by_silence() if view else ()
    return visit.page(
        "receipt.html", 409 if early else 200, receipt=found, view=view, silent=silent, early=early
    )
