"""Clover: orders as its REST API gives them, in pages or one by one, with line items, payments and refunds expanded.

Relied on: Clover's reference of the order, line item, payment, refund and tax rate of its platform API (version 3), by
which amounts are in cents, quantities of weighed items in thousandths, and times in milliseconds; and what the readers
of others found: the tip is not in an order's total, and its tax is that of its payments.

An order is a ticket, and each of its refunds another. An order without its payments or line items says too little and
is held: ask for them with ``expand``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from ingest.records import MICRO, Record, Unreadable, each, inner, is_record, needed, said, text, whole, yes
from ingest.sources.source import guarded, json_source, keys_of
from ingest.tickets import WHOLE, Aside, Made, Reading, Row, Ticket, plain_line, unreadable

NAME = "clover"
NO_MERCHANT = "Clover"
"""The store of an order that does not say whose it is."""

_TENDERS = {
    "com.clover.tender.credit_card": "card",
    "com.clover.tender.debit_card": "card",
    "com.clover.tender.cash": "cash",
    "com.clover.tender.check": "check",
    "com.clover.tender.gift_card": "gift_card",
    "com.clover.tender.external_gift_card": "gift_card",
}
"""Keys of tenders whose meaning is plain; any other is known by its label, or waits for the book to know it."""
_PAID = ("PAID", "REFUNDED", "PARTIALLY_REFUNDED", "MANUALLY_REFUNDED", "CREDITED")
_UNPAID = ("OPEN", "PARTIALLY_PAID")
_TAKEN = ("SUCCESS", "AUTH", "AUTH_COMPLETED")
_NOT_TAKEN = ("FAIL", "INITIATED", "VOIDED", "VOIDING", "VOID_FAILED")
_SIGNS = ({"paymentState", "lineItems"}, {"clientCreatedTime", "lineItems"}, {"taxRemoved", "paymentState"})
_TIME_MAX = 4_000_000_000_000
_RATE_UNIT = 10
"""Clover's rates are in ten-millionths, the ledger's in millionths."""


def _looks_like(head: bytes) -> bool:
    keys = keys_of(head)
    return any(signs <= keys for signs in _SIGNS)


def _of_value(value: Any, place: str, reading: Reading) -> Iterator[Made]:
    if not is_record(value):
        raise Unreadable(f"it is {said(value)} where an object of Clover is wanted")
    paged = "elements" in value
    for n, order in enumerate(each(value, "elements") if paged else (value,)):
        where = f"{place}/elements/{n}" if paged else place
        number = order.get("id")
        shown = number[:60] if isinstance(number, str) else None
        yield from guarded(partial(_order, order, where), "Order", where, shown)
        yield from _refunds(order, where)


def _refunds(order: Record, place: str) -> Iterator[Made]:
    try:
        refunds = _elements(order, "refunds")
    except Unreadable as error:
        yield unreadable("The refunds of an order", str(error), place)
        return
    for n, refund in enumerate(refunds):
        where = f"{place}/refunds/elements/{n}"
        number = refund.get("id")
        shown = number[:60] if isinstance(number, str) else None
        yield from guarded(partial(_refund, refund, order, where), "Refund", where, shown)


def _order(order: Record, place: str) -> Made:
    number = needed(order, "id")
    state = text(order, "paymentState")
    if yes(order, "testMode"):
        return _aside("clover-test", f"Order {number} is a test", order, place)
    if state in _UNPAID or state is None:
        return _aside("clover-unpaid", f"Order {number} has not been paid", order, place)
    if state not in _PAID:
        raise Unreadable(f"its paymentState is {said(state)}, which is not known")
    if "lineItems" not in order or "payments" not in order:
        raise Unreadable("it came without its line items or payments; ask for them with expand=lineItems,payments")
    payments = [(n, one) for n, one in enumerate(_elements(order, "payments")) if _is_taken(one)]
    ticket = Ticket({})
    for n, item in enumerate(_elements(order, "lineItems")):
        ticket.lines.append(_line(item, f"{place}/lineItems/elements/{n}"))
    _discount(ticket.lines, _elements(order, "discounts"))
    ticket.lines += _service_charge(order, ticket.lines, place)
    ticket.tenders = [_tender(one, f"{place}/payments/elements/{n}") for n, one in payments]
    tax = sum(whole(one, "taxAmount") or 0 for _, one in payments)
    tip = sum(row["tip_minor"] or 0 for row in ticket.tenders)
    included = yes(order, "isVat")
    if included and tax:
        ticket.lines.append({**plain_line("adjustment", "Tax in prices", -tax, place), "quantity_micro": MICRO})
    ticket.taxes = _taxes([one for _, one in payments], tax, included=included)
    total = whole(order, "total")
    if total is None:
        raise Unreadable("it has no total")
    ticket.header = {
        **_header(order, order, place),
        "external_id": number,
        "version_stamp": _time(order, "modifiedTime"),
        "kind": "return" if total < 0 else "sale",
        "channel": text(inner(order, "orderType"), "label"),
        "memo": text(order, "note") or text(order, "title"),
        "tip_minor": tip or None,
        "total_minor": total + tip,
    }
    return ticket


def _line(item: Record, place: str) -> Row:
    """A line item at its price with modifiers, less its own discounts."""
    price, size = whole(item, "price"), whole(item, "unitQty")
    if price is None:
        raise Unreadable(f"a line item has no price ({place})")
    quantity = MICRO if size is None else size * 1_000
    gross = price if size is None else _rounded(Decimal(price) * size / 1_000)
    gross += sum(whole(one, "amount") or 0 for one in _elements(item, "modifications"))
    off = _off(_elements(item, "discounts"), gross)
    fee = yes(item, "isOrderFee")
    return {
        "kind": "service_charge" if fee else "item",
        "item_id": text(item, "itemCode") or text(inner(item, "item"), "id"),
        "name": text(item, "name"),
        "quantity_micro": -quantity if gross < 0 else quantity,
        "gross_minor": gross,
        "discount_minor": off,
        "discount_code": next((text(one, "name") for one in _elements(item, "discounts")), None),
        "net_minor": gross - off,
        "voided": False,
        "locator": place,
    }


def _off(discounts: Sequence[Record], price: int) -> int:
    """What discounts take off a price: amounts, which are negative there, and percentages of it."""
    off = 0
    for one in discounts:
        amount, percent = whole(one, "amount"), whole(one, "percentage")
        if amount is None and percent is None:
            raise Unreadable(f"its discount {said(one.get('name'))} has neither an amount nor a percentage")
        off += abs(amount) if amount is not None else _rounded(Decimal(price) * (percent or 0) / 100)
    return off


def _discount(lines: list[Row], discounts: Sequence[Record]) -> None:
    """Spread the discounts of the whole order over its lines in proportion, what is left to those that lost most."""
    items = [row for row in lines if row["kind"] == "item" and row["net_minor"] > 0]
    base = sum(row["net_minor"] for row in items)
    off = _off(discounts, base)
    if not off or not base:
        return
    shares = [row["net_minor"] * off // base for row in items]
    rest = sorted(range(len(items)), key=lambda n: (-(items[n]["net_minor"] * off % base), n))[: off - sum(shares)]
    for n, row in enumerate(items):
        share = shares[n] + (n in rest)
        row["discount_minor"] += share
        row["net_minor"] -= share


def _service_charge(order: Record, lines: list[Row], place: str) -> list[Row]:
    """The order's service charge, where it is not among the line items already."""
    charge = inner(order, "serviceCharge")
    if not charge or any(row["kind"] == "service_charge" for row in lines):
        return []
    amount, percent = whole(charge, "amount"), whole(charge, "percentageDecimal")
    if amount is None:
        sold = sum(row["net_minor"] for row in lines)
        amount = _rounded(Decimal(sold) * (percent or 0) / 1_000_000)
    where = f"{place}/serviceCharge"
    return [plain_line("service_charge", text(charge, "name"), amount, where)] if amount else []


