"""Square: orders, payments, refunds and payouts as its API gives them, in pages, one by one or as webhooks.

Relied on: Square's API reference for Order, Tender, OrderReturn, Payment, PaymentRefund and Money, the pages on webhook
events, and its developer forum on two points that the reference leaves open: that a tender's ``amount_money`` includes
the tip where a payment's does not, and that a refund has an order of its own whose ``returns`` name the order that was
sold. Amounts are in the smallest unit of their currency, which is the ledger's too.

An order is a ticket. A payment or refund is part of an order, as its tender, so that it is ignored and says so; for
accounts that send only payments ``[sources.square] tickets = "payments"`` in ``book.toml`` turns that about.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ingest.records import Record, Unreadable, each, inner, is_record, micro, needed, said, text
from ingest.sources.source import guarded, json_source, keys_of
from ingest.sources.square_parts import currency_of, located, money, set_aside
from ingest.sources.square_payouts import FEES, net_of, payout, payout_entry, payout_of
from ingest.tickets import Aside, Event, Made, Reading, Row, Ticket, plain_line

NAME = "square"

_TENDERS = {
    "CARD": "card",
    "THIRD_PARTY_CARD": "card",
    "CASH": "cash",
    "SQUARE_GIFT_CARD": "gift_card",
    "BANK_ACCOUNT": "bank_transfer",
    "WALLET": "ewallet",
}
"""Square's types of tenders whose meaning is plain; any other keeps its name and waits for the book to know it."""
_LINES = {"ITEM": "item", "CUSTOM_AMOUNT": "item", "GIFT_CARD": "gift_card", "DONATION": "donation"}
_NO_TENDER_NAMED = "unspecified"
"""An order says how much was refunded and to which tender of another order, and not what that tender was."""
_UNPAID = ("VOIDED", "FAILED")
_PAGES = {
    "order": "orders",
    "payment": "payments",
    "refund": "refunds",
    "payout": "payouts",
    "payout_entry": "payout_entries",
}
"""What a page of the API lists, by what each is."""


def _looks_like(head: bytes) -> bool:
    keys = keys_of(head)
    if "payout_id" in keys and keys & {"gross_amount_money", "net_amount_money"}:
        return True
    if "location_id" in keys and keys & {"total_money", "amount_money", "order_updated", "order_created"}:
        return True
    return {"merchant_id", "event_id", "data"} <= keys


def _of_value(value: Any, place: str, reading: Reading) -> Iterator[Made]:
    if not is_record(value):
        raise Unreadable(f"it is {said(value)} where an object of Square is wanted")
    for what, record, where in _found(value, place):
        external_id = record.get("id")
        shown = external_id if isinstance(external_id, str) else None
        make = partial(_MAKERS[what], record, where, reading)
        yield from guarded(make, what.replace("_", " ").capitalize(), where, shown)


def _found(value: Record, place: str) -> list[tuple[str, Record, str]]:
    """The records in an answer of the API, in a webhook or by themselves: what each is, and where it stands."""
    if "data" in value and "type" in value:
        data = inner(value, "data")
        held = inner(data, "object")
        for what in ("order", "payment", "refund", "payout"):
            if what in held:
                return [(what, inner(held, what), f"{place}/data/object/{what}")]
        return [("notice", value, place)]
    found = []
    for what, many in _PAGES.items():
        if many in value and "id" not in value:
            found += [(what, one, f"{place}/{many}/{n}") for n, one in enumerate(each(value, many))]
        if what in value and isinstance(value[what], dict):
            found.append((what, value[what], f"{place}/{what}"))
    if found or "id" not in value:
        if not found and value.keys() & {"errors", "line_items", "amount_money"}:
            raise Unreadable("it is an answer with errors" if "errors" in value else "it has no id")
        return found
    if "payout_id" in value:
        return [("payout_entry", value, place)]
    if "amount_money" in value and value.keys() & {"end_to_end_id", "arrival_date", "payout_fee"}:
        return [("payout", value, place)]
    if "payment_id" in value:
        return [("refund", value, place)]
    if "amount_money" in value and "line_items" not in value:
        return [("payment", value, place)]
    return [("order", value, place)]


def _nets(value: Any) -> Iterator[tuple[str, str, int]]:
    """The payout entries in a value of a document, as ``ingest.settlements.Nets`` says."""
    for what, record, _ in _found(value, "") if is_record(value) else ():
        if what == "payout_entry":
            yield payout_of(record), needed(record, "id"), net_of(record)


