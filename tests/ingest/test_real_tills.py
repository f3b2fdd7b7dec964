"""Real tills' data: everything posted, totals as an independent computation has them, drafts that read them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
import pytest

from ingest.draft import draft
from ingest.mapping import of_tables
from ledger.book import Book
from ledger.settings import Business
from tests.assistant.ask.books import FILES, RealBook
from tests.ingest.shop import intake
from tests.places import DATA, needs_data

pytestmark = needs_data

TICKETS = {"completejourney": 47_243, "supermarket": 1_000, "chinook": 412}

RIGHT = {
    "supermarket": {
        ("ticket", "external_id"): "[Invoice ID]", ("ticket", "closed_at"): "concat([Date], ' ', [Time])",
        ("ticket", "customer"): "[Customer type]", ("ticket", "store"): "[City]",
        ("line", "category"): "[Product line]",
        ("line", "name"): "[Product line]", ("line", "quantity"): "[Quantity]", ("line", "unit_price"): "[Unit price]",
        ("line", "list_price"): "[Unit price]", ("line", "tax"): "[Tax 5%]",
        ("line", "gross"): "[Quantity] * [Unit price]",
        ("tender", "type"): "[Payment]",
    },
    "completejourney": {
        ("ticket", "external_id"): "[basket_id]", ("ticket", "store"): "[store_id]",
        ("ticket", "closed_at"): "[transaction_timestamp]", ("ticket", "customer"): "[household_id]",
        ("line", "item_id"): "[product_id]", ("line", "quantity"): "[quantity]", ("line", "net"): "[sales_value]",
        ("line", "category"): "[product.product_category]", ("line", "name"): "[product.product_type]",
        ("line", "discount"):
            "coalesce([retail_disc], 0) + coalesce([coupon_disc], 0) + coalesce([coupon_match_disc], 0)",
        ("tender", "type"): "'unspecified'",
    },
    "chinook": {
        ("ticket", "external_id"): "[InvoiceId]", ("ticket", "store"): "[BillingCountry]",
        ("ticket", "closed_at"): "[InvoiceDate]", ("ticket", "total"): "[Total]",
        ("ticket", "customer"): "concat([customer.FirstName], ' ', [customer.LastName])",
        ("line", "number"): "[InvoiceLineId]", ("line", "item_id"): "[TrackId]", ("line", "name"): "[track.Name]",
        ("line", "category"): "[genre.Name]", ("line", "quantity"): "[Quantity]", ("line", "unit_price"): "[UnitPrice]",
    },
}  # fmt: skip
"""What a person would write for each field that the files carry."""


@pytest.mark.parametrize("name", TICKETS)
def test_every_ticket_is_posted_and_the_totals_are_those_of_the_file(name: str, tmp_path: Path) -> None:
    made = RealBook(name, tmp_path / "book")
    assert (made.report.records, made.report.posted) == (TICKETS[name], TICKETS[name])
    by_store: dict[str, int] = {}
    for chunk in made.book.committed():
        income = chunk.postings.filter(pl.col("account").is_in(["income:sales", "income:discounts", "income:returns"]))
        joined = income.join(chunk.entries, on=["seq", "n"]).group_by("store").agg(-pl.col("amount_minor").sum())
        for store, amount in joined.iter_rows():
            by_store[store] = by_store.get(store, 0) + amount
    raw = made.raw.sql("SELECT store, CAST(sum(net) * 100 AS BIGINT) FROM raw GROUP BY store").fetchall()
    assert by_store == dict(raw)
    assert made.book.verify().ok
    made.close()


def test_taking_it_again_posts_nothing(tmp_path: Path) -> None:
    assert DATA is not None
    made = RealBook("chinook", tmp_path / "book")
    files = [DATA / "chinook" / file for file in FILES["chinook"]]
    assert intake(made.book, *files, mapping=None, source="till").duplicates == TICKETS["chinook"]
    made.close()


@pytest.mark.parametrize("name", TICKETS)
def test_a_draft_is_right_for_most_columns(name: str) -> None:
    assert DATA is not None
    text, _ = draft([DATA / name / file for file in FILES[name]])
    tables = tomllib.loads(text)
    of_tables(tables, "draft.toml")
    right = [
        (role, field) for (role, field), wanted in RIGHT[name].items() if tables.get(role, {}).get(field) == wanted
    ]
    assert len(right) >= 0.8 * len(RIGHT[name]), sorted(set(RIGHT[name]) - set(right))


@pytest.mark.parametrize("name", ["supermarket", "completejourney"])
def test_a_draft_reads_its_files_as_it_stands(name: str, tmp_path: Path) -> None:
    assert DATA is not None
    files = [DATA / name / file for file in FILES[name]]
    text, _ = draft(files)
    book = Book.create(tmp_path / "book", Business(id=name, name=name, currency="USD"))
    report = intake(book, *files, mapping=text)
    assert report.posted >= 0.999 * TICKETS[name]
    book.close()
