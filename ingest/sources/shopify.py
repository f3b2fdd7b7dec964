"""Shopify: orders, refunds and payouts as its Admin API (REST) gives them, in pages, one by one or as webhooks.

Relied on: Shopify's reference of the Order, Refund, Transaction and OrderAdjustment resources and of the webhooks'
topics, whose bodies are the same resources. Amounts are decimals in the shop's currency, with as many digits as that
has.

An order is a ticket, and each of its refunds another; a refund is read from itself alone, so that it is the same
whether it comes in its order or by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from ingest.records import MICRO, Record, Unreadable, each, inner, is_record, micro, minor, needed, said, text, yes
from ingest.sources.shopify_payouts import NO_LOCATION, is_of_payout, net_of, payout, transaction
from ingest.sources.source import guarded, json_source, keys_of
from ingest.tickets import Aside, Made, Reading, Row, Ticket, unreadable
from ledger.errors import SettingsError
from ledger.money import decimals

NAME = "shopify"
_GATEWAYS = {
    "shopify_payments": "card",
    "gift_card": "gift_card",
    "cash": "cash",
    "paypal": "online",
    "shop_pay_installments": "online",
}
"""Gateways whose meaning is plain; any other keeps its name and waits for the book to know it."""
_PAID = ("paid", "partially_refunded", "refunded")
_UNPAID = ("pending", "authorized", "partially_paid", "expired", "unpaid")
_TELLING = (
    {"financial_status", "line_items"},
    {"refund_line_items", "order_id"},
    {"payout_id", "source_order_id"},
    {"payouts", "date", "currency"},
    {"payout", "date", "currency"},
    {"date", "amount", "charges_gross_amount"},
    {"transactions", "order_id", "gateway"},
    {"order_adjustments", "order_id"},
)


def _looks_like(head: bytes) -> bool:
    keys = keys_of(head)
    return any(telling <= keys for telling in _TELLING)


def _of_value(value: Any, place: str, reading: Reading) -> Iterator[Made]:
    if not is_record(value):
        raise Unreadable(f"it is {said(value)} where an object of Shopify is wanted")
    for what, record, where in _found(value, place):
        number = record.get("id")
        shown = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else None
        yield from guarded(partial(_MAKERS[what], record, where, reading), what, where, shown and shown[:40])
        if what == "Order":
            yield from _refunds_of(record, where, reading)


def _found(value: Record, place: str) -> list[tuple[str, Record, str]]:
    """The records in an answer of the API or by themselves: what each is, and where it stands."""
    found = []
    for what, one in (("Order", "order"), ("Refund", "refund"), ("Payout", "payout"), ("Transaction", "transaction")):
        many = f"{one}s"
        if many in value and "id" not in value:
            found += [(what, each_, f"{place}/{many}/{n}") for n, each_ in enumerate(each(value, many))]
        if one in value and isinstance(value[one], dict):
            found.append((what, value[one], f"{place}/{one}"))
    if found or not value.keys() - {"orders", "refunds", "payouts", "transactions"}:
        return found
    if "errors" in value:
        raise Unreadable("it is an answer with errors")
    if "refund_line_items" in value or "order_adjustments" in value:
        return [("Refund", value, place)]
    if "payout_id" in value or "payout_status" in value:
        return [("Transaction", value, place)]
    if "amount" in value and "date" in value:
        return [("Payout", value, place)]
    return [("Order", value, place)]


# --- orders -----------------------------------------------------------------------------------------------------


def _order(order: Record, place: str, reading: Reading) -> Made:
    number = needed(order, "id")
    if "line_items" not in order:
        raise Unreadable("it has no line_items; an order that was deleted leaves nothing to post, void it by hand")
    status = text(order, "financial_status")
    where = place or "/"
    if yes(order, "test"):
        return _aside("shopify-test", f"Order {number} is a test ({where})", order, place)
    if status in _UNPAID:
        return _aside(
            "shopify-unpaid", f"Order {number} is {status}, and posts once it is paid ({where})", order, place
        )
    if status not in (*_PAID, "voided"):
        raise Unreadable(f"its financial_status is {said(order.get('financial_status'))}, which is not known")
    currency, places = _currency(order, reading)
    included = yes(order, "taxes_included")
    codes = ", ".join(filter(None, (text(one, "code") for one in each(order, "discount_codes")))) or None
    ticket = Ticket({})
    for n, line in enumerate(each(order, "line_items")):
        ticket.lines.append(_line(line, f"{place}/line_items/{n}", places, included, codes))
    for n, shipping in enumerate(each(order, "shipping_lines")):
        row = _shipping(shipping, f"{place}/shipping_lines/{n}", places, included)
        if row["gross_minor"]:
            ticket.lines.append(row)
    tax = minor(order, "total_tax", places) or 0
    ticket.taxes = [_tax(one, places, included) for one in each(order, "tax_lines")]
    ticket.taxes = [row for row in ticket.taxes if row["amount_minor"]] or _summed(order, places, included)
    tip = minor(order, "total_tip_received", places) or 0
    total = minor(order, "total_price", places)
    rounding = _rounding(order, places)
    total = None if total is None else total + rounding
    if status != "voided":
        ticket.tenders = _tenders(order, place, places, total)
    ticket.header = {
        "locator": place,
        "external_id": number,
        "version_stamp": text(order, "updated_at"),
        "store": text(order, "location_id") or NO_LOCATION,
        "register": text(order, "device_id"),
        "sequence": _whole(order, "order_number"),
        "opened_at": text(order, "created_at"),
        "closed_at": text(order, "processed_at"),
        "kind": "void_before_tender" if status == "voided" else "sale",
        "cashier": text(order, "user_id"),
        "customer": text(inner(order, "customer"), "id"),
        "channel": text(order, "source_name"),
        "currency": currency,
        "memo": text(order, "name"),
        "tax_minor": tax,
        "tip_minor": tip or None,
        "rounding_minor": rounding or None,
        "total_minor": total,
    }
    return ticket


def _rounding(order: Record, places: int) -> int:
    """What payments in cash were rounded by; the order's total is before it."""
    adjustment = inner(order, "total_cash_rounding_payment_adjustment_set")
    return minor(inner(adjustment, "shop_money"), "amount", places) or 0


