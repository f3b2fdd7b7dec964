"""What Square is asked: orders by their time of change, or payments and refunds where the book takes those.

Relied on: Square's API reference for SearchOrders (ten locations at most, a sort by UPDATED_AT for a filter by it, a
cursor that goes with the query that it came from), ListPayments and ListPaymentRefunds (``updated_at_begin_time`` with
the sort by UPDATED_AT, and a ``begin_time`` that is a year ago unless it is given), and ListLocations.

What a cursor stands on is not documented, so that its pages count as ones that may shift.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

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
    posted,
)
from ingest.records import Record, Unreadable, each, inner, needed, said, text, whole
from ledger.errors import PullError, SettingsError
from ledger.money import decimals

LOCATIONS_AT_ONCE = 10
ORDERS_A_PAGE, PAYMENTS_A_PAGE = 500, 100
_EVER = "1970-01-01T00:00:00Z"


def _listings(feed: Feed, window: Window, get: Get) -> Sequence[Ask]:
    if feed.tickets("orders") == "payments":
        span = {"updated_at_begin_time": _instant(window.start), "updated_at_end_time": _instant(window.end),
                "begin_time": _EVER, "end_time": _instant(window.end), "sort_field": "UPDATED_AT"}  # fmt: skip
        return [ask for what in ("payments", "refunds") for ask in _payments(feed, what, span)]
    span = {"start_at": _instant(window.start), "end_at": _instant(window.end)}
    query = {
        "filter": {"date_time_filter": {"updated_at": span}},
        "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
    }
    return _orders(feed, query, get)


def _page(ask: Ask, answer: Answer) -> Page:
    records = listed(ask, answer.value, ask.listing)
    return Page(marked(records, "id", "updated_at"), _following(ask, answer))


def _day(feed: Feed, day: Day, get: Get) -> Sequence[Ask]:
    if feed.tickets("orders") == "payments":
        span = {"begin_time": _instant(day.start), "end_time": _instant(day.end)}
        return [ask for what in ("payments", "refunds") for ask in _payments(feed, what, span)]
    span = {"start_at": _instant(day.start), "end_at": _instant(day.end)}
    query = {
        "filter": {"date_time_filter": {"closed_at": span}, "state_filter": {"states": ["COMPLETED"]}},
        "sort": {"sort_field": "CLOSED_AT", "sort_order": "ASC"},
    }
    return _orders(feed, query, get)


def _counted(ask: Ask, answer: Answer) -> Counted:
    amounts: dict[str, Amount | None] = {}
    try:
        for record in listed(ask, answer.value, ask.listing):
            if ask.listing == "orders":
                if [text(one, "type") for one in each(record, "tenders")] != ["NO_SALE"]:  # a till event, no ticket
                    amounts[needed(record, "id")] = _money(inner(record, "net_amounts") or record, "total_money", 1)
            elif text(record, "status") == "COMPLETED":
                name, sign = ("amount_money", -1) if ask.listing == "refunds" else ("total_money", 1)
                amounts[needed(record, "id")] = _money(record, name, sign)
    except Unreadable as error:
        raise PullError(f"a record in the answer to {ask.path} cannot be counted: {error}") from None
    return Counted(len(amounts), amounts, _following(ask, answer))


# --- parts ------------------------------------------------------------------------------------------------------


def _orders(feed: Feed, query: Mapping[str, Any], get: Get) -> list[Ask]:
    locations = list(feed.settings.locations) or _locations(get)
    parts = [locations[at : at + LOCATIONS_AT_ONCE] for at in range(0, len(locations), LOCATIONS_AT_ONCE)]
    return [
        Ask("orders", "/v2/orders/search",
            body=posted({"location_ids": part, "query": query, "limit": ORDERS_A_PAGE}))
        for part in parts
    ]  # fmt: skip


def _locations(get: Get) -> list[str]:
    """All locations of the account, closed ones too: they have sold."""
    ask = Ask("locations", "/v2/locations", once=True)
    try:
        return [needed(one, "id") for one in listed(ask, get(ask).value, "locations")]
    except Unreadable as error:
        raise PullError(f"Square lists a location that cannot be told from others: {error}") from None


def _payments(feed: Feed, what: str, span: Mapping[str, str]) -> list[Ask]:
    query = {**span, "sort_order": "ASC", "limit": str(PAYMENTS_A_PAGE)}
    of_each = [{"location_id": one} for one in feed.settings.locations] or [{}]
    return [Ask(what, f"/v2/{what}", tuple(sorted({**query, **of}.items()))) for of in of_each]


def _following(ask: Ask, answer: Answer) -> Ask | None:
    cursor = text(answer.value, "cursor")
    if cursor is None:
        return None
    if ask.body is not None:
        return replace(ask, body=posted({**json.loads(ask.body), "cursor": cursor}))
    return replace(ask, query=tuple(sorted({**dict(ask.query), "cursor": cursor}.items())))


def _money(record: Record, name: str, sign: int) -> Amount | None:
    money = inner(record, name)
    amount, currency = whole(money, "amount"), text(money, "currency")
    if amount is None or currency is None:
        return None
    try:
        decimals(currency)
    except SettingsError:
        raise Unreadable(f"its {name} is in {said(currency)}, which is no currency") from None
    return sign * amount, currency


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


VENDOR = Vendor(
    name="square",
    title="Square",
    url="https://connect.squareup.com",
    entered=bearer,
    listings=_listings,
    page=_page,
    day=_day,
    counted=_counted,
    not_offered="Square counts nothing itself: a day's orders are listed anew by when they were closed, and counted",
    by_position=True,
)
