"""Which source a file is of, without being told; and what is said of files that are nobody's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from ingest import places
from ledger.errors import DocumentError, MappingError
from tests.ingest.shop import export, intake, new_book, row
from tests.ingest.sources.vendor import GOLDEN, Case, taken

WHOSE = {
    "square": (
        "square/orders.json",
        "square/payments.json",
        "square/refunds.json",
        "square/payout_entries.json",
        "square/items-2026-10-05-2026-10-07.csv",
    ),
    "shopify": (
        "shopify/orders.json",
        "shopify/refund_create.json",
        "shopify/orders_export.csv",
        "shopify/payouts.json",
    ),
    "toast": ("toast/orders.json",),
    "stripe": (
        "stripe/charges.json",
        "stripe/refunds.json",
        "stripe/charge_succeeded.json",
        "stripe/payout_paid.json",
        "stripe/balance_transactions.json",
        "stripe/balance_change_from_activity.csv",
        "stripe/payout_reconciliation.csv",
    ),
    "poslog": ("poslog/poslog.xml",),
    "dsfinvk": ("dsfinvk/export.zip",),
    "clover": ("clover/orders.json", "clover/Payments.csv"),
    "dep7": ("dep7/dep7.json",),
    "zettle": ("zettle/purchases.json", "zettle/raw_data.csv", "zettle/Zettle-Raw-Data-Report.xlsx"),
    "lightspeed": ("lightspeed/sales.csv",),
    "sumup": ("sumup/sales_report.csv", "sumup/umsatzbericht.csv", "sumup/transaktionsbericht.csv"),
}


@pytest.mark.parametrize(("source", "file"), [(name, file) for name, files in WHOSE.items() for file in files])
def test_a_file_tells_whose_it_is(source: str, file: str, tmp_path: Path) -> None:
    book = Case(()).book(tmp_path)
    book.close()
    done = CliRunner().invoke(app, ["ingest", str(tmp_path / "book"), str(GOLDEN / file), "--json"])
    assert done.exit_code == 0, done.output
    counts = json.loads(done.stdout)
    assert counts["records"] > 0
    book = type(book).open(tmp_path / "book")
    assert {feed.source for feed in book.feeds()} == {source}
    book.close()


def test_a_source_that_is_given_wins_over_the_look_of_the_file(tmp_path: Path) -> None:
    book = Case(()).book(tmp_path)
    taken(book, [GOLDEN / "square/orders.json"], source="kiosk")
    assert {feed.source for feed in book.feeds()} == {"kiosk"}
    book.close()


def test_a_mapping_that_is_remembered_for_unnamed_files_does_not_read_a_vendors(tmp_path: Path) -> None:
    book = new_book(tmp_path)
    intake(book, export(tmp_path / "a.csv", [row("1")]), source="till")
    taken(book, [GOLDEN / "square/items-2026-10-05-2026-10-07.csv"])
    taken(book, [export(tmp_path / "b.csv", [row("2")])])
    assert {feed.source for feed in book.feeds()} == {"till", "square"}
    book.close()


def test_files_of_several_sources_in_one_command(tmp_path: Path) -> None:
    book = Case(()).book(tmp_path)
    report = taken(book, [GOLDEN / "square/orders.json", GOLDEN / "square/items-2026-10-05-2026-10-07.csv"])
    assert (report.documents, len(book.feeds())) == (2, 2)
    book.close()


def test_json_of_nobody_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "what.json"
    file.write_text('{"invoice": {"total": 5}}')
    book = Case(()).book(tmp_path)
    with pytest.raises(DocumentError, match=r"what\.json is JSON and like none of the vendors"):
        taken(book, [file])
    file.write_text('{"orders": []}')  # a page with nothing on it tells nothing, and is no error where it is expected
    assert taken(book, [file], source="square").records == 0
    book.close()


def test_a_vendors_layout_without_one_of_its_columns_names_it(tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    text = (GOLDEN / "square/items-2026-10-05-2026-10-07.csv").read_text("utf-8")
    file.write_text(text.replace(",Qty,", ",Count of it,", 1), encoding="utf-8")
    book = Case(()).book(tmp_path)
    with pytest.raises(MappingError, match=r"items\.csv has no column 'Qty'"):
        taken(book, [file])
    book.close()


@pytest.mark.parametrize("pretty", [False, True])
def test_a_place_in_json_leads_back_to_its_record(pretty: bool, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    orders = json.loads((GOLDEN / "square/orders.json").read_text("utf-8"))["orders"]
    file.write_text("\n".join(json.dumps(one, indent=1 if pretty else None) for one in orders), encoding="utf-8")
    book = Case(()).book(tmp_path)
    assert taken(book, [file]).posted == 9
    for n, number in ((0, "CAISENgvlJ6jLWAzERDzjyHVybY"), (2, "hZb3YtNwQpLk2sVcXr7mDfGjUoEZY")):
        entry = book.entry(1, n)
        assert entry is not None
        assert entry.ticket is not None
        found = places.line(book, entry.document, entry.ticket["locator"])
        assert dict(zip(found.header, found.cells, strict=True))["id"] == number
        first = places.line(book, entry.document, entry.lines[0]["locator"])
        assert dict(zip(first.header, first.cells, strict=True))["name"] == entry.lines[0]["name"].split(",")[0]
        assert [n for n, _ in first.after] == list(range(2, 1 + len(orders[n]["line_items"])))
    for wrong in ("/orders/99", "line 1/line_items/7", "line 4000000", "//", "/line_items"):
        with pytest.raises(DocumentError, match=r"has no place|there is no place"):
            places.line(book, entry.document, wrong)
    book.close()
