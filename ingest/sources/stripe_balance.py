"""Stripe's balance transactions that are no sale and no refund: fees, disputes, reserves, payouts.

Relied on: Stripe's pages on the types of balance transactions and on reporting categories, which sort them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.settlements import CHARGEBACK, RESERVE, kept, moved
from ingest.settlements import payout as paid_out
from ingest.tickets import Row, Ticket

CLEARING, BALANCE_CLEARING = "card", "online"
"""What most charges are collected in; and all, where they are posted from balance transactions."""

_FEES = ("stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost")
_FEE_CATEGORIES = ("fee", "network_cost", "tax")
_ELSEWHERE = {
    "dispute": CHARGEBACK,
    "dispute_reversal": CHARGEBACK,
    "payment_reserve_hold": RESERVE,
    "payment_reserve_release": RESERVE,
    "payout_minimum_balance_hold": RESERVE,
    "payout_minimum_balance_release": RESERVE,
    "reserve_transaction": RESERVE,
    "reserved_funds": RESERVE,
    "reserve_hold": RESERVE,
    "reserve_release": RESERVE,
    "risk_reserved_funds": RESERVE,
}
"""Types and categories that move money elsewhere; any other keeps its name and waits for the book to know it."""
_TOLD_ELSEWHERE = ("payment_failure_refund", "refund_failure")
_PAYOUTS = ("payout", "payout_cancel", "payout_failure")


@dataclass(frozen=True)
class Transaction:
    """A balance transaction: its number, ``type``, reporting category and the object that it is ``of``; amounts in
    minor units, as the balance is."""

    number: str
    kind: str
    category: str | None
    of: str | None
    amount: int
    fee: int


def settled(one: Transaction, header: Row, place: str, *, from_balance: bool) -> Ticket | str:
    """The ticket that a transaction makes, or the sentence that says why it makes none."""
    clearing = BALANCE_CLEARING if from_balance else CLEARING
    if one.kind in _TOLD_ELSEWHERE and not from_balance:
        return f"Balance transaction {one.number} is that of {one.of}, which posts it"
    if one.kind in _PAYOUTS:
        if not from_balance and one.fee:
            return kept(header, one.fee, place, clearing)  # of an instant payout, which says its amount alone
        if not from_balance:
            return f"Balance transaction {one.number} is that of payout {one.of}, which posts it"
        number = one.of if one.kind == "payout" and one.of else one.number
        return paid_out({**header, "external_id": number}, -one.amount, place, clearing, one.fee)
    if one.kind in _FEES or one.category in _FEE_CATEGORIES:
        return kept(header, one.fee - one.amount, place, clearing)
    to = _ELSEWHERE.get(one.kind) or _ELSEWHERE.get(one.category or "") or one.kind
    return moved(header, to, one.amount, one.fee, place, clearing)
