"""POSLog: the XML in which retail tills log what they do, of the Association for Retail Technology Standards, now OMG.

Relied on: the element and attribute names of POSLog 2.x and 6.0 as its schema documents them, and as parsers of other
people's projects read them (kjbreil/poslog). Amounts are decimals; those of a ``Return`` and of a tender or tax with
``TypeCode="Refund"`` are given back, whatever their sign.

A ``RetailTransaction`` is a ticket, whose number is its store, till, business day and sequence; a till's no-sales and
money paid in or out are till events; what else a till controls is ignored and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import BinaryIO

from ingest.records import MICRO, TEXT_MAX, Unreadable, said, scaled
from ingest.sources.source import Source, guarded
from ingest.tickets import Aside, Event, Made, Reading, Row, Ticket, plain_line
from ingest.xml_text import Element, records
from ledger.errors import DocumentError, SettingsError
from ledger.money import decimals

NAME = "poslog"

_TENDERS = {
    "Cash": "cash",
    "CreditDebit": "card",
    "Credit": "card",
    "Debit": "card",
    "Check": "check",
    "StoredValue": "gift_card",
    "GiftCard": "gift_card",
    "GiftCertificate": "gift_card",
    "HouseAccount": "house_account",
    "Voucher": "voucher",
    "Coupon": "voucher",
    "ManufacturerCoupon": "voucher",
}
_KINDS = {
    "Stock": "item",
    "Service": "item",
    "Alteration": "item",
    "Warranty": "item",
    "ItemCollection": "item",
    "GiftCard": "gift_card",
    "GiftCertificate": "gift_card",
    "StoredValue": "gift_card",
    "Deposit": "deposit",
    "Fee": "fee",
    "Donation": "donation",
}
_VOIDS = {"Voided": "void_before_tender", "PostVoided": "void_after_tender"}
_SUSPENDED = ("Suspended", "SuspendedDeleted")
_DONE = ("Delivered", "Totaled", "Finished", "Tendered", "SuspendedRetrieved", "InProcess")
_EVENTS = {"NoSale": "no_sale", "PaidIn": "paid_in", "PaidOut": "paid_out"}


def _looks_like(head: bytes) -> bool:
    text = head.replace(b"\0", b"")  # in UTF-16 every other byte of these names is one
    return text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") and b"POSLog" in text


def _read(stream: BinaryIO, reading: Reading) -> Iterator[Made]:
    seen = False
    for place, element in records(stream, reading.name, "Transaction"):
        seen = True
        yield from guarded(partial(_transaction, element, place, reading), "Transaction", place, _number(element))
    if not seen:
        raise DocumentError(f"{reading.name} has no Transaction right below its root; it is no POSLog that is known")


def _transaction(element: Element, place: str, reading: Reading) -> Made:
    number = _number(element)
    if number is None:
        raise Unreadable("it lacks a store, a till, a business day or a sequence number")
    if _flag(element, "TrainingModeFlag"):
        return _aside("poslog-training", f"Transaction {number} is training", number, place)
    retail = element.first("RetailTransaction")
    if retail is not None:
        return _ticket(element, retail, number, place, reading)
    return _control(element, number, place, reading)


# --- sales and returns ------------------------------------------------------------------------------------------


def _ticket(element: Element, retail: Element, number: str, place: str, reading: Reading) -> Made:
    status = retail.attributes.get("TransactionStatus") or "Delivered"
    if status in _SUSPENDED:
        return _aside("poslog-suspended", f"Transaction {number} was suspended", number, place)
    if status not in _VOIDS and status not in _DONE:
        raise Unreadable(f"its TransactionStatus is {said(status)}, which is not known")
    currency, places = _currency(element, reading)
    ticket = Ticket({})
    of_ticket: list[Row] = []
    of_lines: dict[tuple[str | None, int | None, bool], int] = defaultdict(int)
    rounding = 0
    links: list[Element] = retail.all("TransactionLink")
    only_back = retail.first("LineItem") is not None and not any(one.first("Sale") for one in retail.all("LineItem"))
    for n, line in enumerate(retail.all("LineItem"), start=1):
        at = f"{place}/RetailTransaction/LineItem[{n}]"
        voided = _flag(line, "VoidFlag")
        sold, back = line.first("Sale"), line.first("Return")
        if sold is not None or back is not None:
            part = sold if sold is not None else back
            assert part is not None
            # Some tills write a return as a sale of a negative quantity, with amounts that are positive all the same.
            sign = -1 if sold is None or (_micro(sold, "Quantity") or 0) < 0 else 1
            row, taxes = _line(part, at, places, sign, voided)
            ticket.lines.append(row)
            links += part.all("TransactionLink")
            for jurisdiction, rate, included, amount in taxes if not voided else ():
                of_lines[jurisdiction, rate, included] += amount
        elif (tender := line.first("Tender")) is not None and not voided:
            ticket.tenders.append(_tender(tender, at, places, only_back))
            rounding += _rounding(tender, places)
        elif (change := line.first("TenderChange")) is not None and not voided:
            _give_change(ticket.tenders, change, places)
        elif (tax := line.first("Tax")) is not None and not voided:
            jurisdiction, rate, included, amount = _tax(tax, places, -1 if _refunded(tax, only_back) else 1)
            of_ticket.append(_tax_row(jurisdiction, rate, included, amount))
        elif (charge := line.first("Fee", "ServiceCharge", "Donation")) is not None:
            ticket.lines.append(_charge(charge, at, places, voided))
        elif not voided and line.first("Discount", "LoyaltyReward", "Deposit", "PaymentOnAccount") is not None:
            told = line.children[-1].name if line.children else "(nothing)"
            raise Unreadable(f"its line {n} is a {told}, which is not read")
    ticket.taxes = [row for row in of_ticket if row["amount_minor"]] or [
        _tax_row(*key, amount) for key, amount in of_lines.items() if amount
    ]
    returned = any(row["quantity_micro"] < 0 for row in ticket.lines)
    kept = any(row["quantity_micro"] > 0 for row in ticket.lines)
    total, tax_in_all = (_total(retail, f"Transaction{name}Amount", places) for name in ("Grand", "Tax"))
    if not ticket.taxes and tax_in_all:
        _tax_of_totals(ticket, tax_in_all, (total or 0) - rounding, place)
    kind = _VOIDS.get(status) or ("exchange" if returned and kept else "return" if returned else "sale")
    if _flag(element, "CancelFlag"):
        kind = "void_before_tender"
    ticket.header = {
        **_header(element, number, place, currency),
        "opened_at": _text(element, "BeginDateTime"),
        "closed_at": _text(element, "EndDateTime") or _text(retail, "ReceiptDateTime"),
        "kind": kind,
        "original_external_id": next((_linked(one, element) for one in links), None),
        "receipt_present": True if links else None,
        "customer": _text(retail.first("Customer"), "CustomerID"),
        "rounding_minor": rounding or None,
        "tax_minor": tax_in_all,
        "total_minor": total,
    }
    return ticket


def _tax_of_totals(ticket: Ticket, tax: int, total: int, place: str) -> None:
    """The tax of a ticket that tells it only among its totals: on top of its lines, or taken out of them where they
    come to the total with it."""
    net = sum(row["net_minor"] for row in ticket.lines if not row["voided"])
    included = net == total
    if included:
        size = MICRO if tax > 0 else -MICRO
        ticket.lines.append({"kind": "adjustment", "name": "Tax in prices", "quantity_micro": size, "gross_minor": -tax,
                             "discount_minor": 0, "net_minor": -tax, "voided": False, "locator": place})  # fmt: skip
    ticket.taxes.append(_tax_row(None, None, included, tax))


def _give_change(tenders: list[Row], change: Element, places: int) -> None:
    """Change that is a line of its own goes to the tender before it."""
    inside = change.first("TenderChange")
    amount = _minor(change if inside is None else inside, "Amount", places)
    if amount is None or not tenders:
        raise Unreadable("it gives change of no amount, or before anything was paid")
    tenders[-1]["change_minor"] = (tenders[-1]["change_minor"] or 0) + abs(amount)


def _line(
    part: Element, place: str, places: int, sign: int, voided: bool
) -> tuple[Row, list[tuple[str | None, int | None, bool, int]]]:
    extended = _minor(part, "ExtendedAmount", places)
    if extended is None:
        raise Unreadable(f"a line of it has no ExtendedAmount ({place})")
    quantity = _micro(part, "Quantity")
    quantity = MICRO if quantity is None else abs(quantity)
    taxes = [_tax(one, places, sign) for one in part.all("Tax")]
    tax = sum(amount for *_, amount in taxes)
    in_price = sum(amount for _, _, included, amount in taxes if included)
    if _flag(part, "TaxIncludedInPriceFlag") or _text(part, "TaxIncludedInPriceFlag") in ("true", "1"):
        in_price, taxes = tax, [(name, rate, True, amount) for name, rate, _, amount in taxes]
    discount = abs(_minor(part, "ExtendedDiscountAmount", places) or 0) or sum(
        abs(_minor(one, "Amount", places) or 0) * (-1 if _action(one) == "Add" else 1)
        for one in part.all("RetailPriceModifier")
    )
    regular, actual = _minor(part, "RegularSalesUnitPrice", places), _minor(part, "ActualSalesUnitPrice", places)
    net = abs(extended)
    if discount > 0 and regular is not None and actual in (None, regular) and regular * quantity == net * MICRO:
        net -= discount  # this till extends the price before its discount
    net = sign * net - in_price
    kind = part.attributes.get("ItemType") or "Stock"
    hierarchy = [one.text for one in part.all("MerchandiseHierarchy") if one.text]
    return {
        "kind": _KINDS.get(kind, kind),
        "item_id": _text(part, "ItemID") or _text(part.first("POSIdentity"), "POSItemID"),
        "name": _text(part, "Description") or _attribute(part.first("ItemID"), "Name"),
        "category": " / ".join(hierarchy)[:TEXT_MAX] or None,
        "quantity_micro": sign * quantity,
        "list_price_minor": regular,
        "unit_price_minor": actual,
        "gross_minor": net + sign * discount,
        "discount_minor": sign * discount,
        "discount_code": next((_text(one, "PromotionID") for one in part.all("RetailPriceModifier")), None),
        "override_reason": next((_text(one, "ReasonCode") for one in part.all("RetailPriceModifier")), None),
        "net_minor": net,
        "tax_minor": tax,
        "voided": voided,
        "locator": place,
    }, taxes


def _charge(charge: Element, place: str, places: int, voided: bool) -> Row:
    amount = _minor(charge, "Amount", places)
    if amount is None:
        raise Unreadable(f"a charge of it has no Amount ({place})")
    kind = {"Fee": "fee", "ServiceCharge": "service_charge", "Donation": "donation"}[charge.name]
    return plain_line(kind, _text(charge, "Description") or charge.name, amount, place) | {"voided": voided}


def _tax(tax: Element, places: int, sign: int) -> tuple[str | None, int | None, bool, int]:
    taxable = tax.first("TaxableAmount")
    flag = None if taxable is None else taxable.attributes.get("TaxIncludedInTaxableAmountFlag")
    percent = _micro(tax, "Percent")
    named = _text(tax, "TaxAuthority") or _text(tax, "TaxRuleID") or tax.attributes.get("TaxType")
    rate = None if percent is None or percent % 100 else percent // 100
    return named, rate, flag in ("true", "1"), sign * abs(_minor(tax, "Amount", places) or 0)


def _tax_row(jurisdiction: str | None, rate: int | None, included: bool, amount: int) -> Row:
    return {"jurisdiction": jurisdiction, "rate_micro": rate, "included": included, "amount_minor": amount}


def _tender(tender: Element, place: str, places: int, only_back: bool) -> Row:
    kind = tender.attributes.get("TenderType") or _text(tender, "TenderID") or "(no type)"
    amount = _minor(tender, "Amount", places)
    if amount is None:
        raise Unreadable(f"a tender of it has no Amount ({place})")
    card = tender.first("CreditDebit")
    change = sum(abs(_minor(one, "Amount", places) or 0) for one in tender.all("TenderChange"))
    return {
        "type": _TENDERS.get(kind, kind.rpartition(":")[2]),  # a type of the till's own has its prefix before it
        "brand": _attribute(card, "CardType"),
        "amount_minor": -abs(amount) if _refunded(tender, only_back) else amount,
        "change_minor": change or None,
        "authorisation": _text(tender.first("Authorization"), "AuthorizationCode"),
        "locator": place,
    }


def _rounding(tender: Element, places: int) -> int:
    rounding = tender.first("Rounding")
    if rounding is None:
        return 0
    amount = _amount(rounding, places)
    down = rounding.attributes.get("RoundingDirection") == "Down"
    return -abs(amount) if down else amount


def _refunded(element: Element, only_back: bool) -> bool:
    code = element.attributes.get("TypeCode")
    return code == "Refund" or (code is None and only_back)


# --- what else a till does --------------------------------------------------------------------------------------


def _control(element: Element, number: str, place: str, reading: Reading) -> Made:
    holder = element.first("ControlTransaction", "TenderControlTransaction")
    inside = None if holder is None else holder.first(*_EVENTS)
    if holder is None or inside is None:
        what = holder.children[0].name if holder is not None and holder.children else "no sale"
        return _aside("poslog-control", f"Transaction {number} is {said(what)}, and moves no money", number, place)
    currency, places = _currency(element, reading)
    kind = _EVENTS[inside.name]
    amount = _minor(inside, "Amount", places)
    cash = {"paid_in": "cash_in_minor", "paid_out": "cash_out_minor"}.get(kind)
    header = _header(element, number, place, currency)
    del header["sequence"]
    row = header | {"kind": kind, "at": _text(element, "EndDateTime") or _text(element, "BeginDateTime")}
    return Event(row | ({cash: amount} if cash else {"no_sales": 1}))


# --- parts ------------------------------------------------------------------------------------------------------


def _header(element: Element, number: str, place: str, currency: str) -> Row:
    return {
        "locator": place,
        "external_id": number,
        "version_stamp": None,
        "store": _store(element),
        "register": _text(element, "WorkstationID"),
        "sequence": scaled(_text(element, "SequenceNumber") or "", 0),
        "business_date": _date(element),
        "cashier": _text(element, "OperatorID"),
        "currency": currency,
    }


def _number(element: Element) -> str | None:
    """A transaction's number: store, till, business day (that of its end where it tells none) and sequence."""
    try:
        day = _date(element) or _date(element, "EndDateTime") or _date(element, "POSLogDateTime")
        parts = (_store(element), _text(element, "WorkstationID"), day and day.isoformat())
        sequence = _text(element, "SequenceNumber")
    except Unreadable:
        return None
    return None if None in (*parts, sequence) else "-".join(map(str, (*parts, sequence)))