# --- orders -----------------------------------------------------------------------------------------------------


def _order(order: Record, place: str, reading: Reading) -> Made:
    number = needed(order, "id")
    if _tickets_of(reading) != "orders":
        return set_aside("ignored", "square-order", f"Order {number}: the book takes Square's payments", order, place)
    state = text(order, "state") or ""
    if state == "DRAFT":
        return set_aside("ignored", "square-draft", f"Order {number} is a draft", order, place)
    currency = currency_of(order)
    tenders = each(order, "tenders")
    if [text(one, "type") for one in tenders] == ["NO_SALE"]:
        return Event({**located(order, place), "external_id": number, "currency": currency, "kind": "no_sale",
                      "at": text(order, "closed_at") or text(order, "created_at"),
                      "version_stamp": text(order, "updated_at")})  # fmt: skip
    returns, sold = each(order, "returns"), each(order, "line_items")
    if state == "OPEN" and not (tenders or each(order, "refunds")):
        return set_aside("ignored", "square-open", f"Order {number} is open and has not been paid", order, place)
    if state not in ("OPEN", "COMPLETED", "CANCELED"):
        raise Unreadable(f"its state is {said(order.get('state'))}, which is none of OPEN, COMPLETED, CANCELED, DRAFT")
    ticket = Ticket({})
    discounts = {one.get("uid"): text(one, "name") for one in each(order, "discounts")}
    for n, line in enumerate(sold):
        ticket.lines.append(_line(line, f"{place}/line_items/{n}", currency, 1, discounts))
    for n, charge in enumerate(each(order, "service_charges")):
        ticket.lines.append(_service_charge(charge, f"{place}/service_charges/{n}", currency, 1))
    ticket.taxes += [_tax(one, currency, 1) for one in each(order, "taxes")]
    rounding = _rounding(order, currency)
    for r, one in enumerate(returns):
        at = f"{place}/returns/{r}"
        given = {each_.get("uid"): text(each_, "name") for each_ in each(one, "return_discounts")}
        for n, line in enumerate(each(one, "return_line_items")):
            ticket.lines.append(_line(line, f"{at}/return_line_items/{n}", currency, -1, given))
        for n, charge in enumerate(each(one, "return_service_charges")):
            ticket.lines.append(_service_charge(charge, f"{at}/return_service_charges/{n}", currency, -1))
        ticket.taxes += [_tax(tax, currency, -1) for tax in each(one, "return_taxes")]
        rounding -= _rounding(one, currency)
    back = inner(order, "return_amounts") if returns else {}
    tax = money(order, "total_tax_money", currency) - money(back, "tax_money", currency)
    tip = money(order, "total_tip_money", currency) - money(back, "tip_money", currency)
    ticket.taxes = [row for row in ticket.taxes if row["amount_minor"]]
    if not ticket.taxes and tax:
        ticket.taxes = [{"amount_minor": tax, "included": False}]
    for n, tender in enumerate(tenders):
        row = _tender(tender, f"{place}/tenders/{n}", currency, _fees_with_tickets(reading))
        if row is not None:
            ticket.tenders.append(row)
    for n, refund in enumerate(each(order, "refunds") if returns else ()):
        if text(refund, "status") not in ("REJECTED", "FAILED"):
            ticket.tenders.append(
                {"type": _NO_TENDER_NAMED, "amount_minor": -money(refund, "amount_money", currency),
                 "token": text(refund, "tender_id"), "locator": f"{place}/refunds/{n}"}
            )  # fmt: skip
    total = money(order, "total_money", currency) - money(back, "total_money", currency)
    computed = sum(row["net_minor"] for row in ticket.lines) + sum(row["amount_minor"] for row in ticket.taxes)
    if tip and total == computed + rounding:
        total += tip  # an order that was tipped after it was totalled: its tenders say whether that is right
    kind = "sale" if not returns else "exchange" if sold else "return"
    if state == "CANCELED":
        kind = "void_after_tender" if ticket.tenders else "void_before_tender"
    ticket.header = {
        **located(order, place),
        "external_id": number,
        "version_stamp": text(order, "updated_at"),
        "opened_at": text(order, "created_at"),
        "closed_at": text(order, "closed_at"),
        "kind": kind,
        "original_external_id": next((text(one, "source_order_id") for one in returns), None),
        "customer": text(order, "customer_id"),
        "channel": text(inner(order, "source"), "name"),
        "currency": currency,
        "memo": text(order, "ticket_name") or text(order, "reference_id"),
        "tax_minor": tax,
        "tip_minor": tip or None,
        "rounding_minor": rounding or None,
        "total_minor": total,
    }
    return ticket


