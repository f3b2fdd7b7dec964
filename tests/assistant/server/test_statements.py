"""Statements as a client and a person get them: JSON, CSV, XLSX, a page; and as known at an earlier moment."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest
from fastapi.testclient import TestClient

from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.assistant.server.till import STORES
from tests.builders import make_book

MARKUP = STORES[1]
KINDS = ("trial-balance", "profit-and-loss", "tax", "tenders", "tips", "gift-cards", "journal")
OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made


def statement(client: TestClient, kind: str, **given: Any) -> dict[str, Any]:
    response = client.get(f"/api/v1/statements/{kind}", params={**OCTOBER, **given})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def rows(made: dict[str, Any]) -> dict[str, list[str | None]]:
    return {
        row["label"]: [cell and cell["value"] for cell in row["cells"]]
        for section in made["sections"]
        for row in section["rows"]
    }


def test_every_statement_is_listed_and_made_with_its_controls_and_proofs(client: TestClient) -> None:
    listed = client.get("/api/v1/statements").json()["statements"]
    assert tuple(one["kind"] for one in listed) == KINDS
    for one in listed:
        made = client.get(one["url"], params=OCTOBER).json()
        assert (made["kind"], made["agrees"], made["seq"]) == (one["kind"], True, 2)
        assert {control["difference"] for control in made["controls"]} == {"0.00"}
        cell = next(c for s in made["sections"] for row in s["rows"] for c in row["cells"] if c and c["value"])
        assert client.get(f"/api/v1{cell['url']}").json()["figure"]["value"] == cell["value"]


def test_a_statement_of_an_earlier_commit_is_what_it_was_then(client: TestClient) -> None:
    now, before = statement(client, "trial-balance"), statement(client, "trial-balance", as_of="1")
    assert rows(now) != rows(before)
    assert statement(client, "trial-balance", as_of="2") == now
    assert (
        statement(client, "trial-balance", as_of="2026-10-21")["sections"][-1]["rows"][0]["cells"][1]["value"] == "0.00"
    )
    # both deliveries were recorded at 06:00 UTC, which is 02:00 where the business is
    for known in ("2026-10-22", "2026-10-22T02:00", "2026-10-22T06:00:00+00:00"):
        assert statement(client, "trial-balance", as_of=known) == now
    assert statement(client, "trial-balance", as_of="2026-10-22T01:59")["seq"] == 0


def test_stores_are_chosen_and_periods_compared(client: TestClient) -> None:
    whole = rows(statement(client, "profit-and-loss"))["Net sales"]
    parts = [rows(statement(client, "profit-and-loss", store=[name]))["Net sales"] for name in STORES]
    assert sum(Decimal(part[0] or 0) for part in parts) == Decimal(whole[0] or 0)
    assert rows(statement(client, "profit-and-loss", store=list(STORES)))["Net sales"] == whole
    compared = statement(client, "profit-and-loss", against="previous")
    assert compared["plan"]["comparison"] == {"start": "2026-09-01", "end": "2026-09-30", "label": ""}
    assert rows(compared)["Net sales"][1:] == ["0.00", whole[0], None]
    days = statement(client, "tax", **{"from": "2026-10-11", "to": "2026-10-20", "against": "previous"})
    assert days["plan"]["comparison"] == {"start": "2026-10-01", "end": "2026-10-10", "label": ""}
    year = statement(client, "tax", **{"from": "2024-02-01", "to": "2024-02-29", "against": "year"})
    assert year["plan"]["comparison"] == {"start": "2023-02-01", "end": "2023-02-28", "label": ""}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("balance-sheet", 422),
        ("tax?from=2026-10-31&to=2026-10-01", 400),
        ("tax?from=yesterday", 400),
        ("tax?store=Atlantis", 400),
        ("tax?as_of=3", 400),
        ("tax?as_of=99999999999999999999", 400),
        ("tax?as_of=soon", 400),
        ("tax?as_of=9999-12-31", 400),
        ("tax?against=previous", 400),
        ("tax?from=0001-01-01&to=0001-01-31&against=previous", 400),
        ("tax?from=2026-10-01&to=2026-10-31&against=decade", 422),
        ("tips?from=2026-10-01&to=2026-10-31&against=year", 400),
    ],
)
def test_what_cannot_be_made_is_one_sentence(client: TestClient, path: str, status: int) -> None:
    response = client.get(f"/api/v1/statements/{path}")
    assert response.status_code == status, response.text
    assert response.json()["error"]["message"]
    # the page alone takes the last month where no period was asked for, and drops a comparison where none makes sense
    on_page = 200 if path in ("tax?against=previous", "tips?from=2026-10-01&to=2026-10-31&against=year") else status
    page = client.get(f"/statements?kind={path.replace('?', '&')}")
    assert page.status_code == on_page
    assert (response.json()["error"]["message"] in unescape(page.text)) == (on_page != 200)


def test_csv_and_xlsx_hold_what_the_statement_says(client: TestClient) -> None:
    made = statement(client, "journal")
    response = client.get("/api/v1/statements/journal.csv", params=OCTOBER)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="journal-2026-10-01-2026-10-31-as-of-2.csv"' in response.headers["content-disposition"]
    header, *body = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert header == ["section", "row", "kind", "debit", "credit", "difference"]
    wanted = [[cell["value"] if cell else "" for cell in row["cells"]] for s in made["sections"] for row in s["rows"]]
    assert [row[3:5] for row in body if row[0] != "control"] == wanted
    book = client.get("/api/v1/statements/trial-balance.xlsx", params=OCTOBER)
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    sheet = pl.read_excel(io.BytesIO(book.content), has_header=False, infer_schema_length=0)
    assert "Trial balance" in sheet[0, 0]
    shown = next(row for row in sheet.iter_rows() if row[0] == "income:sales")
    balance = rows(statement(client, "trial-balance"))["income:sales"]
    assert [Decimal(str(one)) for one in shown[1:]] == [Decimal(one or 0) for one in balance]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_has_every_figure_as_a_link_to_its_proof(client: TestClient, kind: str) -> None:
    page = client.get("/statements", params={"kind": kind, **OCTOBER})
    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    assert " style=" not in page.text
    assert "<script" not in page.text
    made = statement(client, kind)
    cells = [
        c for s in made["sections"][:40] for row in s["rows"] for c in row["cells"] if c and c["value"] is not None
    ]
    assert any(Decimal(cell["value"]) for cell in cells)
    for cell in cells[:30]:
        assert f'href="{cell["url"]}"' in page.text
    for control in made["controls"]:
        assert control["sentence"] in unescape(page.text)
    assert "agrees" in page.text
    assert MARKUP not in page.text


def test_a_page_without_a_period_shows_the_last_month_whole(client: TestClient) -> None:
    page = client.get("/statements").text
    assert 'value="2026-10-01"' in page
    assert 'value="2026-10-31"' in page
    assert re.search(r'<a href="[^"]*" aria-current="true">October 2026</a>', page)


def test_a_long_journal_comes_in_pages(client: TestClient) -> None:
    first = client.get("/statements", params={"kind": "journal", **OCTOBER}).text
    last = client.get("/statements", params={"kind": "journal", **OCTOBER, "page": 2}).text
    assert "Downtown, 2026-10-01" in first
    assert "Downtown, 2026-10-21" in last
    assert "Downtown, 2026-10-01" not in last
    following = re.search(r'<a rel="next" href="([^"]+)"', first)
    assert following is not None
    assert client.get(unescape(following[1])).text == last


def test_a_store_without_anything_and_a_book_without_anything_say_so(client: TestClient, tmp_path: Path) -> None:
    query = urlencode({"kind": "tips", **OCTOBER, "store": "Downtown"})
    assert "Nothing was posted in this period at Downtown." in client.get(f"/statements?{query}").text
    make_book(tmp_path / "book").close()
    empty = Service.open(tmp_path / "book", InstallationSettings())
    with TestClient(create_app(empty, InstallationSettings()), base_url="http://localhost") as asked:
        assert "Nothing is in this book yet" in asked.get("/statements").text
        assert asked.get("/api/v1/statements/tax").json()["sections"] == []
    empty.close()


def test_statements_are_in_the_description_of_the_api(client: TestClient) -> None:
    api = client.get("/api/v1/openapi.json").json()
    for ending in ("", ".csv", ".xlsx"):
        asked = api["paths"][f"/api/v1/statements/{{kind}}{ending}"]["get"]
        assert {one["name"] for one in asked["parameters"]} == {"kind", "from", "to", "store", "against", "as_of"}
    assert api["components"]["schemas"]["StatementAnswer"]["properties"]["reading"]["examples"]
