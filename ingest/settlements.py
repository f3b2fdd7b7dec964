"""Settlements: what a processor does with the money of payments until the bank has it, as tickets that sell nothing.

The account that a tender is collected in is what its processor owes. Sales and refunds move it; so does, each with a
ticket of its own, what the processor keeps (a fee), what it takes back or holds back (a chargeback, a reserve) and
what it pays to the bank (a payout). What is left there is still to be paid out. A fee that came with the ticket of its
payment moved it already, and the settlement of that payment posts nothing.

Amounts are in minor units, signed as the processor's balance is: what it owes more is positive; a fee is positive where
it is kept.
"""

from __future__ import annotations

import mmap
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest import json_text
from ingest.records import Unreadable, said
from ingest.tickets import WHOLE, Aside, Reading, Row, Ticket
from ledger.accounts import BANK
from ledger.batch import PAYOUT, SETTLEMENT
from ledger.errors import DocumentError, SettingsError
from ledger.money import to_major

CHARGEBACK, RESERVE = "chargeback", "processor_reserve"
"""Types of tenders that the chart has for where the money goes that does not go to the bank."""
CARD = "card"
DIFFER = "payout-entries-differ"

Nets = Callable[[Any], Iterator[tuple[str, str, int]]]
"""From a value of a document to the entries in it: the number of its payout, its own, and its net."""


def payout(header: Row, amount: int, place: str, clearing: str = CARD, fee: int = 0) -> Ticket:
    """Money that went to the bank, and what that cost; negative where it was taken from there."""
    at = place or WHOLE
    return Ticket(
        {**header, "kind": PAYOUT, "locator": place},
        tenders=[
            {"type": BANK, "amount_minor": amount, "locator": at},
            {"type": clearing, "amount_minor": -amount, "fee_minor": fee or None, "locator": at},
        ],
    )


def no_payout(header: Row, place: str) -> Ticket:
    """A payout that the bank sent back or that was called off: as its later version it takes back what was posted."""
    return Ticket({**header, "kind": PAYOUT, "locator": place})


def kept(header: Row, fee: int, place: str, clearing: str = CARD) -> Ticket:
    """A fee that the processor kept; negative where it gave one back."""
    row = {"type": clearing, "amount_minor": 0, "fee_minor": fee, "locator": place or WHOLE}
    return Ticket({**header, "kind": SETTLEMENT, "locator": place}, tenders=[row])


def moved(header: Row, to: str, amount: int, fee: int, place: str, clearing: str = CARD) -> Ticket:
    """Money that the processor took to or brought back from elsewhere, which is a type of tender; a type that the book
    does not know holds the ticket."""
    at = place or WHOLE
    return Ticket(
        {**header, "kind": SETTLEMENT, "locator": place},
        tenders=[
            {"type": clearing, "amount_minor": amount, "fee_minor": fee or None, "locator": at},
            {"type": to, "amount_minor": -amount, "locator": at},
        ],
    )


def check_net(amount: int, fee: int, net: int | None) -> None:
    """Unreadable where an entry's amount less its fee is not the net that it gives."""
    if net is not None and amount - fee != net:
        raise Unreadable(
            f"its amount {amount} less its fee {fee} is {amount - fee}, but its net is {net}, difference "
            f"{net - (amount - fee)} (in the smallest unit of its currency)"
        )


def differing(number: str, amount: int, currency: str, reading: Reading, place: str, row: Row) -> Aside | None:
    """A payout that is held, for its entries in the same delivery do not come to it, or did not when it was held;
    nothing where they do, or where none were given."""
    nets = reading.nets.get(number)
    if nets is not None:
        return unequal(number, amount, nets, "its entries come to {}; give all of them", currency, place, row)
    if number in reading.withheld:
        told = f"Payout {number} is held: entries that came with it did not come to it; give both again in one command"
        return Aside("quarantined", DIFFER, f"{told} ({place or WHOLE})", place, number, row.get("store"), amount)
    return None


def unequal(number: str, amount: int, nets: int, what: str, currency: str, place: str, row: Row) -> Aside | None:
    """A payout that is held, for its parts do not come to it; nothing where they do. ``what`` they come to is said with
    the sum in its place."""
    if nets == amount:
        return None
    try:
        paid, parts, difference = (to_major(one, currency) for one in (amount, nets, amount - nets))
    except SettingsError:
        raise Unreadable(f"its currency is {said(currency)}, which is none") from None
    said_of_parts = what.format(f"{parts}, difference {difference}")
    told = f"Payout {number} of {paid} {currency} is held: {said_of_parts} ({place or WHOLE})"
    return Aside("quarantined", DIFFER, told, place, number, row.get("store"), amount)


def nets_of(documents: Mapping[Path, Nets]) -> dict[str, int]:
    """What the entries of payouts come to in some documents, by the numbers of their payouts.

    What cannot be read is left to the reading of its document, which says so.
    """
    found: dict[tuple[str, str], int] = {}  # pages overlap: each entry counts once
    for path, nets in documents.items():
        if not _mentions_payouts(path):
            continue  # most documents are of orders, and are read once
        with path.open("rb") as plain:
            try:
                for _, value in json_text.values(plain, path.name):
                    found |= {(payout_number, number): net for payout_number, number, net in nets(value)}
            except (DocumentError, Unreadable):
                continue
    sums: dict[str, int] = defaultdict(int)
    for (payout_number, _), net in found.items():
        sums[payout_number] += net
    return dict(sums)


def _mentions_payouts(path: Path) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as plain, mmap.mmap(plain.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return mapped.find(b'"payout_id"') >= 0
