"""A day of each person on a real round, from the login to the finished act; one of them by keyboard alone, two on one case."""

import re

import pytest
from playwright.sync_api import expect

from domain.moments import instant
from tests.browser.conftest import SIZES, Person, Town
from tests.world import line

PANEL = ("zhao", "qian", "zheng", "sun", "zhou")


def at(town: Town, when: str) -> None:
    """The legal clock stands here now."""
    town.web.office.now = instant(when)


def press(person: Person, name: str) -> None:
    """Press the button that says so."""
    person.page.get_by_role("button", name=name).first.click()


def done(person: Person, name: str) -> None:
    """The receipt is there."""
    expect(person.page.locator("h1")).to_contain_text("已办理")
    person.look(name)


@pytest.mark.parametrize("size", SIZES)
def test_a_round_from_the_draft_to_the_announcement(town: Town, size: str) -> None:
    round_ = town.web.cases["round"]
    at(town, "2026-03-20 09:00")
    filer = town.person("filer@zh", size)
    filer.page.goto(f"/do/submit-filing?case={round_}")
    filer.page.fill("#f-lines-0-id", "1")
    filer.page.select_option("#f-lines-0-major", "DEMO-0209")
    filer.page.select_option("#f-lines-0-entry", "senior-high")
    filer.page.fill("#f-lines-0-years", "2")
    filer.page.fill("#f-lines-0-plan", "40")
    filer.page.keyboard.press("Tab")  # what is wrong is said while typing, without any button
    expect(filer.page.locator("#effect")).to_contain_text("这样会被拒绝")
    filer.page.fill("#f-lines-0-years", "4")
    filer.page.keyboard.press("Tab")
    expect(filer.page.locator("#effect")).to_contain_text("受理期限")
    filer.look("day-filer-form")
    press(filer, "确认办理")
    done(filer, "day-filer-receipt")
    filer.page.get_by_role("link", name="看案件").click()
    case = filer.page.url.rpartition("/")[2]

    at(town, "2026-03-23 09:00")
    clerk = town.person("clerk@tro", size)
    clerk.page.locator(f'a[href="/cases/{case}"]').first.click()
    clerk.page.locator('.acts a[href^="/do/accept"]').click()
    expect(clerk.page.locator("#effect")).to_contain_text("办理承诺期限")
    clerk.look("day-clerk-accept")
    press(clerk, "确认办理")
    done(clerk, "day-clerk-receipt")

    at(town, "2026-03-24 09:00")
    organiser = town.person("organiser@tro", size)
    organiser.page.goto(f"/do/form-panel?case={case}")
    for expert in PANEL:
        organiser.page.locator(f'input[name="experts"][value="{expert}"]').check()
    organiser.page.select_option("#f-chair", "zhao")
    expect(organiser.page.locator("#effect")).to_contain_text("开始评估论证")
    organiser.look("day-organiser-panel")
    press(organiser, "确认办理")
    done(organiser, "day-organiser-receipt")

    at(town, "2026-03-26 09:00")
    signed_in: dict[str, Person] = {}
    for name in PANEL:
        judge = town.person(f"expert:{name}", size)
        judge.page.goto(f"/do/score?case={case}")
        if name == "zhao":
            judge.look("day-expert-declaration")
        press(judge, "我没有上述关系")
        judge.page.fill("#f-marks-overall", "86")
        if name == "zhao":
            judge.look("day-expert-sheet")
        press(judge, "确认办理")
        expect(judge.page.locator("h1")).to_contain_text("已办理")
        signed_in[name] = judge
    chair = signed_in["zhao"]
    chair.page.goto(f"/do/conclude?case={case}")
    chair.page.select_option("#f-results-1", "passed")
    press(chair, "确认办理")
    done(chair, "day-chair-signed")

    at(town, "2026-04-13 09:00")
    officer = town.person("notice-officer@tro", size)
    officer.page.goto(f"/rounds/{round_}?state=passed")
    officer.look("day-notice-board")
    press(officer, "公示")
    expect(officer.page.locator("#effect")).to_contain_text("公示期")
    officer.look("day-notice-form")
    press(officer, "确认办理")
    done(officer, "day-notice-receipt")
    notice = officer.page.locator('dd a[href^="/cases/notice-"]').inner_text()

    at(town, "2026-04-20 10:00")
    approver = town.person("approver@dept", size)
    approver.page.goto(f"/do/consent?case={notice}&lines={case}/1")
    approver.look("day-approver-form")
    press(approver, "确认办理")
    done(approver, "day-approver-receipt")
    approver.see(f"/rounds/{round_}?state=consented", "day-approver-board")

    at(town, "2026-04-22 10:00")
    publisher = town.person("publisher@dept", size)
    publisher.page.goto(f"/rounds/{round_}?state=consented")
    press(publisher, "公布")
    publisher.page.fill("#f-document_no", "粤人社函〔2026〕88号")
    press(publisher, "确认办理")
    done(publisher, "day-publisher-receipt")
    publisher.see(f"/cases/{case}", "day-finished-case")
    public = town.person(None, size)
    public.page.goto("/")
    public.look("day-public-home")
    public.page.get_by_role("link", name=re.compile("88号")).click()
    expect(public.page.locator("main")).to_contain_text("珠海市技师学院")
    public.look("day-public-announcement")
    for person in (filer, clerk, organiser, chair, officer, approver, publisher, public):
        assert person.errors == []