def _line(line: Record, place: str, currency: str, sign: int, discounts: dict[Any, str | None]) -> Row:
    """A line sold (``sign`` 1) or taken back (-1). Its total is all that was charged for it, whichever taxes its
    price includes; without them it is the line's net."""
    net = (
        money(line, "total_money", currency)
        - money(line, "total_tax_money", currency)
        - money(line, "total_service_charge_money", currency)
    )
    discount = money(line, "total_discount_money", currency)
    kind = text(line, "item_type") or "ITEM"
    variation, name = text(line, "variation_name"), text(line, "name")
    quantity = micro(line, "quantity")
    if quantity is None:
        raise Unreadable(f"a line of it has no quantity ({place})")
    applied = each(line, "applied_discounts")
    return {
        "kind": _LINES.get(kind, kind),
        "item_id": text(line, "catalog_object_id"),
        "name": f"{name}, {variation}" if name and variation and variation != "Regular" else name or variation,
        "quantity_micro": sign * quantity,
        "list_price_minor": money(line, "base_price_money", currency),
        "gross_minor": sign * (net + discount),
        "discount_minor": sign * discount,
        "discount_code": next((discounts.get(one.get("discount_uid")) for one in applied), None),
        "net_minor": sign * net,
        "tax_minor": sign * money(line, "total_tax_money", currency),
        "voided": False,
        "locator": place,
    }


def _service_charge(charge: Record, place: str, currency: str, sign: int) -> Row:
    tax = money(charge, "total_tax_money", currency)
    whole_ = charge.get("total_money") is not None
    net = money(charge, "total_money", currency) - tax if whole_ else money(charge, "applied_money", currency)
    return {
        "kind": "service_charge",
        "item_id": text(charge, "catalog_object_id"),
        "name": text(charge, "name"),
        "quantity_micro": sign * 1_000_000,
        "gross_minor": sign * net,
        "discount_minor": 0,
        "net_minor": sign * net,
        "tax_minor": sign * tax,
        "voided": False,
        "locator": place,
    }


def _tax(tax: Record, currency: str, sign: int) -> Row:
    percent = micro(tax, "percentage")
    return {
        "jurisdiction": text(tax, "name"),
        "rate_micro": None if percent is None or percent % 100 else percent // 100,
        "amount_minor": sign * money(tax, "applied_money", currency),
        "included": text(tax, "type") == "INCLUSIVE",
    }


def _tender(tender: Record, place: str, currency: str, with_fee: bool) -> Row | None:
    """A tender of an order; nothing for one that came to nothing. Cash is what was handed over, and its change."""
    card = inner(tender, "card_details")
    if text(card, "status") in _UNPAID:
        return None
    change = money(inner(tender, "cash_details"), "change_back_money", currency)
    kind = needed(tender, "type")
    return {
        "type": _TENDERS.get(kind, kind),
        "brand": text(inner(card, "card"), "card_brand"),
        "amount_minor": money(tender, "amount_money", currency) + change,
        "change_minor": change or None,
        "tip_minor": money(tender, "tip_money", currency) or None,
        "token": text(tender, "payment_id") or text(tender, "id"),
        "entry_method": text(card, "entry_method"),
        "fee_minor": (money(tender, "processing_fee_money", currency) or None) if with_fee else None,
        "locator": place,
    }


def _rounding(record: Record, currency: str) -> int:
    return money(inner(record, "rounding_adjustment"), "amount_money", currency)


# --- payments and refunds ---------------------------------------------------------------------------------------


