"""Posting JSON to an address that the owner of the book has given: the one way by which words of a book leave this
machine by themselves."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPException
from typing import IO
from urllib.parse import urlsplit

from ledger.errors import InputError

SECONDS_MAX = 10


class NotTaken(InputError):
    """The other side cannot be reached, or did not answer that it has taken what was posted."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was meant for one address is sent to no other."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def post(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """Post a JSON text; InputError where the address is none, NotTaken where it does not answer 2xx."""
    where = urlsplit(url)
    if where.scheme not in ("http", "https"):
        raise InputError(f"{url!r} is no address to post to; write it as https://hooks.example.com/...")
    request = urllib.request.Request(  # noqa: S310 (the scheme is looked at above)
        url, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, method="POST"
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS_MAX):
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise NotTaken(f"{where.netloc} answered {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        said = getattr(error, "reason", None) or error
        raise NotTaken(f"{where.netloc} cannot be reached: {said or type(said).__name__}") from None
