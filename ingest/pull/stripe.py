"""What Stripe is asked: charges with their fees, refunds, and the events that change them; or balance transactions
where the book takes those.

Relied on: Stripe's API reference for the lists of charges, refunds, balance transactions and events (``created``
bounds, ``starting_after`` the last record of a page, ``has_more``, the newest first, a hundred a page), for expanding
``data.balance_transaction``, and for events, which are kept for thirty days.

A list is by the time of creation, and says nothing of what was changed since. What changes a ticket later (a capture, a
refund that ends well or fails) are events of their own, which bring the record as it was then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.pull.vendor import (
    Amount,
    Answer,
    Ask,
    Counted,
    Day,
    Feed,
    Get,
    Page,
    Vendor,
    Window,
    bearer,
    listed,
    marked,
)
from ingest.records import Unreadable, is_record, needed, text, yes
from ingest.sources.stripe import amount_of
from ledger.errors import PullError

RECORDS_A_PAGE = 100
EVENTS = ("charge.captured", "refund.updated", "refund.failed", "charge.refund.updated")
COUNTED = ("charge", "payment", "refund", "payment_refund")


def _listings(feed: Feed, window: Window, get: Get) -> Sequence[Ask]:
    if feed.tickets("charges") == "balance_transactions":
        return [_list("balance_transactions", window)]
    return [
        _list("charges", window, ("expand[]", "data.balance_transaction")),
        _list("refunds", window, ("expand[]", "data.balance_transaction")),
        _list("events", window, *(("types[]", one) for one in EVENTS)),
    ]


def _page(ask: Ask, answer: Answer) -> Page:
    records = listed(ask, answer.value, "data")
    return Page(marked(records, "id", "created"), _following(ask, answer))


def _day(feed: Feed, day: Day, get: Get) -> Sequence[Ask]:
    return [_list("balance_transactions", day, ("type", one)) for one in COUNTED]


def _counted(ask: Ask, answer: Answer) -> Counted:
    amounts: dict[str, Amount | None] = {}
    try:
        for record in listed(ask, answer.value, "data"):
            of = record.get("source")
            number = (text(of, "id") if is_record(of) else text(record, "source")) or needed(record, "id")
            currency, amount = amount_of(record)
            # In another currency than the charge's it says what reached the balance, not what was charged.
            amounts[number] = None if record.get("exchange_rate") is not None else (amount, currency)
    except Unreadable as error:
        raise PullError(f"a record in the answer to {ask.path} cannot be counted: {error}") from None
    return Counted(len(amounts), amounts, _following(ask, answer))


def _list(what: str, window: Window, *more: tuple[str, str]) -> Ask:
    """Whole seconds, as Stripe has them: those of ``end`` belong to the next window."""
    span = (
        ("created[gte]", str(int(window.start.timestamp()))),
        ("created[lt]", str(int(window.end.timestamp()))),
    )
    return Ask(what, f"/v1/{what}", (("limit", str(RECORDS_A_PAGE)), *span, *more))


def _following(ask: Ask, answer: Answer) -> Ask | None:
    records = listed(ask, answer.value, "data")
    try:
        if not yes(answer.value, "has_more") or not records:
            return None
        last = needed(records[-1], "id")
    except Unreadable as error:
        raise PullError(f"the answer to {ask.path} does not lead to its next page: {error}") from None
    return replace(ask, query=(*(one for one in ask.query if one[0] != "starting_after"), ("starting_after", last)))


VENDOR = Vendor(
    name="stripe",
    title="Stripe",
    url="https://api.stripe.com",
    entered=bearer,
    listings=_listings,
    page=_page,
    day=_day,
    counted=_counted,
    not_offered="Stripe gives no daily count: the balance transactions of a day are listed, and summed",
)
