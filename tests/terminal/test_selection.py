"""A funded selection at the terminal: adopted beside the pilot, ranked, drawn, shown; its letters say the ranking."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from activities.paper import render
from activities.wording import Wording
from console.workbook_template import FIRST_ROW
from gateway.packs import PackShelf
from records.engine import open_engine
from records.reading import Past
from records.schema import letters, streams
from tests.stories.catalogue import story
from tests.stories.ledger_only import left_by
from tests.terminal.conftest import Terminal

TOLD = ("selection-draw", "selection-substitution")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict[str, str]]]:
    """Databases that stories left behind, with the stories' names for cases."""
    folder = tmp_path_factory.mktemp("played")
    left: dict[str, tuple[Path, dict[str, str]]] = {}
    for name in TOLD:
        left[name] = (folder / f"{name}.db", dict[str, str]())
        with (
            left_by(story(name), left[name][1]) as engine,
            closing(sqlite3.connect(str(engine.url.database))) as source,
            closing(sqlite3.connect(left[name][0])) as copy,
        ):
            source.backup(copy)
    return left


@pytest.fixture
def drawn(
    played: dict[str, tuple[Path, dict[str, str]]], terminal: Terminal
) -> tuple[Terminal, dict[str, str]]:
    """A terminal on what the story of the draw left."""
    database, cases = played["selection-draw"]
    shutil.copy(database, terminal.database)
    return terminal, cases


def test_the_round_shows_places_money_ties_lots_and_the_reserve_list_in_both_languages(
    drawn: tuple[Terminal, dict[str, str]],
) -> None:
    terminal, cases = drawn
    for shown in (terminal("show", cases["R"]), terminal("show", cases["S"])):
        assert shown.code == 0
        for said in (
            "省级重点专业排序 Ranking: provincial key major", "名额 Quota", "专栏4-2", "明文·text", "1,500,000元", "75,000,000元",
            "产业对接 → 校企合作 → 师资队伍 → 抽签 lot", "05 11 17 20 28 33 + 02", "抽签：签号2", "by lot 2",
            "总分相同，校企合作22.20＜22.40", "equal score; 校企合作 22.20 < 22.40", "候补 reserve", "未入选 unselected",
            "shares the place above", "候补有效 Reserve until", "2026-06-25 24:00",
        ):  # fmt: skip
            assert said in shown.text, said
    narrow = terminal("show", cases["S"], columns=60)
    assert narrow.code == 0
    assert "候补" in narrow.out
    filing = terminal("show", cases["G8"]).text
    assert "省级重点专业" in filing
    assert "1,500,000元" in filing
    assert terminal.done("show", cases["S"])["ranking"][49]["line"] == f"{cases['G8']}/1"


def test_what_the_selection_refuses_names_clause_and_next_step_in_both_languages(
    drawn: tuple[Terminal, dict[str, str]],
) -> None:
    terminal, cases = drawn
    said = terminal("act", "substitute", "--by", "organiser@tro", "--case", cases["S"])
    assert said.code == 1
    for text in (
        "over-quota",
        "名额已满",
        "All places are taken",
        "专栏4-2",
        "候补名单顺序递补",
        "reserve list in its order",
    ):
        assert text in said.text, text


@pytest.mark.parametrize("name", TOLD)
def test_every_letter_and_document_is_written_and_the_ranking_stands_in_them(
    played: dict[str, tuple[Path, dict[str, str]]], name: str
) -> None:
    engine = open_engine(f"sqlite:///{played[name][0]}")
    texts = _written(engine)
    engine.dispose()
    assert not [said for said in texts.values() if "{{" in said or "{%" in said]
    assert "省级重点专业：名额" in texts["ranked"]
    if name == "selection-draw":
        assert "签号2" in texts["draw-held"]
        assert "SHA-256" in texts["draw"]
    else:
        assert "拟扶持资金" in texts["notice"]
        assert "候补" in texts["notice"]
        assert "150万元" in texts["announcement"]


