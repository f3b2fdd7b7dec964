"""Vendors' files in their exact shapes, taken without ``--source``, and what posts from them.

``UPDATE_GOLDEN=1 pytest tests/ingest/sources/test_golden_vendors.py`` writes the results anew; look at the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.sources.signed_receipts import COUNTER_KEY_64
from tests.ingest.sources.vendor import Case, check

PAYMENTS = {"sources": {"square": {"tickets": "payments"}}}
BALANCE = {"sources": {"stripe": {"tickets": "balance_transactions"}}}
COUNTERS = {"sources": {"dep7": {"turnover_keys": {"KASSE-1": COUNTER_KEY_64}}}}
STRIPE = (
    "stripe/charges.json",
    "stripe/refunds.json",
    "stripe/charge_succeeded.json",
    "stripe/payout_paid.json",
    "stripe/balance_transactions.json",
)
LOYVERSE = ("loyverse/receipts-2026-07-01-2026-07-28.csv", "loyverse/receipts-by-item-2026-07-01-2026-07-28.csv")
STRIPE_FEES = {"sources": {"stripe": {"fees": "payouts"}}}
TOAST = {"stores": {"Harbour": {"aliases": ["Toast", "4622e7a9-b4be-3fef-9220-b3dad273e0b4"]}}}
CASES = {
    "square/orders": Case(("square/orders.json",)),
    "square/payouts": Case(("square/payouts.json", "square/payout_entries.json")),
    "square/parts": Case(("square/payments.json", "square/refunds.json", "square/order_updated.json")),
    "square/payments": Case(
        ("square/payments.json", "square/refunds.json", "square/payment_updated.json"), tables=PAYMENTS
    ),
    "square/items": Case(("square/items-2026-10-05-2026-10-07.csv",)),
    "square/set": Case(("square/transactions-2026-10-05-2026-10-07.csv", "square/items-2026-10-05-2026-10-07.csv")),
    "shopify/orders": Case(("shopify/orders.json", "shopify/refund_create.json", "shopify/order_paid.json")),
    "shopify/yen": Case(("shopify/order_yen.json",), "JPY", "Asia/Tokyo"),
    "shopify/export": Case(("shopify/orders_export.csv",)),
    "stripe/charges": Case(STRIPE),
    "stripe/balance": Case(("stripe/balance_transactions.json", "stripe/charges.json"), tables=BALANCE),
    "stripe/yen": Case(("stripe/charge_yen.json",), "JPY", "Asia/Tokyo"),
    "stripe/reconciliation": Case(("stripe/payout_reconciliation.csv",), tables=STRIPE_FEES),
    "stripe/payouts": Case(("stripe/payouts_itemized.csv",)),
    "shopify/payouts": Case(("shopify/payouts.json", "shopify/balance_transactions.json")),
    "shopify/transactions": Case(("shopify/payment_transactions_export_1.csv", "shopify/payouts_export.csv")),
    "stripe/dashboard": Case(("stripe/unified_payments.csv", "stripe/balance_history.csv", "stripe/payouts.csv")),
    "toast/orders": Case(("toast/orders.json", "toast/order_updated.json"), tables=TOAST),
    "stripe/report": Case(("stripe/balance_change_from_activity.csv",)),
    "poslog/poslog": Case(("poslog/poslog.xml",)),
    "dsfinvk/export": Case(("dsfinvk/export.zip",), "EUR", "Europe/Berlin"),
    "loyverse/set": Case(LOYVERSE),
    "toast/set": Case(("toast/OrderDetails.csv", "toast/ItemSelectionDetails.csv", "toast/PaymentDetails.csv")),
    "zettle/purchases": Case(("zettle/purchases.json",), "SEK", "Europe/Stockholm"),
    "zettle/raw_data": Case(("zettle/raw_data.csv",), "GBP", "Europe/London"),
    "zettle/report": Case(("zettle/Zettle-Raw-Data-Report.xlsx",), "DKK", "Europe/Copenhagen"),
    "clover/orders": Case(("clover/orders.json",)),
    "clover/set": Case(("clover/Orders.csv", "clover/LineItems.csv", "clover/Payments.csv")),
    "clover/payments": Case(("clover/Payments.csv",)),
    "lightspeed/sales": Case(("lightspeed/sales.csv",)),
    "sumup/umsatzbericht": Case(("sumup/umsatzbericht.csv",), "EUR", "Europe/Berlin"),
    "sumup/transaktionsbericht": Case(("sumup/transaktionsbericht.csv",), "EUR", "Europe/Berlin"),
    "loyverse/items": Case(("loyverse/recibos-por-articulo.csv",), "MXN", "America/Mexico_City"),
    "dep7/dep7": Case(("dep7/dep7.json",), "EUR", "Europe/Vienna", COUNTERS),
    "sumup/sales_report": Case(("sumup/sales_report.csv",), "EUR", "Europe/Berlin"),
}


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_what_a_vendors_files_post(name: str, case: Case, tmp_path: Path) -> None:
    check(name, case, tmp_path)
