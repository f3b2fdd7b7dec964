"""What was late for a locked period is marked where entries are listed and in the daily sales journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.periods import BEGINNING
from tests.builders import AT, DAY, line, make_book, post, ticket

BEFORE, NEXT = DAY - timedelta(days=1), DAY + timedelta(days=1)
MARK = f"prior period, of {DAY}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Two days, the first of which is locked; then two tickets late for it, one late for the day before, one in time,
    and one late for the day before at another store."""
    folder = tmp_path_factory.mktemp("late") / "book"
    book = make_book(folder)
    post(book, ticket("1"), ticket("2", business_date=NEXT))
    book.change_period(BEGINNING, DAY, "locked", by="Ada", reason="filed", at=AT)
    post(book, ticket("3"), ticket("4", lines=[line(700)]), ticket("5", business_date=BEFORE))
    post(book, ticket("6", business_date=NEXT), ticket("7", business_date=BEFORE, store="Airport"))
    book.close()
    service = Service.open(folder, InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    service.close()


def belonging(entries: list[dict[str, Any]]) -> dict[str, str | None]:
    return {one["external_id"]: one["original_business_date"] for one in entries}


LATE = {"3": str(DAY), "4": str(DAY), "5": str(BEFORE), "7": str(BEFORE)}


def test_a_list_of_entries_tells_the_date_that_each_belongs_to(client: TestClient) -> None:
    wanted = {"1": None, "2": None, "6": None, **LATE}
    assert belonging(client.get("/api/v1/entries").json()["entries"]) == wanted
    sales = client.get("/api/v1/entries", params={"account": "income:sales"}).json()["entries"]
    assert belonging(sales) == wanted
    assert {one["business_date"] for one in sales if one["external_id"] in LATE} == {str(NEXT)}


def test_the_page_of_entries_tags_them(client: TestClient) -> None:
    page = client.get("/entries").text
    assert page.count(f'<span class="tag warn">{MARK}</span>') == 2
    assert page.count("prior period, of") == len(LATE)
    assert "prior period" not in client.get("/entries", params={"business_date": str(DAY)}).text


def test_the_daily_journal_names_the_dates_that_a_day_holds_entries_of(client: TestClient) -> None:
    def titles(**given: str) -> list[str]:
        made = client.get("/api/v1/statements/journal", params=given).json()
        return [one["title"] for one in made["sections"]]

    late = {
        "Airport": f"Airport, {NEXT} (with prior-period entries, of {BEFORE})",
        "Downtown": f"Downtown, {NEXT} (with prior-period entries, of {BEFORE}, {DAY})",
    }
    assert titles() == [f"Downtown, {DAY}", late["Airport"], late["Downtown"]]
    assert titles(to=str(DAY)) == [f"Downtown, {DAY}"]
    assert titles(store="Airport") == [late["Airport"]]
    assert titles(as_of="2") == [f"Downtown, {DAY}", f"Downtown, {NEXT}"]
    assert titles(as_of="3") == [f"Downtown, {DAY}", late["Downtown"]]
    page = client.get("/statements", params={"kind": "journal", "from": str(BEFORE), "to": str(NEXT)}).text
    assert late["Downtown"] in page
    assert f"with prior-period entries, of {BEFORE}" in client.get("/api/v1/statements/journal.csv").text


def test_a_long_list_of_dates_is_cut_with_their_number(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    book.change_period(BEGINNING, DAY, "locked", by="Ada", reason="filed", at=AT)
    post(book, *(ticket(str(count), business_date=DAY - timedelta(days=count)) for count in range(7)))
    book.close()
    service = Service.open(tmp_path / "book", InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as client:
        (section,) = client.get("/api/v1/statements/journal").json()["sections"]
    service.close()
    first = DAY - timedelta(days=6)
    assert section["title"].startswith(f"Downtown, {NEXT} (with prior-period entries, of {first}, ")
    assert section["title"].endswith(f"{first + timedelta(days=4)} and 2 more days)")
