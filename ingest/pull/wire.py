"""A vendor's service as it is spoken to: one request after the other, with patience.

What may pass (429, 5xx, time-outs, connections that break, answers that are cut) is asked again, later each time and a
little at random, and never before the moment that ``Retry-After`` gives. What will not pass by itself (a wrong token, a
wrong address) is said at once. Redirects are not followed: a token goes where the book says and nowhere else.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_any,
    stop_when_event_set,
    wait_exponential,
    wait_random,
)

from ingest import json_text
from ingest.pull.feeds import variables
from ingest.pull.vendor import Answer, Ask, Feed
from ledger.errors import PullError

ANSWER_BYTES_MAX = 64 << 20
ANSWER_TIMES_MAX = 10
"""How many time-outs an answer may take from its first byte to its last, lest one that trickles never ends."""
TOLD_CHARS_MAX = 160
PASSING = frozenset({408, 409, 425, 429, *range(500, 600)})


@dataclass(frozen=True)
class Patience:
    """How often something is asked, and how long is waited between: ``first_s`` doubles up to ``most_s``. A vendor that
    wants more than ``longest_s`` is left alone until then. ``timeout_s`` is for an answer to begin or go on."""

    attempts: int = 7
    first_s: float = 1
    most_s: float = 60
    longest_s: float = 300
    timeout_s: float = 60


class _Passing(Exception):
    """Something that may pass; the message says what, ``wait_s`` how long the vendor said to wait."""

    def __init__(self, message: str, wait_s: float = 0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Wire:
    """The connection of one feed. Raises PullError, one sentence, where no answer can be had."""

    def __init__(self, feed: Feed, patience: Patience, stop: threading.Event) -> None:
        self._feed = feed
        self._patience = patience
        self._stop = stop
        self._entered: dict[str, str] | None = None
        self._known: dict[Ask, Answer] = {}
        self._http = httpx.Client(
            base_url=feed.settings.url or feed.vendor.url or "",
            headers={"User-Agent": "Tillproof", "Accept": "application/json"},
            timeout=httpx.Timeout(patience.timeout_s, connect=min(10, patience.timeout_s)),
            follow_redirects=False,
        )
        self.requests = 0

    def close(self) -> None:
        self._http.close()

    def get(self, ask: Ask) -> Answer:
        """The answer to a request."""
        found = self._known.get(ask) or self._let_in(ask)
        if ask.once:
            self._known[ask] = found
        return found

    def _let_in(self, ask: Ask) -> Answer:
        if self._entered is None:
            self._entered = dict(self._feed.vendor.entered(self._feed, self._patiently))
        try:
            return self._patiently(ask, self._entered)
        except _Refused:
            if not self._feed.vendor.signs_in:
                raise
        self._entered = dict(self._feed.vendor.entered(self._feed, self._patiently))  # the token has run out
        return self._patiently(ask, self._entered)

    def _patiently(self, ask: Ask, headers: dict[str, str] | None = None) -> Answer:
        patience = self._patience
        later = wait_exponential(patience.first_s, max=patience.most_s) + wait_random(0, patience.first_s)

        def wait(state: RetryCallState) -> float:
            failure = state.outcome.exception() if state.outcome is not None else None
            return max(failure.wait_s if isinstance(failure, _Passing) else 0, later(state))

        try:
            return Retrying(
                stop=stop_any(stop_after_attempt(patience.attempts), stop_when_event_set(self._stop)),
                wait=wait,
                retry=retry_if_exception_type(_Passing),
                sleep=sleep_using_event(self._stop),
                reraise=True,
            )(self._once, ask, headers or {})
        except _Passing as error:
            raise PullError(
                f"{self._title} {error}, {patience.attempts} times in a row ({ask.path}); what was read before is in "
                "the book, and the next round goes on from there",
                error.wait_s,
            ) from None

    def _once(self, ask: Ask, headers: dict[str, str]) -> Answer:
        self.requests += 1
        given = {**headers, **dict(ask.headers)}
        if ask.body is not None:
            given["Content-Type"] = "application/json"
        method = "GET" if ask.body is None else "POST"
        try:
            with self._http.stream(
                method, ask.path, params=list(ask.query), content=ask.body, headers=given
            ) as response:
                content = self._content(response, ask)
        except httpx.TimeoutException:
            raise _Passing(f"did not answer within {self._patience.timeout_s:g} seconds") from None
        except httpx.ConnectError as error:
            raise _Passing(f"cannot be reached at {self._http.base_url.host} ({_short(error)})") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _Passing(f"broke the connection off ({_short(error)})") from None
        return self._answer(response, content, ask)

    def _content(self, response: httpx.Response, ask: Ask) -> bytes:
        parts, size = [], 0
        until = time.monotonic() + ANSWER_TIMES_MAX * self._patience.timeout_s
        for part in response.iter_bytes():
            size += len(part)
            if time.monotonic() > until:
                raise _Passing(f"takes more than {ANSWER_TIMES_MAX * self._patience.timeout_s:g} seconds to answer")
            if size > ANSWER_BYTES_MAX:
                raise PullError(f"{self._title} answers {ask.path} with more than {ANSWER_BYTES_MAX >> 20} MiB")
            parts.append(part)
        return b"".join(parts)

    def _answer(self, response: httpx.Response, content: bytes, ask: Ask) -> Answer:
        status = response.status_code
        if status in PASSING:
            raise self._passing(response)
        if status in (401, 403):
            raise _Refused(self._refused(status, ask))
        if not 200 <= status < 300:
            raise PullError(self._not_given(status, content, ask))
        try:
            value = json_text.value(content.decode())
        except ValueError:  # no UTF-8 is one, too
            raise _Passing("answers with something that is no JSON, or cut off") from None
        following = response.links.get("next", {}).get("url")
        return Answer(content, value, following, _when(response.headers.get("date")))

    def _passing(self, response: httpx.Response) -> Exception:
        wait_s = _wait_of(response.headers.get("retry-after"))
        status = response.status_code
        told = "asks for fewer requests (429)" if status == 429 else f"fails ({_named(status)})"
        if wait_s > self._patience.longest_s:
            minutes = -(-wait_s // 60)
            return PullError(f"{self._title} {told} and says to come back in {minutes:.0f} minutes", wait_s)
        return _Passing(told, wait_s)

    def _refused(self, status: int, ask: Ask) -> str:
        names = " and ".join(variables(self._feed))
        if status == 401:
            return f"{self._title} does not know the token (401); put a valid one into {names}"
        return (
            f"{self._title} does not let the token read {ask.listing} (403); give it that right, or put another one "
            f"into {names}"
        )

    def _not_given(self, status: int, content: bytes, ask: Ask) -> str:
        where = f"{self._http.base_url.host}{ask.path}"
        if 300 <= status < 400:
            return f"{self._title} sends on to another address ({status}) from {where}; set the right url for this feed"
        if status == 404:
            return f"{self._title} has nothing at {where} (404); see whether url and locations of this feed are right"
        return f"{self._title} does not take the request for {ask.listing} ({_named(status)}): {self._told(content)}"

    def _told(self, content: bytes) -> str:
        """What an answer says is wrong, short; nothing of it where it repeats a secret."""
        text = " ".join(content[:2_000].decode("utf-8", "replace").split())
        if self._feed.secret in text or not text:
            return "it does not say why"
        return "".join(one for one in text if one.isprintable())[:TOLD_CHARS_MAX]

    @property
    def _title(self) -> str:
        return self._feed.vendor.title


class _Refused(PullError):
    """The vendor does not let the token in."""


def _when(written: str | None) -> datetime | None:
    """A moment as headers give it; nothing where it is none."""
    try:
        found = parsedate_to_datetime(written or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _wait_of(written: str | None) -> float:
    """Seconds that ``Retry-After`` says to wait, which it gives as such or as a moment; 0 where it says nothing."""
    if written is None or written.strip().isdecimal():
        return float((written or "0").strip()[:9])
    at = _when(written)
    return 0.0 if at is None else max(0.0, (at - datetime.now(UTC)).total_seconds())


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__
