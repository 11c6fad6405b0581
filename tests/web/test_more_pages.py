"""Rules in words, help, statistics, rehearsals and packs: for whom they are, in both languages, and no heavier than a page may be."""

import io
import re

import pytest
from openpyxl import load_workbook

from console.web import rehearsing, statistics
from console.web.help import GUIDES, PERSONAS, PICTURE, guide, parts
from gateway.statistics import time_spent
from records.schema import acts
from tests.web.conftest import PEOPLE, Web

PAGES = {
    "/law": set(PEOPLE) | {None}, "/law.xlsx": set(PEOPLE) | {None}, "/help": set(PEOPLE) | {None},
    **{f"/help/{persona}": set(PEOPLE) | {None} for persona in PERSONAS},
    "/ops/statistics": {"ops@dept"}, "/ops/deadlines.xlsx": {"ops@dept"}, "/ops/rehearsals": {"ops@dept"}, "/ops.xlsx": {"ops@dept"},
    "/logins.xlsx": {"ops@dept"}, "/rounds.xlsx": set(PEOPLE), "/files.xlsx": set(PEOPLE), "/search.xlsx?q=DEMO-0209": set(PEOPLE),
    "/law/packs": {"ops@dept", "approver@dept", "catalog-officer@dept"},
    "/law/preview?pack=guangdong/pilot-2024-draft": {"ops@dept", "approver@dept", "catalog-officer@dept"},
    "/audit": {"ops@dept"}, "/audit/readings": {"ops@dept"}, "/public/check": set(PEOPLE) | {None},
}  # fmt: skip
"""Each page with those who may see it; nobody else does."""
MOST_BYTES = 200_000


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_those_alone_whom_it_is_for(web: Web, path: str) -> None:
    for person in (
        "ops@dept",
        "approver@dept",
        "catalog-officer@dept",
        "clerk@tro",
        "filer@dg",
        "expert:zhao",
        None,
    ):
        for lang in ("zh", "en"):
            answer = web(person).get(path, headers={"Cookie": f"lang={lang}"} if person is None else {})
            seen = answer.status_code == 200
            assert seen == (person in PAGES[path]), f"{person} {path} {answer.status_code}"
            assert len(answer.content) <= MOST_BYTES, f"{path} has {len(answer.content)} bytes"


def test_every_clause_a_case_names_stands_on_the_page_of_the_rules(web: Web) -> None:
    law = web().page("/law")
    case = web("clerk@gz").page(f"/cases/{web.cases['submitted']}")
    linked = re.findall(r'href="/law#([^"]+)"', case)
    assert linked
    assert all(f'id="{anchor}"' in law for anchor in linked)


def test_a_draft_cannot_be_adopted_from_the_page_and_a_pack_opens_its_form(web: Web) -> None:
    approver = web("approver@dept")
    opened = approver.post("/law/adopt", {"csrf": approver.csrf, "pack": "guangdong/key-majors"})
    hash_ = opened.headers["location"].partition("pack=")[2]
    assert f'value="{hash_}"' in approver.page(opened.headers["location"])
    ops = web("ops@dept")
    assert ops.post("/law/adopt", {"csrf": ops.csrf, "pack": "guangdong/pilot"}).status_code == 403


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_guide_says_the_same_in_both_languages(persona: str) -> None:
    zh, en = guide(persona, "zh"), guide(persona, "en")
    assert [kind for kind, _ in parts(zh)] == [kind for kind, _ in parts(en)]
    assert [m.group("who", "path") for m in PICTURE.finditer(zh)] == [
        m.group("who", "path") for m in PICTURE.finditer(en)
    ]
    assert {f.name for f in GUIDES.glob(f"{persona}.*")} == {f"{persona}.zh.md", f"{persona}.en.md"}


def test_a_story_that_does_not_ship_with_the_product_is_not_played(web: Web) -> None:
    ops = web("ops@dept")
    for name in ("../pyproject.toml", "/etc/passwd", "common.yaml", "x.yaml"):
        assert ops.post("/ops/rehearsals", {"csrf": ops.csrf, "story": name}).status_code == 403


