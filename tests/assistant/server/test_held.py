"""What is held, over HTTP: a conflict with what differs, in the API and on the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from ingest.pipeline import take
from ledger.book import Book
from tests.assistant.server import till


@pytest.fixture
def client(till_book: Path, tmp_path: Path) -> Iterator[TestClient]:
    """The small book, after an export in which ticket T-1002 has another item and price and no newer time of change."""
    path = Path(shutil.copytree(till_book, tmp_path / "book"))
    changed = next(list(one) for one in till.rows() if one[0] == "T-1002")
    net = int(changed[9]) * 99
    changed[7], changed[10], changed[11] = till.MARKUP, "99.00", "0.00"
    changed[12], changed[13] = f"{net * 0.08:.2f}", f"{net * 1.08:.2f}"
    till._write(tmp_path / "again.csv", [changed])
    book = Book.open(path)
    report = take(book, [tmp_path / "again.csv"], source="till", mapping=None, at=till.AT)
    assert report.conflicts == 1
    book.close()
    service = Service.open(path, InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    service.close()


def test_the_api_tells_what_differs(client: TestClient) -> None:
    held = {one["external_id"]: one for one in client.get("/api/v1/feeds/held").json()["held"]}
    parts = {one["field"]: one for one in held["T-1002"]["differences"]}
    assert parts["line 1 name"]["now"] == till.MARKUP
    assert parts["line 1 unit_price_minor"]["now"] == "9900"
    assert "newer time of change" in held["T-1002"]["advice"]
    assert held["T-9001"]["differences"] == []
    assert "tillproof release" in held["T-9001"]["advice"]


def test_the_page_shows_what_differs_as_text_and_what_can_be_done(client: TestClient) -> None:
    page = client.get("/feeds/held").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert '<th scope="row">line 1 unit price</th>' in page
    assert '<td class="nowrap">$99.00</td>' in page
    assert "correct the ticket at the till" in page
    assert "Mend the mapping" in page