def _tender(payment: Record, place: str) -> Row:
    amount = whole(payment, "amount")
    if amount is None:
        raise Unreadable(f"a payment has no amount ({place})")
    tip = whole(payment, "tipAmount") or 0
    tender, card = inner(payment, "tender"), inner(payment, "cardTransaction")
    key, label = text(tender, "labelKey") or "", text(tender, "label")
    return {
        "type": _TENDERS.get(key) or label or key or "unspecified",
        "brand": text(card, "cardType"),
        "amount_minor": amount + tip,
        "tip_minor": tip or None,
        "token": text(payment, "id"),
        "entry_method": text(card, "entryType"),
        "authorisation": text(card, "authCode"),
        "locator": place,
    }


def _taxes(payments: Sequence[Record], tax: int, *, included: bool) -> list[Row]:
    """Taxes by name where payments tell them and they come to the tax; else one without a name."""
    found: dict[tuple[str | None, int | None], list[int]] = {}
    for payment in payments:
        for rate in _elements(payment, "taxRates") or _elements(payment, "paymentTaxRates"):
            per = whole(rate, "rate")
            millionths = None if per is None or per % _RATE_UNIT else per // _RATE_UNIT
            sums = found.setdefault((text(rate, "name"), millionths), [0, 0])
            sums[0] += whole(rate, "taxableAmount") or 0
            sums[1] += whole(rate, "taxAmount") or 0
    if found and sum(amount for _, amount in found.values()) == tax:
        return [
            {"jurisdiction": name, "rate_micro": rate, "base_minor": base or None, "amount_minor": amount,
             "included": included}
            for (name, rate), (base, amount) in found.items() if amount
        ]  # fmt: skip
    return [{"amount_minor": tax, "included": included}] if tax else []


