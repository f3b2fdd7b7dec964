"""Keys: with one set, every page and route asks for one, as a bearer token or by a login page.

There is the key of the installation, which is nobody's own, and there may be keys of people, each with a name. The
login page puts a cookie that holds no key: the time until which it is good, the name, and a signature of both made with
the key. Changing a key ends the sessions that began with it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Holder:
    """Whose key it is; no name is the installation's."""

    name: str | None


class KeyHolder:
    """Knows the keys; compares in constant time; makes and checks the cookie's value."""

    def __init__(self, key: str | None, people: Mapping[str, str] | None = None) -> None:
        self._keys: dict[str | None, bytes] = {name: one.encode() for name, one in (people or {}).items()}
        if key is not None:
            self._keys[None] = key.encode()

    @property
    def of_people(self) -> bool:
        """Whether people have keys of their own."""
        return any(name is not None for name in self._keys)

    def holder(self, given: str) -> Holder | None:
        """Whose key is given; None where it is none."""
        found = None
        for name, key in self._keys.items():
            if hmac.compare_digest(_digest(given.encode()), _digest(key)):
                found = Holder(name)
        return found

    def session(self, holder: Holder, now: float) -> str:
        """A cookie value that is good for ``SESSION_SECONDS`` from ``now`` (seconds since 1970)."""
        until, name = str(int(now) + SESSION_SECONDS), (holder.name or "").encode().hex()
        return f"{until}.{name}.{self._signature(until, holder)}"

    def in_session(self, value: str, now: float) -> Holder | None:
        """Whose session a cookie value is; None where it is none, or over."""
        until, _, rest = value.partition(".")
        name, _, signature = rest.partition(".")
        try:
            holder = Holder(bytes.fromhex(name).decode() or None)
        except ValueError:
            return None
        if holder.name not in self._keys:
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(until, holder).encode()):
            return None
        return holder if now < int(until) else None

    def _signature(self, until: str, holder: Holder) -> str:
        said = f"tillproof session until {until} of {holder.name or ''}".encode()
        return hmac.new(self._keys[holder.name], said, hashlib.sha256).hexdigest()


class RequireKey:
    """The layer that lets through only requests with a key or a session, and tells the routes whose it is; a person
    without is sent to the login page."""

    def __init__(self, app: ASGIApp, *, keys: KeyHolder) -> None:
        self.app = app
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        holder = self._holder(Headers(scope=scope))
        if holder is None:
            await _turned_away(scope)(scope, receive, send)
            return
        scope.setdefault("state", {})["holder"] = holder
        await self.app(scope, receive, send)

    def _holder(self, headers: Headers) -> Holder | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.keys.holder(token.strip())
        session = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return None if session is None else self.keys.in_session(session, time.time())


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
