"""Damaged files of every vendor: whatever the bytes, a batch or a sentence with its place, and never a crash.

A short run with a fixed seed in the suite; ``python -m bench.fuzz`` takes 10,000 of each.
"""

from __future__ import annotations

import csv
import json
import random
import re
import zipfile
from pathlib import Path

import pytest

from ingest.archive import files
from ledger.conflicts import CONFLICT
from ledger.errors import DocumentError
from ledger.settings import parse
from tests.ingest.sources.mutations import mutated, outcome
from tests.ingest.sources.vendor import GOLDEN, Case, taken

SETTINGS = parse({"book": {"id": "fuzz", "name": "Fuzz", "currency": "USD", "time_zone": "America/New_York"}})
FILES = {
    "square": (
        "square/orders.json",
        "square/payments.json",
        "square/refunds.json",
        "square/payment_updated.json",
        "square/payouts.json",
        "square/payout_entries.json",
    ),
    "shopify": (
        "shopify/orders.json",
        "shopify/refund_create.json",
        "shopify/order_paid.json",
        "shopify/payouts.json",
        "shopify/balance_transactions.json",
    ),
    "shopify-csv": ("shopify/orders_export.csv", "shopify/payment_transactions_export_1.csv"),
    "stripe": (
        "stripe/charges.json",
        "stripe/refunds.json",
        "stripe/charge_succeeded.json",
        "stripe/payout_paid.json",
        "stripe/balance_transactions.json",
    ),
    "stripe-csv": ("stripe/balance_change_from_activity.csv", "stripe/payout_reconciliation.csv"),
    "toast-json": ("toast/orders.json", "toast/order_updated.json"),
    "poslog": ("poslog/poslog.xml",),
    "dsfinvk": ("dsfinvk/export.zip",),
    "clover-json": ("clover/orders.json",),
    "dep7": ("dep7/dep7.json",),
    "zettle": ("zettle/purchases.json",),
    "zettle-csv": ("zettle/raw_data.csv",),
    "lightspeed": ("lightspeed/sales.csv",),
    "sumup": ("sumup/sales_report.csv",),
    "square-csv": ("square/items-2026-10-05-2026-10-07.csv",),
}
SETS = {
    "loyverse": ("loyverse/receipts-2026-07-01-2026-07-28.csv", "loyverse/receipts-by-item-2026-07-01-2026-07-28.csv"),
    "clover": ("clover/Orders.csv", "clover/LineItems.csv", "clover/Payments.csv"),
    "toast": ("toast/OrderDetails.csv", "toast/ItemSelectionDetails.csv", "toast/PaymentDetails.csv"),
    "square-set": (
        "square/transactions-2026-10-05-2026-10-07.csv",
        "square/items-2026-10-05-2026-10-07.csv",
    ),
}
"""Files that are read together: of each set one is damaged."""
INPUTS = 8


def beside(vendor: str, file: Path) -> list[Path]:
    """The other files of a file's set."""
    return [GOLDEN / one for one in SETS.get(vendor, ()) if GOLDEN / one != file]


@pytest.mark.parametrize("vendor", FILES | SETS)
def test_damaged_files_are_read_or_refused_with_a_sentence(vendor: str, tmp_path: Path) -> None:
    rng = random.Random(20261001)
    for number in range(INPUTS):
        file = GOLDEN / rng.choice((FILES | SETS)[vendor])
        content = mutated(file.read_bytes(), rng)
        try:
            outcome(content, file.name, SETTINGS, tmp_path, vendor, beside(vendor, file))
        except Exception:
            (tmp_path / f"bad-{number}{file.suffix}").write_bytes(content)
            raise


@pytest.mark.parametrize("vendor", FILES)
def test_whole_files_are_read(vendor: str, tmp_path: Path) -> None:
    for file in FILES[vendor]:
        assert outcome((GOLDEN / file).read_bytes(), Path(file).name, SETTINGS, tmp_path) == "read"


def test_amounts_in_another_countrys_writing_hold_their_tickets(tmp_path: Path) -> None:
    """``$8,00`` is not eight hundred dollars, and ``7.00`` is not seven hundred euros."""
    items = (GOLDEN / "square/items-2026-10-05-2026-10-07.csv").read_text("utf-8")
    path = tmp_path / "items.csv"
    path.write_text(re.sub(r"(-?)\$(\d+)\.(\d\d)", r'"\1$\2,\3"', items), encoding="utf-8")
    book = Case(()).book(tmp_path)
    report = taken(book, [path])
    assert (report.posted, report.quarantined) == (0, 5)
    assert "is not a number" in report.held[0].reason
    book.close()
    given = files((GOLDEN / "dsfinvk/export.zip").read_bytes(), "export.zip")
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for name, content in given.items():
            out.writestr(name, re.sub(rb"(?<=\d),(?=\d\d)", b".", content) if name.endswith(".csv") else content)
    book = Case((), "EUR", "Europe/Berlin").book(tmp_path / "other")
    report = taken(book, [archive])
    assert report.posted == 0
    assert any("which index.xml does not describe" in one.reason for one in report.held)
    book.close()


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_reads_the_same(delimiter: str, tmp_path: Path) -> None:
    golden = GOLDEN / "shopify/orders_export.csv"
    with golden.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    path = tmp_path / "orders_export.csv"
    with path.open("w", encoding="utf-16", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    roots = []
    for place, given in enumerate((golden, path)):
        book = Case(()).book(tmp_path / str(place))
        taken(book, [given])
        roots.append(book.store_day_roots())
        book.close()
    assert roots[0] == roots[1]


def test_a_number_twice_with_other_content_is_held_for_a_person(tmp_path: Path) -> None:
    page = json.loads((GOLDEN / "stripe/charges.json").read_text("utf-8"))
    page["data"].append(page["data"][1] | {"amount_captured": 4300})
    path = tmp_path / "charges.json"
    path.write_text(json.dumps(page), encoding="utf-8")
    book = Case(()).book(tmp_path)
    report = taken(book, [path])
    assert report.conflicts == 1
    assert {held.rule for held in report.held if held.external_id == page["data"][1]["id"]} == {CONFLICT}
    book.close()


def test_a_truncated_page_posts_nothing_and_says_where_it_ends(tmp_path: Path) -> None:
    content = (GOLDEN / "square/orders.json").read_bytes()
    path = tmp_path / "orders.json"
    path.write_bytes(content[: len(content) // 2])
    book = Case(()).book(tmp_path)
    with pytest.raises(DocumentError, match=r"orders\.json is no whole JSON: it ends in the middle \(line \d+\)"):
        taken(book, [path])
    assert book.head().seq == 0
    book.close()
