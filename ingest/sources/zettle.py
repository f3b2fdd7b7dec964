"""Zettle (PayPal): purchases as its Purchase API lists them, in pages or one by one.

Relied on: Zettle's documentation of the Purchase API, version 2 (fields of purchases, products and payments, how
discounts and VAT are computed), which also says that refunds are purchases with negative amounts. Amounts are in minor
units and include VAT; ``rowTaxableAmount`` is what a row comes to without it, after all discounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import partial
from typing import Any

from ingest.records import MICRO, Record, Unreadable, each, inner, is_record, micro, said, text, whole, yes
from ingest.sources.source import guarded, json_source, keys_of
from ingest.tickets import WHOLE, Made, Reading, Row, Ticket

NAME = "zettle"
NO_ORGANISATION = "Zettle"
"""The store of a purchase that does not say whose it is: Zettle knows no stores."""

_TENDERS = {
    "IZETTLE_CARD": "card",
    "IZETTLE_CARD_ONLINE": "card",
    "IZETTLE_CASH": "cash",
    "IZETTLE_INVOICE": "house_account",
    "SWISH": "ewallet",
    "VIPPS": "ewallet",
    "MOBILE_PAY": "ewallet",
    "PAYPAL": "online",
    "KLARNA": "online",
    "GIFTCARD": "gift_card",
    "STORE_CREDIT": "gift_card",
}
"""Types of payments whose meaning is plain; any other keeps its name and waits for the book to know it."""
_LINES = {"PRODUCT": "item", "CUSTOM_AMOUNT": "item", "GIFTCARD": "gift_card"}
_NUMBERS = ("purchaseUUID1", "purchaseUUID")
_SIGNS = frozenset({*_NUMBERS, "lastPurchaseHash", "firstPurchaseHash"})
_PERCENT_MAX = 1_000


def _looks_like(head: bytes) -> bool:
    return bool(keys_of(head) & _SIGNS)


def _of_value(value: Any, place: str, reading: Reading) -> Iterator[Made]:
    if not is_record(value):
        raise Unreadable(f"it is {said(value)} where an object of Zettle is wanted")
    paged = "purchases" in value
    if not paged and not value.keys() & set(_NUMBERS):
        raise Unreadable("it has neither purchases nor a purchaseUUID1")
    for n, one in enumerate(each(value, "purchases") if paged else (value,)):
        where = f"{place}/purchases/{n}" if paged else place
        number = next((one[name] for name in _NUMBERS if isinstance(one.get(name), str)), None)
        yield from guarded(partial(_purchase, one, where), "Purchase", where, None if number is None else number[:60])


def _purchase(purchase: Record, place: str) -> Made:
    number = text(purchase, "purchaseUUID1") or text(purchase, "purchaseUUID")
    amount = whole(purchase, "amount")
    if number is None or amount is None:
        raise Unreadable(f"it has no {'purchaseUUID1' if number is None else 'amount'}")
    products, payments = each(purchase, "products"), each(purchase, "payments")
    cut = bool(each(purchase, "discounts"))
    ticket = Ticket({})
    for n, product in enumerate(products):
        ticket.lines.append(_line(product, f"{place}/products/{n}", cut=cut))
    charge = inner(purchase, "serviceCharge")
    if charge:
        ticket.lines.append(_charge(charge, f"{place}/serviceCharge"))
    ticket.tenders = [_tender(one, f"{place}/payments/{n}") for n, one in enumerate(payments)]
    ticket.taxes = _taxes(purchase, products, charge)
    tip = sum(row["tip_minor"] or 0 for row in ticket.tenders)
    paid = sum(row["amount_minor"] - (row["change_minor"] or 0) for row in ticket.tenders)
    register = inner(purchase, "cashRegister")
    ticket.header = {
        "locator": place,
        "external_id": number,
        "store": text(purchase, "organizationId") or text(purchase, "organizationUuid") or NO_ORGANISATION,
        "register": text(register, "displayName") or text(register, "name"),
        "sequence": whole(purchase, "globalPurchaseNumber") or whole(purchase, "purchaseNumber"),
        "closed_at": text(purchase, "timestamp") or text(purchase, "created"),
        "kind": "return" if yes(purchase, "refund") or amount < 0 else "sale",
        "original_external_id": text(purchase, "refundsPurchaseUUID1") or text(purchase, "refundsPurchaseUUID"),
        "cashier": text(purchase, "userDisplayName"),
        "channel": text(purchase, "source"),
        "currency": text(purchase, "currency"),
        "tip_minor": tip or None,
        # The tip is in what was paid, and in the amount only where that is what was paid.
        "total_minor": amount + tip if amount + tip == paid else amount,
    }
    return ticket


def _line(product: Record, place: str, *, cut: bool) -> Row:
    """A row without its VAT. ``cut`` is whether a discount on the whole purchase was taken off the rows."""
    quantity, price = micro(product, "quantity"), whole(product, "unitPrice")
    if quantity is None or price is None:
        raise Unreadable(f"a product has no {'quantity' if quantity is None else 'unitPrice'} ({place})")
    kind = text(product, "type") or "PRODUCT"
    listed = Decimal(quantity) * price / MICRO
    off = whole(product, "discountValue") or 0
    net = whole(product, "rowTaxableAmount")
    if net is None:
        if cut or _percent(product, place):
            raise Unreadable(f"a product has no rowTaxableAmount, and VAT or a discount is in its price ({place})")
        net = _rounded(listed) - off
    gross = net
    if off or cut:
        gross = _rounded(listed / (1 + _percent(product, place) / 100))
    named, variant = text(product, "name"), text(product, "variantName")
    return {
        "kind": _LINES.get(kind, kind),
        "item_id": text(product, "sku") or text(product, "barcode") or text(product, "variantUuid"),
        "name": f"{named}, {variant}" if named and variant and variant != named else named or variant,
        "category": text(inner(product, "category"), "name"),
        "quantity_micro": quantity,
        "gross_minor": gross,
        "discount_minor": gross - net,
        "net_minor": net,
        "voided": False,
        "locator": place,
    }


def _charge(charge: Record, place: str) -> Row:
    amount = whole(charge, "amount")
    if amount is None:
        raise Unreadable(f"its serviceCharge has no amount ({place})")
    net = _rounded(amount / (1 + _percent(charge, place) / 100))
    return {
        "kind": "fee",
        "name": text(charge, "title"),
        "quantity_micro": MICRO if amount >= 0 else -MICRO,
        "gross_minor": net,
        "discount_minor": 0,
        "net_minor": net,
        "voided": False,
        "locator": place,
    }


def _tender(payment: Record, place: str) -> Row:
    amount = whole(payment, "amount")
    if amount is None:
        raise Unreadable(f"a payment has no amount ({place})")
    kind = text(payment, "type") or "unspecified"
    about = inner(payment, "attributes")
    handed, change = whole(about, "handedAmount"), whole(about, "changeAmount") or 0
    if handed is None or change <= 0 or handed - change != amount:
        handed, change = amount, 0
    return {
        "type": _TENDERS.get(kind, kind),
        "brand": text(about, "cardType"),
        "amount_minor": handed,
        "change_minor": change or None,
        "tip_minor": whole(payment, "gratuityAmount") or None,
        "token": text(payment, "uuid"),
        "entry_method": text(about, "cardPaymentEntryMode"),
        "authorisation": text(about, "authorizationCode"),
        "fee_minor": whole(inner(payment, "commission"), "totalAmount") or None,
        "locator": place,
    }


def _taxes(purchase: Record, products: Any, charge: Record) -> list[Row]:
    """VAT by rate where ``groupedVatAmounts`` agrees with ``vatAmount``, else as one amount of no rate.

    The groups are what was sold at each rate, with VAT; some answers have the VAT itself there.
    """
    vat = whole(purchase, "vatAmount") or 0
    if not vat:
        return []
    nets: dict[Decimal, int] = defaultdict(int)
    for product in products:
        nets[_percent(product, "")] += whole(product, "rowTaxableAmount") or 0
    if charge:
        nets[_percent(charge, "")] += _charge(charge, "")["net_minor"]
    groups = {
        _number(rate): whole(inner(purchase, "groupedVatAmounts"), rate) or 0
        for rate in inner(purchase, "groupedVatAmounts")
    }
    for amounts in ({rate: sold - nets[rate] for rate, sold in groups.items()}, groups):
        if sum(amounts.values()) == vat and groups.keys() == nets.keys():
            return [_tax(rate, nets[rate], amount) for rate, amount in amounts.items() if amount]
    return [{"jurisdiction": "VAT", "amount_minor": vat, "included": True}]


def _tax(rate: Decimal, base: int, amount: int) -> Row:
    return {
        "jurisdiction": f"VAT {rate.normalize():f} %",
        "rate_micro": int(rate * MICRO / 100),
        "base_minor": base,
        "amount_minor": amount,
        "included": True,
    }


def _percent(record: Mapping[str, Any], place: str) -> Decimal:
    value = record.get("vatPercentage")
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value < _PERCENT_MAX:
        raise Unreadable(f"its vatPercentage is {said(value)}, which is none ({place or WHOLE})")
    return Decimal(value)


def _number(rate: str) -> Decimal:
    try:
        made = Decimal(rate[:20])
    except InvalidOperation:
        made = Decimal(-1)
    if not made.is_finite() or not 0 <= made < _PERCENT_MAX:
        raise Unreadable(f"groupedVatAmounts has a rate {said(rate)}, which is none")
    return made


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_EVEN))


SOURCE = json_source(NAME, _looks_like, _of_value)
