"""Toast: orders as its orders API gives them, in pages of ``ordersBulk``, one by one or in webhooks.

Relied on: Toast's reference of the Order, Check, Selection, AppliedServiceCharge, AppliedDiscount, AppliedTaxRate,
Payment, Refund and RefundDetails objects, its developer guide on getting orders and on net sales, and orders that its
pages and others' projects show. Amounts are doubles in major units, and are read to the billionth.

An order is a ticket, of all its checks; each refund of payments is another, on its own business date. Where the
reference leaves open what a price has in it (modifiers, discounts of the whole check, tax), the check's own amounts
tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any

from ingest.records import MICRO, Record, Unreadable, each, inner, is_record, micro, needed, said, text, yes
from ingest.sources.source import guarded, json_source, keys_of
from ingest.sources.toast_parts import amount, day, exact, header, set_aside, type_of
from ingest.sources.toast_refunds import refunds
from ingest.tickets import WHOLE, Aside, Made, Reading, Row, Ticket
from ledger.money import decimals

NAME = "toast"
_NOT_TAKEN = ("VOIDED", "DENIED", "CANCELLED", "ERROR", "ERROR_NETWORK", "PROCESSING_VOID")
_NOT_YET = ("FUTURE", "NEEDS_APPROVAL", "NOT_APPROVED")
_SELECTIONS = {"HOUSE_ACCOUNT_PAY_BALANCE": "account_payment", "TOAST_CARD_SELL": "gift_card",
               "TOAST_CARD_RELOAD": "gift_card"}  # fmt: skip
_TAX_MAX = 10**12
_CHARGES = {"FUNDRAISING_CAMPAIGN": "donation"}


def _looks_like(head: bytes) -> bool:
    keys = keys_of(head)
    if {"guid", "orderGuid", "paymentStatus"} <= keys:
        return True
    return {"guid", "checks"} <= keys and bool(keys & {"businessDate", "selections", "openedDate", "diningOption"})


def _of_value(value: Any, place: str, reading: Reading) -> Iterator[Made]:
    for order, where, store in list(_found(value, place)):  # all of them are found before one is read
        number = order.get("guid")
        shown = number[:60] if isinstance(number, str) else None
        if order.get("entityType") == "OrderPayment" and "checks" not in order:
            told = f"Payment {shown} is part of order {text(order, 'orderGuid')}, which posts it ({where or WHOLE})"
            yield Aside("ignored", "toast-payment", told, where, shown)
            continue
        yield from guarded(partial(_order, order, where, reading, store), "Order", where, shown)
        yield from refunds(order, where, reading, store)


def _found(value: Any, place: str) -> Iterator[tuple[Record, str, str | None]]:
    """The orders in a value, each with its place and the restaurant that a webhook names."""
    if not is_record(value):
        raise Unreadable(f"it is {said(value)} where an order of Toast is wanted")
    details = inner(value, "details")
    if "eventType" in value or "order" in details:
        if "order" not in details:
            raise Unreadable(f"it is a webhook {said(value.get('eventType'))} without an order")
        yield inner(details, "order"), f"{place}/details/order", text(details, "restaurantGuid")
    elif "orders" in value and "guid" not in value:
        for n, order in enumerate(each(value, "orders")):
            yield order, f"{place}/orders/{n}", text(value, "restaurantGuid")
    elif "status" in value and "message" in value and "guid" not in value:
        raise Unreadable("it is an answer with an error")
    else:
        yield value, place, None


# --- orders -----------------------------------------------------------------------------------------------------


def _order(order: Record, place: str, reading: Reading, store: str | None) -> Made:
    number = needed(order, "guid")
    if "checks" not in order:
        raise Unreadable("it has no checks")
    checks = [(one, f"{place}/checks/{n}") for n, one in enumerate(each(order, "checks")) if not yes(one, "deleted")]
    gone = yes(order, "voided") or yes(order, "deleted")
    approval = text(order, "approvalStatus")
    if approval in _NOT_YET and not gone:
        return set_aside("toast-not-yet", f"Order {number} is {str(approval).replace('_', ' ').lower()}", number, place)
    live = [(one, at) for one, at in checks if not yes(one, "voided")]
    if not gone and any(text(one, "paymentStatus") == "OPEN" for one, _ in live):
        return set_aside("toast-open", f"Order {number} has a check that has not been paid", number, place)
    ticket = Ticket({})
    places = decimals(reading.settings.book.currency)
    parts = [_Check.read(one, at, places) for one, at in checks]
    for part in parts:
        ticket.lines += part.lines
        ticket.tenders += part.tenders
    if not any(one["kind"] != "service_charge" for one in ticket.lines) and not ticket.tenders:
        return set_aside("toast-empty", f"Order {number} has nothing on it", number, place)
    ticket.taxes = [row for part in parts for row in part.taxes]
    void = "void_after_tender" if ticket.tenders else "void_before_tender"
    tips = sum(row["tip_minor"] or 0 for row in ticket.tenders)
    first = checks[0][0] if checks else {}
    ticket.header = {
        **header(order, place, store),
        "external_id": number,
        "business_date": day(order, "businessDate"),
        "closed_at": text(order, "paidDate") or text(order, "closedDate"),
        "kind": "sale" if live and not gone else void,
        "memo": text(first, "tabName") or text(first, "displayNumber"),
        "customer": text(inner(first, "customer"), "guid"),
        "tax_minor": sum(part.tax for part in parts),
        "tip_minor": tips or None,
        "total_minor": sum(part.total for part in parts) + tips,
    }
    return ticket


@dataclass
class _Check:
    """What a check comes to; of one that is voided all lines are."""

    lines: list[Row] = field(default_factory=list)
    tenders: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    tax: int = 0
    total: int = 0

    @classmethod
    def read(cls, check: Record, place: str, places: int) -> _Check:
        void = yes(check, "voided")
        made = cls(lines=_lines(check, place, places, void))
        if void:
            return made
        made.tax = amount(check, "taxAmount", places) or 0
        price = sum(row["net_minor"] for row in made.lines if not row["voided"])
        whole = amount(check, "totalAmount", places)
        included = bool(made.tax) and whole is not None and whole == price
        if included:
            _take_out_tax(made.lines, made.tax)
        made.total = price + (0 if included else made.tax) if whole is None else whole
        made.taxes = _taxes(check, made.tax, places, included)
        made.tenders = [
            row
            for n, one in enumerate(each(check, "payments"))
            if (row := _tender(one, f"{place}/payments/{n}", places)) is not None
        ]
        return made


def _lines(check: Record, place: str, places: int, void: bool) -> list[Row]:
    """The lines of a check: in the way in which they come to its amount, where one does; else in the usual one."""
    selections = [(one, f"{place}/selections/{n}") for n, one in enumerate(each(check, "selections"))]
    charges = [
        _service_charge(one, f"{place}/appliedServiceCharges/{n}", places, void)
        for n, one in enumerate(each(check, "appliedServiceCharges"))
    ]
    discounts = [
        row
        for n, one in enumerate(each(check, "appliedDiscounts"))
        if (row := _discount(one, f"{place}/appliedDiscounts/{n}", places, void)) is not None
    ]
    wanted = amount(check, "amount", places)
    ways: list[list[Row]] = []
    for apart, on_top in product((False, True), (True, False)):
        sold = [row for one, at in selections for row in _selection(one, at, places, void, apart)]
        ways.append([*sold, *(discounts if on_top else []), *charges])
        if sum(row["net_minor"] for row in ways[-1] if not row["voided"]) == wanted:
            return ways[-1]
    return ways[0]


def _selection(one: Record, place: str, places: int, void: bool, apart: bool) -> Iterator[Row]:
    """The line of a selection; with ``apart`` those of its modifiers, too, whose price is not in its own."""
    quantity = micro(one, "quantity")
    price = amount(one, "price", places)
    before = amount(one, "preDiscountPrice", places)
    before = price if before is None else before
    if price is None or before is None:
        raise Unreadable(f"a selection of it has no price ({place})")
    kind = _SELECTIONS.get(text(one, "selectionType") or "") or ("gift_card" if yes(one, "deferred") else "item")
    applied = each(one, "appliedDiscounts")
    group = text(inner(one, "itemGroup"), "name")
    category = text(inner(one, "salesCategory"), "name")
    yield {
        "kind": kind,
        "item_id": text(inner(one, "item"), "guid"),
        "name": text(one, "displayName") or text(inner(one, "item"), "name"),
        "category": f"{category} / {group}" if category and group else category or group,
        "quantity_micro": MICRO if quantity is None else quantity,
        "list_price_minor": amount(one, "receiptLinePrice", places),
        "gross_minor": before,
        "discount_minor": before - price,
        "discount_code": next((text(each_, "name") for each_ in applied), None) if before != price else None,
        "net_minor": price,
        "tax_minor": exact(one, "tax", places),
        "voided": void or yes(one, "voided"),
        "locator": place,
    }
    for n, modifier in enumerate(each(one, "modifiers")):
        if apart and (amount(modifier, "price", places) or 0):
            within = void or yes(one, "voided")
            yield from _selection(modifier, f"{place}/modifiers/{n}", places, within, apart)


def _service_charge(charge: Record, place: str, places: int, void: bool) -> Row:
    net = amount(charge, "chargeAmount", places)
    if net is None:
        raise Unreadable(f"a service charge of it has no chargeAmount ({place})")
    return {
        "kind": _CHARGES.get(text(charge, "serviceChargeCategory") or "", "service_charge"),
        "item_id": text(inner(charge, "serviceCharge"), "guid"),
        "name": text(charge, "name") or ("Gratuity" if yes(charge, "gratuity") else "Service charge"),
        "quantity_micro": MICRO,
        "gross_minor": net,
        "discount_minor": 0,
        "net_minor": net,
        "voided": void,
        "locator": place,
    }


def _discount(one: Record, place: str, places: int, void: bool) -> Row | None:
    """A discount on the whole check, as a line that sells nothing."""
    if text(one, "processingState") in ("VOID", "PENDING_VOID"):
        return None
    off = amount(one, "nonTaxDiscountAmount", places)
    if off is None:
        off = amount(one, "discountAmount", places) or 0
    if not off:
        return None
    return {
        "kind": "adjustment",
        "item_id": text(inner(one, "discount"), "guid"),
        "name": text(one, "name") or "Discount",
        "quantity_micro": 0,
        "gross_minor": 0,
        "discount_minor": off,
        "discount_code": text(one, "appliedPromoCode") or text(one, "name"),
        "net_minor": -off,
        "voided": void,
        "locator": place,
    }


def _take_out_tax(lines: Sequence[Row], tax: int) -> None:
    """Prices that include tax: it is taken out of each line, where the lines say how much."""
    if sum(row.get("tax_minor") or 0 for row in lines if not row["voided"]) != tax:
        raise Unreadable(f"its prices include tax, and its selections do not come to the tax of {tax} (smallest units)")
    for row in lines:
        own = row.get("tax_minor") or 0
        row["gross_minor"] -= own
        row["net_minor"] -= own


def _taxes(check: Record, tax: int, places: int, included: bool) -> list[Row]:
    """The tax of a check by name and rate where its parts say it to the last unit; else by the one name that they have,
    or by none."""
    sums: dict[tuple[str | None, int | None, bool], Decimal] = defaultdict(Decimal)
    for one in (*each(check, "selections"), *each(check, "appliedServiceCharges")):
        if not yes(one, "voided"):
            for taxed in (one, *each(one, "modifiers")):
                for applied in each(taxed, "appliedTaxes"):
                    key = (text(applied, "name"), micro(applied, "rate"), yes(applied, "facilitatorCollectAndRemitTax"))
                    sums[key] += _decimal(applied, "taxAmount")
    found = {key: made.scaleb(places) for key, made in sums.items() if made}
    if sum(found.values()) != tax or any(one != one.to_integral_value() for one in found.values()):
        found = {next(iter(found)) if len(found) == 1 else (None, None, False): Decimal(tax)}
    return [
        {"jurisdiction": name, "rate_micro": rate, "amount_minor": int(made), "included": included,
         "facilitator": facilitator or None}
        for (name, rate, facilitator), made in found.items()
        if made
    ]  # fmt: skip


def _decimal(record: Record, name: str) -> Decimal:
    value = record.get(name)
    if value is None:
        return Decimal()
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unreadable(f"its {name} is {said(value)} where a number is wanted")
    found = Decimal(value)
    if not -_TAX_MAX < found < _TAX_MAX:
        raise Unreadable(f"its {name} is {said(value)}, which no till amounts to")
    return found


def _tender(payment: Record, place: str, places: int) -> Row | None:
    """A payment as a tender; nothing for one that was not taken in the end."""
    if payment.get("voidInfo") is not None or text(payment, "paymentStatus") in _NOT_TAKEN:
        return None
    paid = amount(payment, "amount", places)
    if paid is None:
        raise Unreadable(f"a payment of it has no amount ({place})")
    tip = amount(payment, "tipAmount", places) or 0
    return {
        "type": type_of(payment),
        "brand": text(payment, "cardType"),
        "amount_minor": paid + tip,
        "tip_minor": tip or None,
        "token": text(payment, "guid"),
        "entry_method": text(payment, "cardEntryMode"),
        "fee_minor": exact(payment, "originalProcessingFee", places) or None,
        "locator": place,
    }


SOURCE = json_source(NAME, _looks_like, _of_value)