def _linked(link: Element, element: Element) -> str | None:
    """The number of the transaction that a link names; what it leaves out is as in the transaction itself."""
    parts = [link.first(name) or element.first(name) for name in ("WorkstationID", "BusinessDayDate", "SequenceNumber")]
    store = _store(link) or _store(element)
    if store is None or link.first("SequenceNumber") is None or None in parts:
        return None
    return "-".join([store, *(_text(part, "Date") or part.text for part in parts if part is not None)])


def _store(element: Element) -> str | None:
    unit = element.first("BusinessUnit")
    return _text(element, "RetailStoreID") or _text(unit, "UnitID")


def _date(element: Element, name: str = "BusinessDayDate") -> date | None:
    written = _text(element, name)
    if written is None:
        return None
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        raise Unreadable(f"its {name} is {said(written)}, which is no date") from None


def _attribute(element: Element | None, name: str) -> str | None:
    found = None if element is None else element.attributes.get(name)
    return found[:TEXT_MAX] if found else None


def _text(element: Element | None, name: str) -> str | None:
    inside = None if element is None else element.first(name)
    if inside is None or not inside.text:
        return None
    if len(inside.text) > TEXT_MAX:
        raise Unreadable(f"its {name} has {len(inside.text):,} characters, more than {TEXT_MAX:,}")
    return inside.text


