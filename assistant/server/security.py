"""What every response carries and which requests are let in at all: headers, host check, origin check.

The service listens on a person's own machine, so the browser's other pages are the adversary: a page elsewhere
that posts to it (refused by ``Sec-Fetch-Site`` and ``Origin``), a name elsewhere that is made to resolve to
127.0.0.1 (refused by the ``Host`` check), a page that frames it or loads its answers as scripts (refused by
headers), and a name in a till's export that holds markup (made harmless by escaping, and by a policy that runs no
inline script and no inline style).
"""

from __future__ import annotations

import ipaddress
import json
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.server.refusals import CHAT, HOOKS, is_door, refusal

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

BODY_BYTES_MAX = 64 * 1024
"""No request of this service has a larger body: questions and a key."""
CHAT_BYTES_MAX = 2 * 1024 * 1024
"""Of a chat, which is sent whole with each of its questions."""
ATTACHMENT_BYTES_MAX = 11 * 1024 * 1024
"""Of a file that is attached to a case, with the form around it."""
HOOK_BYTES_MAX = 4 * 1024 * 1024
"""Of a webhook, which brings an order with all its lines."""

_ATTACHING = re.compile(r"/flags/cases/[^/]+/attach|/api/v1/cases/[^/]+/attachments")
_LARGER = ((CHAT, CHAT_BYTES_MAX), (HOOKS, HOOK_BYTES_MAX))
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Doorkeeper:
    """The outermost layer: refuses what must not come in, and puts the security headers on all that goes out.

    ``own_names_only`` turns on the check of the ``Host`` header against the names of this machine's loopback; it
    is for a service without a key, which is reached under no other name.
    """

    def __init__(self, app: ASGIApp, *, own_names_only: bool) -> None:
        self.app = app
        self.own_names_only = own_names_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["Cache-Control"] = "no-cache" if scope["path"].startswith("/static/") else "no-store"
            await send(message)

        refused = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        if refused is None:
            await self.app(scope, receive, send_with_headers)
        else:
            status, code, sentence = refused
            body = json.dumps(refusal(scope["path"], status, code, sentence))
            await Response(body, status, media_type="application/json")(scope, receive, send_with_headers)

    def _refusal(self, method: str, path: str, headers: Headers) -> tuple[int, str, str] | None:
        host = headers.get("host", "")
        if self.own_names_only and not is_loopback(host_name(host)):
            return 400, "unknown_host", "This service answers only to localhost and 127.0.0.1; open it under that name."
        if (method not in _SAFE_METHODS or is_door(path)) and _is_cross_origin(headers, host):
            return 403, "cross_origin", "A request from another site is refused; use this service's own pages."
        if "transfer-encoding" in headers:
            return 411, "length_needed", "Send the request with a Content-Length."
        length = headers.get("content-length", "0")
        most = _body_bytes_max(path)
        if not length.isdecimal() or int(length) > most:
            return 413, "too_large", f"A request body may have at most {most:,} bytes."
        return None


def _body_bytes_max(path: str) -> int:
    if _ATTACHING.fullmatch(path):
        return ATTACHMENT_BYTES_MAX
    return next((most for door, most in _LARGER if path.startswith(door)), BODY_BYTES_MAX)


def _is_cross_origin(headers: Headers, host: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != host.lower()


def host_name(host: str) -> str:
    """The name or address in a ``Host`` header, without its port: ``host_name("[::1]:8000") == "::1"``."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine's own."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
