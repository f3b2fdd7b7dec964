"""Stripe: charges, refunds, balance transactions and payouts as its API lists them, one by one or in events.

Relied on: Stripe's API reference for Charge, Refund, Balance Transaction, Event and List, and its page on currencies,
by which amounts are in the smallest unit of their currency, some currencies having other units than ISO 4217 gives
them.

A charge is a ticket, and each refund another. A charge has no time of change, so that one which comes with its balance
transaction, and with it its fee, counts as later than the same charge without. A balance transaction tells of a charge
or refund what those tell themselves; ``[sources.stripe] tickets = "balance_transactions"`` posts from it instead. Of
fees, disputes and reserves it alone tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from ingest.records import Record, Unreadable, each, inner, is_record, needed, said, text, whole, yes
from ingest.settlements import check_net, kept, no_payout
from ingest.settlements import payout as paid_out
from ingest.sources.source import guarded, json_source, keys_of, told_of
from ingest.sources.stripe_balance import Transaction, settled
from ingest.tickets import WHOLE, Aside, Made, Reading, Row, Ticket, plain_line, unreadable
from ledger.errors import SettingsError
from ledger.money import decimals

NAME = "stripe"
NO_LOCATION = "Online"
"""The store of what names none under ``metadata.store``: Stripe knows no stores."""

_ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_METHODS = {
    **dict.fromkeys(("card", "card_present", "interac_present"), "card"),
    **dict.fromkeys(
        (
            "ach_credit_transfer", "ach_debit", "acss_debit", "au_becs_debit", "bacs_debit", "bancontact",
            "customer_balance", "eps", "fpx", "giropay", "ideal", "nz_bank_account", "p24", "pay_by_bank", "sepa_debit",
            "sofort", "us_bank_account",
        ),
        "bank_transfer",
    ),
    **dict.fromkeys(("affirm", "afterpay_clearpay", "klarna", "paypal", "zip"), "online"),
    **dict.fromkeys(
        ("alipay", "amazon_pay", "cashapp", "grabpay", "link", "mobilepay", "revolut_pay", "twint", "wechat_pay"),
        "ewallet",
    ),
}  # fmt: skip
"""Methods of payment whose meaning is plain, as Stripe sorts them (cards, bank debits, redirects and transfers, payment
later, wallets); any other keeps its name and waits for the book to know it."""
_OBJECTS = frozenset({"charge", "refund", "balance_transaction", "payout"})
_KNOWN = ("charge", "refund", "balance_transaction", "payout", "event")
_SOLD = ("charge", "payment")
_BACK = ("refund", "payment_refund")
_FIRST, _WITH_FEE, _UNDONE = 0, 1, 2
"""Seconds by which what is known later of a record counts as later, where the record has no time of change."""


def _looks_like(head: bytes) -> bool:
    told = told_of(head)
    keys = keys_of(head)
    if "event" in told and {"api_version", "livemode", "data"} & keys:
        return True
    return bool(told & _OBJECTS) and bool({"livemode", "balance_transaction", "reporting_category"} & keys)


def _of_value(value: Any, place: str, reading: Reading) -> Iterator[Made]:
    for what, record, where in list(_found(value, place)):  # all of them are found before one is read
        number = record.get("id")
        shown = number[:60] if isinstance(number, str) else None
        yield from guarded(
            partial(_MAKERS[what], record, where, reading), what.replace("_", " ").capitalize(), where, shown
        )
        if what == "charge":
            yield from _refunds_of(record, where, reading)


def _found(value: Any, place: str) -> Iterator[tuple[str, Record, str]]:
    """The records in a list, in an event or by themselves: what each is, and where it stands."""
    if not is_record(value):
        raise Unreadable(f"it is {said(value)} where an object of Stripe is wanted")
    what = text(value, "object")
    if what in ("list", "search_result") or (what is None and isinstance(value.get("data"), list)):
        for n, one in enumerate(each(value, "data")):
            yield from _found(one, f"{place}/data/{n}")
    elif what == "event":
        inside = inner(inner(value, "data"), "object")
        if text(inside, "object") in _OBJECTS:
            yield from _found(inside, f"{place}/data/object")
        else:
            yield "event", value, place
    elif what in _KNOWN:
        yield what, value, place
    elif "error" in value:
        raise Unreadable("it is an answer with an error")
    else:
        raise Unreadable(f"its object is {said(value.get('object'))}, which is none of {', '.join(_KNOWN)}")


def _charge(charge: Record, place: str, reading: Reading) -> Made:
    number = needed(charge, "id")
    if _from_balance(reading):
        return _aside("stripe-charge", f"Charge {number} is posted from its balance transaction", charge, place)
    status = text(charge, "status")
    if status in ("pending", "failed"):
        return _aside("stripe-not-paid", f"Charge {number} is {status}", charge, place)
    if status != "succeeded":
        raise Unreadable(f"its status is {said(charge.get('status'))}, which is none of succeeded, pending, failed")
    if not yes(charge, "captured"):
        return _aside("stripe-not-paid", f"Charge {number} is authorised and not captured", charge, place)
    currency, scale = _currency(charge)
    captured = whole(charge, "amount_captured")
    amount = _scaled(whole(charge, "amount") if captured is None else captured, scale)
    method = inner(charge, "payment_method_details")
    card = inner(method, "card") or inner(method, "card_present")
    source = inner(charge, "source")  # how charges were paid before there were payment methods
    kind = text(method, "type") or text(source, "object") or "unspecified"
    fee = _fee(charge, currency) if _fees_with_tickets(reading) else None
    return Ticket(
        {
            **_header(charge, place, currency, _FIRST if fee is None else _WITH_FEE),
            "kind": "sale",
            "customer": text(charge, "customer"),
            "memo": text(charge, "receipt_number") or text(charge, "payment_intent"),
            "total_minor": amount,
        },
        [plain_line("item", text(charge, "description"), amount, place or WHOLE)],
        [
            {
                "type": _METHODS.get(kind, kind),
                "brand": text(card, "brand") or text(source, "brand"),
                "amount_minor": amount,
                "token": text(charge, "payment_method") or number,
                "entry_method": text(card, "read_method"),
                "fee_minor": fee or None,
                "locator": place or WHOLE,
            }
        ],
    )


def _refunds_of(charge: Record, place: str, reading: Reading) -> Iterator[Made]:
    """The refunds that older versions of the API list in their charge."""
    try:
        refunds = each(inner(charge, "refunds"), "data")
    except Unreadable as error:
        yield unreadable("The refunds of a charge", str(error), place)
        return
    for n, refund in enumerate(refunds):
        number = refund.get("id")
        at = f"{place}/refunds/data/{n}"
        shown = number[:60] if isinstance(number, str) else None
        yield from guarded(partial(_refund, refund, at, reading), "Refund", at, shown)


def _refund(refund: Record, place: str, reading: Reading) -> Made:
    number = needed(refund, "id")
    if _from_balance(reading):
        return _aside("stripe-refund", f"Refund {number} is posted from its balance transaction", refund, place)
    status = text(refund, "status")
    if status in ("pending", "requires_action"):
        return _aside("stripe-not-paid", f"Refund {number} is {str(status).replace('_', ' ')}", refund, place)
    if status not in ("succeeded", "failed", "canceled"):
        raise Unreadable(f"its status is {said(refund.get('status'))}, which is not known")
    undone = status != "succeeded"
    currency, scale = _currency(refund)
    amount = -_scaled(whole(refund, "amount"), scale)
    kind = text(inner(refund, "destination_details"), "type") or "unspecified"
    fee = _fee(refund, currency) if _fees_with_tickets(reading) else None
    return Ticket(
        {
            **_header(refund, place, currency, _UNDONE if undone else _FIRST if fee is None else _WITH_FEE),
            "kind": "void_after_tender" if undone else "return",
            "original_external_id": None if undone else text(refund, "charge"),
            "memo": text(refund, "reason"),
            "total_minor": amount,
        },
        [plain_line("item", None, amount, place or WHOLE)],
        [
            {
                "type": _METHODS.get(kind, kind),
                "amount_minor": amount,
                "token": number,
                "fee_minor": fee or None,
                "locator": place or WHOLE,
            }
        ],
    )


def _balance_transaction(record: Record, place: str, reading: Reading) -> Made:
    number, kind = needed(record, "id"), needed(record, "type")
    source = record.get("source")
    of = text(source, "id") if is_record(source) else text(record, "source")
    currency, scale = _currency(record)
    amount, fee = _scaled(whole(record, "amount"), scale), _scaled(whole(record, "fee") or 0, scale)
    net = whole(record, "net")
    check_net(amount, fee, None if net is None else _scaled(net, scale))
    header = _header(record, place, currency, _FIRST)
    if kind not in (*_SOLD, *_BACK):
        header["memo"] = text(record, "description") or kind
        one = Transaction(number, kind, text(record, "reporting_category"), of, amount, fee)
        made = settled(one, header, place, from_balance=_from_balance(reading))
        return _aside("stripe-balance", made, record, place) if isinstance(made, str) else made
    if not _from_balance(reading):
        if _fees_with_tickets(reading) or not fee:
            told = f"Balance transaction {number} is that of {of}, which posts it"
            return _aside("stripe-balance", told, record, place)
        return kept({**header, "memo": of}, fee, place)
    return Ticket(
        {
            **header,
            "external_id": of or number,
            "kind": "sale" if kind in _SOLD else "return",
            "memo": number,
            "total_minor": amount,
        },
        [plain_line("item", text(record, "description"), amount, place or WHOLE)],
        [
            {
                "type": "online",
                "amount_minor": amount,
                "token": of,
                "fee_minor": (fee or None) if _fees_with_tickets(reading) else None,
                "locator": place or WHOLE,
            }
        ],
    )


def _payout(record: Record, place: str, reading: Reading) -> Made:
    number, status = needed(record, "id"), text(record, "status")
    if _from_balance(reading):
        return _aside("stripe-payout", f"Payout {number} is posted from its balance transaction", record, place)
    if status in ("pending", "in_transit"):
        told = f"Payout {number} is {str(status).replace('_', ' ')}, and posts once it is paid"
        return _aside("stripe-payout", told, record, place)
    if status not in ("paid", "failed", "canceled"):
        raise Unreadable(f"its status is {said(record.get('status'))}, which is not known")
    currency, scale = _currency(record)
    undone = status != "paid"
    header = {
        **_header(record, place, currency, _UNDONE if undone else _FIRST),
        "store": NO_LOCATION,
        "business_date": _arrival(record),
        "memo": text(record, "statement_descriptor") or text(record, "description"),
    }
    if undone:
        return no_payout(header, place)
    return paid_out(header, _scaled(whole(record, "amount"), scale), place)


def _arrival(record: Record) -> date | None:
    """The day on which a payout arrives in the bank: midnight there, written as midnight UTC."""
    at = whole(record, "arrival_date")
    if at is None:
        return None
    if not 0 < at < 4_000_000_000:
        raise Unreadable(f"its arrival_date is {said(at)}, which is no time")
    return datetime.fromtimestamp(at, UTC).date()


def _event(record: Record, place: str, reading: Reading) -> Made:
    return _aside("stripe-event", f"Event '{text(record, 'type')}' brings no charge and no refund", record, place)


# --- parts ------------------------------------------------------------------------------------------------------


def _from_balance(reading: Reading) -> bool:
    return reading.settings.tickets_of(reading.source, "charges") == "balance_transactions"


def _fees_with_tickets(reading: Reading) -> bool:
    return reading.settings.fees_of(reading.source, "tickets") == "tickets"


def _header(record: Record, place: str, currency: str, later: int) -> Row:
    created = whole(record, "created")
    if created is None or not 0 < created < 4_000_000_000:
        raise Unreadable(f"its created is {said(record.get('created'))}, which is no time")
    return {
        "locator": place,
        "external_id": text(record, "id"),
        "version_stamp": datetime.fromtimestamp(created + later, UTC).isoformat(),
        "store": text(inner(record, "metadata"), "store") or NO_LOCATION,
        "closed_at": datetime.fromtimestamp(created, UTC).isoformat(),
        "currency": currency,
    }


def _fee(record: Record, currency: str) -> int | None:
    """The fee of a record whose balance transaction came with it, in the same currency; else nothing."""
    balance = record.get("balance_transaction")
    if not is_record(balance):
        return None
    named, scale = _currency(balance)
    return _scaled(whole(balance, "fee"), scale) if named == currency else None


def _currency(record: Record) -> tuple[str, int]:
    """A record's currency, and how many more decimals Stripe's unit of it has than the ledger's."""
    named = needed(record, "currency").upper()
    theirs = 0 if named in _ZERO_DECIMAL else 3 if named in _THREE_DECIMAL else 2
    try:
        return named, theirs - decimals(named)
    except SettingsError:
        raise Unreadable(f"its currency is {said(record.get('currency'))}, which is none") from None


def _scaled(amount: int | None, scale: int) -> int:
    if amount is None:
        raise Unreadable("it has no amount")
    if scale <= 0:
        return amount * int(10**-scale)
    unit: int = 10**scale
    made, rest = divmod(amount, unit)
    if rest:
        raise Unreadable(f"its amount {amount} is no whole number of the currency's units")
    return made


def amount_of(record: Record) -> tuple[str, int]:
    """The currency of a record and its amount in the ledger's minor units; Unreadable where it has none."""
    currency, scale = _currency(record)
    return currency, _scaled(whole(record, "amount"), scale)


def _aside(rule: str, told: str, record: Record, place: str) -> Aside:
    return Aside("ignored", rule, f"{told} ({place or WHOLE})", place, text(record, "id"))


_MAKERS = {
    "charge": _charge,
    "refund": _refund,
    "balance_transaction": _balance_transaction,
    "payout": _payout,
    "event": _event,
}

SOURCE = json_source(NAME, _looks_like, _of_value)