@pytest.mark.slow
def test_a_rehearsal_is_played_from_the_page_to_its_end_on_real_processes(web: Web) -> None:
    ops, before = web("ops@dept"), len(web.office.rows(acts))
    assert ops.post("/ops/rehearsals", {"csrf": ops.csrf, "story": "even-panel.yaml"}).status_code == 303
    assert "正在预演" in ops.page("/ops/rehearsals")
    web.place.jobs.wait(rehearsing.TASK, 240)
    told = ops.page("/ops/rehearsals/progress")
    assert "成立" in told, told
    assert "form-panel" in told
    assert len(web.office.rows(acts)) == before, "the record here is not touched"


def test_the_page_of_statistics_has_the_numbers_of_the_command_line(web: Web) -> None:
    ops = web("ops@dept")
    ops.page("/ops/statistics")
    web.place.jobs.wait(statistics.TASK, 60)
    page, rows = ops.page("/ops/statistics"), time_spent(web.office.gateway)
    shown = [
        re.findall(r'<td class="n"[^>]*>([^<]*)</td>', row) for row in re.findall(r"<tr>.*?</tr>", page, re.S)
    ]
    for row in rows:
        numbers = (row.median, row.p90, row.longest, row.promised)
        told = ["" if n is None else f"{n:g}" for n in numbers] + [str(row.ended), str(row.running or "")]
        assert told in shown, row
    book = load_workbook(io.BytesIO(ops.get("/ops/statistics.xlsx").content))
    taken = [[cell.value for cell in row[4:10]] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert taken == [[r.median, r.p90, r.longest, r.promised, r.ended, r.running] for r in rows]
    assert web("clerk@tro").get("/ops/statistics.xlsx").status_code == 403
    assert ops.post("/ops/statistics", {"csrf": ops.csrf, "since": "2027-01-01"}).status_code == 303


def test_several_rows_are_done_at_once_each_with_an_answer_of_its_own(web: Web) -> None:
    clerk, case = web("clerk@gz"), web.cases["submitted"]
    row = f"accept {case}"
    form = {"csrf": clerk.csrf, "row": [row, row]}
    looked = clerk.post("/desk/bulk", form)
    assert looked.text.count(f'value="{row}"') == 1
    assert "确认全部办理" in looked.text
    id_, drawn = (re.search(rf'name="{name}" value="([^"]+)"', looked.text) for name in ("id", "drawn"))
    assert id_
    assert drawn
    sure = {**form, "id": id_[1], "drawn": drawn[1], "press": "do"}
    twice = [clerk.post("/desk/bulk", sure).text for _ in range(2)]
    assert re.findall(r"chip \w+", twice[0]) == re.findall(r"chip \w+", twice[1])
    assert clerk.post("/desk/bulk", {**form, "csrf": "x"}).status_code == 403
    for wrong in (f"decline {case}", f"accept {web.cases['passed']}", "accept"):
        assert clerk.post("/desk/bulk", {**form, "row": wrong}).status_code == 404, wrong


def test_the_lists_of_what_is_public_leave_as_json_csv_and_workbook(web: Web) -> None:
    public, notice = web(), web.cases["notice"]
    assert [row["id"] for row in public.get("/public/notices.json").json()] == [notice]
    assert f"/public/{notice}" in public.get("/public/notices.csv").text
    book = load_workbook(io.BytesIO(public.get("/public/notices.xlsx").content)).worksheets[0]
    assert str(book.cell(2, 3).value).endswith(f"/public/{notice}")
    assert public.get("/public/announcements.json").json() == []
    assert public.get("/public/nothing.json").status_code == 404


def test_the_docket_leaves_as_the_page_filters_it(web: Web) -> None:
    officer = web("notice-officer@tro")

    def rows(query: str) -> list[object]:
        book = load_workbook(io.BytesIO(officer.get(f"/desk.xlsx{query}").content))
        return [row[1].value for row in book.worksheets[0].iter_rows(min_row=2)]

    everything = rows("")
    act, said = re.findall(r'<option value="([a-z-]+)">([^（<]+)（\d+）', officer.page("/desk"))[0]
    assert rows(f"?act={act}") == [row for row in everything if row == said] != []
    assert rows("?act=publish-calendar") == []
    assert f'href="/desk.xlsx?act={act}"' in officer.page(f"/desk?act={act}")
