"""Webhooks over real HTTP: who may deliver, what a delivery posts, and that it does so once, whatever the order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.service import Service
from assistant.settings import InstallationSettings
from ingest import places
from ingest.hold import release
from ledger.book import Book
from tests.assistant.doors.served import served
from tests.ingest.sources.vendor import GOLDEN, Case
from tests.truths import rows

SECRET = "whsec_of_the_installation"
PUBLIC = "https://books.example.com"
SETTINGS = InstallationSettings(
    square_webhook_key=SECRET, shopify_webhook_secret=SECRET, stripe_webhook_secret=SECRET, public_url=PUBLIC
)
PAYMENTS = {"sources": {"square": {"tickets": "payments"}}}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    Case((), tables=PAYMENTS).book(tmp_path).close()
    opened = Service.open(tmp_path / "book", SETTINGS)
    yield opened
    opened.close()


@pytest.fixture
def at(service: Service) -> Iterator[str]:
    with served(service, SETTINGS) as address:
        yield address


def digest(content: bytes, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), content, hashlib.sha256).digest()


def headers(source: str, body: bytes, *, secret: str = SECRET, stamp: int | None = None) -> dict[str, str]:
    """What the vendor sends with a body."""
    if source == "square":
        signed = digest(f"{PUBLIC}/hooks/square".encode() + body, secret)
        return {"x-square-hmacsha256-signature": base64.b64encode(signed).decode()}
    if source == "shopify":
        return {
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest(body, secret)).decode(),
            "X-Shopify-Topic": "orders/paid",
        }
    sent = stamp if stamp is not None else int(time.time())
    return {"Stripe-Signature": f"t={sent},v1={'0' * 64},v1={digest(b'%d.' % sent + body, secret).hex()},v0=abc"}


def body_of(source: str, **changed: Any) -> bytes:
    """A body of a vendor, happening now."""
    file = {"square": "payment_updated", "shopify": "order_paid", "stripe": "charge_succeeded"}[source]
    event = json.loads((GOLDEN / source / f"{file}.json").read_text("utf-8"))
    if source == "square":
        event["created_at"] = changed.pop("happened", datetime.now(UTC)).isoformat()
        event["data"]["object"]["payment"] |= changed
    else:
        (event if source == "shopify" else event["data"]["object"]).update(changed)
    return json.dumps(event).encode()


def deliver(address: str, source: str, body: bytes, **how: Any) -> httpx.Response:
    return httpx.post(f"{address}/hooks/{source}", content=body, headers=headers(source, body, **how), timeout=60)


@pytest.mark.parametrize("source", ["square", "shopify", "stripe"])
def test_a_delivery_is_in_the_book_when_it_is_acknowledged(source: str, at: str, service: Service) -> None:
    body = body_of(source)
    assert deliver(at, source, body).status_code == 200
    head = service.book.head()
    entry = service.book.entry(head.seq, 0)
    assert entry is not None
    assert entry.source == source
    found = places.line(service.book, entry.document, entry.lines[0]["locator"])
    assert entry.lines[0]["locator"].startswith("line 1/body/") or entry.lines[0]["locator"] == "line 1/body"
    assert found.header
    assert deliver(at, source, body).json() == {"taken": True}
    assert [feed.posted for feed in service.book.feeds()] == [0, 1]
    assert [feed.duplicates for feed in service.book.feeds()] == [1, 0]
    assert service.book.verify().ok


@pytest.mark.parametrize("source", ["square", "shopify", "stripe"])
def test_what_the_vendor_did_not_sign_is_refused_and_leaves_nothing(source: str, at: str, service: Service) -> None:
    body = body_of(source)
    for answer in (
        deliver(at, source, body, secret="whsec_of_somebody_else"),
        httpx.post(f"{at}/hooks/{source}", content=body),
        httpx.post(f"{at}/hooks/{source}", content=body + b" ", headers=headers(source, body)),
        httpx.post(f"{at}/hooks/{source}", content=body, headers=dict.fromkeys(headers(source, body), "t=x,v1=zz")),
    ):
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "bad_signature"
    assert service.book.documents() == []


def test_old_deliveries_are_refused(at: str) -> None:
    stripe = body_of("stripe")
    for seconds in (-600, 600):
        answer = deliver(at, "stripe", stripe, stamp=int(time.time()) + seconds)
        assert (answer.status_code, "too long ago" in answer.text) == (401, True)
    old = body_of("square", happened=datetime.now(UTC) - timedelta(days=4))
    assert deliver(at, "square", old).status_code == 401
    nameless = json.dumps({"type": "payment.updated"}).encode()
    assert deliver(at, "square", nameless).status_code == 401


def test_what_is_no_json_is_refused_and_what_cannot_be_read_is_kept_and_held(at: str, service: Service) -> None:
    assert deliver(at, "stripe", b"{").status_code == 400
    assert deliver(at, "stripe", b"\xff").status_code == 400
    assert deliver(at, "shopify", b'{"id": 820982911946154508}').status_code == 200
    (held,) = service.book.held()
    assert "deleted" in held.reason
    assert held.locator == "line 1/body"


def test_a_door_without_a_secret_is_closed(service: Service) -> None:
    with served(service, InstallationSettings()) as address:
        for source in ("stripe", "clover"):
            assert deliver(address, "stripe", b"{}").status_code == 404
            assert httpx.post(f"{address}/hooks/{source}", content=b"{}").status_code == 404


def test_the_key_of_the_installation_is_not_asked_for(service: Service) -> None:
    with served(service, SETTINGS.model_copy(update={"api_key": "k" * 20})) as address:
        assert deliver(address, "stripe", body_of("stripe")).status_code == 200


def test_deliveries_come_again_and_in_any_order_and_each_is_posted_once(at: str, service: Service) -> None:
    first = datetime(2026, 10, 5, 16, tzinfo=UTC)
    bodies = [
        body_of("square", id=f"p{number}", updated_at=(first + timedelta(minutes=version)).isoformat(),
                total_money={"amount": 1432 + 100 * version, "currency": "USD"},
                tip_money={"amount": 100 * version, "currency": "USD"})
        for number in range(12) for version in range(3)
    ]  # fmt: skip
    deliveries = [body for body in bodies for _ in range(random.randint(1, 3))]
    random.shuffle(deliveries)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: deliver(at, "square", body).status_code, deliveries))
    assert set(answers) == {200}
    book = service.book
    live = rows(book, "SELECT account, SUM(amount_minor) FROM balances GROUP BY account")
    assert {account: int(amount) for account, amount in live if amount} == {
        "assets:clearing:card": 12 * (1632 - 55),
        "expenses:payment-fees": 12 * 55,
        "income:sales": -12 * 1432,
        "liabilities:tips": -12 * 200,
    }
    assert sum(feed.received for feed in book.feeds()) == len(deliveries)
    assert sum(feed.posted for feed in book.feeds()) == 12
    assert book.verify().ok


def test_what_was_held_of_deliveries_is_released_like_all_else(tmp_path: Path) -> None:
    book = Case(()).book(tmp_path)
    book.close()
    service = Service.open(tmp_path / "book", SETTINGS)
    method = {"type": "moonbank", "moonbank": {}}
    with served(service, SETTINGS) as address:
        assert deliver(address, "stripe", body_of("stripe", payment_method_details=method)).status_code == 200
    (held,) = service.book.held()
    assert held.rule == "unknown-tender"
    service.close()
    settings = tmp_path / "book" / "book.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[tenders]\nmoonbank = "online"\n', encoding="utf-8")
    mended = Book.open(tmp_path / "book")
    assert release(mended, at=datetime.now(UTC)).posted == 1
    assert mended.held() == []
    mended.close()
