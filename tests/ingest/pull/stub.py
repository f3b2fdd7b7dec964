"""The services of Square, Shopify, Stripe and Toast in small, on a socket of this machine: they keep records, change
them and list them as the vendors do, and misbehave as told.

A service has a clock of its own, which goes on by a second with every change and is what its ``Date`` header says. What
goes wrong is a list of words, one taken for each request that comes: see ``MISCHIEF``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

BEGIN = datetime(2026, 10, 5, 12, tzinfo=UTC)
TOKEN = "EAAAl-of-this-account"
CLIENT = "client-of-this-account"
MISCHIEF = ("throttle", "fail", "cut", "garble", "edit", "add", "repeat", "shuffle")
Rows = list[dict[str, Any]]


class Service:
    """The records of one account, and the requests that came."""

    def __init__(self, vendor: str, page: int = 2, tickets: str | None = None) -> None:
        self.vendor, self.page, self.tickets = vendor, page, tickets
        self.now = BEGIN
        self.records: dict[str, dict[str, Any]] = {}
        self.events: Rows = []
        self.mischief: list[str] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.tokens = [TOKEN]
        self.ascending = True
        self._edited = 0
        self._nonce = 0
        self.lock = threading.RLock()

    # --- what the account holds -------------------------------------------------------------------------------

    def add(self, cents: int | None = None) -> str:
        """A new record: an order, or a charge."""
        self.tick()
        number = f"{len(self.records) + 1:06}"
        cents = 1_000 + len(self.records) if cents is None else cents
        self.records[number] = self._made(number, cents, self.now)
        return self.number(number)

    def edit(self) -> None:
        """Change a record, each in turn: a total, and with Stripe a late capture."""
        if not self.records:
            return
        self.tick()
        key = sorted(self.records)[self._edited % len(self.records)]
        self._edited += 1
        record = self.records[key]
        if self.vendor == "stripe":
            if not record["captured"]:
                record |= {"captured": True, "amount_captured": record["amount"]}
                record["balance_transaction"]["created"] = int(self.now.timestamp())
                event = {"id": f"evt_{len(self.events)}", "object": "event", "api_version": "2024-06-20",
                         "livemode": True, "type": "charge.captured", "created": int(self.now.timestamp()),
                         "data": {"object": {**record, "balance_transaction": None}}}  # fmt: skip
                self.events.append(event)
            return
        self.records[key] = self._made(key, 5_000 + self._edited, datetime.fromisoformat(record["_made"]), self.now)

    def _made(self, number: str, cents: int, made: datetime, changed: datetime | None = None) -> dict[str, Any]:
        if self.tickets == "payments":
            return _payment(number, cents, made, changed)
        of = {"square": _square, "shopify": _shopify, "stripe": _stripe, "toast": _toast}[self.vendor]
        return of(number, cents, made, changed)

    def tick(self, seconds: float = 1) -> None:
        self.now += timedelta(seconds=seconds)

    def number(self, key: str) -> str:
        return str(self.records[key]["guid" if self.vendor == "toast" else "id"])

    def truth(self) -> dict[str, int]:
        """What a book must hold: the cents of each record by its number."""
        return {
            self.number(key): record["_cents"]
            for key, record in self.records.items()
            if self.vendor != "stripe" or record["captured"]
        }

    # --- how it answers ---------------------------------------------------------------------------------------

    def answer(self, path: str, query: dict[str, str], body: Any) -> tuple[Any, dict[str, str]]:
        """The value of an answer, and headers."""
        return {"square": self._square, "shopify": self._shopify, "stripe": self._stripe, "toast": self._toast}[
            self.vendor
        ](path, query, body)

    def _square(self, path: str, query: dict[str, str], body: Any) -> tuple[Any, dict[str, str]]:
        if path == "/v2/locations":
            return {"locations": [{"id": "L88917AVBK2S5"}]}, {}
        if path == "/v2/refunds":
            return {}, {}
        if path == "/v2/payments":
            if "updated_at_begin_time" in query:
                assert (query["sort_field"], query["begin_time"][:4]) == ("UPDATED_AT", "1970")
                rows = self._between("updated_at", query["updated_at_begin_time"], query["updated_at_end_time"])
            else:
                rows = self._between("created_at", query["begin_time"], query["end_time"])
            return self._cursored("payments", rows, query.get("cursor"))
        assert path == "/v2/orders/search"
        assert len(body["location_ids"]) <= 10
        ((field, span),) = body["query"]["filter"]["date_time_filter"].items()
        assert body["query"]["sort"]["sort_field"] == field.upper()
        rows = self._between(field, span["start_at"], span["end_at"])
        return self._cursored("orders", rows, body.get("cursor"))

    def _cursored(self, name: str, rows: Rows, cursor: str | None) -> tuple[Any, dict[str, str]]:
        part, after = self._part(rows, int((cursor or "0").split("-")[0]))
        told: dict[str, Any] = {name: part} if part else {}
        return told | ({"cursor": f"{after}-{self._once()}"} if after < len(rows) else {}), {}

    def _shopify(self, path: str, query: dict[str, str], body: Any) -> tuple[Any, dict[str, str]]:
        if path.endswith("/transactions.json"):
            number = int(path.split("/")[-2])
            order = next(one for one in self.records.values() if one["id"] == number)
            return {"transactions": order["_transactions"]}, {}
        if path.endswith("/count.json"):
            rows = self._between("created_at", query["created_at_min"], query["created_at_max"])
            return {"count": sum(one["financial_status"] == query["financial_status"] for one in rows)}, {}
        assert query.get("status") == "any" or set(query) == {"limit", "page_info"}
        asked = dict(parse_qsl(query["page_info"])) if "page_info" in query else query
        down = asked.get("down", "" if self.ascending else "1")
        rows = self._between("updated_at", asked["updated_at_min"], asked["updated_at_max"])
        keyed = sorted(((f"{row['updated_at']} {row['id']}", row) for row in rows), reverse=bool(down))
        place = asked.get("after")
        rest = [one for one in keyed if place is None or (one[0] < place if down else one[0] > place)]
        part, more = rest[: self.page], len(rest) > self.page
        if place is not None and self._does("repeat"):
            part, more = [one for one in keyed if one not in rest][-self.page :], True
        elif part:
            place = part[-1][0]
        links = {}
        if more and place is not None:
            span = {name: asked[name] for name in ("updated_at_min", "updated_at_max")}
            info = urlencode({**span, "after": place, "down": down, "n": self._once()})
            address = f"https://elsewhere.example/orders.json?{urlencode({'limit': 250, 'page_info': info})}"
            links["Link"] = f'<{address}>; rel="next"'
        return {"orders": [_shown(one) for _, one in part]}, links

    def _stripe(self, path: str, query: dict[str, str], body: Any) -> tuple[Any, dict[str, str]]:
        first, last = int(query["created[gte]"]), int(query["created[lt]"])
        rows = [*self.records.values()]
        if path == "/v1/events":
            rows = self.events
        elif path == "/v1/refunds":
            rows = []
        elif path == "/v1/balance_transactions":
            rows = [
                one["balance_transaction"]
                for one in rows
                if one["captured"] and query.get("type", "charge") == "charge"
            ]
        else:
            assert path == "/v1/charges"
        rows = [one for one in rows if first <= one["created"] < last]
        rows.sort(key=lambda one: (one["created"], one["id"]), reverse=True)
        if "starting_after" in query:
            rows = rows[[one["id"] for one in rows].index(query["starting_after"]) + 1 :]
        part = rows[: self.page]
        return {"object": "list", "data": [_shown(one) for one in part], "has_more": len(part) < len(rows)}, {}

    def _toast(number: str, cents: int, made: datetime, changed: datetime | None = None) -> dict[str, Any]:
    price, at = cents / 100, made.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    line = {"guid": f"s{number}", "entityType": "MenuItemSelection", "displayName": "Burger", "quantity": 1,
            "receiptLinePrice": price, "preDiscountPrice": price, "price": price, "tax": 0, "voided": False,
            "appliedDiscounts": [], "modifiers": [], "appliedTaxes": [], "selectionType": "NONE"}  # fmt: skip
    paid = {"guid": f"p{number}", "entityType": "OrderPayment", "type": "CREDIT", "amount": price, "tipAmount": 0,
            "paymentStatus": "CAPTURED", "refundStatus": "NONE", "cardType": "VISA"}  # fmt: skip
    check = {"guid": f"c{number}", "entityType": "Check", "displayNumber": str(int(number)), "amount": price,
             "taxAmount": 0, "totalAmount": price, "paymentStatus": "CLOSED", "voided": False, "deleted": False,
             "selections": [line], "payments": [paid], "appliedDiscounts": [], "appliedServiceCharges": []}  # fmt: skip
    return {"guid": f"00000000-0000-4000-8000-{number:0>12}", "entityType": "Order",
            "businessDate": int(made.strftime("%Y%m%d")), "openedDate": at, "closedDate": at, "paidDate": at,
            "approvalStatus": "APPROVED", "voided": False, "deleted": False, "checks": [check],
            "restaurantService": None, "createdDate": at,
            "modifiedDate": (changed or made).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "_made": made.isoformat(), "_cents": cents}  # fmt: skip


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what the stub keeps of it for itself."""
    return {name: value for name, value in record.items() if not name.startswith("_")}


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)
