"""A place in a document of structure, opened on its page and by the API: JSON, XML, a file in an archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.assistant.doors.served import served
from tests.ingest.sources.vendor import GOLDEN, Case, taken


@pytest.fixture
def at(tmp_path: Path) -> Iterator[str]:
    orders = json.loads((GOLDEN / "square/orders.json").read_text("utf-8"))
    orders["orders"][0]["line_items"][0]["name"] = "<b>Flat white</b>"
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(orders), encoding="utf-8")
    book = Case(()).book(tmp_path)
    taken(book, [file, GOLDEN / "poslog/poslog.xml", GOLDEN / "dsfinvk/export.zip"])
    book.close()
    service = Service.open(tmp_path / "book", InstallationSettings())
    with served(service, InstallationSettings()) as address:
        yield address
    service.close()


def test_every_place_of_every_kind_opens(at: str) -> None:
    documents = httpx.get(f"{at}/api/v1/documents").json()["documents"]
    ids = {one["name"]: one["id"] for one in documents}
    for name, locator, shows in (
        ("orders.json", "/orders/0/line_items/0", "&lt;b&gt;Flat white&lt;/b&gt;"),
        ("orders.json", "/orders/2", "hZb3YtNwQpLk2sVcXr7mDfGjUoEZY"),
        ("poslog.xml", "/POSLog/Transaction[2]/RetailTransaction/LineItem[1]", "Milk 1 l"),
        ("poslog.xml", "/POSLog/Transaction[2]", "2026-10-05T12:05:00"),
        ("export.zip", "transactions.csv row 3", "Ana Ünlü"),
        ("export.zip", "lines.csv row 3", "Flat White"),
    ):
        page = httpx.get(f"{at}/documents/{ids[name]}?locator={quote(locator)}")
        assert page.status_code == 200, (locator, page.text)
        assert shows in page.text, locator
        assert "<b>Flat" not in page.text
        told = httpx.get(f"{at}/api/v1/documents/{ids[name]}/lines?locator={quote(locator)}").json()
        assert len(told["header"]) == len(told["cells"]) > 0
    for name, locator in (
        ("orders.json", "/orders/99"),
        ("poslog.xml", "/POSLog/Transaction[99]"),
        ("poslog.xml", "/POSLog"),
        ("export.zip", "nothing.csv row 2"),
        ("export.zip", "/index.xml"),
        ("orders.json", "somewhere"),
    ):
        page = httpx.get(f"{at}/documents/{ids[name]}?locator={quote(locator)}")
        assert page.status_code in (400, 404), locator
