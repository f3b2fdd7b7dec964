"""What Shopify is asked: orders by their time of change.

Relied on: Shopify's reference of the Order and Transaction resources of the REST Admin API, its page on paginated
requests (the ``Link`` header; a request for another page carries ``page_info`` and ``limit`` and nothing else; pages
stand on the last record, not on a position) and on its rate limit (429 with ``Retry-After``).

An order that was paid in several ways does not say how much by each. Its transactions do, and are asked for and put
into it; what else stands in a page is kept as it came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ingest.pull.vendor import Answer, Ask, Counted, Day, Feed, Get, Page, Vendor, Window, listed, marked
from ingest.records import Unreadable, whole
from ledger.errors import PullError

API = "/admin/api/2026-01"
ORDERS_A_PAGE = 250
_SALES = ("paid", "partially_refunded", "refunded")
"""The ``financial_status`` of orders that post as sales."""


def _entered(feed: Feed, get: Get) -> Mapping[str, str]:
    return {"X-Shopify-Access-Token": feed.secret}


def _listings(feed: Feed, window: Window, get: Get) -> Sequence[Ask]:
    span = {"updated_at_min": _instant(window.start), "updated_at_max": _instant(window.end)}
    query = {"status": "any", "limit": str(ORDERS_A_PAGE), "order": "updated_at asc", **span}
    return [Ask("orders", f"{API}/orders.json", tuple(query.items()))]


def _page(ask: Ask, answer: Answer) -> Page:
    following = None
    if answer.following is not None:
        # Only the place is taken from the link: a token is sent nowhere but where the book says.
        places = parse_qs(urlsplit(answer.following).query).get("page_info")
        if not places:
            raise PullError(f"Shopify's link to the page after {ask.path} has no page_info; nothing after it was read")
        following = replace(ask, query=(("limit", str(ORDERS_A_PAGE)), ("page_info", places[0])))
    return Page(marked(listed(ask, answer.value, "orders"), "id", "updated_at"), following)


def _kept(ask: Ask, answer: Answer, get: Get) -> bytes:
    """The answer as it came; where an order of it was paid in several ways, with its transactions in it."""
    orders = listed(ask, answer.value, "orders")
    several = [n for n, order in enumerate(orders) if _paid_in_several_ways(order)]
    if not several:
        return answer.content
    page = json.loads(
        answer.content
    )  # what has a fraction here are rates of few digits, which come out as they went in
    for n in several:
        of = Ask("transactions", f"{API}/orders/{int(page['orders'][n]['id'])}/transactions.json")
        page["orders"][n]["transactions"] = json.loads(get(of).content).get("transactions")
    return json.dumps(page, ensure_ascii=False).encode()


def _paid_in_several_ways(order: Mapping[str, Any]) -> bool:
    gateways = order.get("payment_gateway_names")
    number = order.get("id")
    return (
        isinstance(gateways, list)
        and len(gateways) > 1
        and isinstance(number, int)
        and order.get("financial_status") in _SALES
        and "transactions" not in order
    )


def _day(feed: Feed, day: Day, get: Get) -> Sequence[Ask]:
    last = day.end - timedelta(seconds=1)  # both bounds belong to what is counted, and Shopify has whole seconds
    span = (("created_at_min", _instant(day.start)), ("created_at_max", _instant(last)))
    path = f"{API}/orders/count.json"
    return [Ask("orders", path, (("status", "any"), ("financial_status", one), *span)) for one in _SALES]


def _counted(ask: Ask, answer: Answer) -> Counted:
    try:
        number = whole(answer.value, "count")
    except (AttributeError, Unreadable):
        number = None
    if number is None:
        raise PullError(f"the answer to {ask.path} has no count")
    return Counted(number, None)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


VENDOR = Vendor(
    name="shopify",
    title="Shopify",
    url=None,
    entered=_entered,
    listings=_listings,
    page=_page,
    day=_day,
    counted=_counted,
    not_offered="Shopify counts orders by the day that they were created, and gives no totals",
    kept=_kept,
)
