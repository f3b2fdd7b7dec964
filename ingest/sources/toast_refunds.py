"""Refunds of Toast: of the payments that one transaction gave back, on their own business date.

A refund says what it gave back of which selection only since Toast gives ``refundDetails``; where these do not come to
what was given back, the refund has one line without a name, and the tax in it cannot be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from ingest.records import MICRO, Record, Unreadable, each, inner, micro, text, yes
from ingest.sources.source import guarded
from ingest.sources.toast_parts import amount, day, header, set_aside, type_of
from ingest.tickets import Made, Reading, Row, Ticket, unreadable
from ledger.money import decimals


def refunds(order: Record, place: str, reading: Reading, store: str | None) -> Iterator[Made]:
    """A ticket for each refund: of the payments that one transaction gave back."""
    try:
        given: dict[str, list[tuple[Record, str]]] = defaultdict(list)
        checks = [(one, f"{place}/checks/{n}") for n, one in enumerate(each(order, "checks"))]
        for check, at in checks:
            for n, payment in enumerate(each(check, "payments")):
                refund = inner(payment, "refund")
                if refund and text(payment, "refundStatus") != "NONE":
                    own = text(inner(refund, "refundTransaction"), "guid")
                    given[own or f"{text(payment, 'guid')} refund"].append((payment, f"{at}/payments/{n}"))
    except Unreadable as error:
        yield unreadable("The refunds of an order", str(error), place)
        return
    for number, payments in given.items():
        make = partial(_refund, order, number, payments, checks, place, reading, store)
        yield from guarded(make, "Refund", payments[0][1], number[:60])


def _refund(
    order: Record,
    number: str,
    payments: Sequence[tuple[Record, str]],
    checks: Sequence[tuple[Record, str]],
    place: str,
    reading: Reading,
    store: str | None,
) -> Made:
    places = decimals(reading.settings.book.currency)
    ticket = Ticket({})
    back = tips = 0
    for payment, at in payments:
        refund = inner(payment, "refund")
        own, tip = amount(refund, "refundAmount", places) or 0, amount(refund, "tipRefundAmount", places) or 0
        back, tips = back + own, tips + tip
        row = {"type": type_of(payment), "brand": text(payment, "cardType"), "amount_minor": -own - tip,
               "tip_minor": -tip or None, "token": text(payment, "guid"), "locator": f"{at}/refund"}  # fmt: skip
        ticket.tenders.append(row)
    if not (back or tips):
        return set_aside("toast-nothing-back", f"Refund {number} has given nothing back", number, payments[0][1])
    refund = inner(payments[0][0], "refund")
    ticket.lines, tax, named = _lines_back(number, checks, places)
    if sum(row["net_minor"] for row in ticket.lines) - tax != -back:
        ticket.lines, tax = [_line_back("adjustment", "Refund", None, back, payments[0][1])], 0
    ticket.taxes = [{**named, "amount_minor": -tax, "included": False}] if tax else []
    ticket.header = {
        **header(order, payments[0][1], store),
        "external_id": number,
        "business_date": day(refund, "refundBusinessDate"),
        "closed_at": text(refund, "refundDate"),
        "version_stamp": text(refund, "refundDate"),
        "opened_at": None,
        "kind": "return",
        "original_external_id": text(order, "guid"),
        "guests": None,
        "sequence": None,
        "tax_minor": -tax,
        "tip_minor": -tips or None,
        "total_minor": -back - tips,
    }
    return ticket


def _lines_back(number: str, checks: Sequence[tuple[Record, str]], places: int) -> tuple[list[Row], int, Row]:
    """What a transaction gave back of selections and service charges, the tax on it, and that tax's name where what was
    sold had one; nothing where they do not say that they are of it."""
    lines, tax = [], 0
    names: set[tuple[str | None, int | None, bool | None]] = set()
    for check, place in checks:
        for part in ("selections", "appliedServiceCharges"):
            for n, one in enumerate(each(check, part)):
                details = inner(one, "refundDetails")
                if details and text(inner(details, "refundTransaction"), "guid") == number:
                    tax += amount(details, "taxRefundAmount", places) or 0
                    kind = "service_charge" if part == "appliedServiceCharges" else "item"
                    name, item = text(one, "displayName") or text(one, "name"), text(inner(one, "item"), "guid")
                    back = amount(details, "refundAmount", places) or 0
                    lines.append(_line_back(kind, name, item, back, f"{place}/{part}/{n}"))
                    names |= {
                        (text(tax_, "name"), micro(tax_, "rate"), yes(tax_, "facilitatorCollectAndRemitTax") or None)
                        for tax_ in each(one, "appliedTaxes")
                    }
    title, rate, facilitator = next(iter(names)) if len(names) == 1 else (None, None, None)
    return lines, tax, {"jurisdiction": title, "rate_micro": rate, "facilitator": facilitator}


def _line_back(kind: str, name: str | None, item: str | None, back: int, place: str) -> Row:
    return {
        "kind": kind,
        "item_id": item,
        "name": name,
        "quantity_micro": -MICRO,
        "gross_minor": -back,
        "discount_minor": 0,
        "net_minor": -back,
        "voided": False,
        "locator": place,
    }
