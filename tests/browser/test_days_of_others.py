"""The days of those who decide nothing: the auditor, who looks and takes away; the operator, who gets moving what is stuck."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import ROOT, SIZES, Person, Town
from tests.browser.test_days import at, done, press
from tests.register import OBJECTOR
from tests.world import line

PATIENCE = 60_000
"""Milliseconds for a check of the whole record on a busy machine."""


def go(person: Person, name: str) -> None:
    """Follow the link that is called so."""
    person.page.get_by_role("link", name=name, exact=True).first.click()


def main(person: Person) -> Locator:
    """What the page says."""
    return person.page.locator("main")


def row(person: Person, *texts: str) -> Locator:
    """The row of a table in which all of this stands."""
    found = person.page.locator("tbody tr")
    for text in texts:
        found = found.filter(has_text=text)
    return found


def leave(person: Person, closed: str) -> None:
    """Log out; the page that was open to them is so no more."""
    press(person, "退出")
    expect(person.page.get_by_role("link", name="工作人员登录")).to_be_visible()
    person.page.goto(closed)
    expect(person.page).to_have_url(re.compile("/login"))
    assert person.errors == []


def verified(bundle: Path) -> tuple[int, str]:
    """What the verifier that needs nothing of this system says of a bundle."""
    ran = subprocess.run(
        [sys.executable, "-m", "audit.standalone", str(bundle)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout


@pytest.mark.parametrize("size", SIZES)
def test_the_auditors_day(town: Town, size: str, tmp_path: Path) -> None:
    office, c = town.web.office, town.web.cases
    filing, objection = c["noticed"], c["objection"]
    office.appoint("auditor@dept")
    office.refused("2026-04-14 09:30", "clerk@tro", "accept", filing)
    at(town, "2026-04-14 10:00")
    auditor = town.person("auditor@dept", size)
    page = auditor.page

    # Search: a college's name finds its filing, and with it what hangs together with that; so does the year.
    go(auditor, "查询")
    page.fill("#q", "珠海市技师学院")
    press(auditor, "查询")
    for case in (filing, c["notice"], objection, "college/zh"):
        expect(page.locator(f'.results a[href="/cases/{case}"]')).to_have_count(1)
    expect(page.locator(f'.results a[href="/cases/{c["passed"]}"]')).to_have_count(0)
    auditor.look("day-auditor-search")
    page.fill("#q", "DEMO-0209")
    page.press("#q", "Enter")
    expect(page.locator(f'.results a[href="/cases/{c["passed"]}"]')).to_have_count(1)
    page.fill("#q", filing)
    page.press("#q", "Enter")
    page.locator(f'.results a[href="/cases/{filing}"]').click()

    # The case told whole: what was done, and what was refused, both with the clause.
    go(auditor, "案卷经过")
    expect(page.locator("h1")).to_have_text("案卷经过")
    expect(page.locator(".timeline .act").filter(has_text="受理")).not_to_have_count(0)
    expect(page.locator(".timeline .refusal").filter(has_text="wrong-stage")).to_have_count(1)
    expect(main(auditor)).not_to_contain_text("账册不符")
    auditor.look("day-auditor-story")

    # Taken away, the bundle verifies where there is no database; changed by a byte, it does not.
    with page.expect_download() as download:
        go(auditor, "下载证据包")
    bundle = tmp_path / download.value.suggested_filename
    download.value.save_as(bundle)
    code, told = verified(bundle)
    assert "未发现不符" in told, told
    assert "不成立" not in told, told
    changed = tmp_path / "changed.zip"
    changed.write_bytes(bundle.read_bytes().replace("评".encode(), "平".encode(), 1))
    assert changed.read_bytes() != bundle.read_bytes()
    forged, told = verified(changed)
    assert "证据包不成立" in told, told
    assert forged != code

    # The replay: moving the slider shows the case as it was then, beside event, act and clause.
    go(auditor, "逐条回放")
    events = office.view(filing)["events"]
    then, beside = page.locator("#then .primary"), page.locator("#then .secondary")
    expect(beside.locator("h2")).to_contain_text(f"{len(events)} / {len(events)}")
    page.focus("#at")
    page.keyboard.press("Home")
    expect(beside.locator("h2")).to_contain_text(f"1 / {len(events)}")
    expect(then.locator("h2")).to_contain_text("已提交")
    expect(beside).to_contain_text("filer@zh")
    expect(beside).to_contain_text("submit-filing")
    expect(beside).to_contain_text(events[0]["digest"])
    accepted = next(n for n, event in enumerate(events, 1) if event["act"] == "accept")
    for _ in range(accepted - 1):
        page.keyboard.press("ArrowRight")
    expect(beside.locator("h2")).to_contain_text(f"{accepted} / {len(events)}")
    expect(then.locator("h2")).to_contain_text("已受理")
    expect(then.locator("tr").filter(has_text="阶段")).to_contain_text("已提交")
    expect(beside.locator("div").filter(has_text="依据").last).to_contain_text("五(四)")
    expect(main(auditor)).to_contain_text("被拒绝的行为")
    auditor.look("day-auditor-replay")

    # Personal data stays shut until a reason is on record; the reading then stands among the readings.
    page.goto(f"/audit/cases/{objection}")
    go(auditor, "查阅个人信息")
    expect(main(auditor)).to_contain_text("1 人的信息")
    press(auditor, "记录在案并查阅")
    expect(page.locator("#reason:invalid")).to_be_focused()
    expect(main(auditor)).not_to_contain_text(OBJECTOR["name"])
    auditor.look("day-auditor-reason")
    page.fill("#reason", "抽查异议人身份是否核实")
    press(auditor, "记录在案并查阅")
    expect(main(auditor)).to_contain_text("已记录")
    for known in (OBJECTOR["name"], OBJECTOR["phone"]):
        expect(main(auditor)).to_contain_text(known)
    auditor.look("day-auditor-personal")
    go(auditor, "审计")
    go(auditor, "谁查阅过个人信息")
    reading = row(auditor, objection, "抽查异议人身份是否核实")
    expect(reading).to_have_count(1)
    expect(reading).to_contain_text("已查阅")
    expect(reading).to_contain_text("案件页面")
    expect(main(auditor)).not_to_contain_text(OBJECTOR["name"])
    auditor.look("day-auditor-readings")

    # The whole record, checked from the page, which shows the end by itself.
    go(auditor, "审计")
    for job, found in (("verify", "账册完好"), ("duties", "未见应当分离的职责由同一人办理")):
        page.locator(f"#job-{job}").get_by_role("button", name="现在核查").click()
        expect(page.locator(f"#job-{job}")).to_contain_text(found, timeout=PATIENCE)
    filings = sum(view["kind"] == "filing" and view["stage"] != "draft" for view in office.views().values())
    expect(page.locator("#job-duties")).to_contain_text(f"{filings} 件申报")
    auditor.look("day-auditor-checked")
    leave(auditor, "/audit")


@pytest.mark.parametrize("size", SIZES)
def test_the_operators_day(town: Town, size: str) -> None:
    office, c = town.web.office, town.web.cases
    late = office.submitted("gm", line("1", "DEMO-0105"))
    office.accepted(late)
    beyond = office.do(
        "2026-03-20 09:00", "filer@zh", "save-draft", round=office.round, lines=[line("1", "DEMO-9999")]
    )
    at(town, "2026-04-14 10:00")
    operator = town.person("ops@dept", size)
    page = operator.page

    # The board by cause; of the causes, the late officers.
    go(operator, "运维")
    expect(page.locator("h1")).to_have_text("卡住的案件")
    expect(page.locator(".states")).to_contain_text("没有流程工作进程在线")
    expect(main(operator)).to_contain_text("没有工作进程报到")
    operator.look("day-operator-board")
    page.locator(".states a").filter(has_text="经办人逾期未办").click()
    expect(row(operator, "没有流程工作进程在线")).to_have_count(0)
    expect(row(operator, late)).to_contain_text("已逾期7天")
    expect(row(operator, c["submitted"])).to_have_count(0)  # silence has accepted it
    operator.look("day-operator-late")

    # A late officer's case says whose move it is; the remedy is pressed from the board and stands on the record.
    page.locator(f'tbody a[href="/cases/{late}"]').click()
    expect(row(operator, "组建评估论证组")).to_contain_text("逾期7天")
    operator.look("day-operator-case")
    page.go_back()
    row(operator, late).get_by_role("link", name="催办").click()
    expect(page.locator("#f-for")).to_have_value("form-panel")
    press(operator, "先看会怎样")
    expect(page.locator("#effect")).to_contain_text("将发出信件")
    operator.look("day-operator-nudge")
    press(operator, "确认办理")
    done(operator, "day-operator-receipt")
    expect(page.locator("h1")).to_contain_text("催办")
    nudged = office.view(late)["events"][-1]
    assert (nudged["act"], nudged["by"]) == ("nudge", "ops@dept")
    organiser = town.person("organiser@gz", size)
    organiser.page.goto(f"/cases/{late}")
    expect(main(organiser)).to_contain_text("催办")
    assert organiser.errors == []

    # Where time goes, and what falls due next.
    go(operator, "运维")
    go(operator, "统计与到期")
    expect(main(operator)).to_contain_text("承诺是否兑现", timeout=PATIENCE)
    expect(row(operator, c["notice"])).to_contain_text("公示期")
    expect(row(operator, "从未报到").first).to_be_visible()
    operator.look("day-operator-statistics")

    # What a draft would change, with nothing changed.
    before = office.views()
    go(operator, "运维")
    go(operator, "规则包与草案")
    row(operator, "guangdong/pilot-2024-draft").get_by_role("link", name="预览影响").click()
    expect(main(operator)).to_contain_text("草案，不得施行")
    expect(row(operator, beyond, "DEMO-9999")).to_contain_text("catalog.binding")
    operator.look("day-operator-preview")
    assert office.views() == before

    go(operator, "登录记录")
    expect(row(operator, "ops@dept").first).to_contain_text("127.0.0.1")
    operator.look("day-operator-logins")
    leave(operator, "/ops")


def test_the_operator_plays_a_rehearsal_from_the_page_and_sees_that_it_holds(town: Town) -> None:
    office = town.web.office
    before = office.views()
    operator = town.person("ops@dept")
    page = operator.page
    go(operator, "运维")
    go(operator, "预演")
    page.select_option("#story", "even-panel.yaml")
    press(operator, "开始预演")
    expect(page.locator("#played")).to_contain_text("正在预演")
    expect(page.locator("#played")).to_contain_text("成立：", timeout=240_000)
    expect(page.locator("#played .notice")).to_have_class("notice ok")
    expect(page.locator("#played li").filter(has_text="form-panel")).not_to_have_count(0)
    operator.look("day-operator-rehearsal")
    assert office.views() == before, "the record here is not touched"
    leave(operator, "/ops/rehearsals")