def _payment(payment: Record, place: str, reading: Reading) -> Made:
    number = needed(payment, "id")
    if _tickets_of(reading) != "payments":
        return _part_of_order("Payment", number, payment, place)
    status = text(payment, "status")
    if status in ("APPROVED", "PENDING", "CANCELED", "FAILED"):
        return set_aside("ignored", "square-not-paid", f"Payment {number} is {str(status).lower()}", payment, place)
    if status != "COMPLETED":
        raise Unreadable(f"its status is {said(payment.get('status'))}, which is not known")
    currency = currency_of(payment)
    amount, tip = money(payment, "amount_money", currency), money(payment, "tip_money", currency)
    card, cash = inner(payment, "card_details"), inner(payment, "cash_details")
    change = money(cash, "change_back_money", currency)
    kind = needed(payment, "source_type")
    if kind == "EXTERNAL":
        kind = text(inner(payment, "external_details"), "type") or kind
    fee = _fee(payment, currency, reading)
    return Ticket(
        {
            **_of_payment(payment, place, currency),
            "external_id": number,
            "kind": "sale",
            "memo": text(payment, "note"),
            "tip_minor": tip or None,
            "total_minor": money(payment, "total_money", currency),
        },
        [_unnamed(amount, place)],
        [
            {
                "type": _TENDERS.get(kind, kind),
                "brand": text(inner(card, "card"), "card_brand"),
                "amount_minor": amount + tip + change,
                "change_minor": change or None,
                "tip_minor": tip or None,
                "token": number,
                "entry_method": text(card, "entry_method"),
                "fee_minor": fee or None,
                "locator": place,
            }
        ],
    )


def _refund(refund: Record, place: str, reading: Reading) -> Made:
    number = needed(refund, "id")
    if _tickets_of(reading) != "payments":
        return _part_of_order("Refund", number, refund, place)
    status = text(refund, "status")
    if status in ("PENDING", "REJECTED", "FAILED"):
        return set_aside("ignored", "square-not-paid", f"Refund {number} is {str(status).lower()}", refund, place)
    if status != "COMPLETED":
        raise Unreadable(f"its status is {said(refund.get('status'))}, which is not known")
    currency = currency_of(refund)
    amount = -money(refund, "amount_money", currency)
    kind = text(refund, "destination_type") or _NO_TENDER_NAMED
    fee = _fee(refund, currency, reading)
    return Ticket(
        {
            **_of_payment(refund, place, currency),
            "external_id": number,
            "kind": "return",
            "original_external_id": text(refund, "payment_id"),
            "memo": text(refund, "reason"),
            "total_minor": amount,
        },
        [_unnamed(amount, place)],
        [{"type": _TENDERS.get(kind, kind), "amount_minor": amount, "token": text(refund, "payment_id"),
          "fee_minor": fee or None, "locator": place}],
    )  # fmt: skip


def _of_payment(record: Record, place: str, currency: str) -> Row:
    return {
        **located(record, place),
        "version_stamp": text(record, "updated_at"),
        "closed_at": text(record, "created_at"),
        "cashier": text(record, "team_member_id") or text(record, "employee_id"),
        "customer": text(record, "customer_id"),
        "currency": currency,
    }


def _fee(record: Record, currency: str, reading: Reading) -> int:
    if not _fees_with_tickets(reading):
        return 0
    return sum(money(one, "amount_money", currency) for one in each(record, "processing_fee"))


def _unnamed(amount: int, place: str) -> Row:
    """The one line of a payment, which does not say what was sold."""
    return plain_line("item", None, amount, place)


def _notice(notice: Record, place: str, reading: Reading) -> Made:
    kind = text(notice, "type") or "(no type)"
    if kind.split(".")[0] in ("payment", "refund", "payout"):
        raise Unreadable(f"it is a webhook '{kind}' without the {kind.split('.')[0]}")
    aside = set_aside(
        "ignored", "square-notice", f"Webhook '{kind}' tells that something changed, not what", notice, place
    )
    aside.external_id = text(notice, "event_id")
    return aside


def _part_of_order(what: str, number: str, record: Record, place: str) -> Aside:
    told = f"{what} {number} is a tender of order {text(record, 'order_id') or '(none)'}, which posts it"
    return set_aside("ignored", f"square-{what.lower()}", told, record, place)


def _tickets_of(reading: Reading) -> str:
    return reading.settings.tickets_of(reading.source, "orders")


def _fees_with_tickets(reading: Reading) -> bool:
    return reading.settings.fees_of(reading.source, FEES) == "tickets"


_MAKERS = {
    "order": _order,
    "payment": _payment,
    "refund": _refund,
    "payout": payout,
    "payout_entry": payout_entry,
    "notice": _notice,
}

SOURCE = json_source(NAME, _looks_like, _of_value, _nets)