def _refund(refund: Record, order: Record, place: str) -> Made:
    number, amount = needed(refund, "id"), whole(refund, "amount")
    if amount is None:
        raise Unreadable("it has no amount")
    if yes(refund, "voided"):
        return _aside("clover-void", f"Refund {number} was voided", refund, place)
    tax, tip = abs(whole(refund, "taxAmount") or 0), abs(whole(refund, "tipAmount") or 0)
    back = abs(amount)
    paid = text(inner(refund, "payment"), "id")
    of = next((one for one in _elements(order, "payments") if text(one, "id") == paid), {})
    kind = _tender({**of, "amount": 0, "tipAmount": 0}, place)["type"] if of else "unspecified"
    return Ticket(
        {
            **_header(refund, order, place),
            "external_id": number,
            "kind": "return",
            "original_external_id": text(order, "id"),
            "tip_minor": -tip or None,
            "total_minor": -back - tip,
        },
        [plain_line("item", None, tax - back, place)],
        [{"type": kind, "amount_minor": -back - tip, "tip_minor": -tip or None, "token": number, "locator": place}],
        [{"amount_minor": -tax, "included": yes(order, "isVat")}] if tax else [],
    )


# --- parts ------------------------------------------------------------------------------------------------------


def _header(record: Record, order: Record, place: str) -> Row:
    employee, device = inner(record, "employee"), inner(record, "device") or inner(order, "device")
    return {
        "locator": place,
        "store": text(inner(order, "merchant"), "id") or NO_MERCHANT,
        "register": text(device, "id"),
        "closed_at": _time(record, "clientCreatedTime") or _time(record, "createdTime"),
        "cashier": text(employee, "name") or text(employee, "id"),
        "currency": text(order, "currency"),
    }


def _is_taken(payment: Record) -> bool:
    result = text(payment, "result") or "SUCCESS"
    if result not in _TAKEN and result not in _NOT_TAKEN:
        raise Unreadable(f"a payment's result is {said(result)}, which is not known")
    return result in _TAKEN


def _elements(record: Record, name: str) -> Sequence[Record]:
    """A list of Clover: ``{"elements": [...]}``; an empty one where it is missing."""
    return each(inner(record, name), "elements")


def _time(record: Record, name: str) -> str | None:
    at = whole(record, name)
    if at is None:
        return None
    if not 0 < at < _TIME_MAX:
        raise Unreadable(f"its {name} is {said(at)}, which is no time in milliseconds")
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _aside(rule: str, told: str, record: Record, place: str) -> Aside:
    return Aside("ignored", rule, f"{told} ({place or WHOLE})", place, text(record, "id"))


SOURCE = json_source(NAME, _looks_like, _of_value)
