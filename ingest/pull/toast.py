"""What Toast is asked: orders by their time of change, restaurant by restaurant.

Relied on: Toast's reference for ``/orders/v2/ordersBulk`` (``startDate`` inclusive and ``endDate`` exclusive, by the
time of change; ``businessDate`` by the day that an order was opened; a hundred a page, pages by number), its page on
authentication (a token for the client's id and secret), and the header that names the restaurant.

Pages are by number: an order that changes while they are read leaves its window, and what stands after it moves up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ingest.pull.vendor import Answer, Ask, Counted, Day, Feed, Get, Page, Vendor, Window, listed, marked, posted
from ingest.records import Unreadable, inner, is_record, text
from ledger.errors import PullError

ORDERS_A_PAGE = 100
_PATH = "/orders/v2/ordersBulk"
_LOGIN = "/authentication/v1/authentication/login"


def _entered(feed: Feed, get: Get) -> Mapping[str, str]:
    body = {"clientId": feed.client, "clientSecret": feed.secret, "userAccessType": "TOAST_MACHINE_CLIENT"}
    answer = get(Ask("login", _LOGIN, body=posted(body)))
    try:
        token = text(inner(answer.value, "token"), "accessToken") if is_record(answer.value) else None
    except Unreadable:
        token = None
    if token is None:
        raise PullError("Toast let the client in and gave no token; see whether its credentials are for the orders API")
    return {"Authorization": f"Bearer {token}"}


def _listings(feed: Feed, window: Window, get: Get) -> Sequence[Ask]:
    return _restaurants(feed, (("startDate", _instant(window.start)), ("endDate", _instant(window.end))))


def _page(ask: Ask, answer: Answer) -> Page:
    records = listed(ask, answer.value, None)
    return Page(marked(records, "guid", "modifiedDate"), _following(ask, len(records)))


def _day(feed: Feed, day: Day, get: Get) -> Sequence[Ask]:
    return _restaurants(feed, (("businessDate", day.date.strftime("%Y%m%d")),))


def _counted(ask: Ask, answer: Answer) -> Counted:
    records = listed(ask, answer.value, None)
    numbers = dict.fromkeys(str(one.get("guid")) for one in records)
    return Counted(len(numbers), dict.fromkeys(numbers), _following(ask, len(records)))


def _restaurants(feed: Feed, span: tuple[tuple[str, str], ...]) -> list[Ask]:
    query = (*span, ("page", "1"), ("pageSize", str(ORDERS_A_PAGE)))
    return [
        Ask("orders", _PATH, query, headers=(("Toast-Restaurant-External-ID", one),)) for one in feed.settings.locations
    ]


def _following(ask: Ask, records: int) -> Ask | None:
    """The page after one that has any record: a page that is not full need not be the last one."""
    if not records:
        return None
    page = int(dict(ask.query)["page"]) + 1
    return replace(ask, query=tuple((name, str(page) if name == "page" else value) for name, value in ask.query))


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}+0000"


VENDOR = Vendor(
    name="toast",
    title="Toast",
    url="https://ws-api.toasttab.com",
    entered=_entered,
    listings=_listings,
    page=_page,
    day=_day,
    counted=_counted,
    not_offered="Toast gives no totals of a day: its orders are listed by business date, and counted",
    by_position=True,
    signs_in=True,
    needs_locations=True,
)
