"""Damaged files of every vendor: whatever the bytes, a batch or a sentence with its place, and never a crash.

A short run with a fixed seed in the suite; ``python -m bench.fuzz`` takes 10,000 of each.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ledger.settings import parse
from tests.ingest.sources.mutations import mutated, outcome
from tests.ingest.sources.vendor import GOLDEN

SETTINGS = parse({"book": {"id": "fuzz", "name": "Fuzz", "currency": "USD", "time_zone": "America/New_York"}})
FILES = {
    "square": ("square/orders.json", "square/payments.json", "square/refunds.json", "square/payment_updated.json"),
    "shopify": ("shopify/orders.json", "shopify/refund_create.json", "shopify/order_paid.json"),
    "shopify-csv": ("shopify/orders_export.csv",),
    "stripe": ("stripe/charges.json", "stripe/refunds.json", "stripe/charge_succeeded.json"),
    "stripe-csv": ("stripe/balance_change_from_activity.csv",),
    "poslog": ("poslog/poslog.xml",),
    "dsfinvk": ("dsfinvk/export.zip",),
    "sumup": ("sumup/sales_report.csv",),
    "square-csv": ("square/items-2026-10-05-2026-10-07.csv",),
}
SETS = {
    "loyverse": ("loyverse/receipts-2026-07-01-2026-07-28.csv", "loyverse/receipts-by-item-2026-07-01-2026-07-28.csv"),
    "toast": ("toast/OrderDetails.csv", "toast/ItemSelectionDetails.csv", "toast/PaymentDetails.csv"),
    "square-set": (
        "square/transactions-2026-10-05-2026-10-07.csv",
        "square/items-2026-10-05-2026-10-07.csv",
    ),
}
"""Files that are read together: of each set one is damaged."""
INPUTS = 25


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
