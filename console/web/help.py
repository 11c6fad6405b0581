"""Help on every page: the guide of the reader's office, and what that office may do, each with its clause."""

import re
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.desk import cited
from console.web.place import Visit
from gateway.views import NoSuchCase

router = APIRouter(include_in_schema=False)
GUIDES = Path(__file__).parent / "guides"
PERSONAS = ("officer", "college", "expert", "auditor", "operator", "public")
OF_ROLE = {
    "filer": "college",
    "expert": "expert",
    "auditor": "auditor",
    "ops": "operator",
    "public": "public",
}
"""Whose guide an office reads; the officer's for all others."""
PICTURE = re.compile(r"!\[(?P<says>[^\]]*)\]\((?P<who>[^ )]+) (?P<path>[^)]+)\)")
"""In a guide: what a picture shows, who looks, and at which page."""
STRONG = re.compile(r"\*\*(.+?)\*\*")
Part = tuple[str, list[tuple[str, bool]]]
"""A block of a guide: `h1`, `h2`, `li` or `p`, and its text in pieces, each strong or not."""


@router.get("/help")
def own(request: Request) -> Response:
    """The guide of whoever asks."""
    visit = Visit(request)
    role = visit.session.actor.role if visit.session else "public"
    return _page(visit, OF_ROLE.get(role, "officer"))


@router.get("/help/{persona}")
def other(request: Request, persona: str) -> Response:
    """Somebody else's guide."""
    if persona not in PERSONAS:
        raise NoSuchCase(persona)
    return _page(Visit(request), persona)


def _page(visit: Visit, persona: str) -> Response:
    role = visit.session.actor.role if visit.session else "public"
    acts = [
        (
            a.act,
            visit.voice.of(a.says),
            cited(pack.instruments.get(a.source.instrument), a.source.clause),
            a.standing,
        )
        for pack in visit.desk.packs
        for a in pack.acts.values()
        if any(office.role in (role, "anyone") for office in a.by)
    ]
    shown = {act: (act, *rest) for act, *rest in reversed(acts)}
    return visit.page(
        "help.html", parts=parts(guide(persona, visit.voice.lang)), persona=persona, personas=PERSONAS,
        acts=list(shown.values())[::-1],
    )  # fmt: skip


def guide(persona: str, lang: str) -> str:
    """The text of a guide."""
    return (GUIDES / f"{persona}.{lang}.md").read_text(encoding="utf-8")


def parts(text: str) -> list[Part]:
    """A guide's blocks, without its pictures: the reader is looking at the pages themselves."""
    found: list[Part] = []
    for block in (line.strip() for line in text.splitlines()):
        if not block or PICTURE.fullmatch(block):
            continue
        kind, rest = "p", block
        for mark, name in (("## ", "h2"), ("# ", "h1"), ("- ", "li")):
            if block.startswith(mark):
                kind, rest = name, block.removeprefix(mark)
                break
        pieces = STRONG.split(rest)
        found.append((kind, [(piece, n % 2 == 1) for n, piece in enumerate(pieces) if piece]))
    return found
