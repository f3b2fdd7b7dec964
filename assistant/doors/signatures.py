"""Slack's signature of a request, version 0: whether Slack sent it, just now, and for the first time.

The signature is an HMAC-SHA256 over ``v0:<timestamp>:<body>`` with a secret that Slack and this installation share
(docs.slack.dev, "Verifying requests from Slack").
"""

from __future__ import annotations

import hashlib
import hmac
import threading

from assistant.server.refusals import Refused

AGE_SECONDS_MAX = 300


class Signatures:
    """Checks signatures with a secret and remembers those that were good, for as long as they are young enough.

    What was signed before ``opened`` (seconds since 1970) is refused: it may have been answered by a process that
    ended since, whose memory is gone. Safe to use from several threads.
    """

    def __init__(self, secret: str, opened: float) -> None:
        self._secret = secret.encode()
        self._opened = int(opened)
        self._seen: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def check(self, timestamp: str, signature: str, body: bytes, now: float) -> None:
        """Refused unless the signature is Slack's, its timestamp within five minutes of ``now`` (seconds since 1970),
        and the request was not made before."""
        expected = hmac.new(self._secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).digest()
        try:
            given = bytes.fromhex(signature.removeprefix("v0="))
        except ValueError:
            given = b""
        if not signature.startswith("v0=") or not hmac.compare_digest(given, expected):
            raise Refused(401, "bad_signature", "The request is not signed with this installation's Slack secret.")
        # only the holder of the secret comes this far, so that what is remembered is bounded by what Slack sends
        at = int(timestamp) if timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 15 else 0
        if abs(now - at) > AGE_SECONDS_MAX:
            raise Refused(401, "stale", "The request was signed too long ago, or this machine's clock is wrong.")
        if at < self._opened:
            raise Refused(401, "stale", "The request was signed before this service was started; ask again.")
        with self._lock:
            self._seen = {one: when for one, when in self._seen.items() if when >= now - AGE_SECONDS_MAX}
            if expected in self._seen:
                raise Refused(401, "repeated", "The request was made before; each is answered once.")
            self._seen[expected] = at
