"""Posting a digest to a webhook: the one thing of the flags that leaves this machine, and only when it is told to."""

from __future__ import annotations

import urllib.error
import urllib.request
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

from ledger.errors import InputError

SECONDS_MAX = 10


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was meant for one address is sent to no other."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def post(url: str, body: str) -> None:
    """Post a JSON text; InputError where the address is none, or does not take it."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError(f"{url!r} is no address to post to; write it as https://hooks.example.com/...")
    request = urllib.request.Request(  # noqa: S310 (the scheme is looked at above)
        url, body.encode(), {"Content-Type": "application/json; charset=utf-8"}, method="POST"
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS_MAX):
            return
    except urllib.error.HTTPError as error:
        raise InputError(f"{urlsplit(url).netloc} answered {error.code} to the digest; nothing else was done") from None
    except OSError as error:
        raise InputError(f"{urlsplit(url).netloc} cannot be reached: {error}; nothing else was done") from None
