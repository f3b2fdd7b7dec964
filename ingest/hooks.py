"""Webhooks: each delivery is checked, kept as (part of) a document and posted before it is acknowledged.

Deliveries that wait at the same moment are kept and posted together (``ledger.group``), as one document with a line for
each, which takes the one way in. The same delivery again posts nothing again, whatever the order, since a ticket is
known by its number and content; an edit comes with a newer time of change and becomes a version.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest import json_text
from ingest.pipeline import IntakeReport, take
from ingest.signatures import Door
from ingest.sources.delivered import sealed
from ledger.book import Book
from ledger.errors import DocumentError
from ledger.group import Gathering

HEADERS_KEPT = ("content-type", "user-agent", "x-shopify-topic", "x-shopify-webhook-id", "x-shopify-triggered-at",
                "x-shopify-api-version", "square-version", "square-retry-number")  # fmt: skip
"""Headers that say something about a delivery; signatures are not kept."""
HEADER_CHARS_MAX = 300


@dataclass(frozen=True)
class _Delivery:
    line: bytes
    at: datetime


class Hooks:
    """Takes the deliveries of one source into a book, from many threads."""

    def __init__(self, book: Book, door: Door) -> None:
        self._book = book
        self._door = door
        self._gathering: Gathering[_Delivery, IntakeReport] = Gathering(self._take)

    def take(self, headers: Mapping[str, str], body: bytes, at: datetime) -> IntakeReport:
        """Check, keep and post a delivery; what came of all that were taken with it, once that is durable.

        Raises Unsigned where the vendor did not sign it, DocumentError where it is no JSON, and what posting raises:
        then nothing of it was done, and the vendor is to send it again.
        """
        self._door.check(headers, body, at)
        try:
            text = body.decode()
            json_text.value(text)
        except ValueError as error:  # no UTF-8 is one, too
            raise DocumentError(f"the body of the delivery is no JSON: {error}") from None
        kept = {name: headers[name][:HEADER_CHARS_MAX] for name in HEADERS_KEPT if name in headers}
        return self._gathering.put(_Delivery(sealed(self._door.source, text, kept, at), at))

    def _take(self, waiting: list[_Delivery]) -> IntakeReport:
        at = max(one.at for one in waiting)
        with tempfile.TemporaryDirectory(prefix="tillproof-hooks-") as folder:
            path = Path(folder) / f"{self._door.source}-hooks-{at:%Y%m%dT%H%M%S.%fZ}.jsonl"
            path.write_bytes(b"".join(one.line for one in waiting))
            return take(self._book, [path], source=self._door.source, mapping=None, at=at)