def test_an_officer_works_by_keyboard_alone(town: Town) -> None:
    at(town, "2026-04-02 09:00")
    clerk = town.person("clerk@gz")
    page = clerk.page

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(f'a[href="/cases/{town.web.cases["submitted"]}"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    tab_to('a[href^="/do/ask-supplement"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/do/**")
    tab_to("#f-items")
    page.keyboard.type("校企合作协议")
    tab_to('button[value="do"]')
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("已办理")
    clerk.look("keyboard-receipt")
    assert town.web.office.state(town.web.cases["submitted"])["stage"] == "supplementing"


def test_two_people_on_one_case_see_each_others_act_without_reloading(town: Town) -> None:
    at(town, "2026-04-02 09:00")
    case = town.web.cases["submitted"]
    one, other = town.person("clerk@gz"), town.person("clerk@gz")
    one.page.goto(f"/cases/{case}")
    other.page.goto(f"/do/decline?case={case}")
    other.page.fill("#f-reason", "材料不全")
    at(town, "2026-04-02 09:05")
    town.web.office.do("2026-04-02 09:05", "clerk@gz", "accept", case)
    expect(one.page.locator('[role="status"]')).to_contain_text("刚有变动")
    expect(one.page.locator("#case")).to_contain_text("已受理")
    one.look("moved-case")
    at(town, "2026-04-02 09:06")
    press(other, "确认办理")
    expect(other.page.locator("#effect")).to_contain_text("您打开此页之后的变动")
    other.look("stale")


def test_the_keyboard_keeps_its_place_when_somebody_else_moves_the_case(town: Town) -> None:
    at(town, "2026-04-02 09:00")
    case, filer = town.web.cases["submitted"], town.person("filer@gm")
    filer.page.goto(f"/cases/{case}")
    filer.page.focus("#act-withdraw")
    town.web.office.do("2026-04-02 09:05", "clerk@gz", "accept", case)
    expect(filer.page.locator("#case")).to_contain_text("已受理")
    assert filer.page.evaluate("document.activeElement.id") == "act-withdraw"


def test_what_is_picked_on_the_docket_stays_picked_when_the_list_refreshes_by_itself(town: Town) -> None:
    first, office = town.web.cases["submitted"], town.web.office
    second = office.submitted("gm", line("1", "DEMO-0105"), at="2026-03-31 14:00")
    at(town, "2026-04-01 09:00")
    clerk = town.person("clerk@gz")
    pick = clerk.page.locator(f"#pick-accept-{first}")
    pick.check()
    clerk.page.locator(f"#pick-accept-{second}").focus()
    third = office.submitted("gm", line("1", "DEMO-0101"), at="2026-03-31 15:00")
    at(town, "2026-04-01 09:01")
    expect(clerk.page.locator(f"#pick-accept-{third}")).to_be_visible(timeout=30_000)
    expect(pick).to_be_checked()
    expect(clerk.page.locator(f"#pick-accept-{second}")).to_be_focused()
    expect(clerk.page.locator("#counts")).to_contain_text("3")
    press(clerk, "办理选中的")
    clerk.look("picked-bulk")
    press(clerk, "确认全部办理")
    expect(clerk.page.locator("main")).to_contain_text("已办理")
    assert [office.state(id_)["stage"] for id_ in (first, second)] == ["accepted", "submitted"]
    assert clerk.errors == []


def test_the_public_pages_work_with_scripts_off(town: Town) -> None:
    context = town.browser.new_context(java_script_enabled=False, base_url=town.url, locale="zh-CN")
    page = context.new_page()
    page.goto(f"/public/{town.web.cases['notice']}")
    page.get_by_role("link", name="提出异议", exact=True).last.click()
    page.select_option("#line", index=1)
    page.fill("#name", "陈某人")
    page.fill("#id_no", "440106197810014568")
    page.fill("#phone", "13800001234")
    page.fill("#statement", "设备清单不实")
    page.get_by_role("button", name="提交异议").click()
    expect(page.locator("main")).to_contain_text("核实中")
    context.close()
