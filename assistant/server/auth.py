"""The key of the installation: with one set, every page and route asks for it, as a bearer token or by a login page.

The login page puts a cookie that holds no key: the time until which it is good, and a signature of that time made
with the key. Changing the key ends every session.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import quote, urlsplit

from starlette.datastructures import URL, Headers
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.server.refusals import HOOKS, SLACK, is_door, refusal

COOKIE = "tillproof_session"
SESSION_SECONDS = 12 * 3600
OPEN_PATHS = ("/healthz", "/login", SLACK)
"""What is open without the key; Slack cannot send one, and signs what it sends with a secret of its own."""
OPEN_FOLDERS = ("/static/", HOOKS)
"""Webhooks are signed with secrets of their own, too."""


class KeyHolder:
    """Knows the key; compares in constant time; makes and checks the cookie's value."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def is_key(self, given: str) -> bool:
        return hmac.compare_digest(_digest(given.encode()), _digest(self._key))

    def session(self, now: float) -> str:
        """A cookie value that is good for ``SESSION_SECONDS`` from ``now`` (seconds since 1970)."""
        until = str(int(now) + SESSION_SECONDS)
        return f"{until}.{self._signature(until)}"

    def is_session(self, value: str, now: float) -> bool:
        until, _, signature = value.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(until).encode()):
            return False
        return now < int(until)

    def _signature(self, until: str) -> str:
        return hmac.new(self._key, b"tillproof session until " + until.encode(), hashlib.sha256).hexdigest()


class RequireKey:
    """The layer that lets through only requests with the key or a session; a person is sent to the login page."""

    def __init__(self, app: ASGIApp, *, keys: KeyHolder) -> None:
        self.app = app
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]) or self._may_enter(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        await _turned_away(scope)(scope, receive, send)

    def _may_enter(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.keys.is_key(token.strip())
        session = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return session is not None and self.keys.is_session(session, time.time())


def _turned_away(scope: Scope) -> Response:
    wants_page = scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page and not scope["path"].startswith("/api/") and not is_door(scope["path"]):
        url = URL(scope=scope)
        came_for = url.path + (f"?{url.query}" if url.query else "")
        return RedirectResponse(f"/login?next={quote(came_for, safe='')}", 303)
    return JSONResponse(
        refusal(scope["path"], 401, "key_needed", "Send the key of this installation as a bearer token."),
        401,
        headers={"WWW-Authenticate": "Bearer"},
    )


def own_path(wanted: str) -> str:
    """Where to go after the login: a path of this service, or the first page where ``wanted`` leads elsewhere."""
    parts = urlsplit(wanted)
    inside = wanted.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in wanted
    printable = wanted.isprintable() and not wanted.startswith("//")
    return wanted if inside and printable else "/"


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


def _digest(value: bytes) -> bytes:
    """Equal lengths, so that the comparison says nothing about the key's."""
    return hashlib.sha256(value).digest()
