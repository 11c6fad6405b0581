"""The guides with pictures of the real pages, made here so that they cannot go stale: `dist/guides`, one file each."""

import base64
import html
import re

import pytest

from console.web.help import PERSONAS, PICTURE, STRONG, guide, parts
from tests.browser.conftest import ROOT, Person, Town

OUT = ROOT / "dist" / "guides"
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
STYLE = "body{font:16px/1.6 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}img{width:100%;border:1px solid #ccc}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_guide_shows_the_pages_as_they_are_and_names_what_stands_on_them(town: Town, lang: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for office in ("auditor@dept", "ops@dept"):
        town.web.office.appoint(office)
    people: dict[str, Person] = {}
    for persona in PERSONAS:
        text, seen, made = guide(persona, lang), "", list[str]()
        for line in text.splitlines():
            picture = PICTURE.fullmatch(line.strip())
            if picture is None:
                made += [f"<{kind}>{_inline(pieces)}</{kind}>" for kind, pieces in parts(line)]
                continue
            who, path = picture["who"], picture["path"].format(**town.web.cases)
            if who not in people:
                people[who] = town.person(None if who == "public" else who, "desktop", LANGUAGES[lang])
            page = people[who].page
            answer = page.goto(path)
            assert answer
            assert answer.status == 200, f"{persona}.{lang}: {path}"
            seen += page.inner_text("body")
            shot = page.screenshot(type="jpeg", quality=60)
            made.append(
                f'<figure><img alt="{picture["says"]}" src="data:image/jpeg;base64,{base64.b64encode(shot).decode()}"></figure>'
            )
        missing = [word for word in STRONG.findall(text) if _plain(word) not in _plain(seen)]
        assert missing == [], f"{persona}.{lang} names what stands on none of its pages"
        body = "\n".join(made)
        whole = f'<!doctype html><html lang="{LANGUAGES[lang]}"><meta charset="utf-8"><title>{persona}</title><style>{STYLE}</style>{body}</html>'
        (OUT / f"{persona}.{lang}.html").write_text(whole, encoding="utf-8")


def _inline(pieces: list[tuple[str, bool]]) -> str:
    return "".join(f"<b>{html.escape(t)}</b>" if strong else html.escape(t) for t, strong in pieces)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()
