"""Exports through the API: the file, its record, and what has changed since."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape

from assistant.server.app import create_app
from assistant.server.pages.view import with_query
from assistant.service import Service
from assistant.settings import InstallationSettings


@pytest.fixture
def client(till_book: Path, tmp_path: Path) -> Iterator[TestClient]:
    service = Service.open(Path(shutil.copytree(till_book, tmp_path / "book")), InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    service.close()


def test_an_export_is_downloaded_and_remembered(client: TestClient) -> None:
    wanted = {"format": "quickbooks", "from": "2026-10-05", "to": "2026-10-06", "stores": ["Downtown"]}
    got = client.post("/api/v1/exports", json=wanted)
    assert (got.status_code, got.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert got.headers["content-disposition"] == 'attachment; filename="maple-2026-10-05-2026-10-06-quickbooks.csv"'
    rows = list(csv.DictReader(io.StringIO(got.text, newline="")))
    assert {(row["Location"], row["JournalDate"]) for row in rows} == {
        ("Downtown", "10/05/2026"), ("Downtown", "10/06/2026"),
    }  # fmt: skip
    listed = client.get("/api/v1/exports").json()
    (record,) = listed["exports"]
    assert (listed["total"], record["number"], record["from"], record["stores"]) == (1, 1, "2026-10-05", ["Downtown"])
    assert record["sha256"] == hashlib.sha256(got.content).hexdigest()
    assert record["changes"] == []


def test_an_export_as_of_the_first_commit_says_what_it_lacks(client: TestClient) -> None:
    assert client.post("/api/v1/exports", json={"format": "xero", "as_of": 1}).status_code == 200
    ((change,),) = [one["changes"] for one in client.get("/api/v1/exports").json()["exports"]]
    assert change["entries"] == 2
    amounts = {one["account"]: one["amount"] for one in change["differences"]}
    assert set(amounts) >= {"income:sales", "liabilities:tax:state"}
    assert amounts["income:sales"].startswith("-")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"format": "xero", "stores": ["Nowhere"]}, 400),
        ({"format": "xero", "as_of": 99}, 400),
        ({"format": "parquet", "detail": "daily"}, 400),
        ({"format": "xero", "frm": "2026-10-01"}, 422),
    ],
)
def test_what_cannot_be_exported_is_an_error_and_is_not_remembered(
    client: TestClient, wanted: dict[str, object], status: int
) -> None:
    got = client.post("/api/v1/exports", json=wanted)
    assert got.status_code == status
    assert got.json()["error"]["message"]
    assert client.get("/api/v1/exports").json()["total"] == 0


def test_the_page_links_each_difference_to_its_entries(client: TestClient) -> None:
    assert "Nothing was exported yet" in client.get("/exports").text
    client.post("/api/v1/exports", json={"format": "xero", "as_of": 1})
    page = client.get("/exports").text
    (change,) = client.get("/api/v1/exports").json()["exports"][0]["changes"]
    day = {name: change[name] for name in ("store", "business_date")}
    link = with_query("/entries", **day, account="income:sales")
    assert str(escape(link)) in page
    assert "<b>Gate</b>" not in page
    assert "up to Oct 21, 2026" in page
    assert client.get(link).status_code == 200
    assert 'href="/exports"' in client.get("/feeds").text
