"""The feeds in a real browser: a name answered with the keyboard alone, without a script, at the width of a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.assistant.server import fed
from tests.assistant.server.chromium import MARKS
from tests.assistant.server.conftest import served, watched

pytestmark = MARKS


def test_a_name_is_answered_with_the_keyboard_alone(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    book: Path = fed.make(tmp_path_factory.mktemp("fed"))
    phone = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False, "color_scheme": "dark"}
    with served(book) as address, watched(browser, address, **phone) as page:
        for path in ("/feeds", "/feeds/sources/till", f"/feeds/sources/{fed.WEB}", "/feeds/held"):
            page.goto(path)
            over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, f"{path} is {over} px too wide"
        name = page.locator("summary", has_text="CC")
        for _ in range(30):
            page.keyboard.press("Tab")
            if name.evaluate("one => one === document.activeElement"):
                break
        page.keyboard.press("Enter")
        form = page.locator("details[open]")
        expect(form.get_by_label("Type of tender")).to_be_visible()
        for _ in range(3):  # beyond the examples
            page.keyboard.press("Tab")
        expect(form.get_by_label("Type of tender")).to_be_focused()
        page.keyboard.type("card")
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.type("Ada")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Tender “CC” of till means “card”, in the name of Ada.")
        expect(page.locator("summary", has_text="CC")).to_have_count(0)
