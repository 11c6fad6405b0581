"""What a college is sent in a violation case: notice, hearing, decision, end; each a document that says its rights and days."""

import io
from typing import Any

import docx
import pytest
from sqlalchemy import select

from activities.paper import render
from activities.wording import Wording
from records.reading import Past
from records.schema import events, letters
from tests.gateway.test_violations import OFFICERS, SUSPEND, notified
from tests.world import Office


def papers(office: Office, case: str) -> dict[str, str]:
    """The documents of a case, by the id of the paper, as the text a reader of the .docx sees."""
    with office.engine.connect() as connection:
        rows = connection.execute(
            select(letters.c.document, letters.c.stream, letters.c.seq).where(letters.c.document.is_not(None), letters.c.stream == case)
        ).all()  # fmt: skip
        pack = office.gateway.shelf.get(connection, office.state(case)["pack"])
        made = {
            row.document: Wording(Past(connection), pack, row.stream, row.seq).paper(
                pack.papers[row.document]
            )
            for row in rows
        }
    return {id_: read(render(paper)) for id_, paper in made.items()}


def read(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.fixture
def decided(office: Office) -> tuple[Office, str]:
    """A programme is suspended after a hearing."""
    filing = office.passed("dg")
    office.published(filing)
    office.consented(filing)
    office.announced(filing)
    measure = {**SUSPEND, "scope": "programme", "programmes": [f"{filing}/1"]}
    for who in (*OFFICERS, "inspector/3@dept", "sanctions-approver@dept"):
        office.appoint(who)
    case = office.do(
        "2026-05-04 09:00", "public", "report-violation", subject="dg", offence="other", statement="x"
    )
    office.do("2026-05-04 09:00", "inspector@dept", "open-violation", case, officers=OFFICERS)
    office.do(
        "2026-05-04 09:00",
        "inspector@dept",
        "record-evidence",
        case,
        finding="计划40人，实招52人",
        officers=OFFICERS,
    )
    office.do("2026-05-08 09:00", "inspector@dept", "notify-measure", case, **measure)
    office.do("2026-05-11 09:00", "filer@dg", "request-hearing", case, statement="x")
    place: dict[str, Any] = {"at": "2026-05-20 15:30", "place": "省厅礼堂", "chair": "inspector/3@dept"}
    office.do("2026-05-11 09:01", "inspector@dept", "announce-hearing", case, **place)
    hearing: dict[str, Any] = {"date": "2026-05-20", "chair": "inspector/3@dept", "record": "x"}
    office.do("2026-05-20 16:00", "inspector/3@dept", "hold-hearing", case, **hearing)
    days = {"from": "2026-09-01", "until": "2027-09-01", "review_on": "2027-03-01"}
    office.do("2026-06-01 09:00", "sanctions-approver@dept", "decide-sanction", case, **measure, **days)
    return office, case


def test_each_step_has_its_document(decided: tuple[Office, str]) -> None:
    office, case = decided
    found = papers(office, case)
    notice = found["measure-notice"]
    assert "停止试点，范围为文末所列试点专业" in notice
    assert "计划40人，实招52人" in notice
    assert "5个工作日内，即最迟在2026年5月14日24:00前，要求举行听证" in notice
    assert "工业机器人应用与维护" in notice
    assert "2026年5月20日以后（含当日）举行" in found["hearing-notice"]
    assert "时间：2026-05-20 15:30" in found["hearing-announced"]
    assert "地点：省厅礼堂" in found["hearing-announced"]
    decision = found["sanction-decision"]
    assert "自2026年9月1日零时起至2027年9月1日零时止" in decision
    assert "2027年3月1日复查" in decision
    assert "并举行了听证" in decision


@pytest.mark.parametrize(
    ("act", "given", "title", "says"),
    [
        ("lift-suspension", {"from": "2026-10-08", "reasons": "整改完成"}, "关于恢复学制技师培养试点的公告", "自2026年10月8日起恢复"),
        ("overturn-sanction", {"reasons": "复议决定撤销"}, "关于撤销学制技师培养试点处理决定的公告", "撤回已公开的处理决定信息"),
    ],
)  # fmt: skip
def test_the_end_is_announced_as_what_it_is(
    decided: tuple[Office, str], act: str, given: dict[str, Any], title: str, says: str
) -> None:
    office, case = decided
    office.do("2026-10-08 09:00", "sanctions-approver@dept", act, case, **given)
    ended = papers(office, case)["measure-ended"]
    assert title in ended.replace("\n", "")
    assert says in ended


def test_a_decision_that_falls_when_its_measure_is_over_says_only_that(decided: tuple[Office, str]) -> None:
    office, case = decided
    office.do(
        "2026-10-08 09:00",
        "sanctions-approver@dept",
        "lift-suspension",
        case,
        **{"from": "2026-10-08", "reasons": "整改"},
    )
    office.do(
        "2026-11-02 09:00", "sanctions-approver@dept", "overturn-sanction", case, reasons="复议决定撤销"
    )
    with office.engine.connect() as connection:
        told = select(letters.c.seq).where(letters.c.stream == case, letters.c.letter == "measure-ended")
        seq = max(connection.execute(told).scalars())
        pack = office.gateway.shelf.get(connection, office.state(case)["pack"])
        wording = Wording(Past(connection), pack, case, seq)
        ended = read(render(wording.paper(pack.papers["measure-ended"])))
        letter = wording.letter(next(found for found in pack.letters if found.id == "measure-ended"))[1]
    assert "撤回已公开的处理决定信息" in ended
    assert "停止试点此前已经结束" in ended
    assert "措施此前已经结束" in letter
    assert "冻结的专业线回到" not in letter


def test_a_case_of_a_whole_college_lists_no_programmes(office: Office) -> None:
    case = notified(office, "2026-05-08 09:00")
    notice = papers(office, case)["measure-notice"]
    assert "范围为全校各试点专业" in notice
    assert "专业代码" not in notice
    with office.engine.connect() as connection:
        assert connection.execute(select(events.c.seq).where(events.c.stream == case)).all()
