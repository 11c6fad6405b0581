"""What somebody types into a form is kept while they type; Enter looks ahead and touches nothing else."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SIZES, Town


@pytest.mark.parametrize("size", SIZES)
def test_what_is_typed_is_kept_without_leaving_the_field(town: Town, size: str) -> None:
    clerk, form = town.person("clerk@gz", size), f"/do/decline?case={town.web.cases['submitted']}"
    page = clerk.page
    page.goto(form)
    page.click("#f-reason")
    page.keyboard.type("缺一份校企协议")
    expect(page.locator("#effect")).to_contain_text("自动暂存")
    assert page.evaluate("document.activeElement.id") == "f-reason", "whoever types goes on typing"
    page.goto(form)
    expect(page.locator("#f-reason")).to_have_value("缺一份校企协议")
    clerk.look("form-restored")
    page.get_by_role("button", name="清空重填").click()
    expect(page.locator("#f-reason")).to_have_value("")
    assert page.url.endswith(form)


def test_enter_in_a_field_of_a_form_looks_ahead(town: Town) -> None:
    filer = town.person("filer@dg")
    page = filer.page
    page.goto(f"/do/submit-filing?case={town.web.cases['round']}")
    page.fill("#f-lines-0-years", "9")
    page.keyboard.press("Enter")
    expect(page.locator("#effect")).to_contain_text("这样会被拒绝")
    expect(page.locator("#f-lines-0-years")).to_have_value("9")
    expect(page.locator("#f-lines-1-id")).to_have_count(0)


def test_a_phone_shows_which_cells_of_a_table_are_required(town: Town) -> None:
    page = town.person("filer@dg", "phone").page
    page.goto(f"/do/submit-filing?case={town.web.cases['round']}")
    cell = page.locator("td", has=page.locator("#f-lines-0-major"))
    assert "*" in cell.evaluate("cell => getComputedStyle(cell, '::before').content + cell.dataset.label")
