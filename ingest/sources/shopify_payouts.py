"""Shopify Payments' payouts and balance transactions.

Relied on: Shopify's reference of the Payout and (balance) Transaction resources. A payout's amount is the gross amounts
of its summary less their fees; a transaction's net is its amount less its fee, and those of a payout come to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from ingest.records import Record, Unreadable, inner, minor, needed, said, text, yes
from ingest.settlements import CHARGEBACK, RESERVE, check_net, differing, kept, moved, no_payout, unequal
from ingest.settlements import payout as paid_out
from ingest.tickets import WHOLE, Aside, Made, Reading, Row
from ledger.errors import SettingsError
from ledger.money import decimals
from ledger.settings import FeesFrom

FEES: Final[FeesFrom] = "payouts"
NO_LOCATION = "Online"
"""The store of what was not sold at a location."""

_OF_ORDERS = ("charge", "refund", "payment_refund", "refund_failure", "charge_adjustment", "refund_adjustment")
_FEES = (
    "chargeback_fee", "chargeback_fee_refund", "dispute_fee", "dispute_fee_refund", "fee", "fee_refund",
    "application_fee_refund", "merchant_goodwill_credit", "managed_markets_charge_credit",
)  # fmt: skip
_ELSEWHERE: Mapping[str, str] = {
    "chargeback": CHARGEBACK,
    "chargeback_reversal": CHARGEBACK,
    "chargeback_hold": CHARGEBACK,
    "chargeback_hold_release": CHARGEBACK,
    "chargeback_protection_credit": CHARGEBACK,
    "chargeback_protection_debit": CHARGEBACK,
    "dispute": CHARGEBACK,
    "dispute_reversal": CHARGEBACK,
    "dispute_withdrawal": CHARGEBACK,
    "reserve": RESERVE,
    "reserved_funds": RESERVE,
    "reserved_funds_reversal": RESERVE,
    "reserved_funds_withdrawal": RESERVE,
}
"""Types that move money elsewhere; any other keeps its name and waits for the book to know it."""
_PAYOUTS = ("payout", "payout_failure", "payout_cancellation")
_PARTS = ("adjustments", "advance", "charges", "refunds", "reserved_funds", "retried_payouts")


def payout(record: Record, place: str, reading: Reading) -> Made:
    """A payout: clearing to the bank, or back where Shopify collects what it is owed."""
    number, status = needed(record, "id"), text(record, "status")
    currency, places = _currency(record)
    day = _day(record)
    amount = minor(record, "amount", places)
    if amount is None:
        raise Unreadable("it has no amount")
    if status in ("scheduled", "in_transit", "pending"):
        told = f"Payout {number} is {str(status).replace('_', ' ')}, and posts once it is paid"
        return _aside("shopify-payout", told, record, place)
    if status not in ("paid", "failed", "canceled", "cancelled"):
        raise Unreadable(f"its status is {said(record.get('status'))}, which is not known")
    undone = status != "paid"
    row: Row = {
        "external_id": number,
        # A payout has no time of change: one that came to nothing is later than the same when it was paid.
        "version_stamp": f"{day}T00:00:0{1 if undone else 0}+00:00",
        "store": NO_LOCATION,
        "business_date": day,
        "currency": currency,
    }
    if undone:
        return no_payout(row, place)
    differs = None  # by its own summary, where no entries were given
    if number not in reading.nets:
        differs = _summary_differs(record, number, amount, (currency, places), place, row)
    return differs or differing(number, amount, currency, reading, place, row) or paid_out(row, amount, place)


def transaction(record: Record, place: str, reading: Reading) -> Made:
    """A balance transaction: a fee, or money that went elsewhere. What was sold and refunded posts with its order."""
    if record.get("order_id") is not None and "payout_id" not in record:
        told = (
            f"Transaction {text(record, 'id')} is a payment of order {text(record, 'order_id')}; give it in its order"
        )
        return _aside("shopify-transaction", told, record, place)
    number, kind = needed(record, "id"), needed(record, "type")
    if yes(record, "test"):
        return _aside("shopify-test", f"Balance transaction {number} is a test", record, place)
    currency, places = _currency(record)
    amount, fee = minor(record, "amount", places), minor(record, "fee", places) or 0
    if amount is None:
        raise Unreadable("it has no amount")
    check_net(amount, fee, minor(record, "net", places))
    of = text(record, "payout_id")
    if kind in _PAYOUTS:
        told = f"Balance transaction {number} is that of payout {of}, which posts it"
        return _aside("shopify-balance", told, record, place)
    row: Row = {
        "external_id": number,
        "version_stamp": text(record, "processed_at"),
        "store": NO_LOCATION,
        "closed_at": text(record, "processed_at"),
        "currency": currency,
        "memo": f"{kind} of order {sold}" if (sold := text(record, "source_order_id")) else kind,
    }
    if kind in _OF_ORDERS:
        if not fee or reading.settings.fees_of(reading.source, FEES) == "tickets":
            told = f"Balance transaction {number} is a {kind}, which posts with its order"
            return _aside("shopify-balance", told, record, place)
        return kept(row, fee, place)
    if kind in _FEES:
        return kept(row, fee - amount, place)
    return moved(row, _ELSEWHERE.get(kind, kind), amount, fee, place)


def is_of_payout(record: Record) -> bool:
    """Whether a balance transaction is part of what a payout is made of."""
    return (
        record.get("payout_id") is not None and text(record, "type") not in _PAYOUTS and record.get("test") is not True
    )


def net_of(record: Record) -> int:
    """What a balance transaction adds to its payout."""
    _, places = _currency(record)
    net = minor(record, "net", places)
    return (minor(record, "amount", places) or 0) - (minor(record, "fee", places) or 0) if net is None else net


def _summary_differs(
    record: Record, number: str, amount: int, money: tuple[str, int], place: str, row: Row
) -> Aside | None:
    currency, places = money
    summary = inner(record, "summary")
    if not summary:
        return None
    nets = sum(
        (minor(summary, f"{part}_gross_amount", places) or 0) - (minor(summary, f"{part}_fee_amount", places) or 0)
        for part in _PARTS
    )
    return unequal(number, amount, nets, "its summary comes to {}", currency, place, row)


def _day(record: Record) -> date:
    written = needed(record, "date")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Unreadable(f"its date is {said(written)}, which is none") from None


def _currency(record: Record) -> tuple[str, int]:
    found = needed(record, "currency").upper()
    try:
        return found, decimals(found)
    except SettingsError:
        raise Unreadable(f"its currency is {said(found)}, which is none") from None


def _aside(rule: str, told: str, record: Record, place: str) -> Aside:
    return Aside("ignored", rule, f"{told} ({place or WHOLE})", place, text(record, "id"))
