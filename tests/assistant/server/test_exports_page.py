"""Exports as downloads: Parquet as one archive, and the form of the page."""

from __future__ import annotations

import hashlib
import io
import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from fastapi.testclient import TestClient

from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.book import Book
from ledger.settings import Business
from tests.assistant.server import till


@pytest.fixture
def client(till_book: Path, tmp_path: Path) -> Iterator[TestClient]:
    service = Service.open(Path(shutil.copytree(till_book, tmp_path / "book")), InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    service.close()


def test_parquet_comes_as_an_archive_with_the_same_bytes_each_time(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"format": "parquet", "from": "2026-10-05", "to": "2026-10-06"}
    got = client.post("/api/v1/exports", json=wanted)
    assert (got.status_code, got.headers["content-type"]) == (200, "application/zip")
    assert got.headers["content-disposition"] == 'attachment; filename="maple-2026-10-05-2026-10-06-parquet.zip"'
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == sorted(f"{name}.parquet" for name in (
            "entries", "tickets", "lines", "tenders", "taxes", "events", "postings",
        ))  # fmt: skip
        assert pl.read_parquet(archive.read("tickets.parquet"))["business_date"].n_unique() == 2
        sums = "".join(f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}\n" for name in names)
    (record,) = client.get("/api/v1/exports").json()["exports"]
    assert (record["detail"], record["sha256"]) == ("ticket", hashlib.sha256(sums.encode()).hexdigest())
    later = time.time() + 400_000
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.post("/api/v1/exports", json=wanted).content == got.content


@pytest.mark.parametrize("format", ["beancount", "hledger", "iif", "quickbooks", "xero", "saft", "parquet"])
def test_the_form_downloads_what_the_api_gives(client: TestClient, format: str) -> None:
    assert f'<option value="{format}"' in client.get("/exports").text
    form = {"format": format, "detail": "", "from": "2026-10-05", "to": "2026-10-06", "stores": [till.STORES[1]]}
    got = client.post("/exports", data=form)
    assert got.status_code == 200
    assert got.headers["content-disposition"].startswith("attachment")
    given = {"format": format, "from": "2026-10-05", "to": "2026-10-06", "stores": [till.STORES[1]]}
    assert got.content == client.post("/api/v1/exports", json=given).content
    records = client.get("/api/v1/exports").json()["exports"]
    assert {(one["from"], tuple(one["stores"])) for one in records} == {("2026-10-05", (till.STORES[1],))}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": ""}, "Format has"),
        ({"format": "exe"}, "Format has"),
        ({"to": "2026-09-01"}, "is after the last"),
        ({"from": "soon"}, "From has"),
        ({"format": "parquet", "detail": "daily"}, "parquet holds the tickets themselves"),
        ({"stores": ["<i>Nowhere</i>"]}, "Nowhere"),
    ],
)
def test_a_form_that_cannot_be_done_comes_back_as_it_was_filled_in(
    client: TestClient, change: dict[str, str], words: str
) -> None:
    form = {"format": "xero", "detail": "ticket", "from": "2026-10-05", "stores": [till.STORES[1]], **change}
    got = client.post("/exports", data=form)
    assert got.status_code == 400
    assert "Nothing was exported: " in got.text
    assert words in got.text
    assert "<i>Nowhere" not in got.text
    if "detail" not in change:
        assert '<option value="ticket" selected>' in got.text
    assert client.get("/api/v1/exports").json()["total"] == 0


def test_another_site_cannot_make_an_export(client: TestClient) -> None:
    got = client.post("/exports", data={"format": "xero"}, headers={"sec-fetch-site": "cross-site"})
    assert got.status_code == 403
    assert client.get("/api/v1/exports").json()["total"] == 0


def test_an_empty_book_says_how_to_begin(tmp_path: Path) -> None:
    Book.create(tmp_path / "book", Business(id="new", name="New", currency="USD", time_zone="UTC")).close()
    service = Service.open(tmp_path / "book", InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as client:
        assert "Nothing is in this book yet" in client.get("/exports").text
    service.close()
