"""The review of flags in a real browser: with the keyboard alone, without a script, on a phone, in the dark."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.flags.cases import update
from ledger.book import Book
from tests.assistant.cases.flags import of_till
from tests.assistant.server.chromium import MARKS
from tests.assistant.server.conftest import served, watched

pytestmark = MARKS


@pytest.fixture
def address(till_book: Path, tmp_path: Path) -> Iterator[str]:
    """A service of a book of which nothing is decided."""
    folder = Path(shutil.copytree(till_book, tmp_path / "book"))
    book = Book.open(folder)
    now = datetime.now(UTC)
    update(book, of_till(book), at=now, today=now.date())
    book.close()
    with served(folder) as found:
        yield found


def press(page: Page, key: str) -> None:
    """A key, when the page that is seen has its script."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def title(page: Page) -> str:
    return page.locator("#case-title").inner_text()


def test_a_queue_is_worked_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/flags")
    first = title(page)
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    press(page, "j")
    expect(page.locator("#case-title")).not_to_have_text(first)
    second = title(page)
    press(page, "k")
    expect(page.locator("#case-title")).to_have_text(first)

    press(page, "c")
    expect(page.locator("#confirm input[value='loss']")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#confirm input[value='error']")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("rang it twice, j and k and d")
    page.keyboard.press("Tab")
    page.keyboard.type("Lin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"{first} is confirmed: error, in the name of Lin")
    expect(page.locator("#case-title")).to_have_text(second)

    press(page, "a")
    expect(page.locator("#case")).to_contain_text("Lin has it")
    press(page, "d")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"{second} is dismissed: duplicate")

    page.get_by_role("link", name="Show it").click()
    press(page, "r")
    page.keyboard.type("it is no duplicate")
    page.keyboard.press("Enter")
    expect(page.locator("#case")).to_contain_text("reopened it")
    press(page, "w")
    page.keyboard.type("which till?")
    page.keyboard.press("Enter")
    expect(page.locator("#case")).to_contain_text("waiting for the store")
    press(page, "m")
    page.keyboard.type("j k c d are letters here")
    expect(page.locator("#comment")).to_have_value("j k c d are letters here")


def test_a_queue_is_worked_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/flags")
    first = title(page)
    page.get_by_role("button", name="Dismiss").first.click()
    page.locator("#dismiss input[value='expected']").check()
    page.locator("#dismiss-by").fill("Lin")
    page.locator("#dismiss").get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("status")).to_contain_text(f"{first} is dismissed: expected")
    page.locator("#next").click()
    page.locator("#comment").fill("seen")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator(".history")).to_contain_text("seen")
    context.close()


def test_on_a_phone_the_list_and_the_case_are_two_pages_and_nothing_runs_over(browser: Browser, address: str) -> None:
    with watched(browser, address, viewport={"width": 360, "height": 740}) as page:
        page.goto("/flags")
        expect(page.locator("#case")).not_to_be_visible()
        page.locator("#cases a").first.click()
        expect(page.locator("#case")).to_be_visible()
        expect(page.locator("#cases")).not_to_be_visible()
        page.get_by_role("button", name="Confirm").first.click()
        expect(page.locator("#confirm")).to_be_in_viewport()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="← All").click()
        expect(page.locator("#cases")).to_be_visible()
        links = page.locator("#cases a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        for path in [*links, "/flags", "/flags/cases", "/flags/suppressions", "/flags/learning"]:
            page.goto(path)
            over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, f"{path} is {over} px too wide"


def test_everything_has_a_name_and_stands_out_from_its_ground(browser: Browser, address: str) -> None:
    unnamed = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea")]
        .filter(one => !(one.textContent.trim() || one.ariaLabel || one.labels?.length))
        .map(one => one.outerHTML)"""
    contrast = """() => {
        const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(v => v / 255)
            .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b };
        const ground = one => { for (; one; one = one.parentElement) { const c = getComputedStyle(one).backgroundColor;
            if (!/, 0\\)|transparent/.test(c)) return c } return "rgb(255, 255, 255)" };
        return [...document.querySelectorAll("main *")].filter(one => one.checkVisibility() && !one.closest("svg") &&
            [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(one => {
            const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
            return [(a + 0.05) / (b + 0.05), one.outerHTML.slice(0, 80)] }).filter(([ratio]) => ratio < 4.5) }"""
    for scheme in ("light", "dark"):
        with watched(browser, address, color_scheme=scheme) as page:
            for path in ("/flags", "/flags/cases", "/flags/learning", "/flags/suppressions"):
                page.goto(path)
                assert page.evaluate(unnamed) == [], path
                assert page.evaluate(contrast) == [], (path, scheme)
            page.goto("/flags")
            assert page.locator("h1").count() == 1
            page.get_by_role("button", name=re.compile("^Suppress")).first.click()
            assert page.evaluate(contrast) == []
