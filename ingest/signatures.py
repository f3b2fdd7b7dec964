"""Signatures of webhooks, by each vendor's own scheme.

Relied on: Square's page on verifying webhooks (HMAC-SHA256 over the address that was called and the body, base64, in
``x-square-hmacsha256-signature``), Shopify's (HMAC-SHA256 over the body, base64, in ``X-Shopify-Hmac-Sha256``) and
Stripe's (HMAC-SHA256 over the time and the body, hex, in ``Stripe-Signature``, with five minutes of tolerance).

Stripe signs the time of sending. Square signs a body that says when its event happened, and sends it again for a day
at most; Shopify signs no time, so that only what a repeated delivery would post, which is nothing, protects it.

What leaves this machine is signed as the Standard Webhooks say (standard-webhooks/standard-webhooks,
spec/standard-webhooks.md): HMAC-SHA256 over the delivery's id, the time of sending and the body, base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest import json_text
from ingest.records import is_record
from ledger.errors import InputError

STRIPE_SECONDS_MAX = 300
STANDARD = "whsec_"
"""What a secret of the Standard Webhooks begins with."""
STANDARD_BYTES = range(24, 65)
SQUARE_AGE_MAX = timedelta(days=3)
_AHEAD_MAX = timedelta(minutes=10)


class Unsigned(InputError):
    """A delivery is not signed by its vendor, or was signed too long ago."""


@dataclass(frozen=True)
class Door:
    """What a source's webhooks are checked with: the secret that the vendor gave, and the address that it calls."""

    source: str
    secret: str
    url: str = ""

    def check(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Unsigned unless the vendor signed the body, lately. ``headers`` are by lower-case names."""
        _CHECKS[self.source](self, headers, body, now)


def signing_key(secret: str) -> bytes:
    """The key in a secret of the Standard Webhooks: ``whsec_`` and 24 to 64 bytes in base64; ValueError says how to
    write one."""
    try:
        key = base64.b64decode(secret.removeprefix(STANDARD), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(STANDARD) or len(key) not in STANDARD_BYTES:
        raise ValueError("a secret is whsec_ and 24 to 64 random bytes in base64; 'tillproof hooks secret' makes one")
    return key


def signed(secret: str, delivery: str, sent: int, body: bytes) -> str:
    """The ``webhook-signature`` of a body that is sent as ``delivery`` at ``sent``, in seconds since 1970."""
    return "v1," + base64.b64encode(_hmac(signing_key(secret), f"{delivery}.{sent}.".encode() + body)).decode()


def _square(door: Door, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    expected = base64.b64encode(_hmac(door.secret.encode(), door.url.encode() + body))
    _same(expected, headers.get("x-square-hmacsha256-signature", ""), "Square")
    try:
        event = json_text.value(body.decode())
        happened = datetime.fromisoformat(str(event["created_at"])) if is_record(event) else None
    except (ValueError, KeyError):
        happened = None
    if happened is None or happened.tzinfo is None:
        raise Unsigned("The delivery does not say when its event happened.")
    if not now - SQUARE_AGE_MAX <= happened <= now + _AHEAD_MAX:
        raise Unsigned("The event happened too long ago, or this machine's clock is wrong.")


def _shopify(door: Door, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    _same(base64.b64encode(_hmac(door.secret.encode(), body)), headers.get("x-shopify-hmac-sha256", ""), "Shopify")


def _stripe(door: Door, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    parts = [part.strip().partition("=") for part in headers.get("stripe-signature", "")[:2_000].split(",")]
    stamp = next((said for name, _, said in parts if name == "t"), "")
    given = [said for name, _, said in parts if name == "v1"]
    expected = _hmac(door.secret.encode(), stamp.encode() + b"." + body).hex().encode()
    if not any(hmac.compare_digest(expected, one.encode()) for one in given):
        raise Unsigned("The delivery is not signed with the secret that Stripe gave for this address.")
    sent = int(stamp) if stamp.isascii() and stamp.isdecimal() and len(stamp) < 12 else 0
    if abs(now.timestamp() - sent) > STRIPE_SECONDS_MAX:
        raise Unsigned("The delivery was signed too long ago, or this machine's clock is wrong.")


def _same(expected: bytes, given: str, vendor: str) -> None:
    if not hmac.compare_digest(expected, given.strip().encode()):
        raise Unsigned(f"The delivery is not signed with the secret that {vendor} gave for this address.")


def _hmac(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


_CHECKS: dict[str, Callable[[Door, Mapping[str, str], bytes, datetime], None]] = {
    "square": _square,
    "shopify": _shopify,
    "stripe": _stripe,
}
SIGNED = tuple(_CHECKS)
"""The sources whose webhooks are taken."""