def _line(line: Record, place: str, places: int, included: bool, codes: str | None) -> Row:
    quantity = micro(line, "quantity")
    price = minor(line, "price", places)
    if quantity is None or price is None or quantity % MICRO:
        raise Unreadable(f"a line of it has no whole quantity or no price ({place})")
    tax = sum(minor(one, "price", places) or 0 for one in each(line, "tax_lines"))
    discount = _allocated(line, places)
    if discount is None:
        discount = minor(line, "total_discount", places) or 0
    net = price * (quantity // MICRO) - discount - (tax if included else 0)
    variant, title = text(line, "variant_title"), text(line, "title") or text(line, "name")
    return {
        "kind": "gift_card" if yes(line, "gift_card") else "item",
        "item_id": text(line, "sku") or text(line, "variant_id"),
        "name": f"{title}, {variant}" if title and variant and variant != "Default Title" else title,
        "quantity_micro": quantity,
        "list_price_minor": price,
        "gross_minor": net + discount,
        "discount_minor": discount,
        "discount_code": codes if discount else None,
        "net_minor": net,
        "tax_minor": tax,
        "voided": False,
        "locator": place,
    }


def _shipping(line: Record, place: str, places: int, included: bool) -> Row:
    price = minor(line, "price", places) or 0
    tax = sum(minor(one, "price", places) or 0 for one in each(line, "tax_lines"))
    discount = _allocated(line, places)
    if discount is None:
        reduced = minor(line, "discounted_price", places)
        discount = 0 if reduced is None else price - reduced
    net = price - discount - (tax if included else 0)
    return {
        "kind": "fee",
        "item_id": text(line, "code"),
        "name": text(line, "title") or "Shipping",
        "quantity_micro": MICRO,
        "list_price_minor": price,
        "gross_minor": net + discount,
        "discount_minor": discount,
        "net_minor": net,
        "tax_minor": tax,
        "voided": False,
        "locator": place,
    }


def _allocated(line: Record, places: int) -> int | None:
    """What of the order's discounts is on a line; nothing where it does not say."""
    if line.get("discount_allocations") is None:
        return None
    return sum(minor(one, "amount", places) or 0 for one in each(line, "discount_allocations"))


def _tax(tax: Record, places: int, included: bool) -> Row:
    return {
        "jurisdiction": text(tax, "title"),
        "rate_micro": micro(tax, "rate"),
        "amount_minor": minor(tax, "price", places) or 0,
        "included": included,
        "facilitator": True if yes(tax, "channel_liable") else None,
    }


def _summed(order: Record, places: int, included: bool) -> list[Row]:
    """The taxes of the lines, by name and rate, for an order that does not list its own."""
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for line in (*each(order, "line_items"), *each(order, "shipping_lines")):
        for one in each(line, "tax_lines"):
            row = _tax(one, places, included)
            sums[row["jurisdiction"], row["rate_micro"], row["facilitator"]] += row["amount_minor"]
    return [
        {"jurisdiction": title, "rate_micro": rate, "amount_minor": amount, "included": included, "facilitator": liable}
        for (title, rate, liable), amount in sums.items()
        if amount
    ]


def _tenders(order: Record, place: str, places: int, total: int | None) -> list[Row]:
    """Its own successful transactions where the order has them; else its one gateway paid what is not outstanding."""
    if order.get("transactions") is not None:
        return _transactions(order, place, places, ("sale", "capture"), 1)
    gateways = order.get("payment_gateway_names") or [one for one in (order.get("gateway"),) if one]
    if not isinstance(gateways, list) or not all(isinstance(one, str) for one in gateways):
        raise Unreadable("its payment_gateway_names are no list of names")
    if not total:
        return []
    if len(gateways) != 1:
        ways = ", ".join(one[:40] for one in gateways) or "no gateway"
        raise Unreadable(f"it was paid by {ways}, and does not say how much by each; give it with its transactions")
    paid = total - (minor(order, "total_outstanding", places) or 0)
    named = text({"gateway": gateways[0]}, "gateway")
    return [{"type": _GATEWAYS.get(named or "", named), "amount_minor": paid, "locator": place or "/"}]


def _transactions(record: Record, place: str, places: int, kinds: tuple[str, ...], sign: int) -> list[Row]:
    rows = []
    change: dict[str | None, int] = defaultdict(int)
    for one in each(record, "transactions"):
        if text(one, "kind") == "change" and text(one, "status") == "success":
            change[text(one, "gateway")] += minor(one, "amount", places) or 0
    for n, one in enumerate(each(record, "transactions")):
        if text(one, "kind") not in kinds or text(one, "status") != "success":
            continue
        gateway = text(one, "gateway")
        given = change.pop(gateway, 0)
        rows.append(
            {
                "type": _GATEWAYS.get(gateway or "", gateway),
                "brand": text(inner(one, "payment_details"), "credit_card_company"),
                "amount_minor": sign * (minor(one, "amount", places) or 0),
                "change_minor": given or None,
                "token": text(one, "id"),
                "authorisation": text(one, "authorization"),
                "locator": f"{place}/transactions/{n}",
            }
        )
    return rows


# --- refunds ----------------------------------------------------------------------------------------------------


def _refunds_of(order: Record, place: str, reading: Reading) -> Iterator[Made]:
    try:
        refunds = each(order, "refunds")
    except Unreadable as error:
        yield unreadable("The refunds of an order", str(error), place)
        return
    if order.get("test") is True:
        return
    for n, refund in enumerate(refunds):
        at = f"{place}/refunds/{n}"
        number = refund.get("id")
        shown = str(number)[:40] if isinstance(number, int | str) else None
        yield from guarded(partial(_refund, refund, at, reading), "Refund", at, shown)


def _refund(refund: Record, place: str, reading: Reading) -> Made:
    number, lines = needed(refund, "id"), each(refund, "refund_line_items")
    transactions = each(refund, "transactions")
    currency, places = _currency(_first(transactions, lines), reading)
    tenders = _transactions(refund, place, places, ("refund",), -1)
    if not tenders:
        told = f"Refund {number} has given nothing back ({place or '/'})"
        return _aside("shopify-nothing-back", told, refund, place)
    ticket = Ticket({}, tenders=tenders)
    tax = 0
    for n, line in enumerate(lines):
        sold = inner(line, "line_item")
        quantity = micro(line, "quantity")
        if quantity is None:
            raise Unreadable(f"a line of it has no quantity ({place}/refund_line_items/{n})")
        own_tax = minor(line, "total_tax", places) or 0
        tax += own_tax
        ticket.lines.append(
            {
                "kind": "gift_card" if yes(sold, "gift_card") else "item",
                "item_id": text(sold, "sku") or text(sold, "variant_id"),
                "name": text(sold, "title"),
                "quantity_micro": -quantity,
                "list_price_minor": minor(sold, "price", places),
                "net_minor": -(minor(line, "subtotal", places) or 0),
                "tax_minor": -own_tax,
                "locator": f"{place}/refund_line_items/{n}",
            }
        )
    for n, one in enumerate(each(refund, "order_adjustments")):
        own_tax = -(minor(one, "tax_amount", places) or 0)
        tax += own_tax
        ticket.lines.append(
            {
                "kind": "fee" if text(one, "kind") == "shipping_refund" else "adjustment",
                "name": text(one, "reason") or text(one, "kind"),
                "quantity_micro": -MICRO,
                "net_minor": minor(one, "amount", places) or 0,
                "tax_minor": -own_tax,
                "locator": f"{place}/order_adjustments/{n}",
            }
        )
    back = sum(row["amount_minor"] for row in tenders)
    # A refund does not say whether its prices include tax; what was given back does.
    included = bool(tax) and sum(row["net_minor"] for row in ticket.lines) == back
    for row in ticket.lines:
        row["net_minor"] -= row["tax_minor"] if included else 0
        row |= {"gross_minor": row["net_minor"], "discount_minor": 0, "voided": False}
    ticket.taxes = _taxes_back(lines, -tax, places, included)
    ticket.header = {
        "locator": place,
        "external_id": number,
        "version_stamp": text(refund, "created_at"),
        "store": next(
            (found for one in (*lines, *transactions) if (found := text(one, "location_id")) is not None), NO_LOCATION
        ),
        "closed_at": text(refund, "processed_at") or text(refund, "created_at"),
        "kind": "return",
        "original_external_id": text(refund, "order_id"),
        "cashier": text(refund, "user_id"),
        "currency": currency,
        "memo": text(refund, "note"),
        "tax_minor": -tax,
        "total_minor": back,
    }
    return ticket


def _taxes_back(lines: Any, tax: int, places: int, included: bool) -> list[Row]:
    """The tax given back: named after the tax of what was sold where that had one tax only, else without a name."""
    names = {
        (text(one, "title"), micro(one, "rate"))
        for line in lines
        for one in each(inner(line, "line_item"), "tax_lines")
    }
    title, rate = next(iter(names)) if len(names) == 1 else (None, None)
    return [{"jurisdiction": title, "rate_micro": rate, "amount_minor": tax, "included": included}] if tax else []


# --- parts ------------------------------------------------------------------------------------------------------


def _first(*lists: Any) -> Record:
    return next((one for many in lists for one in many), {})


def _currency(record: Record, reading: Reading) -> tuple[str, int]:
    """The shop's currency, and its decimals."""
    shop = inner(inner(record, "subtotal_set"), "shop_money")
    found = text(record, "currency") or text(shop, "currency_code") or reading.settings.book.currency
    try:
        return found, decimals(found)
    except SettingsError:
        raise Unreadable(f"its currency is {said(found)}, which is none") from None


def _whole(record: Record, name: str) -> int | None:
    value = record.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15 else None


def _aside(rule: str, told: str, record: Record, place: str) -> Aside:
    return Aside("ignored", rule, told, place, text(record, "id"))


def _nets(value: Any) -> Iterator[tuple[str, str, int]]:
    """The balance transactions in a value of a document, as ``ingest.settlements.Nets`` says."""
    for what, record, _ in _found(value, "") if is_record(value) else ():
        if what == "Transaction" and is_of_payout(record):
            yield needed(record, "payout_id"), needed(record, "id"), net_of(record)


_MAKERS = {"Order": _order, "Refund": _refund, "Payout": payout, "Transaction": transaction}

SOURCE = json_source(NAME, _looks_like, _of_value, _nets)