def _written(engine: Engine) -> dict[str, str]:
    """One text of each letter and document; all are written."""
    shelf, texts = PackShelf(), dict[str, str]()
    with engine.connect() as connection:
        query = select(letters, streams.c.state).join(streams, streams.c.id == letters.c.stream)
        for row in connection.execute(query).all():
            pack = shelf.get(connection, json.loads(row.state)["pack"])
            wording = Wording(Past(connection), pack, row.stream, row.seq)
            subject, body = wording.letter(next(x for x in pack.letters if x.id == row.letter))
            texts[row.letter] = f"{subject}\n{body}"
            if row.document and row.document not in texts:
                paper = wording.paper(pack.papers[row.document])
                assert render(paper)
                table = paper.table
                rows = [table.header, *table.rows] if table else []
                texts[row.document] = "\n".join(
                    [paper.title, *paper.paragraphs, *(" ".join(cells) for cells in rows)]
                )
    return texts


def test_a_second_procedure_is_adopted_in_a_running_environment(office: Terminal, tmp_path: Path) -> None:
    before = office.done("show", "2026")["id"]
    assert "rank" not in {row["act"] for row in office.done("acts")}
    office.done("policy", "adopt", "guangdong/key-majors")
    assert office("policy", "adopt", "guangdong/key-majors").code == 1, "it is in force already"
    assert "rank" in {row["act"] for row in office.done("acts")}
    call = {
        "procedure": "guangdong/key-majors", "year": 2026, "document_no": "粤人社函〔2026〕60号",
        "window": {"opens": "2026-03-02 12:00", "closes": "2026-12-31 17:30"}, "majors": [{"code": "DEMO-0101", "name": "数控加工"}],
    }  # fmt: skip
    issued = office.done("act", "issue-call", "--by", "catalog-officer@dept", "--with", json.dumps(call))
    assert office.done("show", "guangdong/key-majors/2026")["id"] == issued["case"]
    assert office.done("show", "2026")["id"] == before
    listed = {row["pack"]: row["in_force"] for row in office.done("policy", "list")["packs"]}
    assert listed["guangdong/key-majors"]
    assert listed["guangdong/pilot"]
    assert not listed["guangdong/pilot-2024-draft"]


def test_the_selection_has_an_excel_form_of_its_own_and_names_what_is_wrong_in_it(
    drawn: tuple[Terminal, dict[str, str]], tmp_path: Path
) -> None:
    terminal, cases = drawn
    path = tmp_path / "form.xlsx"
    assert terminal("template", path, "--round", cases["R"]).code == 0
    book = load_workbook(path)
    assert book.sheetnames == ["填写说明 Instructions", "申报专业 Lines", "附件 Materials", "选项"]
    assert "重点专业" in str(book.worksheets[0]["B1"].value)
    lines = book["申报专业 Lines"]
    headings = [str(cell.value).partition(" *")[0].partition("\n")[0] for cell in lines[1]]
    assert headings == ["序号", "专业代码", "专业名称", "类别"]
    rows = [("1", "DEMO-0101", None, "省级重点专业 key"), ("2", "DEMO-0102", None, "随便")]
    for number, row in enumerate(rows, FIRST_ROW):
        for index, value in enumerate(row, 1):
            lines.cell(number, index, value)
    book.save(path)
    by = ("--by", "filer@s1", "--round", cases["R"])
    said = terminal("import", path, *by, "--json")
    assert [(p["sheet"], p["row"], p["column"]) for p in said.json["problems"]] == [
        ("申报专业 Lines", FIRST_ROW + 1, "D")
    ]
    lines.cell(FIRST_ROW + 1, 4, "别的类别 other")
    book.save(path)
    said = terminal("import", path, *by, "--json")
    assert (said.code, said.json["code"]) == (1, "invalid"), (
        "what the form cannot know, the engine says, by the cell"
    )
    assert said.json["reasons"][0]["where"] == {
        "sheet": "申报专业 Lines",
        "row": FIRST_ROW + 1,
        "column": "D",
    }
