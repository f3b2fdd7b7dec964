"""What all records of Toast have in common: amounts, which are doubles in major units, headers, types of payments."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ingest.records import AMOUNT_MAX, Record, Unreadable, inner, needed, said, text
from ingest.tickets import WHOLE, Aside, Row

NO_LOCATION = "Toast"
"""The store of orders that do not say which restaurant they are of: the API is asked for one at a time."""

_PAYMENTS = {
    "CASH": "cash",
    "CREDIT": "card",
    "GIFTCARD": "gift_card",
    "HOUSE_ACCOUNT": "house_account",
}
"""Types of payments whose meaning is plain; any other keeps its name and waits for the book to know it."""
_SEQUENCE = re.compile(r"[0-9]{1,15}")
_STEP = Decimal("1e-9")
"""A double of any till's amount is nearer than this to the decimal that it stands for."""


def amount(record: Record, name: str, places: int) -> int | None:
    """An amount as minor units of a currency with so many decimals; nothing where it is missing or null. Unreadable
    where it has more decimals."""
    value = record.get(name)
    if value is None:
        return None
    made = exact(record, name, places)
    if made is None:
        raise Unreadable(f"its {name} is {said(value)}, which is no number with {places} decimals at most")
    return made


def exact(record: Record, name: str, places: int) -> int | None:
    """An amount as minor units where it is whole ones; nothing where it is finer, as a tax before it is rounded."""
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unreadable(f"its {name} is {said(value)} where a number is wanted")
    if abs(value) >= AMOUNT_MAX // 10**places:
        raise Unreadable(f"its {name} is {said(value)}, which no till amounts to")
    return _whole(Decimal(value), places)


@lru_cache(maxsize=65_536)
def _whole(value: Decimal, places: int) -> int | None:
    made = value.quantize(_STEP).scaleb(places)
    return int(made) if made == made.to_integral_value() else None


def type_of(payment: Record) -> str:
    """The type of tender of a payment; one that the restaurant made up keeps its name, or its number."""
    kind = needed(payment, "type")
    other = inner(payment, "otherPayment")
    if kind == "OTHER":
        return text(other, "name") or text(other, "externalId") or text(other, "guid") or kind
    return _PAYMENTS.get(kind, kind)


def header(order: Record, place: str, store: str | None) -> Row:
    """What a ticket has of its order; ``store`` is the restaurant that a webhook names."""
    shown = text(order, "displayNumber")
    server = inner(order, "server")
    return {
        "locator": place,
        "version_stamp": text(order, "modifiedDate"),
        "store": store or text(order, "restaurantGuid") or NO_LOCATION,
        "register": text(inner(order, "createdDevice"), "id"),
        "sequence": int(shown) if shown is not None and _SEQUENCE.fullmatch(shown) else None,
        "opened_at": text(order, "openedDate"),
        "cashier": text(server, "name") or text(server, "guid"),
        "guests": _guests(order),
        "channel": text(order, "source"),
    }


def _guests(order: Record) -> int | None:
    value = order.get("numberOfGuests")
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000 else None


def day(record: Record, name: str) -> date | None:
    """A business date, which Toast writes as the number 20261005."""
    written = text(record, name)
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Unreadable(f"its {name} is {said(record.get(name))}, which is no date") from None


def set_aside(rule: str, told: str, number: str, place: str) -> Aside:
    """An order that is ignored, with a sentence that says why and where."""
    return Aside("ignored", rule, f"{told} ({place or WHOLE})", place, number)
