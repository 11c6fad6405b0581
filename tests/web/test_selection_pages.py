"""A funded selection through its pages alone: budget, ranking, draw, notice, consent within the places, substitution."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from domain.moments import instant
from gateway.clock import ClockFace
from gateway.founding import found
from policies import load_pack
from tests.conftest import Soil
from tests.register import MAJORS, PANEL
from tests.web.conftest import Web
from tests.world import BEGINNING, Office, schedules

PROCEDURE = "guangdong/key-majors"
MARKS = {"dg": 28, "zh": 26, "jia": 26, "bing": 20}
"""Points for the first criterion; two colleges are equal in everything, across the last place."""


@pytest.fixture(scope="module")
def web(sqlite: Soil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Beside the pilot, a selection with two places and two on the reserve list; four majors are judged."""
    ground = sqlite.fresh(_founded)
    office = Office(ground.engine)
    office.register_all()
    office.appoint("organiser/2@tro")
    round_ = office.do(
        "2026-03-02 09:00", "catalog-officer@dept", "issue-call", procedure=PROCEDURE, year=2026, document_no="粤人社函〔2026〕60号",
        window={"opens": "2026-03-02 09:00", "closes": "2026-03-13 17:30"}, majors=[{"code": c, "name": n} for c, n in MAJORS.items()],
    )  # fmt: skip
    cases = {"round": round_}
    for n, college in enumerate(MARKS):
        line = {"id": "1", "major": "DEMO-0101", "category": "key"}
        by = f"filer@{college}"
        cases[college] = office.do(f"2026-03-04 10:0{n}", by, "submit-filing", round=round_, lines=[line])
        office.accepted(cases[college], at="2026-03-05 09:00")
        office.panelled(cases[college], at="2026-03-16 09:00", experts=PANEL)
        for expert in PANEL:
            marks = {
                "产业对接": MARKS[college],
                "校企合作": 20,
                "师资队伍": 18,
                "实训条件": 13,
                "建设方案": 8,
            }
            office.do("2026-03-17 10:00", f"expert:{expert}", "score", cases[college], line="1", marks=marks)
        office.concluded(cases[college], at="2026-03-18 09:00")
    made = Web(office, tmp_path_factory.mktemp("files"), cases)
    with made.open:
        yield made
    sqlite.clear(ground)


def _founded(engine: Engine) -> None:
    places = {"selection.key.quota": 2, "selection.key.reserve": 2}
    face = ClockFace(real=instant(BEGINNING), legal=instant(BEGINNING))
    found(
        engine, id_="test", pack=load_pack("guangdong/pilot"), beside=[load_pack(PROCEDURE)], settings=places, face=face,
        schedules=schedules(),
    )  # fmt: skip


def test_a_selection_is_ranked_drawn_consented_within_its_places_and_filled_up_on_the_pages(web: Web) -> None:
    office, round_ = web.office, web.cases["round"]

    def at(when: str) -> None:
        office.now = instant(when)

    def done(who: str, act: str, case: str, **filled: object) -> str:
        assert f'href="/do/{act}?case={case}"' in web(who).page(f"/cases/{case}"), f"{act} is not offered"
        answer = web(who).do(act, case, **filled)
        assert answer.status_code == 303, re.findall(r'<div class="notice bad.*?</div>', answer.text, re.S)
        return web(who).page(answer.headers["location"])

    def on_lines(who: str, act: str, *lines: str, **filled: object) -> str:
        refs = [f"{web.cases[c]}/1" for c in lines]
        opened = web(who).post(f"/do/{act}", {"_csrf": web(who).csrf, "_press": "open", "lines": refs})
        hidden = dict(re.findall(r'name="(_(?:csrf|case|id|drawn))" value="([^"]*)"', opened.text))
        answer = web(who).post(f"/do/{act}", {**hidden, **filled, "lines": refs, "_press": "do"})
        return answer.text if answer.status_code == 422 else f"已办理 {answer.headers['location']}"

    at("2026-03-20 09:00")
    assert "核定年度资金" in done(
        "approver@dept", "set-budget", round_, category="key", amount="3000000", basis="粤财社〔2026〕9号"
    )
    told = done("organiser@tro", "rank", round_, category="key")
    selection = re.search(r"/cases/(selection-[\w-]+)", web("organiser@tro").page(f"/cases/{round_}"))
    assert selection
    assert "排序" in told
    page = web("organiser@tro").page(f"/cases/{selection[1]}")
    assert page.count('data-label="结果"><span class="chip info">待抽签') == 2
    assert "3,000,000" in page
    early = web("organiser@tro").do(
        "announce-draw", selection[1], source="双色球示例期开奖号码", at="2026-03-21T09:00"
    )
    assert "抽签最早为2026-03-25" in early.text
    done("organiser@tro", "announce-draw", selection[1], source="双色球示例期开奖号码", at="2026-03-25T21:15")
    at("2026-03-26 09:00")
    number = {"value": "05 11 17 20 28 33 + 02"}
    assert f'href="/do/draw?case={selection[1]}"' not in web("organiser@tro").page(f"/cases/{selection[1]}")
    done("organiser/2@tro", "draw", selection[1], **number)
    ranking = office.state(selection[1])["ranking"]
    assert [row["standing"] for row in ranking] == ["selected", "selected", "reserve", "reserve"]
    by_line = {f"{web.cases[c]}/1": c for c in MARKS}
    second, third = by_line[ranking[1]["line"]], by_line[ranking[2]["line"]]
    assert {second, third} == {"zh", "jia"}

    at("2026-03-27 09:00")
    board = web("notice-officer@tro").page(f"/rounds/{round_}?state=passed")
    picked = set(re.findall(r'name="lines" value="([^"]+)"', board))
    assert picked == {f"{web.cases[c]}/1" for c in ("dg", second)}
    assert "已办理" in on_lines("notice-officer@tro", "publish-notice", "dg", second)
    notice = office.state(web.cases["dg"])["lines"]["1"]["notice"]
    public = web().page(f"/public/{notice}")
    assert "省级重点专业" in public
    assert "1,500,000" in public
    assert "省级重点专业" in web().get(f"/public/{notice}.csv").content.decode("utf-8-sig")
    at("2026-04-07 09:00")
    assert "已办理" in on_lines("approver@dept", "consent", "dg")
    done(f"filer@{second}", "withdraw", web.cases[second], lines="1", reason="另有建设项目")
    done("organiser@tro", "substitute", selection[1])
    assert office.lines(web.cases[third]) == {"1": "passed"}
    full = web("organiser@tro").do("substitute", selection[1])
    assert (full.status_code, "名额已满" in full.text) == (422, True)
    assert "已办理" in on_lines("notice-officer@tro", "publish-notice", third)
    at("2026-04-15 09:00")
    assert "已办理" in on_lines("approver@dept", "consent", third)
    announced = on_lines("publisher@dept", "announce", "dg", third, document_no="粤人社函〔2026〕90号")
    assert "已办理" in announced
    public = web().page("/")
    assert "90号" in public
