"""What all records of Square have in common: amounts of money, places, and how one is set aside."""

from __future__ import annotations

from ingest.records import AMOUNT_MAX, Record, Unreadable, inner, said, text, whole
from ingest.tickets import WHOLE, Aside, Row

_TOTALS = ("total_money", "amount_money", "gross_amount_money")


def located(record: Record, place: str) -> Row:
    """The location of a record and its place in the document."""
    return {"store": text(record, "location_id"), "locator": place}


def set_aside(disposition: str, rule: str, told: str, record: Record, place: str) -> Aside:
    """A record that posts nothing by itself, with a sentence that says why and where."""
    amount = next((record[name] for name in _TOTALS if record.get(name)), None)
    minor = amount.get("amount") if isinstance(amount, dict) else None
    return Aside(
        disposition,
        rule,
        f"{told} ({place or WHOLE})",
        place,
        text(record, "id"),
        text(record, "location_id"),
        minor if isinstance(minor, int) and not isinstance(minor, bool) and abs(minor) < 10**15 else None,
    )


def currency_of(record: Record) -> str:
    """The currency of a record: of its total, else of the amounts of what was taken back."""
    for holder in (record, inner(record, "net_amounts"), inner(record, "return_amounts")):
        for name in _TOTALS:
            found = text(inner(holder, name), "currency")
            if found is not None:
                return found
    raise Unreadable("no amount of it names a currency")


def money(record: Record, name: str, of: str) -> int:
    """An amount of money in minor units of the currency ``of``; nothing there is zero, for Square leaves out what is
    none."""
    value = record.get(name)
    if value is None:
        return 0
    if not isinstance(value, dict):
        raise Unreadable(f"its {name} is {said(value)} where an amount and a currency are wanted")
    named, amount = value.get("currency", of), value.get("amount")
    if type(amount) is int and -AMOUNT_MAX < amount < AMOUNT_MAX and named == of:  # nearly all are
        return amount
    if named != of:
        raise Unreadable(f"its {name} is in {said(named)}, and its total in {of}")
    try:
        return whole(value, "amount") or 0
    except Unreadable as error:
        raise Unreadable(f"{error} (of its {name})") from None
