"""The pages in a real browser: a question asked with the keyboard, its figure opened down to the source line."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.assistant.server.chromium import MARKS

pytestmark = MARKS

TODAY = "2026-10-22"
PAGES = (
    "/",
    f"/ask?q=net%20sales%20by%20store%20in%20October&today={TODAY}",
    f"/ask?q=top%2010%20items&today={TODAY}",
    f"/ask?q=what%20is%20the%20weather&today={TODAY}",
    f"/ask?q=highest%20sales&today={TODAY}",
    "/overview",
    "/statements",
    "/statements?kind=profit-and-loss&from=2026-10-01&to=2026-10-31&against=previous",
    "/statements?kind=journal",
    "/entries",
    "/feeds",
    "/feeds/sources/till",
    "/feeds/held",
    "/feeds/paper",
    "/periods",
    "/exports",
    "/flags",
    "/flags/cases",
    "/flags/suppressions",
    "/flags/learning",
)


def test_a_question_a_figure_an_entry_a_source_line(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    page.keyboard.type("net sales at Downtown on 5 October")
    page.keyboard.press("Enter")
    expect(page.locator("#answer article")).to_contain_text("Net sales at Downtown on Monday 5 October 2026")
    expect(page).to_have_url(re.compile(r"/ask\?q="))
    figure = page.locator("#answer article a[href^='/citations/']").first
    amount = figure.inner_text().split("\n")[0].strip()
    figure.click()
    expect(page.locator("main")).to_contain_text("Computed as")
    expect(page.locator("main")).to_contain_text(re.sub(r"[^\d.,$].*", "", amount))
    ticket = page.locator("main a[href^='/entries/']").first
    number = ticket.inner_text().split()[-1]
    ticket.click()
    expect(page.locator("h1")).to_contain_text(number)
    expect(page.locator("main")).to_contain_text("income:sales")
    page.locator("main a[href*='locator=']").first.click()
    expect(page.locator("main table")).to_contain_text(number)
    expect(page.locator("h1")).to_contain_text("october.csv")


def test_the_back_button_gives_the_question_before(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    for question in ("net sales yesterday", "transactions yesterday"):
        page.locator("#q").fill(question)
        page.keyboard.press("Enter")
        expect(page.locator("#answer article")).to_contain_text(question.split()[0].capitalize())
    page.go_back()
    expect(page.locator("#answer article")).to_contain_text("Net sales")
    expect(page.locator("#q")).to_have_value("net sales yesterday")


def test_a_question_back_is_answered_by_one_click(page: Page) -> None:
    page.goto(f"/ask?q=highest%20sales%20last%20week&today={TODAY}")
    page.get_by_role("link", name=re.compile("top 1 stores")).click()
    expect(page.locator("#answer article")).to_contain_text("the highest of 2")


def test_everything_can_be_reached_with_the_keyboard(page: Page) -> None:
    page.goto(f"/ask?q=net%20sales%20by%20store%20in%20October&today={TODAY}")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const one = document.activeElement;"
            " const style = getComputedStyle(one.closest('.ask-box') || one);"
            " return [one.getAttribute('href') || one.id || one.tagName,"
            " style.outlineStyle !== 'none' || style.boxShadow !== 'none'] }"
        )
        reached.add(focused[0])
        if focused[0] not in ("BODY", "HTML", "today"):  # the parts of a date field are the browser's own
            assert focused[1], f"{focused[0]} does not show that it has the focus"
    assert any(str(one).startswith("/citations/") for one in reached)
    assert {"/overview", "/statements", "/entries", "/feeds"} <= reached


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_over_the_edge(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{path} is {over} px too wide at {width} px"


def test_pages_can_be_used_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/?today={TODAY}")
    page.locator("#q").fill("net sales by store in October")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer article")).to_contain_text("Net sales by store")
    page.locator("#answer article a[href^='/citations/']").first.click()
    expect(page.locator("main")).to_contain_text("Computed as")
    context.close()


def test_dark_is_dark(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, color_scheme="dark")
    page = context.new_page()
    page.goto("/overview")
    colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    assert max(red, green, blue) < 80, colour
    context.close()
