"""The services of Square, Shopify, Stripe and Toast in small, on a socket of this machine: they keep records, change
them and list them as the vendors do, and misbehave as told.

A service has a clock of its own, which goes on by a minute and a half with every change and is what its ``Date``
header says. What goes wrong is a list of words, one taken for each request that comes: see ``MISCHIEF``.
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
        self.refunds: dict[str, dict[str, Any]] = {}
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
        """Change a record, each in turn: a total; with Stripe a late capture, or a refund that takes its time."""
        if not self.records:
            return
        self.tick()
        key = sorted(self.records)[self._edited % len(self.records)]
        self._edited += 1
        record = self.records[key]
        if self.vendor == "stripe":
            self._settle(record)
        else:
            made = datetime.fromisoformat(record["_made"])
            self.records[key] = self._made(key, 5_000 + self._edited, made, self.now)

    def _settle(self, charge: dict[str, Any]) -> None:
        created = int(self.now.timestamp())
        number = f"re_{charge['id']}"
        if not charge["captured"]:
            charge |= {"captured": True, "amount_captured": charge["amount"]}
            charge["balance_transaction"]["created"] = created
            self._happened("charge.captured", {**charge, "balance_transaction": charge["balance_transaction"]["id"]})
        elif number not in self.refunds:
            self.refunds[number] = {"id": number, "object": "refund", "amount": charge["amount"], "currency": "usd",
                                    "charge": charge["id"], "created": created, "status": "pending",
                                    "destination_details": {"type": "card"}, "balance_transaction": None}  # fmt: skip
        elif self.refunds[number]["status"] == "pending":
            balance = {"id": f"txn_{number}", "object": "balance_transaction", "amount": -charge["amount"],
                       "currency": "usd", "fee": 0, "created": created, "type": "refund",
                       "reporting_category": "refund", "source": number}  # fmt: skip
            self.refunds[number] |= {"status": "succeeded", "balance_transaction": balance}
            self._happened("refund.updated", {**self.refunds[number], "balance_transaction": balance["id"]})

    def _happened(self, what: str, record: dict[str, Any]) -> None:
        event = {"id": f"evt_{len(self.events):06}", "object": "event", "api_version": "2024-06-20", "livemode": True,
                 "type": what, "created": int(self.now.timestamp()), "data": {"object": _shown(record)}}  # fmt: skip
        self.events.append(event)

    def _made(self, number: str, cents: int, made: datetime, changed: datetime | None = None) -> dict[str, Any]:
        if self.tickets == "payments":
            return _payment(number, cents, made, changed)
        of = {"square": _square, "shopify": _shopify, "stripe": _stripe, "toast": _toast}[self.vendor]
        return of(number, cents, made, changed)

    def tick(self, seconds: float = 90) -> None:
        self.now += timedelta(seconds=seconds)

    def number(self, key: str) -> str:
        return str(self.records[key]["guid" if self.vendor == "toast" else "id"])

    def truth(self) -> dict[str, int]:
        """What a book must hold: the cents of each record by its number."""
        if self.vendor == "stripe":
            sold = {str(one["id"]): int(one["_cents"]) for one in self.records.values() if one["captured"]}
            back = {str(one["id"]): -int(one["amount"]) for one in self.refunds.values() if one["status"] != "pending"}
            return sold | back
        return {self.number(key): record["_cents"] for key, record in self.records.items()}

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
            rows = [*self.refunds.values()]
        elif path == "/v1/balance_transactions":
            moved = [one for one in rows if one["captured"]] + [*self.refunds.values()]
            rows = [one["balance_transaction"] for one in moved if one["balance_transaction"] is not None]
            rows = [one for one in rows if query.get("type") in (None, one["type"])]
        else:
            assert path == "/v1/charges"
        rows = [one for one in rows if first <= one["created"] < last]
        rows.sort(key=lambda one: (one["created"], one["id"]), reverse=True)
        if "starting_after" in query:
            rows = rows[[one["id"] for one in rows].index(query["starting_after"]) + 1 :]
        part = rows[: self.page]
        return {"object": "list", "data": [_shown(one) for one in part], "has_more": len(part) < len(rows)}, {}

    def _toast(self, path: str, query: dict[str, str], body: Any) -> tuple[Any, dict[str, str]]:
        if "businessDate" in query:
            rows = [one for one in self.records.values() if str(one["businessDate"]) == query["businessDate"]]
        else:
            rows = self._between("modifiedDate", query["startDate"], query["endDate"])
        return self._part(rows, (int(query["page"]) - 1) * self.page)[0], {}

    def _between(self, field: str, first: str, last: str) -> Rows:
        start, end = _moment(first), _moment(last)
        end += timedelta(seconds=1 if self.vendor == "shopify" else 0)  # both of its bounds are taken
        rows = [one for one in self.records.values() if start <= _moment(one[field]) < end]
        return sorted(rows, key=lambda one: (_moment(one[field]), str(one)), reverse=not self.ascending)

    def _part(self, rows: Rows, at: int) -> tuple[Rows, int]:
        """Some rows from a position on, and the position after them; a repeated page leads on from itself."""
        if at and self._does("repeat"):
            return [_shown(one) for one in rows[at - self.page : at]], at
        return [_shown(one) for one in rows[at : at + self.page]], at + self.page

    def _does(self, what: str) -> bool:
        if self.mischief and self.mischief[0] == what:
            self.mischief.pop(0)
            return True
        return False

    def _once(self) -> int:
        self._nonce += 1
        return self._nonce


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The address of a service while it runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._respond(None)

        def do_POST(self) -> None:
            self._respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(service.now, usegmt=True)

        def log_message(self, *_: object) -> None:
            pass

        def _respond(self, body: Any) -> None:
            with service.lock:
                self._misbehave(body)

        def _misbehave(self, body: Any) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            service.requests.append((parts.path, query))
            what = service.mischief[0] if service.mischief else ""
            if service.mischief and what != "repeat":
                service.mischief.pop(0)
            if what == "throttle":
                return self._send(429, b'{"errors": "slow down"}', {"Retry-After": "0"})
            if what in ("throttle-long", "throttle-until"):
                later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
                return self._send(429, b"{}", {"Retry-After": "3600" if what == "throttle-long" else later})
            if what == "fail":
                return self._send(503, b"<html>upstream</html>", {})
            if what.isdecimal():
                return self._send(int(what), json.dumps({"errors": f"no {TOKEN}"}).encode(), {"Location": "/x"})
            if what == "slow":
                service.lock.release()
                threading.Event().wait(0.5)
                service.lock.acquire()
            if what == "shuffle":
                service.ascending = not service.ascending
            if what == "edit":
                service.edit()
            if what == "add":
                service.add()
            if parts.path.endswith("/login"):
                assert body == {"clientId": CLIENT, "clientSecret": TOKEN, "userAccessType": "TOAST_MACHINE_CLIENT"}
                service.tokens = [f"jwt-{service._once()}"]
                return self._send(200, json.dumps({"token": {"accessToken": service.tokens[0]}}).encode(), {})
            given = self.headers.get("X-Shopify-Access-Token") or self.headers.get("Authorization", "")[7:]
            if given not in service.tokens:
                return self._send(401, b"{}", {})
            value, headers = service.answer(parts.path, query, body)
            content = json.dumps(value).encode()
            if what == "garble":
                return self._send(200, b"<html>", {})
            self._send(200, content, headers, cut=what == "cut")
            return None

        def _send(self, status: int, content: bytes, headers: dict[str, str], cut: bool = False) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)
            if cut:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


# --- records, in the vendors' shapes ---------------------------------------------------------------------------


def _square(number: str, cents: int, made: datetime, changed: datetime | None = None) -> dict[str, Any]:
    money = {"amount": cents, "currency": "USD"}
    tender = {"id": f"T{number}", "type": "CARD", "amount_money": money, "card_details": {"status": "CAPTURED"}}
    line = {"uid": "a", "quantity": "1", "name": "Flat white", "base_price_money": money, "total_money": money}
    at = _written(made)
    return {"id": f"SQ{number}", "location_id": "L88917AVBK2S5", "state": "COMPLETED", "line_items": [line],
            "tenders": [tender], "total_money": money, "net_amounts": {"total_money": money}, "created_at": at,
            "closed_at": at, "updated_at": _written(changed or made),
            "_made": made.isoformat(), "_cents": cents}  # fmt: skip


def _shopify(number: str, cents: int, made: datetime, changed: datetime | None = None) -> dict[str, Any]:
    price, at = f"{cents / 100:.2f}", _written(made)
    several = int(number) % 3 == 0
    ways = [{"id": 1, "kind": "sale", "status": "success", "gateway": "gift_card", "amount": "1.00"},
            {"id": 2, "kind": "sale", "status": "success", "gateway": "cash",
             "amount": f"{cents / 100 - 1:.2f}"}]  # fmt: skip
    return {"id": 7_000_000_000 + int(number), "name": f"#{int(number)}", "currency": "USD", "financial_status": "paid",
            "line_items": [{"id": 1, "title": "Mug", "quantity": 1, "price": price, "tax_lines": []}], "refunds": [],
            "total_price": price, "total_tax": "0.00", "taxes_included": False, "location_id": 11, "test": False,
            "payment_gateway_names": ["gift_card", "cash"] if several else ["shopify_payments"],
            "created_at": at, "processed_at": at, "updated_at": _written(changed or made),
            "_made": made.isoformat(), "_cents": cents, "_transactions": ways}  # fmt: skip


def _payment(number: str, cents: int, made: datetime, changed: datetime | None = None) -> dict[str, Any]:
    money = {"amount": cents, "currency": "USD"}
    return {"id": f"PY{number}", "location_id": "L88917AVBK2S5", "status": "COMPLETED", "source_type": "CARD",
            "amount_money": money, "total_money": money, "created_at": _written(made),
            "updated_at": _written(changed or made), "_made": made.isoformat(), "_cents": cents}  # fmt: skip


def _stripe(number: str, cents: int, made: datetime, changed: datetime | None = None) -> dict[str, Any]:
    created, at_once = int(made.timestamp()), int(number) % 4 != 0
    balance = {"id": f"txn_{number}", "object": "balance_transaction", "amount": cents, "currency": "usd", "fee": 30,
               "created": created, "type": "charge", "reporting_category": "charge",
               "source": f"ch_{number}"}  # fmt: skip
    return {"id": f"ch_{number}", "object": "charge", "livemode": True, "amount": cents, "currency": "usd",
            "amount_captured": cents if at_once else 0, "captured": at_once, "status": "succeeded", "created": created,
            "balance_transaction": balance, "metadata": {}, "payment_method_details": {"type": "card", "card": {}},
            "_cents": cents}  # fmt: skip


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
