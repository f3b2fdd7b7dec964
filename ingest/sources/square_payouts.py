"""Square's payouts and their entries.

Relied on: Square's API reference for Payout, PayoutEntry, PayoutStatus and ActivityType, which says that the entries of
a payout come to its amount, and that an entry's net is its gross less its fee.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from ingest.records import Record, Unreadable, needed, said, text
from ingest.settlements import CHARGEBACK, RESERVE, check_net, differing, kept, moved, no_payout
from ingest.settlements import payout as paid_out
from ingest.sources.square_parts import currency_of, located, money, set_aside
from ingest.tickets import Made, Reading, Row
from ledger.settings import FeesFrom

FEES: Final[FeesFrom] = "tickets"
NO_LOCATION = "Square"
"""The store of an entry: it is of the account, and names no location."""

_OF_PAYMENTS = ("CHARGE", "REFUND", "BALANCE_CHARGE", "INCENTED_PAYMENT")
_FEES = (
    "DEPOSIT_FEE", "DEPOSIT_FEE_REVERSED", "FEE", "FREE_PROCESSING", "PAID_SERVICE_FEE", "PAID_SERVICE_FEE_REFUND",
    "SUBSCRIPTION_FEE", "SUBSCRIPTION_FEE_PAID_REFUND", "SUBSCRIPTION_FEE_REFUND", "TAX_ON_FEE", "THIRD_PARTY_FEE",
    "THIRD_PARTY_FEE_REFUND",
)  # fmt: skip
"""Activities of which all is a cost of taking payments, or a cost given back."""
_ELSEWHERE = {
    "DISPUTE": CHARGEBACK,
    "OPEN_DISPUTE": CHARGEBACK,
    "HOLD_ADJUSTMENT": RESERVE,
    "RELEASE_ADJUSTMENT": RESERVE,
    "RESERVE_HOLD": RESERVE,
    "RESERVE_RELEASE": RESERVE,
}
"""Activities that move money elsewhere; any other keeps its name and waits for the book to know it."""


def payout(record: Record, place: str, reading: Reading) -> Made:
    """A payout: clearing to the bank, or back where Square collects what it is owed."""
    number = needed(record, "id")
    status = text(record, "status")
    currency = currency_of(record)
    row: Row = {
        **located(record, place),
        "external_id": number,
        "version_stamp": text(record, "updated_at"),
        "business_date": _day(record),
        "closed_at": text(record, "created_at"),
        "currency": currency,
        "memo": text(record, "end_to_end_id"),
    }
    if status == "FAILED":
        return no_payout(row, place)
    if status not in ("SENT", "PAID", None):
        raise Unreadable(f"its status is {said(status)}, which is none of SENT, PAID, FAILED")
    if record.get("amount_money") is None:
        raise Unreadable("it has no amount_money")
    amount = money(record, "amount_money", currency)
    return differing(number, amount, currency, reading, place, row) or paid_out(row, amount, place)


def payout_entry(record: Record, place: str, reading: Reading) -> Made:
    """An entry of a payout: a fee, or money that went elsewhere. Payments post with their tickets."""
    number, kind = needed(record, "id"), needed(record, "type")
    of = payout_of(record)
    currency = currency_of(record)
    gross, fee = money(record, "gross_amount_money", currency), money(record, "fee_amount_money", currency)
    net = money(record, "net_amount_money", currency) if record.get("net_amount_money") is not None else None
    check_net(gross, fee, net)
    row: Row = {
        "external_id": number,
        "version_stamp": text(record, "effective_at"),
        "store": NO_LOCATION,
        "closed_at": text(record, "effective_at"),
        "currency": currency,
        "memo": f"{kind} of payout {of}",
    }
    if kind in _OF_PAYMENTS:
        with_ticket = reading.settings.fees_of(reading.source, FEES) == "tickets"
        if with_ticket or not fee:
            told = f"Entry {number} of payout {of} is a {kind}, which posts with its ticket"
            return set_aside("ignored", "square-payout-entry", f"{told}{', its fee too' if fee else ''}", record, place)
        return kept(row, fee, place)
    if kind == "RETURNED_PAYOUT":
        told = f"Entry {number} says that a payout was sent back, which that payout says itself"
        return set_aside("ignored", "square-payout-entry", told, record, place)
    if kind in _FEES:
        return kept(row, fee - gross, place)
    return moved(row, _ELSEWHERE.get(kind, kind.lower()), gross, fee, place)


def payout_of(record: Record) -> str:
    """The payout that an entry is of."""
    return needed(record, "payout_id")


def net_of(record: Record) -> int:
    """What an entry adds to its payout."""
    currency = currency_of(record)
    if record.get("net_amount_money") is not None:
        return money(record, "net_amount_money", currency)
    return money(record, "gross_amount_money", currency) - money(record, "fee_amount_money", currency)


def _day(record: Record) -> date | None:
    """The day on which it arrives in the bank; where it does not say, that of its creation counts."""
    written = text(record, "arrival_date")
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Unreadable(f"its arrival_date is {said(written)}, which is no date") from None