def _minor(element: Element, name: str, places: int) -> int | None:
    inside = element.first(name)
    return None if inside is None or not inside.text else _amount(inside, places)


def _amount(element: Element, places: int) -> int:
    made = scaled(element.text, places)
    if made is None:
        raise Unreadable(f"its {element.name} is {said(element.text)}, no number with {places} decimals at most")
    return made


def _micro(element: Element, name: str) -> int | None:
    return _minor(element, name, 6)


def _total(retail: Element, kind: str, places: int) -> int | None:
    return next((_amount(one, places) for one in retail.all("Total") if one.attributes.get("TotalType") == kind), None)


def _action(modifier: Element) -> str | None:
    amount = modifier.first("Amount")
    return None if amount is None else amount.attributes.get("Action")


def _flag(element: Element, name: str) -> bool:
    return element.attributes.get(name) in ("true", "1")


def _currency(element: Element, reading: Reading) -> tuple[str, int]:
    found = _text(element, "CurrencyCode") or reading.settings.book.currency
    try:
        return found, decimals(found)
    except SettingsError:
        raise Unreadable(f"its CurrencyCode is {said(found)}, which is none") from None


def _aside(rule: str, told: str, number: str, place: str) -> Aside:
    return Aside("ignored", rule, f"{told} ({place})", place, number)


SOURCE = Source(NAME, _looks_like, _read)
