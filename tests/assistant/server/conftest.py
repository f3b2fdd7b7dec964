"""A served book and a real browser, for the tests of pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.assistant.server.chromium import CHROMIUM

expect.set_options(timeout=20_000)  # the first answer of a fresh service comes late on a machine that has much to do


@pytest.fixture(scope="module")
def address(till_book: Path) -> Iterator[str]:
    with served(till_book) as found:
        yield found


@contextmanager
def served(book: Path) -> Iterator[str]:
    """The address of the service of a book, while it runs."""
    serving = subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", "serve", str(book), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={"TILLPROOF_FLAGS_AFTER_SECONDS": "0", **os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert serving.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", serving.stdout.readline())
        assert found is not None
        yield found[0]
    finally:
        serving.terminate()
        serving.wait(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of which every request goes to the service and every message of the console is fine."""
    with watched(browser, address) as opened:
        yield opened


@contextmanager
def watched(browser: Browser, address: str, **settings: Any) -> Iterator[Page]:
    """Such a page in a context of its own, with some settings of the browser."""
    context = browser.new_context(**{"base_url": address, "viewport": {"width": 1280, "height": 900}, **settings})
    opened = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    opened.on("pageerror", lambda error: said.append(f"error: {error}"))
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert [one for one in said if one.startswith(("error", "warning"))] == []
