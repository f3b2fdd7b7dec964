"""Drafts of mappings, on exports of other shapes than the real ones."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingest.draft import draft
from ingest.mapping import of_tables
from ledger.errors import DocumentError
from tests.ingest.shop import export, intake, new_book, row


def drafted(path: Path) -> tuple[dict[str, Any], list[str]]:
    text, notes = draft([path])
    tables = tomllib.loads(text)
    of_tables(tables, "draft.toml")
    return tables, notes


def test_a_draft_of_an_ordinary_export_takes_it(tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [row(f"R{n}", Closed=f"2026-10-{n + 1:02} 12:00:00") for n in range(20)], [
        "Receipt No", "Updated At", "Store", "Closed At", "Type", "Item", "Category", "Qty", "Unit Price", "Discount",
        "Tax", "Total", "Payment Method", "Note"])  # fmt: skip
    text, notes = draft([path])
    tables = tomllib.loads(text)
    assert tables["ticket"]["external_id"] == "[Receipt No]"
    assert tables["ticket"]["version_stamp"] == "[Updated At]"
    assert tables["values"]["kind"] == {"SALE": "sale"}
    assert tables["line"]["discount"] == "coalesce([Discount], 0)"
    assert any("jurisdiction" in note for note in notes)
    book = new_book(tmp_path)
    assert intake(book, path, mapping=text).posted == 20
    book.close()


def test_german_numbers_and_dates_are_told_from_the_values(tmp_path: Path) -> None:
    path = tmp_path / "kasse.csv"
    path.write_text(
        "Bon Nr;Filiale;Datum;Artikel;Menge;Unit Price;Total\n"
        "1;Mitte;05.10.2026 12:30;Kaffee;2;3,50;7,00\n"
        "2;Mitte;06.10.2026 09:15;Kuchen;1;1.004,20;1.004,20\n",
        encoding="utf-8",
    )
    tables, _ = drafted(path)
    assert tables["mapping"]["decimal"] == ","
    assert tables["ticket"]["external_id"] == "[Bon Nr]"
    assert tables["ticket"]["store"] == "[Filiale]"
    assert tables["line"]["quantity"] == "[Menge]"


def test_what_is_not_used_or_not_known_is_said(tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [["7", "2026-10-05", "3.00"]], ["Order ID", "Date", "Total"])
    tables, notes = drafted(path)
    assert tables["ticket"]["store"] == "'Main store'"
    assert any("Main store" in note for note in notes)
    assert tables["ticket"]["business_date"] == "[Date]"


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_file_without_a_header_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=r"empty\.csv"):
        draft([path])


def test_a_column_that_is_quantity_times_price_is_no_cost(tmp_path: Path) -> None:
    header = ["Receipt", "Date", "Item", "Qty", "Price", "COGS"]
    rows = [[str(n), "2026-10-05", "Tea", str(n + 1), "1.50", f"{(n + 1) * 1.5:.2f}"] for n in range(9)]
    tables, notes = drafted(export(tmp_path / "a.csv", rows, header))
    assert "cost" not in tables["line"]
    assert any("COGS" in note for note in notes)
