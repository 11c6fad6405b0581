"""Checking a receipt's proof or a bundle in the browser's page: by the same verifier that runs where there is nothing else.

Nothing that is handed in is kept. What a page of this system says proves nothing against this system: whoever must be
sure verifies on a machine of their own, and the page says so.
"""

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from audit.verdict import NAMES, verify_bundle
from console.web.evidence import own_trust
from console.web.place import Visit
from proof.merkle import ProofRefused
from proof.note import NoteRefused
from proof.tlog_proof import NotAProof
from proof.trust import Trust, TrustRefused, parse_trust
from records.receipts import check_receipt

router = APIRouter(include_in_schema=False)
MOST_BUNDLE = 16 * 1024 * 1024
MOST_PROOF = 256 * 1024
"""Bytes; a larger bundle is verified by the verifier itself."""
ZIP = b"PK\x03\x04"


@router.get("/public/check")
def form(request: Request) -> Response:
    """Where a proof or a bundle is handed in."""
    visit = Visit(request)
    return _page(visit, 200)


@router.post("/public/check")
def check(
    request: Request,
    file: Annotated[UploadFile, File()],
    trust: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """What holds and what does not, by the trust roots that were handed in, else by this system's own."""
    visit = Visit(request)
    data = file.file.read(MOST_BUNDLE + 1)
    given = trust.file.read(MOST_PROOF + 1) if trust and trust.filename else b""
    bundle = data.startswith(ZIP)
    if not data or len(data) > (MOST_BUNDLE if bundle else MOST_PROOF) or len(given) > MOST_PROOF:
        return _page(visit, 413, problem="size")
    try:
        roots = parse_trust(given.decode()) if given else own_trust(visit.desk)
    except (TrustRefused, UnicodeDecodeError):
        return _page(visit, 422, problem="trust")
    about: dict[str, Any] = {"name": file.filename or "", "brought": bool(given), "roots": roots is not None}
    if bundle:
        return _page(visit, 200, verdict=verify_bundle(data, roots), names=NAMES, **about)
    return _receipt(visit, data, roots, about)


def _receipt(visit: Visit, data: bytes, roots: Trust | None, about: dict[str, Any]) -> Response:
    if roots is None:
        return _page(visit, 422, problem="no-trust")
    try:
        return _page(visit, 200, receipt=check_receipt(data, roots), **about)
    except NotAProof:
        return _page(visit, 422, problem="neither")
    except (NoteRefused, ProofRefused):
        return _page(visit, 200, problem="not-proved", **about)


def _page(visit: Visit, status: int, **more: Any) -> Response:
    shown: dict[str, Any] = {"problem": "", "verdict": None, "receipt": None, "brought": False, "roots": True}
    return visit.page("check.html", status, most=MOST_BUNDLE // 1_048_576, **{**shown, **more})
