"""The auditor's pages, personal data behind a reason on record, and what anybody may check or hand in."""

import re
import time

import pytest
from sqlalchemy import update

from audit.readings import readings
from records.schema import events
from tests.web.conftest import Reader, Web


@pytest.fixture
def auditor(web: Web) -> Reader:
    """Somebody who audits."""
    web.office.appoint("auditor@dept")
    return web("auditor@dept")


def opened(reader: Reader, case: str, reason: str) -> str:
    """The page of a case's personal data after a reason was given."""
    asked = reader.page(f"/personal/{case}")
    assert "13800001234" not in asked
    id_ = re.search(r'name="id" value="([^"]+)"', asked)
    assert id_
    return reader.post(f"/personal/{case}", {"csrf": reader.csrf, "id": id_[1], "reason": reason}).text


def test_personal_data_opens_for_whoever_must_decide_and_the_look_is_on_record(web: Web) -> None:
    officer, objection = web("notice-officer@tro"), web.cases["objection"]
    assert f'href="/personal/{objection}"' in officer.page(f"/cases/{objection}")
    shown = opened(officer, objection, "核实异议")
    assert "陈某人" in shown
    assert "设备清单不实" in shown
    with web.office.engine.connect() as connection:
        (look,) = [r for r in readings(connection, 6, objection) if r.outcome == "accepted"]
    assert (look.actor, look.what, look.reason) == ("notice-officer@tro", "page", "核实异议")
    assert "陈某人" not in officer.page(f"/cases/{objection}")


def test_without_a_reason_or_the_office_nothing_opens(web: Web) -> None:
    objection = web.cases["objection"]
    assert "陈某人" not in opened(web("notice-officer@tro"), objection, "  ")
    for person in ("approver@dept", "clerk@tro", "filer@zh", "expert:zhao"):
        assert web(person).get(f"/personal/{objection}").status_code in (403, 404), person
        answer = web(person).post(
            f"/personal/{objection}", {"csrf": web(person).csrf, "id": "a" * 26, "reason": "x"}
        )
        assert answer.status_code in (403, 404), person


def test_the_whole_record_is_checked_on_a_page(web: Web, auditor: Reader) -> None:
    assert web("clerk@tro").get("/audit").status_code == 403
    for name, found in (("verify", "账册完好"), ("duties", "未见应当分离的职责由同一人办理")):
        assert auditor.post(f"/audit/jobs/{name}", {"csrf": auditor.csrf}).status_code == 303
        text = "正在核查"
        while "正在核查" in text:
            time.sleep(0.05)
            text = auditor.page(f"/audit/jobs/{name}")
        assert found in text, text


def test_a_case_is_told_whole_with_its_refusals_and_taken_away_as_a_bundle(web: Web, auditor: Reader) -> None:
    case = web.cases["passed"]
    web.office.refused("2026-04-14 09:30", "clerk@tro", "accept", case)
    told = auditor.page(f"/audit/cases/{case}")
    assert "拒绝" in told
    assert "评分" in told
    assert "账册不符" not in told
    assert auditor.get(f"/audit/cases/{case}/extract.docx").content[:2] == b"PK"
    assert web("ops@dept").get(f"/audit/cases/{case}/bundle.zip").status_code == 403
    bundle = auditor.get(f"/audit/cases/{case}/bundle.zip").content
    files = {"file": ("证据.zip", bundle)}
    checked = web().client.post("/public/check", files=files).text
    assert "未发现不符" in checked
    assert "不成立" not in checked
    changed = bundle.replace("评".encode(), "平".encode(), 1)
    assert "证据包不成立" in web().client.post("/public/check", files={"file": ("x.zip", changed)}).text


def test_only_whoever_may_open_personal_data_is_shown_the_way_to_it(web: Web, auditor: Reader) -> None:
    case = web.cases["objection"]
    way = f'href="/personal/{case}"'
    assert way in auditor.page(f"/audit/cases/{case}")
    assert web("ops@dept").get(f"/personal/{case}").status_code == 403
    assert way not in web("ops@dept").page(f"/audit/cases/{case}")


def test_a_replay_names_event_act_clause_and_what_temporal_read(auditor: Reader, web: Web) -> None:
    page = auditor.page(f"/replay/{web.cases['passed']}?at=3")
    assert "没有流程读过这一条" in page  # nothing drives cases in this test
    assert "依据" in page


def test_what_is_neither_receipt_nor_bundle_is_named_so(web: Web) -> None:
    public = web().client
    assert public.post("/public/check", files={"file": ("x", b"hello")}).status_code == 422
    assert public.post("/public/check", files={"file": ("x", b"x" * 300_000)}).status_code == 413
    bad = {"file": ("x", b"hello"), "trust": ("trust.policy", b"\xff\xfe")}
    assert "信任文件不合格式" in public.post("/public/check", files=bad).text


def test_a_changed_case_is_told_with_what_does_not_hold(web: Web, auditor: Reader) -> None:
    case, engine = web.cases["accepted"], web.office.engine
    with engine.begin() as connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        for name in connection.exec_driver_sql(triggers).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(
            update(events).where(events.c.stream == case, events.c.seq == 2).values(actor="clerk@gz")
        )
    told = auditor.page(f"/audit/cases/{case}")
    assert "账册不符" in told
    assert f"{case}" in told
